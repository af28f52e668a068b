"""Every combination of facts that a table can meet, and the colour that the evaluator gives each.

Nothing is sampled. What makes billions of combinations countable in seconds are two things that
hold for every table:

* Two values of a fact that give the same mask are one class. The evaluator sees a person only as
  the union of the masks (:mod:`kiosk.service.central.rule_masks`), so it cannot tell them apart.
* A guard that is not certainly false ends the matter before any row is looked at. So the facts
  that guards ask are gone through on their own; only where all guards are false the others are
  gone through too. There the guards' facts count by what they say to rows and by whether any of
  them is unknown, so those that agree in that share one pass.

The evaluator that answers questions is the one that is run here, for every class of the others'
combinations in every pass. Its colours are kept as three numbers with a bit a combination, so
that "the same with another value" is a shift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product
from math import prod
from operator import or_

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import UNKNOWN
from kiosk.service.central.rule_masks import Value, values_of
from kiosk.service.central.rules import Table


@dataclass(frozen=True, slots=True)
class FactClass:
    """Values of one fact that no row tells apart."""

    mask: int
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One fact with its classes; ``stride`` is the distance of neighbours in its part."""

    name: str
    classes: tuple[FactClass, ...]
    stride: int
    is_guarded: bool

    def places(self, values: Iterable[Value]) -> set[int]:
        """Return the classes that have any of some values."""
        wanted = set(values)
        return {at for at, each in enumerate(self.classes) if wanted.intersection(each.values)}

    @property
    def unknown(self) -> int | None:
        """The class of not being told; ``None`` for what the question itself says."""
        return next(iter(self.places([UNKNOWN])), None)

    def say(self, place: int) -> str:
        """Write a class as the first of its values."""
        value = self.classes[place].values[0]
        if value is None or isinstance(value, int):
            return "none" if value is None else str(value)
        return str(value.value)

    def at(self, index: int) -> int:
        """Return the class that an index of its part stands for."""
        return index // self.stride % len(self.classes)


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour of every combination of the facts that no guard asks, a bit each."""

    green: int
    orange: int
    red: int


Change = tuple[tuple[Axis, int], ...]
"""Facts, and the class that each is changed to."""


class Space:
    """All combinations of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._rows = (*table.guards, *table.rows)
        guarded = {name for row in table.guards for name in row.conditions}
        self.guards = self._axes([name for name in table.facts if name in guarded], is_guarded=True)
        self.others = self._axes(
            [name for name in table.facts if name not in guarded], is_guarded=False
        )
        self.axes = {axis.name: axis for axis in (*self.guards, *self.others)}
        self.size = prod(len(axis.classes) for axis in self.others)
        self.every = (1 << self.size) - 1
        self._low, self._high = self._readings()
        self._passes: dict[tuple[int, bool], int] = {}
        self.colours: list[Colours] = []
        self.open: list[bool] = []
        self.kinds = [self._kind(reading) for reading in _unions(self.guards)]
        self.select = lru_cache(maxsize=None)(self._select)
        self.changed = lru_cache(maxsize=None)(self._changed)

    @property
    def combinations(self) -> int:
        """How many combinations of values there are."""
        return prod(len(values_of(name, self._rows)) for name in self._table.facts)

    @property
    def classes(self) -> int:
        """How many of them the rules can tell apart."""
        return len(self.kinds) * self.size

    def moved(self, index: int, change: Change) -> int:
        """Return the combination of the guards' facts after a change."""
        for axis, to in change:
            if axis.is_guarded:
                index += (to - axis.at(index)) * axis.stride
        return index

    def words(self, index: int, bit: int) -> str:
        """Write one combination out."""
        places = [(axis, axis.at(index)) for axis in self.guards]
        places += [(axis, axis.at(bit)) for axis in self.others]
        return " ".join(f"{axis.name}={axis.say(at)}" for axis, at in places)

    def _axes(self, names: Sequence[str], *, is_guarded: bool) -> tuple[Axis, ...]:
        axes: list[Axis] = []
        stride = 1
        for name in names:
            classes: dict[int, tuple[Value, ...]] = {}
            for value in values_of(name, self._rows):
                mask = self._table.masks.mask(name, value)
                classes[mask] = (*classes.get(mask, ()), value)
            parts = tuple(FactClass(mask, values) for mask, values in classes.items())
            axes.append(Axis(name, parts, stride, is_guarded))
            stride *= len(parts)
        return tuple(axes)

    def _readings(self) -> tuple[list[int], list[int]]:
        middle = len(self.others) // 2
        return list(_unions(self.others[:middle])), list(_unions(self.others[middle:]))

    def _kind(self, reading: int) -> int:
        """Return the number of the colours that follow a combination of the guards' facts."""
        table = self._table
        if table.is_settled_by_guards(reading):
            colour = table.judge(reading).colour
            return self._numbered((list(Colour).index(colour), True), [colour] * self.size)
        key = table.for_rows(reading), False
        if key in self._passes:
            return self._passes[key]
        judge = table.judge
        found = [judge(reading | high | low).colour for high in self._high for low in self._low]
        return self._numbered(key, found)

    def _numbered(self, key: tuple[int, bool], found: list[Colour]) -> int:
        if key not in self._passes:
            self._passes[key] = len(self.colours)
            bits = (_bits(found, colour) for colour in (Colour.GREEN, Colour.ORANGE, Colour.RED))
            self.colours.append(Colours(*bits))
            self.open.append(not key[1])
        return self._passes[key]

    def _select(self, axis: Axis, place: int) -> int:
        """Return the combinations in which a fact has one class."""
        period = axis.stride * len(axis.classes)
        pattern, width = ((1 << axis.stride) - 1) << axis.stride * place, period
        while width < self.size:
            pattern |= pattern << width
            width *= 2
        return pattern & self.every

    def _changed(self, kind: int, change: Change) -> Colours:
        """Return the colours that all combinations have after a change of the others' facts."""
        found = self.colours[kind]
        for axis, to in change:
            if not axis.is_guarded:
                found = Colours(
                    self._spread(found.green, axis, to),
                    self._spread(found.orange, axis, to),
                    self._spread(found.red, axis, to),
                )
        return found

    def _spread(self, bits: int, axis: Axis, to: int) -> int:
        kept = (bits & self.select(axis, to)) >> axis.stride * to
        return reduce(or_, (kept << axis.stride * place for place in range(len(axis.classes))))


def _unions(axes: Sequence[Axis]) -> Iterator[int]:
    """The readings of all combinations; the first axis changes fastest."""
    for classes in product(*(axis.classes for axis in reversed(axes))):
        yield reduce(or_, (each.mask for each in classes), 0)


def _bits(found: Sequence[Colour], wanted: Colour) -> int:
    return int("".join(["1" if colour is wanted else "0" for colour in reversed(found)]) or "0", 2)
