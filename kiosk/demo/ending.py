"""Ctrl+C, and whoever ends the demo from outside: it leaves in order, with nothing left behind."""

from __future__ import annotations

import signal
import socket
from types import FrameType
from typing import Final, final

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Slot

from kiosk.commands.exit_status import ExitStatus

_SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


@final
class Ending(QObject):
    """Turns a signal into the end of Qt's loop. For the main thread.

    Python would run its own handler only after Qt's loop has ended; the byte
    that is written at once wakes the loop up.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._here, self._there = socket.socketpair()
        for end in (self._here, self._there):
            end.setblocking(False)
        notifier = QSocketNotifier(self._here.fileno(), QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._end)
        signal.set_wakeup_fd(self._there.fileno())
        for number in _SIGNALS:
            signal.signal(number, _taken)

    @Slot()
    def _end(self) -> None:
        self._here.recv(1)
        QCoreApplication.exit(ExitStatus.INTERRUPTED)


def _taken(_number: int, _frame: FrameType | None) -> None:
    """Keep the signal from its usual effect."""
