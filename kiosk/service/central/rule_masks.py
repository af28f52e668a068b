"""One person's facts as one number, so that a table is applied by a few operations on its bits.

A table asks of a fact only two things: is it unknown, and do the conditions on it hold? Both are
worked out once for every value when a table is made. What one value of one fact says about all
rows is a mask, and the reading of a person is the union of the masks of the facts. From the
lowest bit on, a reading has: the rows ruled out, the rows that wait for an unknown fact, the same
once for each group of sources, and the groups that left anything unknown.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import attrgetter, getitem, or_
from typing import Any, Final

from kiosk.service.central.facts import CONTEXT, FACTS, GROUPS, UNKNOWN, Facts, FactValue, Unknown
from kiosk.service.central.rule_rows import Between, Row

Value = FactValue | Unknown
"""What may be read of a fact: a value, or that nobody told it."""

_PARTS_BEFORE_GROUPS: Final = 2
_MOST_KEPT: Final = 1000


class _Numbers(dict[Value, int]):
    """Masks by number; those between the limits of the rows are found when they are met."""

    def __init__(self, known: Mapping[Value, int], bounds: Sequence[int], steps: list[int]) -> None:
        super().__init__(known)
        self._bounds, self._steps = bounds, steps

    def __missing__(self, number: Any) -> int:
        mask = self._steps[bisect_right(self._bounds, number)]
        if len(self) < _MOST_KEPT:
            self[number] = mask
        return mask


class Masks:
    """The masks of all values of a table's facts, of which there is at least one."""

    def __init__(self, rows: Sequence[Row], facts: Sequence[str]) -> None:
        self.rows = len(rows)
        self._rows = rows
        self._told = attrgetter(*facts, facts[-1])  # of one name alone it would give no tuple
        self._masks = [self._masks_of(name) for name in facts]

    @property
    def unknown_at(self) -> int:
        """Where the bits of the groups begin that left anything unknown."""
        return self.rows * (_PARTS_BEFORE_GROUPS + len(GROUPS))

    def read(self, facts: Facts) -> int:
        """Return the reading of one person."""
        return reduce(or_, map(getitem, self._masks, self._told(facts)))

    def mask(self, name: str, value: Value) -> int:
        """Return what one value of one fact says about all rows."""
        if value is not UNKNOWN:
            return sum(
                1 << place
                for place, row in enumerate(self._rows)
                if name in row.conditions and not row.conditions[name].holds(value)
            )
        waiting = sum(1 << place for place, row in enumerate(self._rows) if name in row.conditions)
        group = GROUPS.index(FACTS[name].group)
        return (
            waiting << self.rows
            | waiting << self.rows * (_PARTS_BEFORE_GROUPS + group)
            | 1 << self.unknown_at + group
        )

    def _masks_of(self, name: str) -> dict[Value, int]:
        masks = {value: self.mask(name, value) for value in values_of(name, self._rows)}
        if FACTS[name].choices is not None:
            return masks
        bounds = _bounds(name, self._rows)
        return _Numbers(masks, bounds, [self.mask(name, number) for number in _numbers(bounds)])

    def waiting_for(self, reading: int, rows: int) -> int:
        """Return the groups, as bits, whose unknown facts any of some rows wait for."""
        groups, unknown = 0, reading >> self.unknown_at
        for group in range(unknown.bit_length()):
            if reading >> self.rows * (_PARTS_BEFORE_GROUPS + group) & rows:
                groups |= 1 << group
        return groups


def values_of(name: str, rows: Sequence[Row]) -> tuple[Value, ...]:
    """Return every value of a fact that any row could tell apart, and some that none does.

    All choices; of a number, which is never negative, those on both sides of each limit in the
    rows, and that it does not exist; and ``UNKNOWN``, but not of what the question itself says.
    """
    kind = FACTS[name]
    unknown: tuple[Value, ...] = () if kind.group == CONTEXT else (UNKNOWN,)
    if kind.choices is not None:
        return (*kind.choices, *unknown)
    numbers = (number for number in _numbers(_bounds(name, rows)) if number >= 0)
    return (*numbers, None, *unknown)


def _bounds(name: str, rows: Sequence[Row]) -> tuple[int, ...]:
    conditions = (row.conditions.get(name) for row in rows)
    numeric = [condition for condition in conditions if isinstance(condition, Between)]
    return tuple(sorted({bound for condition in numeric for bound in condition.bounds()}))


def _numbers(bounds: tuple[int, ...]) -> tuple[int, ...]:
    """One number for each stretch between bounds, next to the bound."""
    return (bounds[0] - 1, *bounds) if bounds else (0,)
