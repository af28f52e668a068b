"""Until when the service wants a verdict shown, however often more time is asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final, final

from kiosk.domain.problem import Problem
from kiosk.domain.verdict import Verdict
from kiosk.ports import Clock

_SHORTEST: Final = timedelta(seconds=20)
"""A verdict that just came and ends sooner than this says that a clock is wrong."""


@final
class DisplayLimit:
    """The limit of one outcome after the other.

    ``now`` is the time of day, which somebody may set; ``steady`` counts seconds
    and is not set by anybody.
    """

    def __init__(self, now: Clock, steady: Callable[[], float]) -> None:
        self._now = now
        self._steady = steady
        self._end: float | None = None

    def begin(self, outcome: Verdict | Problem) -> None:
        """An outcome comes up: note when it has to go."""
        self._end = None
        if isinstance(outcome, Verdict) and outcome.display_until is not None:
            left = outcome.display_until - self._now()
            if left >= _SHORTEST:
                self._end = self._steady() + left.total_seconds()

    def at_most(self, duration: timedelta) -> timedelta:
        """Return a time on the screen, shortened to what is left."""
        if self._end is None:
            return duration
        return min(duration, timedelta(seconds=max(0.0, self._end - self._steady())))
