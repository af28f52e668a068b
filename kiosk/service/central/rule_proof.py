"""The safety properties of a table, held against every combination of facts.

Each property compares the colour of every combination with that of the same one after a change,
or asks something of every red. What fails is told with one combination as an example.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import permutations
from operator import or_
from typing import Any, Final

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import (
    ADVICE,
    CONTEXT,
    FACTS,
    GROUPS,
    UNKNOWN,
    Facts,
    Residence,
    YesNo,
)
from kiosk.service.central.rule_masks import values_of
from kiosk.service.central.rule_rows import Condition, OneOf
from kiosk.service.central.rule_space import Axis, Change, Colours, Space
from kiosk.service.central.rules import Table, evaluate

_GROUND_GROUPS: Final = ("social", "ocmw", "income", ADVICE)
_UNCERTAIN: Final = (UNKNOWN, Residence.NONE, Residence.UNCONFIRMED)
_ORDERS_TRIED: Final = 200

Wrong = Callable[[Colours, Colours], int]
"""Of colours before and after a change: the combinations in which it must not be so."""


Where = Sequence[tuple[Axis, set[int]]]
"""Of which combinations a property speaks: those with one of some classes of each fact."""


@dataclass(frozen=True, slots=True)
class Property:
    """One property: how much was compared, and one combination for each way it fails."""

    name: str
    compared: str
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All properties of one table."""

    combinations: int
    classes: int
    properties: tuple[Property, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing failed."""
        return not any(each.failures for each in self.properties)


def prove(table: Table) -> Proof:
    """Go through every combination of the facts of a table."""
    space = Space(table)
    properties = (
        _more_grounds(table, space),
        _outages(table, space),
        _unknown(space),
        _certain_red(table, space),
        _any_order(table),
        _green_first(table),
    )
    return Proof(space.combinations, space.classes, properties)


def _more_grounds(table: Table, space: Space) -> Property:
    """A ground: a choice of a person's fact that a green row asks for, told by a source of grounds.

    It is one only to whom nothing else in the row rules out: that both parents are entitled is no
    ground for an adult. Age, residence and the vehicle are none; a guard may ask more of a minor.
    """
    failures: list[str] = []
    grounds = [
        (row, name, condition)
        for row in table.rows
        if row.outcome.colour is Colour.GREEN
        for name, condition in row.conditions.items()
        if isinstance(condition, OneOf) and FACTS[name].group in _GROUND_GROUPS
    ]
    for row, name, condition in grounds:
        axis = space.axes[name]
        changes = [((axis, to),) for to in sorted(axis.places(condition.choices))]
        rest = {other: each for other, each in row.conditions.items() if other != name}
        failures += _compared(space, changes, _worse, _not_ruled_out(space, rest))
    name = "one more ground never worsens"
    return Property(name, f"{len(grounds)} grounds", tuple(failures))


def _worse(before: Colours, after: Colours) -> int:
    return before.green & ~after.green | before.orange & after.red


def _not_ruled_out(space: Space, conditions: Mapping[str, Condition]) -> Where:
    where = []
    for name, condition in conditions.items():
        axis = space.axes[name]
        possible = [
            value
            for each in axis.classes
            for value in each.values
            if value is UNKNOWN or condition.holds(value)
        ]
        where.append((axis, axis.places(possible)))
    return where


def _outages(table: Table, space: Space) -> Property:
    """One group at a time is enough: a second outage begins where the first one ended."""

    def flips(before: Colours, after: Colours) -> int:
        return after.green & ~before.green | after.red & ~before.red

    changes: list[Change] = []
    for group in sorted(table.groups, key=GROUPS.index):
        axes = [space.axes[name] for name in table.facts if FACTS[name].group == group]
        changes.append(tuple((axis, to) for axis in axes if (to := axis.unknown) is not None))
    name = "an outage never turns orange or red into green, nor anything into red"
    return Property(name, f"{len(changes)} groups", tuple(_compared(space, changes, flips)))


def _unknown(space: Space) -> Property:
    """No green or red hangs on what is unknown: whatever it turns out to be, the colour stays."""

    def changes_colour(before: Colours, after: Colours) -> int:
        return before.green & ~after.green | before.red & ~after.red

    failures: list[str] = []
    compared = 0
    for axis in space.axes.values():
        if (unknown := axis.unknown) is None:
            continue
        changes: list[Change] = [((axis, to),) for to in range(len(axis.classes)) if to != unknown]
        compared += len(changes)
        failures += _compared(space, changes, changes_colour, [(axis, {unknown})])
    name = "what is unknown never gives red, and never changes a green or red"
    return Property(name, f"{compared} values", tuple(failures))


def _certain_red(table: Table, space: Space) -> Property:
    """A red of the default: every fact known, and a residence that somebody stands for."""
    failures: dict[str, str] = {}
    for index, kind in enumerate(space.kinds):
        red = space.colours[kind].red if space.open[kind] else 0
        if not red:
            continue
        for axis in space.guards:
            if axis.at(index) == axis.unknown:
                failures.setdefault(axis.name, space.words(index, _first(red)))
        for axis in space.others:
            at = axis.unknown
            if at is not None and (bad := red & space.select(axis, at)):
                failures.setdefault(axis.name, space.words(index, _first(bad)))
        if not _residence_is_certain(space, index):
            failures.setdefault("residence", space.words(index, _first(red)))
    name = "red only with everything known and a certain residence"
    return Property(name, f"{len(table.facts)} facts", tuple(failures.values()))


def _residence_is_certain(space: Space, index: int) -> bool:
    axis = space.axes.get("residence")
    if axis is None or not axis.is_guarded:
        return False
    if not any(value in _UNCERTAIN for value in axis.classes[axis.at(index)].values):
        return True
    confirms = space.axes.get("ocmw_residence")
    return (
        confirms is not None
        and confirms.is_guarded
        and confirms.classes[confirms.at(index)].values == (YesNo.YES,)
    )


def _any_order(table: Table) -> Property:
    """A reading is the union of one mask a fact, and each fact has one group: no order is in it.

    So this needs no combinations. Persons drawn at random are told in every order all the same.
    """
    draw = random.Random(table.facts[-1])  # noqa: S311  # the same persons every time, not secrets
    rows = (*table.guards, *table.rows)
    orders = list(permutations(sorted(table.groups)))
    failures = []
    for _ in range(_ORDERS_TRIED):
        told: dict[str, Any] = {name: draw.choice(values_of(name, rows)) for name in table.facts}
        findings = {evaluate(table, _in_order(told, order)) for order in orders}
        if len(findings) > 1:
            failures.append(str(sorted(finding.colour.value for finding in findings)))
    return Property("source order never matters", f"{len(orders)} orders", tuple(failures))


def _in_order(told: dict[str, Any], order: tuple[str, ...]) -> Facts:
    groups = (CONTEXT, *order)
    return Facts(
        **{name: told[name] for group in groups for name in told if group == FACTS[name].group}
    )


def _green_first(table: Table) -> Property:
    colours = [row.outcome.colour for row in table.rows]
    greens = colours.count(Colour.GREEN)
    late = [row.id for row in table.rows[greens:] if row.outcome.colour is Colour.GREEN]
    return Property("every green row stands before every orange one", f"{greens} rows", tuple(late))


def _compared(
    space: Space, changes: Sequence[Change], wrong: Wrong, where: Where = ()
) -> Iterator[str]:
    """Compare the combinations in question with themselves after each change.

    Yields one combination that fails of each.
    """
    starts = [
        (index, kind)
        for index, kind in enumerate(space.kinds)
        if all(axis.at(index) in places for axis, places in where if axis.is_guarded)
    ]
    asked = space.every
    for axis, places in where:
        if not axis.is_guarded:
            asked &= reduce(or_, (space.select(axis, place) for place in places), 0)
    for change in changes:
        pairs: dict[tuple[int, int], int] = {}
        for index, kind in starts:
            pairs.setdefault((kind, space.kinds[space.moved(index, change)]), index)
        for (before, after), index in pairs.items():
            bad = asked & wrong(space.colours[before], space.changed(after, change))
            if bad:
                changed = " ".join(f"{axis.name}→{axis.say(to)}" for axis, to in change)
                yield f"{space.words(index, _first(bad))}; then {changed}"
                break


def _first(bits: int) -> int:
    return (bits & -bits).bit_length() - 1
