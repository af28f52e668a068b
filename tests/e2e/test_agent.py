"""The process per visit, with a real PC/SC service, card and central service."""

from __future__ import annotations

import subprocess
import sys
import time
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
    Status,
    ToAgent,
    ToWindow,
    TypedReason,
)
from kiosk.cardreader.simulator.persona import people
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, SourceState, UseCase, Verdict
from kiosk.domain.visit import SlotName, VisitId
from tests.support.desk import Desk
from tests.support.pcsc_stack import READER
from tests.support.sampling import sampled

pytestmark = pytest.mark.e2e

VISIT = VisitId(1)
SLOT = SlotName(READER)
UITPAS = UseCase.UITPAS
LAMPS = tuple(
    SourceState(group=group, state="ok")
    for group in ("population", "social", "ocmw", "income", "vehicle")
)
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


Start = Callable[..., Agent]


@pytest.fixture
def start(counter: Desk) -> Iterator[Start]:
    started: list[Agent] = []

    def start_agent(mode: str, *options: str, **changes: str) -> Agent:
        process = counter.stack.popen(
            *(sys.executable, "-m", "kiosk.agent", "--mode", mode, *options),
            env=counter.environment(**changes),
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
def test_one_visit_and_one_more_question(counter: Desk, start: Start, mode: str) -> None:
    with counter.card():
        agent = start(mode)
        agent.tell(Begin(VISIT, SLOT, UITPAS))
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


def test_a_typed_number(start: Start) -> None:
    agent = start("desk")
    agent.tell(BeginTyped(VISIT, AN.number, TypedReason.CARD_FORGOTTEN, UITPAS))
    verdict = outcome(agent.until_concluded())
    assert isinstance(verdict, Verdict)
    assert verdict.colour is Colour.GREEN


def test_a_number_with_a_typing_error_asks_nobody(start: Start) -> None:
    agent = start("desk")
    agent.tell(BeginTyped(VISIT, AN.number[:-1] + "0", TypedReason.OTHER, UITPAS))
    said = agent.until_concluded()
    assert said == [Concluded(VISIT, problem=ProblemCode.NUMBER_INVALID.code)]


@pytest.mark.parametrize("fault", ["silence:1", "silence:6"])
def test_a_silent_card_ends_the_agent_and_only_it(counter: Desk, start: Start, fault: str) -> None:
    with counter.card("--fault", fault):
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT, UITPAS))
        assert outcome(agent.until_concluded()) == Problem(ProblemCode.CARD_SILENT)
        assert agent.process.wait(5) != 0
    with counter.card():
        following = start("desk")
        following.tell(Begin(VISIT, SLOT, UITPAS))
        assert isinstance(outcome(following.until_concluded()), Verdict)


@pytest.mark.parametrize("command", sampled(((number,) for number in range(1, 13)), 3))
def test_a_card_pulled_at_any_command(counter: Desk, start: Start, command: int) -> None:
    """The reader's part of it is in the grid of faults; here, what the window is told."""
    with counter.card():
        assert counter.check()[0] == 0  # its certificates become known
    with counter.card("--fault", f"pull:{command}") as card:
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT, UITPAS))
        said = agent.until_concluded()
        assert outcome(said) == Problem(ProblemCode.CARD_REMOVED_EARLY)
        assert not any(isinstance(message, CardHolder) for message in said)
        assert len(card.exchanges) == command


@pytest.mark.parametrize(
    "line",
    [b"hello\n", b"{}\n", b'{"type":"ready"}\n', b"x" * 70_000 + b"\n", b'{"type":"ask-again"}\n'],
    ids=["words", "empty", "its own message", "too long", "out of turn"],
)
def test_a_foreign_line_ends_it_without_an_answer(start: Start, line: bytes) -> None:
    agent = start("desk")
    assert agent.process.stdin
    agent.process.stdin.write(line)
    agent.process.stdin.flush()
    assert agent.next() is None
    assert agent.process.wait(10) == 0


def test_it_serves_one_visit_only(counter: Desk, start: Start) -> None:
    with counter.card():
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT, UITPAS))
        agent.until_concluded()
        agent.tell(Begin(VisitId(2), SLOT, UITPAS))
        assert agent.next() is None


def test_the_visit_says_what_is_asked_for(counter: Desk, start: Start) -> None:
    """The terminal may ask about it; this service has no rules for it yet."""
    agent = start("desk", KIOSK_SERVICE__USE_CASES="uitpas,school")
    agent.tell(BeginTyped(VISIT, AN.number, TypedReason.CARD_EXPIRED, UseCase.SCHOOL))
    said = agent.until_concluded()
    assert Proceeding(VISIT, Progress.ASKING) in said
    assert outcome(said) == Problem(ProblemCode.QUESTION_REFUSED)


def test_what_the_terminal_is_not_for_reads_no_card(counter: Desk, start: Start) -> None:
    with counter.card() as card:
        agent = start("desk")
        agent.tell(Begin(VISIT, SLOT, UseCase.LEZ))
        refused = Concluded(VISIT, problem=ProblemCode.QUESTION_REFUSED.code)
        assert agent.until_concluded() == [refused]
        assert card.exchanges == []


def test_a_waiting_agent_tells_the_lamps_and_a_visit_ends_that(counter: Desk, start: Start) -> None:
    with counter.card():
        agent = start("desk", "--lamps")
        assert agent.next() == Status(LAMPS, None)
        agent.tell(Begin(VISIT, SLOT, UITPAS))
        said = agent.until_concluded()
        assert isinstance(outcome(said), Verdict)
        assert not any(isinstance(message, Status) for message in said)
        assert agent.close() == 0


def test_without_a_service_the_lamps_say_so(start: Start) -> None:
    agent = start("desk", "--lamps", KIOSK_SERVICE__URL="http://127.0.0.1:9")
    assert agent.next() == Status((), ProblemCode.SERVICE_UNREACHABLE.code)
    assert start("desk", "--lamps").next() == Status(LAMPS, None)


@pytest.mark.parametrize("behaviour", ["html", "html called json", "flood", "another answer"])
def test_answers_that_are_no_lamps(counter: Desk, start: Start, behaviour: str) -> None:
    with counter.bad_service(behaviour) as url:
        agent = start("desk", "--lamps", KIOSK_SERVICE__URL=url)
        assert agent.next() == Status((), ProblemCode.SERVICE_UNINTELLIGIBLE.code)


@pytest.fixture
def slow_lamps(counter: Desk) -> Iterator[str]:
    process = counter.stack.popen(
        *(sys.executable, "-m", "tests.e2e.slow_lamps"), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    yield process.stdout.readline().strip()
    process.kill()
    process.wait()
    process.stdout.close()


def test_lamps_that_take_half_a_minute_delay_nobody(
    counter: Desk, start: Start, slow_lamps: str
) -> None:
    with counter.card():
        agent = start("desk", "--lamps", KIOSK_SERVICE__URL=slow_lamps)
        begun = time.monotonic()
        agent.tell(Begin(VISIT, SLOT, UITPAS))
        assert isinstance(outcome(agent.until_concluded()), Verdict)
        assert agent.close() == 0
        assert time.monotonic() - begun < 4  # less than the client's own patience with the lamps


def test_it_leaves_no_core(start: Start) -> None:
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
