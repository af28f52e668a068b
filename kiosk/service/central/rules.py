"""The evaluator: a first-hit decision table over facts that may be unknown.

Kleene's logic: a condition on an unknown fact is neither true nor false, and so is a row that
hangs on it. Green needs a row that is certainly true, red needs certainty about everything;
whatever lies between is orange and says which groups of sources could still change it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import FACTS, GROUPS, Facts
from kiosk.service.central.rule_masks import Masks
from kiosk.service.central.rule_rows import Outcome, Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the table says. Names rows and groups, never a fact's value.

    ``codes`` are the guidance codes of the rows that hold; ``tariff`` is the one of a green. An
    orange that hangs on something unknown has ``blocked_by``; such a finding is not determined.
    """

    colour: Colour
    codes: tuple[str, ...] = ()
    manual: bool = False
    tariff: str = ""
    blocked_by: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @property
    def determined(self) -> bool:
        """Whether nothing that is still unknown could change the colour."""
        return not self.blocked_by


class Table:
    """Guards (does anything settle it at once), then rows (is there a ground), then the rest.

    The first guard that is not certainly false ends the matter: it holds, or everything waits for
    what it hangs on. Among the rows every green one stands before every orange one. ``otherwise``
    waits until every one of ``facts`` is known when ``waits`` says so; a red one waits always.
    ``groups`` are the groups of sources that tell these facts: nobody else need be asked.
    Made once per version: all values are worked out here, and all findings that can be.
    """

    def __init__(
        self,
        *,
        guards: Sequence[Row],
        rows: Sequence[Row],
        otherwise: Outcome,
        facts: Sequence[str],
        waits: bool = True,
    ) -> None:
        self.guards, self.rows, self.otherwise = tuple(guards), tuple(rows), otherwise
        self.facts = tuple(facts)
        self.groups = frozenset(FACTS[name].group for name in self.facts) & frozenset(GROUPS)
        self._patient = waits or otherwise.colour is Colour.RED
        self._all_rows = (*self.guards, *self.rows)
        self.masks = Masks(self._all_rows, self.facts)
        self._width, self._unknown_at = len(self._all_rows), self.masks.unknown_at
        self._every = (1 << len(self._all_rows)) - 1
        self._guards = (1 << len(self.guards)) - 1
        self._greens = sum(
            1 << place
            for place, row in enumerate(self._all_rows)
            if row.outcome.colour is Colour.GREEN and place >= len(self.guards)
        )
        self._settled = [_settled(row.outcome, (row.id,)) for row in self._all_rows]
        self._rest = _settled(otherwise, ())
        self._oranges: dict[tuple[int, int], Finding] = {}

    def judge(self, reading: int) -> Finding:
        """Apply the table to a reading of :attr:`masks`."""
        alive = self._every & ~reading
        waiting = alive & reading >> self._width
        if guards := alive & self._guards:
            first = guards & -guards
            if first & waiting:
                return self._orange(0, self.masks.waiting_for(reading, first))
            return self._settled[first.bit_length() - 1]
        held = alive ^ waiting
        if greens := held & self._greens:
            return self._settled[(greens & -greens).bit_length() - 1]
        if held and not waiting & self._greens:
            return self._orange(held, 0)  # nothing that still waits could make it green
        if waiting:
            return self._orange(held, self.masks.waiting_for(reading, waiting))
        unknown = reading >> self._unknown_at
        # Nobody is refused while a source has not spoken.
        return self._orange(0, unknown) if unknown and self._patient else self._rest

    def is_settled_by_guards(self, reading: int) -> bool:
        """Whether the rows do not matter: some guard is not certainly false."""
        return bool(self._guards & ~reading)

    def for_rows(self, reading: int) -> int:
        """Return what a reading says to the rows, and whether anything in it is unknown.

        Where all guards are false the colour hangs on nothing else.
        """
        rows = self._every & ~self._guards
        told = reading & (rows | rows << self._width)
        return told | (1 << 2 * self._width if reading >> self._unknown_at else 0)

    def _orange(self, held: int, groups: int) -> Finding:
        finding = self._oranges.get((held, groups))
        if finding is None:
            rows = [row for place, row in enumerate(self._all_rows) if held >> place & 1]
            finding = self._oranges[held, groups] = Finding(
                colour=Colour.ORANGE,
                codes=tuple(dict.fromkeys(row.outcome.code for row in rows)),
                manual=all(row.outcome.manual for row in rows),
                blocked_by=tuple(name for place, name in enumerate(GROUPS) if groups >> place & 1),
                rows=tuple(row.id for row in rows),
            )
        return finding


def evaluate(table: Table, facts: Facts) -> Finding:
    """Apply a table. Pure: the same table and facts give the same finding."""
    return table.judge(table.masks.read(facts))


def _settled(outcome: Outcome, rows: tuple[str, ...]) -> Finding:
    return Finding(
        colour=outcome.colour,
        codes=(outcome.code,),
        manual=outcome.manual,
        tariff=outcome.tariff,
        rows=rows,
    )


@dataclass(frozen=True, slots=True)
class GuidanceText:
    """What to do next, by language code; ``{until}`` stands for the last day of validity."""

    level: str
    title: Mapping[str, str]
    steps: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a green grants: a class, its name by language, and the share of the price to pay."""

    code: str
    category: str
    pay_percent: int | None
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The words, amounts and dates of a rule set.

    ``open_codes`` gives the guidance code for a group that has not told, by ``group.state`` or by
    the state alone. A tariff lasts until ``until_day``/``until_month``, ``until_years`` after the
    calendar year of the question; from the first of ``recheck_month`` it can be asked anew.
    """

    tariffs: Mapping[str, Tariff]
    until_years: int
    until_month: int
    until_day: int
    recheck_month: int
    manual_roles: tuple[str, ...]
    manual_evidence: tuple[str, ...]
    open_codes: Mapping[str, str]
    guidance: Mapping[str, GuidanceText]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One version of one use case's rules, with all that an answer needs besides the facts."""

    id: str
    version: str
    digest: str
    effective_from: date
    effective_to: date | None
    table: Table
    book: Book

    def covers(self, day: date) -> bool:
        """Whether the rules hold on a day."""
        return self.effective_from <= day and (
            self.effective_to is None or day <= self.effective_to
        )
