"""Keeping a source from being asked too much, and us from waiting for one that is down.

Pure: no loop, no waiting, the clock comes from outside. One of each a source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

WINDOW: Final = 20
"""How many of the last calls count."""

REST_SECONDS: Final = 30.0
"""How long a source that failed too often is left alone."""

Clock = Callable[[], float]
"""Seconds, never going back."""


class Breaker:
    """Opens when half of the last twenty calls failed; then lets one call through every 30 s.

    The first call that goes well closes it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: deque[bool] = deque(maxlen=WINDOW)
        self._rests_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether the source is being left alone."""
        return self._rests_until is not None

    def admits(self) -> bool:
        """Whether a call may be made now. While open, asking this uses up the one trial."""
        if self._rests_until is None:
            return True
        now = self._clock()
        if now < self._rests_until:
            return False
        self._rests_until = now + REST_SECONDS
        return True

    def seconds_to_rest(self) -> int:
        """How long until the next trial, in whole seconds and at least one."""
        left = (self._rests_until or 0.0) - self._clock()
        return max(1, round(left))

    def succeeded(self) -> None:
        """Note a call that was answered, whatever the answer was."""
        if self._rests_until is not None:
            self._failed.clear()
            self._rests_until = None
        self._failed.append(False)

    def failed(self) -> None:
        """Note a call that was not answered."""
        self._failed.append(True)
        full = len(self._failed) == WINDOW
        if self.is_open or (full and 2 * sum(self._failed) >= WINDOW):
            self._rests_until = self._clock() + REST_SECONDS


class Bucket:
    """So many calls a second, with some in stock; the last part of the stock is for desks only."""

    def __init__(self, per_second: float, stock: int, clock: Clock) -> None:
        self._per_second = per_second
        self._stock = float(stock)
        self._clock = clock
        self._left = float(stock)
        self._at = clock()

    def take(self, *, batch: bool) -> bool:
        """Take one call, if there is one for this kind of caller."""
        now = self._clock()
        self._left = min(self._stock, self._left + (now - self._at) * self._per_second)
        self._at = now
        # Half of the stock waits for somebody at a desk, so that a batch never starves one.
        floor = self._stock / 2 if batch else 0.0
        if self._left - 1 < floor:
            return False
        self._left -= 1
        return True

    def seconds_to_next(self) -> int:
        """How long until another call is there, in whole seconds and at least one."""
        return max(1, round((1 - self._left) / self._per_second))
