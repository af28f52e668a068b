"""The process per visit, with a real PC/SC service, card and central service."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.agent import messages
from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    CardHolder,
    Concluded,
    Proceeding,
    Progress,
    Ready,
    ToAgent,
    ToWindow,
)
from kiosk.cardreader.simulator.persona import people
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, Verdict
from kiosk.domain.visit import SlotName, VisitId
from tests.support.desk import Desk
from tests.support.pcsc_stack import READER

pytestmark = pytest.mark.e2e

VISIT = VisitId(1)
SLOT = SlotName(READER)
AN = people()["an-peeters"]


class Agent:
    """The window's side of one agent."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.heard: list[bytes] = []
        assert self.next() == Ready()

    def tell(self, message: ToAgent) -> None:
        assert self.process.stdin
        self.process.stdin.write(messages.line_of(message))
        self.process.stdin.flush()

    def next(self) -> ToWindow | None:
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.heard.append(line)
        return messages.for_window(line) if line else None

    def until_concluded(self) -> list[ToWindow]:
        said: list[ToWindow] = []
        while not said or not isinstance(said[-1], Concluded):
            message = self.next()
            assert message is not None, "the agent ended"
            said.append(message)
        return said

    def close(self) -> int:
        assert self.process.stdin
        self.process.stdin.close()
        return self.process.wait(10)


@pytest.fixture
def start(counter: Desk) -> Iterator[Callable[[str], Agent]]:
    started: list[Agent] = []

    def start_agent(mode: str) -> Agent:
        process = counter.stack.popen(
            *(sys.executable, "-m", "kiosk.agent", "--mode", mode),
            env=counter.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(Agent(process))
        return started[-1]

    yield start_agent
    for agent in started:
        agent.process.kill()
        agent.process.wait()
        for pipe in (agent.process.stdin, agent.process.stdout, agent.process.stderr):
            assert pipe
            pipe.close()


def outcome(said: list[ToWindow]) -> Verdict | Problem:
    assert isinstance(said[-1], Concluded)
    return said[-1].outcome


@pytest.mark.parametrize("mode", ["desk", "self-service"])
def test_one_visit_and_one_more_question(
    counter: Desk, start: Callable[[str], Agent], mode: str
) -> None:
    with counter.card():
        agent = start(mode)
        agent.tell(Begin(VISIT, SLOT))
        said = agent.until_concluded()
        name = [CardHolder(VISIT, AN.given_names)] if mode == "desk" else []
        assert said[:-1] == [
            Proceeding(VISIT, Progress.WAITING_FOR_CARD),
            Proceeding(VISIT, Progress.READING),
            *name,
            Proceeding(VISIT, Progress.ASKING),
        ]
        first = outcome(said)
        agent.tell(AskAgain())
        again = outcome(agent.until_concluded())
        assert isinstance(first, Verdict)
        assert isinstance(again, Verdict)
        assert first.colour is again.colour is Colour.GREEN
        assert first.check_id != again.check_id
        assert AN.number.encode() not in b"".join(agent.heard)
        assert agent.close() == 0


def test_a_typed_number(start: Callable[[str], Agent]) -> None:
    agent = start("desk")
    agent.tell(BeginTyped(VISIT, AN.number, "card lost"))
    verdict = outcome(agent.until_concluded())
    assert isinstance(verdict, Verdict)
    assert verdict.colour is Colour.GREEN


def test_a_number_with_a_typing_error_asks_nobody(start: Callable[[str], Agent]) -> None:
    agent = start("desk")
    agent.tell(BeginTyped(VISIT, AN.number[:-1] + "0", "card lost"))
    said = agent.until_concluded()
    assert said == [Concluded(VISIT, problem=ProblemCode.NUMBER_INVALID.code)]


@pytest.mark.parametrize("fault", ["silence:1", "silence:6"])
def test_a_silent_card_ends_the_agent_and_only_it(
    counter: Desk, start: Callable[[str], Agent], fault: str
) -> None:
    with counter.card("--fault", fault):
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT))
        assert outcome(agent.until_concluded()) == Problem(ProblemCode.CARD_SILENT)
        assert agent.process.wait(5) != 0
    with counter.card():
        following = start("desk")
        following.tell(Begin(VISIT, SLOT))
        assert isinstance(outcome(following.until_concluded()), Verdict)


def test_a_card_pulled_at_every_command(
    counter: Desk, start: Callable[[str], Agent], tmp_path: Path
) -> None:
    with counter.card() as whole:
        counter.check()
        counter.check()
    commands = min(len(whole.exchanges), 12)
    for command in range(1, commands + 1):
        with counter.card("--fault", f"pull:{command}") as card:
            agent = start("desk")
            agent.tell(Begin(VISIT, SLOT))
            said = agent.until_concluded()
            assert outcome(said) == Problem(ProblemCode.CARD_REMOVED_EARLY), command
            assert not any(isinstance(message, CardHolder) for message in said)
            assert len(card.exchanges) == command


@pytest.mark.parametrize(
    "line",
    [b"hello\n", b"{}\n", b'{"type":"ready"}\n', b"x" * 70_000 + b"\n", b'{"type":"ask-again"}\n'],
    ids=["words", "empty", "its own message", "too long", "out of turn"],
)
def test_a_foreign_line_ends_it_without_an_answer(
    start: Callable[[str], Agent], line: bytes
) -> None:
    agent = start("desk")
    assert agent.process.stdin
    agent.process.stdin.write(line)
    agent.process.stdin.flush()
    assert agent.next() is None
    assert agent.process.wait(10) == 0


def test_it_serves_one_visit_only(counter: Desk, start: Callable[[str], Agent]) -> None:
    with counter.card():
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT))
        agent.until_concluded()
        agent.tell(Begin(VisitId(2), SLOT))
        assert agent.next() is None


def test_it_leaves_no_core(start: Callable[[str], Agent]) -> None:
    agent = start("desk")
    limits = Path("/proc", str(agent.process.pid), "limits").read_text()
    (core,) = [row for row in limits.splitlines() if row.startswith("Max core file size")]
    assert core.split()[4:6] == ["0", "0"]


def test_a_wrong_configuration_is_no_traceback(counter: Desk) -> None:
    done = counter.stack.python(
        *("-m", "kiosk.agent", "--mode", "desk"),
        env=counter.environment(KIOSK_NONSENSE="1"),
    )
    assert done.returncode == 78
    assert done.stderr == "K901 K501\n"
