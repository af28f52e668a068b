"""The one clock of a visit."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytestqt.qtbot import QtBot

from kiosk.ui import visit_clock
from kiosk.ui.visit_clock import VisitClock


class Time:
    """The time of the machine, as the test sets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(visit_clock, "_now", time)
    return time


@pytest.fixture
def clock(qtbot: QtBot, time: Time) -> VisitClock:
    return VisitClock()


def rings(clock: VisitClock) -> list[object]:
    heard: list[object] = []
    clock.up.connect(heard.append)
    return heard


def test_it_tells_what_is_left_and_rings_once(clock: VisitClock, time: Time) -> None:
    heard = rings(clock)
    clock.start("showing", timedelta(seconds=10))
    assert (clock.left(), clock.total()) == (10, 10)
    time.now += 4
    clock._ring()
    assert (clock.left(), heard) == (6, [])
    time.now += 6
    clock._ring()
    assert heard == ["showing"]
    assert (clock.left(), clock.total()) == (0, 0)


def test_started_anew_the_older_run_never_rings(clock: VisitClock, time: Time) -> None:
    heard = rings(clock)
    clock.start("reading", timedelta(seconds=1))
    clock.start("showing", timedelta(seconds=60))
    time.now += 2
    clock._ring()
    assert heard == []


def test_a_machine_that_slept_rings_when_it_wakes(clock: VisitClock, time: Time) -> None:
    """A timer of Qt stands still meanwhile; ours looks at the time once a second."""
    heard = rings(clock)
    clock.start("showing", timedelta(minutes=5))
    assert clock._timer.interval() <= 1000
    time.now += 3600
    clock._ring()
    assert heard == ["showing"]


def test_a_stopped_clock_is_silent(clock: VisitClock) -> None:
    clock.start("reading", timedelta(seconds=5))
    clock.stop()
    assert not clock._timer.isActive()
    assert (clock.left(), clock.total()) == (0, 0)


def test_the_visits_time_goes_on_through_its_phases(clock: VisitClock, time: Time) -> None:
    assert clock.since_start() == 0
    clock.begin_visit()
    clock.start("reading", timedelta(seconds=5))
    time.now += 2
    clock.start("checking", timedelta(seconds=5))
    time.now += 1
    assert clock.since_start() == 3
    clock.end_visit()
    assert clock.since_start() == 0


def test_it_rings_by_itself(qtbot: QtBot) -> None:
    clock = VisitClock()
    with qtbot.waitSignal(clock.up, timeout=2000) as rung:
        clock.start("soon", timedelta(milliseconds=20))
    assert rung.args == ["soon"]
