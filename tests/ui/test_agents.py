"""The pool of agents, with real processes that behave and that do not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from kiosk.agent.messages import (
    AskAgain,
    Begin,
    Concluded,
    Proceeding,
    Progress,
    Status,
    ToWindow,
)
from kiosk.domain.verdict import SourceState, UseCase
from kiosk.domain.visit import SlotName, VisitId
from kiosk.ui.agents import Agent, AgentPool

V1, V2 = VisitId(1), VisitId(2)
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
    for pool in pools:
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


def test_ending_a_visit_kills_its_agent(qtbot: QtBot, pool_of: Callable[[str], AgentPool]) -> None:
    pool = pool_of("is silent")
    pool.begin(V1, Begin(V1, SLOT, UseCase.UITPAS))
    (process,) = [
        process
        for process in pool.findChildren(QProcess)
        if process.parent() is pool.__dict__["_working"]
    ]
    pool.end()
    assert process.state() is QProcess.ProcessState.NotRunning


@pytest.mark.parametrize("behaviour", ["dies", "talks nonsense", "never ends its line"])
def test_an_agent_that_fails_is_a_problem_of_its_visit_only(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool], behaviour: str
) -> None:
    pool = pool_of(behaviour)
    assert heard(qtbot, pool, V1, Concluded) == [Concluded(V1, problem="K902")]
    qtbot.waitUntil(lambda: pool.is_ready)


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


def test_agents_that_never_get_ready_are_told_of_once(qtbot: QtBot, tmp_path: Path) -> None:
    script = tmp_path / "agent.py"
    script.write_text("raise SystemExit(78)")
    pool = AgentPool([sys.executable, str(script)])
    told: list[None] = []
    pool.failing.connect(lambda: told.append(None))
    pool._pause = 1
    with qtbot.waitSignal(pool.failing, timeout=20_000):
        pool.start()
    qtbot.waitUntil(lambda: pool._lost > 4, timeout=20_000)
    assert len(told) == 1
    script.write_text(PRELUDE)
    with qtbot.waitSignal(pool.ready, timeout=20_000):
        pass
    pool.stop()


def test_a_follow_up_to_an_agent_that_is_gone_is_answered_too(
    qtbot: QtBot, pool_of: Callable[[str], AgentPool]
) -> None:
    pool = pool_of("dies")
    heard(qtbot, pool, V1, Concluded)
    with qtbot.waitSignal(pool.said) as told:
        pool.tell(AskAgain())
    assert told.args == [Concluded(V1, problem="K902")]
