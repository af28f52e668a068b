"""Keeping a source from being asked too much, and us from waiting for one that is down.

Pure: no loop, no waiting, the clock comes from outside. One of each a source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kiosk.service.central.connectors import SourceState

WINDOW: Final = 20
"""How many of the last calls count."""

REST_SECONDS: Final = 30.0
"""How long a source that failed too often is left alone."""

Clock = Callable[[], float]
"""Seconds, never going back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Calls that one source gets a second, and how many may come at once."""

    per_second: float = 10.0
    stock: int = 20


def mistakes_in_pace(pace: Pace) -> Iterator[tuple[str, str]]:
    """Key, below the source's own, and reason of each value that does not do."""
    if not pace.per_second > 0:
        yield "pace.per_second", "more than 0"
    if pace.stock < 2:
        yield "pace.stock", "at least 2: half of it is kept for desks"


@dataclass(frozen=True, slots=True)
class Held:
    """Why a call is not made now, and in how many seconds it may be."""

    reason: Literal["too-busy", "resting"]
    seconds: int

    @property
    def state(self) -> SourceState:
        """How the source is shown meanwhile."""
        return SourceState.TOO_BUSY if self.reason == "too-busy" else SourceState.UNAVAILABLE


class Breaker:
    """Opens when half of the last twenty calls failed; then lets one call through every 30 s.

    The first call that goes well closes it.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failed: deque[bool] = deque(maxlen=WINDOW)
        self._rests_until: float | None = None
        self._is_tried = False

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
        self._is_tried = True
        return True

    def seconds_to_rest(self) -> int:
        """How long until the next trial, in whole seconds and at least one."""
        left = (self._rests_until or 0.0) - self._clock()
        return max(1, round(left))

    def succeeded(self) -> None:
        """Note a call that was answered, whatever the answer was."""
        self._is_tried = False
        if self._rests_until is not None:
            self._failed.clear()
            self._rests_until = None
        self._failed.append(False)

    def failed(self) -> None:
        """Note a call that was not answered."""
        self._is_tried = False
        self._failed.append(True)
        full = len(self._failed) == WINDOW
        if self.is_open or (full and 2 * sum(self._failed) >= WINDOW):
            self._rests_until = self._clock() + REST_SECONDS

    def called_off(self) -> None:
        """Note a call that nobody waited for; if it was the trial, the next call is."""
        if self._is_tried:
            self._is_tried = False
            self._rests_until = self._clock()


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


class Guard:
    """The breaker and the bucket of one source, and how it fares for everybody."""

    def __init__(self, pace: Pace, clock: Clock) -> None:
        self._breaker = Breaker(clock)
        self._bucket = Bucket(pace.per_second, pace.stock, clock)
        self._state: SourceState | None = None

    def hold(self, *, batch: bool) -> Held | None:
        """Return why a call may not be made now; ``None`` when it may, which counts as one."""
        if not self._bucket.take(batch=batch):
            return Held("too-busy", self._bucket.seconds_to_next())
        if not self._breaker.admits():
            return Held("resting", self._breaker.seconds_to_rest())
        return None

    def answered(self, state: SourceState = SourceState.OK) -> None:
        """Note a call that was answered, and what that says of the source for everybody."""
        self._breaker.succeeded()
        self._state = state

    def failed(self) -> None:
        """Note a call that was not answered."""
        self._breaker.failed()

    def called_off(self) -> None:
        """Note a call that nobody waited for: it says nothing, and uses up no trial."""
        self._breaker.called_off()

    def status(self) -> SourceState | None:
        """How the source fares for everybody; ``None`` before its first answer."""
        return SourceState.UNAVAILABLE if self._breaker.is_open else self._state
