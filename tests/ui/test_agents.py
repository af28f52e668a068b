"""The pool of agents, with real processes that behave and that do not."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QProcess, QTimer
from pytestqt.qtbot import QtBot

from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    Concluded,
    Proceeding,
    Progress,
    Status,
    ToWindow,
    TypedReason,
)
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import SourceState, UseCase
from kiosk.domain.visit import SlotName, VisitId
from kiosk.ui import agents
from kiosk.ui.agents import Agent, AgentPool

V1, V2 = VisitId(1), VisitId(2)
LOST = Problem(ProblemCode.AGENT_LOST)
MISCONFIGURED = Problem(ProblemCode.CONFIGURATION_WRONG)
SLOT = SlotName("reader A")

PRELUDE = """
import json, os, sys, time
def say(**message): print(json.dumps(message), flush=True)
say(type="ready")
line = json.loads(sys.stdin.readline() or "null")
if line is None: sys.exit()
visit = line["visit"]
"""
BEHAVIOURS = {
    "reads and concludes": """
say(type="proceeding", visit=visit, step="reading")
say(type="concluded", visit=visit, problem="K202")
sys.stdin.readline()
""",
    "is silent": "time.sleep(600)",
    "dies": "os._exit(1)",
    "talks nonsense": "print('hello', flush=True); time.sleep(600)",
    "tells lamps": """
say(type="status", sources=[{"group": "social", "state": "ok"}], service=None)
say(type="concluded", visit=visit, problem="K202")
sys.stdin.readline()
""",
    "never ends its line": "print('x' * 100_000, end='', flush=True); time.sleep(600)",
    "floods": "while True: say(type='proceeding', visit=visit, step='reading')",
    "says more than a turn takes": """
lines = [dict(type="proceeding", visit=visit, step="reading") for _ in range(500)]
print("\\n".join(map(json.dumps, lines)), flush=True)
say(type="concluded", visit=visit, problem="K202")
sys.stdin.readline()
""",
    "says two names": """
say(type="card-holder", visit=visit, given_name="Mila")
say(type="card-holder", visit=visit, given_name="Noor")
sys.stdin.readline()
""",
    "shows lamps all the time": """
while True: say(type="status", sources=[{"group": "social", "state": "ok"}], service=None)
""",
    "complains": """
print("K901 KeyError in _conclude:99", file=sys.stderr, flush=True)
say(type="concluded", visit=visit, problem="K202")
sys.stdin.readline()
""",
    "speaks of another visit": """
say(type="concluded", visit=visit + 1, problem="K901")
say(type="concluded", visit=visit, problem="K202")
sys.stdin.readline()
""",
}


@pytest.fixture
def pool_of(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[str], AgentPool]]:
    pools: list[AgentPool] = []

    def make(behaviour: str) -> AgentPool:
        script = tmp_path / "agent.py"
        script.write_text(PRELUDE + BEHAVIOURS[behaviour])
        pool = AgentPool([sys.executable, str(script)])
        pools.append(pool)
        with qtbot.waitSignal(pool.ready):
            pool.start()
        return pool

    yield make
    for pool in filter(shiboken6.isValid, pools):
        pool.stop()


def heard(qtbot: QtBot, pool: AgentPool, visit: VisitId, until: type) -> list[ToWindow]:
    """Begin a visit; return what was said up to the first message of this kind."""
    said: list[ToWindow] = []
    pool.said.connect(said.append)
    pool.begin(visit, Begin(visit, SLOT, UseCase.UITPAS))
    qtbot.waitUntil(lambda: any(isinstance(message, until) for message in said))
    pool.said.disconnect(said.append)
    return said


def test_a_visit_is_served_and_the_next_agent_waits(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("reads and concludes")
    assert heard(qtbot, pool, V1, Concluded) == [
        Proceeding(V1, Progress.READING),
        Concluded(V1, problem="K202"),
    ]
    qtbot.waitUntil(lambda: pool.is_ready)
    assert heard(qtbot, pool, V2, Concluded)[-1] == Concluded(V2, problem="K202")


def test_a_visit_that_begins_too_early_waits_for_its_agent(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("reads and concludes")
    pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    assert not pool.is_ready
    assert heard(qtbot, pool, V2, Concluded)[-1] == Concluded(V2, problem="K202")


def test_a_visit_whose_agent_is_killed_while_it_loads_gets_the_next_one(
    qtbot: QtBot, tmp_path: Path
) -> None:
    loading, script = tmp_path / "loading", tmp_path / "agent.py"
    hangs_once = f"""
import pathlib, time
loading = pathlib.Path({str(loading)!r})
if not loading.exists():
    loading.touch()
    time.sleep(600)
