"""Notices that the machine slept: who stands there now is not who stood there before.

Linux counts the seconds of sleep in one of its clocks and not in another, and so
does Windows; what they differ by grows only while the machine sleeps.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, final

from PySide6.QtCore import QObject, QTimer, Signal, Slot

_LOOK_MILLISECONDS: Final = 500
_SHORTEST_SLEEP: Final = 2.0
"""Seconds. Two clocks are not read at the same moment, and Windows' one is coarse."""


@final
class SleepWatch(QObject):
    """Looks twice a second; a timer of Qt goes on as soon as the machine is awake."""

    woken = Signal()
    """The machine slept, and is awake."""

    def __init__(
        self, parent: QObject | None = None, asleep: Callable[[], float] | None = None
    ) -> None:
        """Take the seconds slept so far from ``asleep``, or from the system."""
        super().__init__(parent)
        self._asleep = asleep or seconds_asleep
        self._before = self._asleep()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)
        self._timer.start(_LOOK_MILLISECONDS)

    @Slot()
    def look(self) -> None:
        """Tell of a sleep since the last look."""
        slept = self._asleep() - self._before
        self._before += slept
        if slept >= _SHORTEST_SLEEP:
            self.woken.emit()


def seconds_asleep() -> float:
    """Return how long this machine slept since it started; only differences mean anything.

    Always the same where the system does not count it.
    """
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - nothing else needs it, and other systems not at all

        kernel = ctypes.WinDLL("kernel32")
        kernel.GetTickCount64.restype = ctypes.c_ulonglong  # milliseconds, and goes on in sleep
        awake = ctypes.c_ulonglong()
        kernel.QueryUnbiasedInterruptTime(ctypes.byref(awake))  # 100 ns, and does not
        return float(kernel.GetTickCount64() / 1e3 - awake.value / 1e7)
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return 0.0 if boot is None else time.clock_gettime(boot) - time.monotonic()
