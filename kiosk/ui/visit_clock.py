"""The one clock of a visit, and how it stands."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import Final, final

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

_LOOK_MILLISECONDS: Final = 1000


@final
class VisitClock(QObject):
    """Runs once; started anew, the older run never ends any more.

    It looks at the time itself once a second: a timer of Qt stands still while
    the machine sleeps, and a verdict must not stay that much longer.
    """

    up = Signal(object)
    """The time is over; carries what the clock was started for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._ring)
        self._purpose: object = None
        self._total = 0.0
        self._until = 0.0
        self._begun: float | None = None

    def start(self, purpose: object, duration: timedelta) -> None:
        """Ring in ``duration``; an older run is forgotten."""
        self._purpose = purpose
        self._total = duration.total_seconds()
        self._until = _now() + self._total
        self._wait()

    def stop(self) -> None:
        """Forget the run."""
        self._timer.stop()
        self._purpose = None
        self._total = 0.0

    def begin_visit(self) -> None:
        """Count the visit's time from now on."""
        self._begun = _now()

    def end_visit(self) -> None:
        """Stop counting the visit's time."""
        self._begun = None

    def left(self) -> float:
        """Return the seconds that are left; 0 when no clock runs."""
        return max(0.0, self._until - _now()) if self._total else 0.0

    def total(self) -> float:
        """Return the seconds the clock was set for; 0 when none runs."""
        return self._total

    def now(self) -> float:
        """Return the seconds of a clock that nobody sets, and that goes on in sleep."""
        return _now()

    def since_start(self) -> float:
        """Return the seconds since the visit began; 0 without one."""
        return 0.0 if self._begun is None else _now() - self._begun

    @Slot()
    def _ring(self) -> None:
        if self.left() > 0:
            self._wait()
            return
        purpose = self._purpose
        self.stop()
        self.up.emit(purpose)

    def _wait(self) -> None:
        self._timer.start(min(_LOOK_MILLISECONDS, math.ceil(1000 * self.left())))


def _now() -> float:
    """Seconds that go on while the machine sleeps, where the system counts them."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