"""
    script.write_text(hangs_once + PRELUDE + BEHAVIOURS["reads and concludes"])
    pool = AgentPool([sys.executable, str(script)])
    said: list[ToWindow] = []
    pool.said.connect(said.append)
    pool.start()
    pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    qtbot.waitUntil(loading.exists)
    processes(pool)[0].kill()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert said[-1] == Concluded(V1, problem="K202")
    pool.stop()


def processes(pool: AgentPool) -> list[QProcess]:
    """Of all agents that are not deleted yet, the oldest first."""
    return [
        process for agent in pool.findChildren(Agent) for process in agent.findChildren(QProcess)
    ]


def test_ending_a_visit_kills_its_agent(qtbot: QtBot, pool_of: Callable[[str], AgentPool]) -> None:
    pool = pool_of("is silent")
    pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    process, _ = processes(pool)
    with qtbot.waitSignal(process.finished):
        pool.end()
    qtbot.waitUntil(lambda: len(pool.findChildren(Agent)) == 1)


def test_nobody_waits_for_an_agent_that_does_not_die_at_once(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = pool_of("floods")
    said: list[ToWindow] = []
    pool.said.connect(said.append)
    with monkeypatch.context() as patch:
        patch.setattr(agents._Process, "kill", lambda _: None)
        pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
        qtbot.waitUntil(lambda: len(said) > 0)
        process, _ = processes(pool)
        began = time.monotonic()
        pool.end()
        assert time.monotonic() - began < 0.5
    so_much = len(said)
    with qtbot.waitSignal(pool.ready):
        pass
    assert process.state() is QProcess.ProcessState.Running
    assert len(said) == so_much
    assert process.bytesAvailable() == 0
    os.kill(process.processId(), signal.SIGKILL)
    qtbot.waitUntil(lambda: len(pool.findChildren(Agent)) == 1)


def test_an_agent_that_does_not_die_holds_up_the_end_for_a_moment_only(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "_LONGEST_STOP_SECONDS", 0.05)
    monkeypatch.setattr(agents._Process, "kill", lambda _: None)
    pool = pool_of("is silent")
    pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    qtbot.waitUntil(lambda: pool.is_ready)
    left_behind = [process.processId() for process in processes(pool)]
    assert len(left_behind) == 2
    began = time.monotonic()
    pool.stop()
    shiboken6.delete(pool)
    assert time.monotonic() - began < 0.5
    for pid in left_behind:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_after_the_end_no_agent_is_started(qtbot: QtBot) -> None:
    pool = AgentPool([sys.executable, "-c", ""])
    pool.start()
    qtbot.waitUntil(lambda: pool._lost == 1)
    pool.stop()
    qtbot.wait(agents._SHORTEST_PAUSE + 50)
    assert pool._lost == 1
    assert pool.findChildren(Agent) == []


def test_typed_digits_leave_at_once(qtbot: QtBot, pool_of: Callable[[str], AgentPool]) -> None:
    pool = pool_of("is silent")
    typed = BeginTyped(V1, "85613001239", TypedReason.CARD_FORGOTTEN, UseCase.UITPAS)
    process, *_ = processes(pool)
    with qtbot.waitSignal(process.bytesWritten):
        pool.begin(V1, typed)
    assert process.bytesToWrite() == 0
    assert pool._begin is None


@pytest.mark.parametrize(
    "behaviour", ["dies", "talks nonsense", "never ends its line", "shows lamps all the time"]
)
def test_an_agent_that_fails_is_a_problem_of_its_visit_only(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], behaviour: str
) -> None:
    pool = pool_of(behaviour)
    assert heard(qtbot, pool, V1, Concluded) == [Concluded(V1, problem="K902")]
    qtbot.waitUntil(lambda: pool.is_ready)


@pytest.mark.parametrize(("behaviour", "heard_of_it"), [("floods", 1000), ("says two names", 1)])
def test_an_agent_that_says_too_much_is_lost(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], behaviour: str, heard_of_it: int
) -> None:
    said = heard(qtbot, pool_of(behaviour), V1, Concluded)
    assert said[-1] == Concluded(V1, problem="K902")
    assert heard_of_it - 1 <= len(said) - 1 <= heard_of_it  # "ready" is counted, too


def test_the_window_gets_its_turn_while_an_agent_says_much(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("says more than a turn takes")
    turns: list[int] = [0]
    count_turn = QTimer()
    count_turn.timeout.connect(lambda: turns.append(0))

    def count_message() -> None:
        turns[-1] += 1

    pool.said.connect(count_message)
    count_turn.start(0)
    said = heard(qtbot, pool, V1, Concluded)
    assert len(said) == 501
    assert max(turns) <= 2 * 200  # of what just came, and of what was left


def test_what_an_agent_tells_support_goes_where_the_window_tells_it(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], capfd: pytest.CaptureFixture[str]
) -> None:
    pool = pool_of("complains")
    heard(qtbot, pool, V1, Concluded)
    assert capfd.readouterr().err == "K901 KeyError in _conclude:99\n"
    assert not any(process.readAllStandardError().data() for process in processes(pool))


def test_what_an_agent_says_of_another_visit_is_not_heard(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("speaks of another visit")
    assert heard(qtbot, pool, V1, Concluded) == [Concluded(V1, problem="K202")]


def test_an_agent_that_is_killed_while_waiting_is_replaced(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("reads and concludes")
    waiting = pool.findChild(Agent)
    assert waiting is not None
    process = waiting.findChild(QProcess)
    assert process is not None
    with qtbot.waitSignal(pool.ready, timeout=10_000):
        process.kill()


def test_a_program_that_is_not_there_yet_is_tried_again(qtbot: QtBot, tmp_path: Path) -> None:
    program = tmp_path / "agent"
    pool = AgentPool([str(program)])
    pool.start()
    assert not pool.is_ready
    draft = tmp_path / "draft"
    draft.write_text(f"#!{sys.executable}\n{PRELUDE}")
    draft.chmod(0o755)
    with qtbot.waitSignal(pool.ready, timeout=20_000):
        draft.rename(program)
    pool.stop()


def test_the_lamps_are_heard_of_a_waiting_agent_and_no_other(
    qtbot: QtBot, tmp_path: Path, pool_of: Callable[[str], AgentPool]
) -> None:
    script = tmp_path / "waiting.py"
    status = 'say(type="status", sources=[{"group": "social", "state": "ok"}], service=None)'
    script.write_text(PRELUDE.replace("line =", f"{status}\nline ="))
    pool = AgentPool([sys.executable, str(script)])
    with qtbot.waitSignal(pool.said) as told:
        pool.start()
    assert told.args == [Status((SourceState(group="social", state="ok"),), None)]
    pool.stop()
    assert heard(qtbot, pool_of("tells lamps"), V1, Concluded) == [Concluded(V1, problem="K202")]


@pytest.mark.parametrize(
    ("status", "problem", "lost"),
    [(1, LOST, 3), (78, MISCONFIGURED, 1)],
    ids=["anything", "configuration"],
)
def test_agents_that_never_get_ready_are_told_of_once(
    qtbot: QtBot, tmp_path: Path, status: int, problem: Problem, lost: int
) -> None:
    script = tmp_path / "agent.py"
    script.write_text(f"raise SystemExit({status})")
    pool = AgentPool([sys.executable, str(script)])
    told: list[tuple[Problem, int]] = []
    pool.failing.connect(lambda problem: told.append((problem, pool._lost)))
    pool._pause = 1
    pool.start()
    qtbot.waitUntil(lambda: pool._lost > 4, timeout=20_000)
    assert told == [(problem, lost)]
    script.write_text(PRELUDE)
    with qtbot.waitSignal(pool.ready, timeout=20_000):
        pass
    pool.stop()


def test_agents_that_begin_to_fail_in_another_way_are_told_of(qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text("raise SystemExit(78)")
    pool = AgentPool([sys.executable, str(script)])
    told: list[Problem] = []
    pool.failing.connect(told.append)
    pool._pause = 1
    pool.start()
    qtbot.waitUntil(lambda: told == [MISCONFIGURED])
    script.write_text("raise SystemExit(1)")
    qtbot.waitUntil(lambda: told == [MISCONFIGURED, LOST], timeout=20_000)
    pool.stop()


def test_agents_that_get_ready_and_end_are_started_ever_more_slowly(
    qtbot: QtBot, tmp_path: Path
) -> None:
    script = tmp_path / "agent.py"
    script.write_text('print(\'{"type":"ready"}\', flush=True)')
    pool = AgentPool([sys.executable, str(script)])
    told: list[Problem | None] = []
    pool.failing.connect(told.append)
    pool.ready.connect(lambda: told.append(None))
    pool._pause = 1
    pool.start()
    qtbot.waitUntil(lambda: len(told) == 6, timeout=20_000)
    assert told == [None, None, None, LOST, None, LOST]
    assert pool._pause == 16
    pool.stop()


@pytest.mark.parametrize("proof", ["it waits", "it is given a visit"])
def test_an_agent_that_proves_itself_makes_up_for_those_before(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: str
) -> None:
    script = tmp_path / "agent.py"
    script.write_text("raise SystemExit(1)")
    pool = AgentPool([sys.executable, str(script)])
    pool.start()
    qtbot.waitUntil(lambda: pool._lost == 1)
    script.write_text(PRELUDE)
    if proof == "it waits":
        monkeypatch.setattr(agents, "_PROVEN", 50)
    with qtbot.waitSignal(pool.ready):
        pass
    assert (pool._lost, pool._pause) == (1, 500)
    if proof == "it is given a visit":
        pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    qtbot.waitUntil(lambda: (pool._lost, pool._pause) == (0, 250))
    pool.stop()


def test_a_follow_up_to_an_agent_that_is_gone_is_answered_too(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("dies")
    heard(qtbot, pool, V1, Concluded)
    with qtbot.waitSignal(pool.said) as told:
        pool.tell(AskAgain())
    assert told.args == [Concluded(V1, problem="K902")]
