"""The thread that waits for cards, with monitors that tell, hang and wake up."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from queue import Empty, SimpleQueue

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from kiosk.ui import slot_watch
from kiosk.ui.slot_watch import SlotWatch

A = SlotName("reader A")
HUNG = ReadersLost(Problem(ProblemCode.PCSC_DOWN))


class Script:
    """Makes monitors that tell what the test says, or hang until it lets them go."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = 0
        self.events: SimpleQueue[SlotEvent] = SimpleQueue()
        self.wakes = threading.Event()
        self.wakes.set()

    def __call__(self) -> Script:
        self.made += 1
        return self

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        self.wakes.wait()
        try:
            return [self.events.get(timeout=min(at_most.total_seconds(), 0.02))]
        except Empty:
            return ()

    def close(self) -> None:
        self.closed += 1


class Heard(list[SlotEvent]):
    """What the watch told, and on which thread."""

    def __init__(self, watch: SlotWatch) -> None:
        super().__init__()
        self.threads: set[QThread] = set()
        watch.told.connect(self._hear)

    def _hear(self, event: SlotEvent) -> None:
        self.threads.add(QThread.currentThread())
        self.append(event)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def watch(qtbot: QtBot, script: Script) -> Iterator[SlotWatch]:
    watch = SlotWatch(script, longest_silence=timedelta(seconds=0.2))
    watch._look.setInterval(20)
    yield watch
    script.wakes.set()
    watch.stop()
    assert not watch._thread.is_alive()


def test_events_come_in_order_on_the_windows_thread(
    watch: SlotWatch, script: Script, qtbot: QtBot
) -> None:
    heard = Heard(watch)
    told: list[SlotEvent] = [ReadersReady((A,)), SlotFilled(A), SlotEmptied(A)]
    for event in told:
        script.events.put(event)
    watch.start()
    qtbot.waitUntil(lambda: heard == told)
    assert heard.threads == {QThread.currentThread()}


def test_renewing_closes_the_monitor_and_makes_another(
    watch: SlotWatch, script: Script, qtbot: QtBot
) -> None:
    watch.start()
    qtbot.waitUntil(lambda: script.made == 1)
    watch.renew()
    qtbot.waitUntil(lambda: (script.made, script.closed) == (2, 1))


def test_a_monitor_that_hangs_is_a_lost_service_and_its_cards_are_gone(
    watch: SlotWatch, script: Script, qtbot: QtBot
) -> None:
    heard = Heard(watch)
    script.events.put(ReadersReady((A,)))
    script.events.put(SlotFilled(A))
    watch.start()
    qtbot.waitUntil(lambda: len(heard) == 2)
    script.wakes.clear()
    qtbot.waitUntil(lambda: heard[2:] == [SlotEmptied(A), HUNG])
    qtbot.wait(300)
    assert len(heard) == 4  # told once
    script.events.put(SlotFilled(A))  # of the monitor that hung: nobody hears it
    script.wakes.set()
    qtbot.waitUntil(lambda: script.made == 2)
    script.events.put(ReadersReady((A,)))
    qtbot.waitUntil(lambda: heard[4:] == [ReadersReady((A,))])


def test_a_thread_that_hangs_does_not_hold_up_the_end(
    watch: SlotWatch, script: Script, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_watch, "_LONGEST_STOP_SECONDS", 0.05)
    script.wakes.clear()
    watch.start()
    qtbot.waitUntil(lambda: script.made == 1)
    watch.stop()
    assert watch._thread.is_alive()
    assert watch._thread.daemon  # the program ends without it
    script.wakes.set()
    watch._thread.join()
    assert script.closed == 2  # by who stopped it, and by itself
