"""How often something happened within an hour, told each time that it has doubled.

The first is told, the second, the fourth, the eighth: a flood leaves some twenty traces and no heap
of them, and at any moment more than half of what happened is told already. Nothing is told at an
hour's end, so nothing is lost with the process. Kept in its memory only; it begins anew afterwards.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HOUR_SECONDS: Final = 3600.0
CAPACITY: Final = 1_000
"""Names within an hour that are counted each on its own."""
_EVERYBODY_ELSE: Final = ""


@dataclass(slots=True)
class _Hour:
    ends: float
    count: int = 0
    told_next: int = 1


class Tally:
    """Counts by name; an hour begins with the first of a name."""

    def __init__(
        self, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        self._hours: OrderedDict[str, _Hour] = OrderedDict()

    def count(self, name: str) -> int | None:
        """Count one more; return which of its hour it is if that is to be told."""
        hour = self._hour(name)
        hour.count += 1
        if hour.count < hour.told_next:
            return None
        hour.told_next = 2 * hour.count
        return hour.count

    def not_told(self, name: str) -> None:
        """Let the next one be told: the one that was to be could not."""
        self._hour(name).told_next = 1

    def _hour(self, name: str) -> _Hour:
        now = self._clock()
        while self._hours and next(iter(self._hours.values())).ends <= now:
            self._hours.popitem(last=False)
        if name not in self._hours and len(self._hours) >= self._capacity:
            # Never in the place of another: who has many names would begin anew with each.
            name = _EVERYBODY_ELSE
        return self._hours.setdefault(name, _Hour(now + HOUR_SECONDS))
