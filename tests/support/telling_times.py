"""How much the time of an answer tells: the same question about different people, in turn.

Times are skewed and a machine has other work, so nothing here takes an average: medians with the
interval that holds the true one in 95 of 100 runs, and how often a guess would be right.
"""

from __future__ import annotations

import bisect
import math
import random
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

_SEED: Final = 61
_Z: Final = 1.96


@dataclass(frozen=True, slots=True)
class Median:
    """In milliseconds; the true one lies between ``low`` and ``high`` in 95 of 100 runs."""

    low: float
    value: float
    high: float


def median(nanoseconds: Sequence[int]) -> Median:
    """Sum up times; the interval is that of the ranks, which needs to know no distribution."""
    ordered = sorted(nanoseconds)
    middle, reach = len(ordered) / 2, _Z * math.sqrt(len(ordered)) / 2
    low = ordered[max(0, math.floor(middle - reach))]
    high = ordered[min(len(ordered) - 1, math.ceil(middle + reach))]
    return Median(low / 1e6, statistics.median(ordered) / 1e6, high / 1e6)


def right_guesses(one: Sequence[int], other: Sequence[int]) -> float:
    """Return how often who sees a time of each, and calls the slower one, is right: 0.5 to 1.

    It is the common-language effect size of the Mann-Whitney test; 0.5 is chance.
    """
    ordered = sorted(other)
    slower = sum(bisect.bisect_left(ordered, t) + bisect.bisect_right(ordered, t) for t in one)
    share = slower / (2 * len(one) * len(other))
    return max(share, 1 - share)


def in_turn(asking: Mapping[str, Callable[[], int]], rounds: int) -> dict[str, list[int]]:
    """Take so many times of each, one of each in every round, in an order by chance."""
    dice, names = random.Random(_SEED), list(asking)
    times: dict[str, list[int]] = {name: [] for name in names}
    for _ in range(rounds):
        dice.shuffle(names)
        for name in names:
            times[name].append(asking[name]())
    return times
