"""A machine that slept: its visit is over, and nothing of before is believed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess
from pytestqt.qtbot import QtBot

from kiosk.domain.policy import Mode
from kiosk.domain.visit import AwaitingRemoval, Idle, Reading, Showing
from kiosk.ui.agents import Agent
from kiosk.ui.application import Application
from kiosk.ui.sleep_watch import SleepWatch, seconds_asleep
from tests.support.scripted_world import World, scripted_terminal


class Clocks:
    """How far the two clocks of a machine are apart."""

    def __init__(self) -> None:
        self.apart = 5000.0

    def __call__(self) -> float:
        return self.apart


def test_only_a_sleep_is_told_and_once(qtbot: QtBot) -> None:
    clocks, told = Clocks(), []
    watch = SleepWatch(asleep=clocks)
    watch.woken.connect(lambda: told.append(clocks.apart))
    for apart, expected in ((5000.0, 0), (5001.5, 0), (5001.4, 0), (5061.4, 1), (5061.4, 1)):
        clocks.apart = apart
        watch.look()
        assert len(told) == expected, apart


def test_it_looks_by_itself(qtbot: QtBot) -> None:
    clocks = Clocks()
    watch = SleepWatch(asleep=clocks)
    clocks.apart += 3600
    with qtbot.waitSignal(watch.woken, timeout=2000):
        pass


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="a clock of Linux")
def test_nobody_sleeps_while_a_test_runs() -> None:
    before = seconds_asleep()
    sum(range(1_000_000))
    assert abs(seconds_asleep() - before) < 0.5


@pytest.mark.parametrize("mode", Mode, ids=lambda mode: mode.value)
def test_a_visit_ends_and_agents_and_readers_are_new(
    qtbot: QtBot, tmp_path: Path, mode: Mode
) -> None:
    world = World(tmp_path)
    app = Application(scripted_terminal(mode, world, world.agent("1", "good")))
    qtbot.addWidget(app.window)
    app.start()
    try:
        qtbot.waitUntil(lambda: isinstance(app.controller.state, Idle), timeout=10_000)
        slot = world.slots[0]
        world.put_in(slot)
        qtbot.waitUntil(lambda: isinstance(app.controller.state, Showing), timeout=10_000)
        qtbot.waitUntil(lambda: app.pool.is_ready, timeout=10_000)
        waiting, monitors = app.pool._waiting, world.monitors_made
        app.sleep.woken.emit()
        assert isinstance(app.controller.state, AwaitingRemoval)
        assert app.pool._working is None
        assert waiting is not None
        assert waiting.is_over
        assert app.pool._waiting is not waiting
        qtbot.waitUntil(lambda: app.pool.is_ready, timeout=10_000)
        qtbot.waitUntil(lambda: world.monitors_made > monitors)
        qtbot.waitUntil(lambda: len(running(app)) == 1)
        assert isinstance(app.controller.state, AwaitingRemoval), "the card had its visit"
        world.take_out(slot)
        qtbot.waitUntil(lambda: isinstance(app.controller.state, Idle))
        world.put_in(slot)
        qtbot.waitUntil(lambda: isinstance(app.controller.state, Reading | Showing))
    finally:
        app.stop()


def running(app: Application) -> list[QProcess]:
    ended = QProcess.ProcessState.NotRunning
    return [
        process
        for agent in app.pool.findChildren(Agent)
        for process in agent.findChildren(QProcess)
        if process.state() is not ended
    ]
