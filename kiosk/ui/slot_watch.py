"""The thread that waits for cards, and what happens when PC/SC never answers it.

A thread that hangs in the PC/SC service cannot be ended; so it is left behind,
everything it told is taken back, and what it says when it wakes up is told
from the start.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final, final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, SlotEmptied, SlotEvent, SlotFilled, SlotMonitor

_ONE_WAIT: Final = timedelta(seconds=1)
_LOOK_MILLISECONDS: Final = 1000
_LONGEST_STOP_SECONDS: Final = 1.0


@final
class SlotWatch(QObject):
    """Tells the window's thread which reader has a card."""

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
        self._hangs = False
        self._monitor: SlotMonitor | None = None
        self._filled: set[SlotName] = set()
        self._stopping = threading.Event()
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

    def renew(self) -> None:
        """Start over with a new connection to PC/SC; everything is told again."""
        self._round += 1
        self._filled.clear()

    def stop(self) -> None:
        """End the thread; one that hangs is left behind."""
        self._look.stop()
        self._stopping.set()
        self._round += 1
        monitor = self._monitor
        if monitor is not None:
            monitor.close()  # ends its wait
        if self._thread.is_alive():
            self._thread.join(_LONGEST_STOP_SECONDS)

    def _run(self) -> None:
        while not self._stopping.is_set():
            current = self._round
            monitor = self._monitor = self._make()
            while current == self._round:
                for event in monitor.wait(_ONE_WAIT):
                    self._heard.emit(current, event)
                self._heartbeat = time.monotonic()
            monitor.close()

    @Slot(int, object)
    def _hear(self, current: int, event: SlotEvent) -> None:
        if current != self._round:
            return
        self._hangs = False
        if isinstance(event, SlotFilled):
            self._filled.add(event.slot)
        elif isinstance(event, SlotEmptied):
            self._filled.discard(event.slot)
        self.told.emit(event)

    @Slot()
    def _check(self) -> None:
        if self._hangs or time.monotonic() - self._heartbeat < self._longest_silence:
            return
        self._hangs = True
        gone = sorted(self._filled)
        self.renew()
        for slot in gone:
            self.told.emit(SlotEmptied(slot))
        self.told.emit(ReadersLost(Problem(ProblemCode.PCSC_DOWN)))
