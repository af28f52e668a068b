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

A, B = SlotName("reader A"), SlotName("reader B")
HUNG = ReadersLost(Problem(ProblemCode.PCSC_DOWN))
NO_READER = ReadersLost(Problem(ProblemCode.NO_READER))


class Script:
    """Makes monitors that tell what the test says, or hang until it lets them go."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = 0
        self.events: SimpleQueue[SlotEvent] = SimpleQueue()
        self.wakes = threading.Event()
        self.wakes.set()

        self.fails: dict[str, int] = {}
        self.first: Sequence[SlotEvent] = ()
        """What the next monitor tells first."""

    def __call__(self) -> Script:
        self._fail("make")
        self.made += 1
        if self.first:
            self.events = SimpleQueue()
        for event in self.first:
            self.events.put(event)
        return self

    def _fail(self, where: str) -> None:
        left = self.fails.get(where, 0)
        self.fails[where] = left - 1
        if left > 0:
            raise MemoryError("85613001239")

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        self.wakes.wait()
        self._fail("wait")
        try:
            return [self.events.get(timeout=min(at_most.total_seconds(), 0.02))]
        except Empty:
            return ()

    def close(self) -> None:
        self.closed += 1
        self._fail("close")


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


class TestRenewal:
    """What the window hears when a new monitor takes over."""

    @pytest.fixture
    def heard(self, watch: SlotWatch, script: Script, qtbot: QtBot) -> Heard:
        heard = Heard(watch)
        script.first = [ReadersReady((A, B)), SlotFilled(A), SlotFilled(B)]
        watch.start()
        qtbot.waitUntil(lambda: heard == script.first)
        heard.clear()
        return heard

    def test_a_card_that_stays_is_not_told_again(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        watch.renew()
        qtbot.waitUntil(lambda: script.made == 2)
        qtbot.waitUntil(lambda: watch._unsure == set() and len(heard) > 0)
        assert heard == [ReadersReady((A, B))]
        script.events.put(SlotEmptied(A))
        script.events.put(SlotFilled(A))
        qtbot.waitUntil(lambda: heard[1:] == [SlotEmptied(A), SlotFilled(A)])

    def test_a_card_that_went_meanwhile_is_told_when_all_was_looked_at(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        script.first = [ReadersReady((A, B)), SlotFilled(B)]
        watch.renew()
        qtbot.waitUntil(lambda: heard == [ReadersReady((A, B)), SlotEmptied(A)])
        assert not told_emptied(heard).gone
        script.events.put(SlotFilled(A))
        qtbot.waitUntil(lambda: heard[2:] == [SlotFilled(A)])

    def test_a_monitor_that_tells_nothing_found_no_card(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        script.first = []
        watch.renew()
        qtbot.waitUntil(lambda: heard == [SlotEmptied(A), SlotEmptied(B)])

    def test_a_reader_that_went_meanwhile_took_its_card_along(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        script.first = [ReadersReady((B,)), SlotFilled(B)]
        watch.renew()
        qtbot.waitUntil(lambda: heard == [SlotEmptied(A), ReadersReady((B,))])
        assert told_emptied(heard).gone

    def test_cards_are_gone_before_the_readers_are(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        script.first = [NO_READER]
        watch.renew()
        qtbot.waitUntil(lambda: heard == [SlotEmptied(A), SlotEmptied(B), NO_READER])
        assert told_emptied(heard).gone
        script.events.put(ReadersReady((A,)))
        script.events.put(SlotFilled(A))
        qtbot.waitUntil(lambda: heard[3:] == [ReadersReady((A,)), SlotFilled(A)])

    def test_a_new_monitor_that_hangs_has_lost_them_all(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        script.wakes.clear()
        watch.renew()
        qtbot.waitUntil(lambda: heard == [SlotEmptied(A), SlotEmptied(B), HUNG])

    def test_what_the_old_monitor_tells_to_the_last_is_heard(
        self, watch: SlotWatch, script: Script, qtbot: QtBot, heard: Heard
    ) -> None:
        """A swap in the last second of the old one: it is another card."""
        script.wakes.clear()
        script.events.put(SlotEmptied(A))
        script.first = [ReadersReady((A, B)), SlotFilled(A), SlotFilled(B)]
        watch.renew()
        script.wakes.set()
        told = [SlotEmptied(A), ReadersReady((A, B)), SlotFilled(A)]
        qtbot.waitUntil(lambda: heard == told)


def told_emptied(heard: Heard) -> SlotEmptied:
    return next(event for event in heard if isinstance(event, SlotEmptied))


@pytest.mark.parametrize("where", ["make", "wait", "close"])
@pytest.mark.expects_log("kiosk.ui", r"^K901 MemoryError in _fail:\d+$")
def test_a_monitor_that_fails_is_replaced(
    watch: SlotWatch,
    script: Script,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    where: str,
) -> None:
    monkeypatch.setattr(slot_watch, "_PAUSE_SECONDS", 0.05)
    heard = Heard(watch)
    script.first = [ReadersReady((A,)), SlotFilled(A)]
    watch.start()
    qtbot.waitUntil(lambda: heard == script.first)
    heard.clear()
    script.fails = {"wait": 1} | {where: 3}
    lost = [SlotEmptied(A), HUNG]
    qtbot.waitUntil(lambda: heard == [*lost, ReadersReady((A,)), SlotFilled(A)])
    assert len(caplog.records) == 1
    assert "85613001239" not in caplog.text


@pytest.mark.expects_log("kiosk.ui", r"^K901 MemoryError in _fail:\d+$")
def test_a_monitor_that_cannot_be_closed_does_not_hold_up_the_end(
    watch: SlotWatch, script: Script, qtbot: QtBot
) -> None:
    watch.start()
    qtbot.waitUntil(lambda: script.made == 1)
    script.fails = {"close": 2}
    watch.stop()
    assert not watch._thread.is_alive()
