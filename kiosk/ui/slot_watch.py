"""The thread that waits for cards, and what happens when PC/SC never answers it.

A thread that hangs in the PC/SC service cannot be ended; so it is left behind,
everything it told is taken back, and what it says when it wakes up is told
from the start. The same goes for a monitor that fails: the next one starts anew.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import timedelta
from enum import Enum, auto
from typing import Final, final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import (
    ReadersLost,
    ReadersReady,
    SlotEmptied,
    SlotEvent,
    SlotFilled,
    SlotMonitor,
)
from kiosk.report import where

_ONE_WAIT: Final = timedelta(seconds=1)
_NO_WAIT: Final = timedelta(0)
_LOOK_MILLISECONDS: Final = 1000
_LONGEST_STOP_SECONDS: Final = 1.0
_PAUSE_SECONDS: Final = 1.0

_log = logging.getLogger("kiosk.ui")


class _Step(Enum):
    """What the thread itself tells, among the events of its monitor."""

    BEGUN = auto()
    """Another monitor is being made: nobody knows any more which slots are filled."""
    LOOKED = auto()
    """The monitor has told all that it found."""
    FAILED = auto()
    """There is no monitor for now."""


@final
class SlotWatch(QObject):
    """Tells the window's thread which reader has a card.

    Before ``ReadersLost`` every slot that was told filled is told empty. A card
    that stays in its slot while the watch is renewed is not told again.
    """

    told = Signal(object)
    """A ``SlotEvent``."""
    _heard = Signal(int, object)

    def __init__(
        self,
        monitor: Callable[[], SlotMonitor],
        *,
        longest_silence: timedelta = timedelta(seconds=5),
        parent: QObject | None = None,
    ) -> None:
        """Watch with what ``monitor`` makes; silence of that length means that it hangs."""
        super().__init__(parent)
        self._make = monitor
        self._longest_silence = longest_silence.total_seconds()
        self._round = 0
        self._is_down = False
        self._monitor: SlotMonitor | None = None
        self._filled: set[SlotName] = set()
        self._unsure: set[SlotName] = set()
        self._stopping = threading.Event()
        self._renewing = threading.Event()
        self._failing = False
        self._heartbeat = time.monotonic()
        # A daemon of Python's: a QThread that hangs would hold up the end of the program.
        self._thread = threading.Thread(target=self._run, name="slot watch", daemon=True)
        self._heard.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._look = QTimer(self)
        self._look.timeout.connect(self._check)

    def start(self) -> None:
        """Begin to watch."""
        self._heartbeat = time.monotonic()
        self._thread.start()
        self._look.start(_LOOK_MILLISECONDS)

    @Slot()
    def renew(self) -> None:
        """Start over with a new connection to PC/SC, as soon as the old one stops waiting."""
        self._renewing.set()

    def stop(self) -> None:
        """End the thread; one that hangs is left behind."""
        self._look.stop()
        self._stopping.set()
        self._round += 1
        monitor = self._monitor
        if monitor is not None:
            try:
                monitor.close()  # ends its wait
            except Exception as error:  # noqa: BLE001 - the rest of the program has to end too
                self._report(error)
        if self._thread.is_alive():
            self._thread.join(_LONGEST_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            current = self._round
            try:
                self._watch(current)
            except Exception as error:  # noqa: BLE001 - without this thread no card is seen again
                if not self._stopping.is_set():
                    self._fail(current, error)

    def _watch(self, current: int) -> None:
        self._renewing.clear()
        self._heard.emit(current, _Step.BEGUN)
        with closing(self._make()) as monitor:
            self._monitor = monitor
            at_most, looking = _ONE_WAIT, True
            while current == self._round and not self._renewing.is_set():
                events = monitor.wait(at_most)
                for event in events:
                    self._heard.emit(current, event)
                self._heartbeat = time.monotonic()
                self._failing = False
                if looking and not events:
                    self._heard.emit(current, _Step.LOOKED)
                looking = looking and bool(events)
                at_most = _NO_WAIT if looking else _ONE_WAIT

    def _fail(self, current: int, error: Exception) -> None:
        if not self._failing:
            self._report(error)
        self._failing = True
        self._heartbeat = time.monotonic()
        self._heard.emit(current, _Step.FAILED)
        self._stopping.wait(_PAUSE_SECONDS)

    @staticmethod
    def _report(error: Exception) -> None:
        _log.error("%s %s", ProblemCode.INTERNAL.code, where(error))

    @Slot(int, object)
    def _hear(self, current: int, told: SlotEvent | _Step) -> None:
        if current != self._round:
            return
        match told:
            case _Step.BEGUN:
                self._unsure = set(self._filled)
            case _Step.FAILED:
                self._lose()
            case _Step.LOOKED:
                self._is_down = False
                self._empty(self._unsure, gone=False)
            case _:
                self._is_down = False
                self._hear_monitor(told)

    def _hear_monitor(self, event: SlotEvent) -> None:
        match event:
            case SlotFilled(slot) if slot in self._unsure:
                self._unsure.remove(slot)
                return  # it stayed where it was
            case SlotFilled(slot):
                self._filled.add(slot)
            case SlotEmptied(slot):
                self._filled.discard(slot)
                self._unsure.discard(slot)
            case ReadersReady(slots):
                self._empty(self._unsure.difference(slots), gone=True)
            case ReadersLost():
                self._empty(self._filled, gone=True)
        self.told.emit(event)

    def _empty(self, slots: Iterable[SlotName], *, gone: bool) -> None:
        emptied = sorted(slots)
        self._filled.difference_update(emptied)
        self._unsure.difference_update(emptied)
        for slot in emptied:
            self.told.emit(SlotEmptied(slot, gone=gone))

    @Slot()
    def _check(self) -> None:
        if self._is_down or time.monotonic() - self._heartbeat < self._longest_silence:
            return
        self._round += 1
        self._lose()

    def _lose(self) -> None:
        if self._is_down:
            return
        self._is_down = True
        self._empty(self._filled, gone=True)
        self.told.emit(ReadersLost(Problem(ProblemCode.PCSC_DOWN)))
