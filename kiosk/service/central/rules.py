"""The evaluator: a first-hit decision table over facts that may be unknown.

Kleene's logic: a condition on an unknown fact is neither true nor false, and so is a row that
hangs on it. Green needs a row that is certainly true, red needs certainty about everything;
whatever lies between is orange and says which groups of sources could still change it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import FACTS, GROUPS, UNKNOWN, Facts


class Kleene(Enum):
    """The value of a condition or of a whole row."""

    TRUE = "true"
    FALSE = "false"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class OneOf:
    """The fact is one of these choices."""

    choices: frozenset[Enum]

    def holds(self, value: object) -> bool:
        """Whether a known value satisfies the condition."""
        return value in self.choices


@dataclass(frozen=True, slots=True)
class Between:
    """The number exists and lies between two limits, both included; ``None`` is no limit."""

    least: int | None
    most: int | None

    def holds(self, value: object) -> bool:
        """Whether a known value satisfies the condition; one that does not exist does not."""
        if not isinstance(value, int):
            return False
        return (self.least is None or value >= self.least) and (
            self.most is None or value <= self.most
        )


Condition = OneOf | Between


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a row leads to: a colour, a guidance code, and whether an officer may still decide."""

    name: str
    colour: Colour
    code: str
    manual: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: all conditions hold → outcome."""

    id: str
    conditions: Mapping[str, Condition]
    outcome: Outcome

    def value(self, facts: Facts) -> Kleene:
        """Whether the row holds; one false condition settles it, whatever is unknown."""
        result = Kleene.TRUE
        for name, condition in self.conditions.items():
            value = getattr(facts, name)
            if value is UNKNOWN:
                result = Kleene.OPEN
            elif not condition.holds(value):
                return Kleene.FALSE
        return result

    def open_facts(self, facts: Facts) -> Iterable[str]:
        """The unknown facts that this row hangs on."""
        return (name for name in self.conditions if getattr(facts, name) is UNKNOWN)


@dataclass(frozen=True, slots=True)
class Table:
    """Guards (may the person get the tariff at all), then rows (is there a ground), then the rest.

    Among the rows every green one stands before every orange one. ``otherwise`` waits until every
    fact is known when ``waits`` says so; a red one waits whatever the file says.
    """

    guards: tuple[Row, ...]
    rows: tuple[Row, ...]
    otherwise: Outcome
    waits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the table says. Names rows and groups, never a fact's value.

    ``codes`` are the guidance codes of the rows that hold. An orange that hangs on something
    unknown has ``blocked_by``; such a finding is not determined.
    """

    colour: Colour
    codes: tuple[str, ...] = ()
    manual: bool = False
    blocked_by: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()

    @property
    def determined(self) -> bool:
        """Whether nothing that is still unknown could change the colour."""
        return not self.blocked_by


def evaluate(table: Table, facts: Facts) -> Finding:
    """Apply the table. Pure: the same table and facts give the same finding."""
    for guard in table.guards:
        value = guard.value(facts)
        if value is Kleene.TRUE:
            return _settled(guard)
        if value is Kleene.OPEN:
            return _open([guard], facts)
    held = [row for row in table.rows if row.value(facts) is Kleene.TRUE]
    for row in held:
        if row.outcome.colour is Colour.GREEN:
            return _settled(row)
    hanging = [row for row in table.rows if row.value(facts) is Kleene.OPEN]
    if hanging:
        return _open(hanging, facts, held)
    if held:
        return _orange(held)
    return _rest(table, facts)


def _settled(row: Row) -> Finding:
    outcome = row.outcome
    return Finding(
        colour=outcome.colour, codes=(outcome.code,), manual=outcome.manual, rows=(row.id,)
    )


def _orange(held: list[Row], blocked_by: tuple[str, ...] = ()) -> Finding:
    return Finding(
        colour=Colour.ORANGE,
        codes=tuple(dict.fromkeys(row.outcome.code for row in held)),
        manual=all(row.outcome.manual for row in held),
        blocked_by=blocked_by,
        rows=tuple(row.id for row in held),
    )


def _open(hanging: list[Row], facts: Facts, held: list[Row] | None = None) -> Finding:
    return _orange(held or [], _groups(name for row in hanging for name in row.open_facts(facts)))


def _rest(table: Table, facts: Facts) -> Finding:
    unknown, outcome = facts.unknown(), table.otherwise
    if unknown and (table.waits or outcome.colour is Colour.RED):
        return _orange([], _groups(unknown))  # nobody is refused while a source has not spoken
    return Finding(colour=outcome.colour, codes=(outcome.code,), manual=outcome.manual)


def _groups(names: Iterable[str]) -> tuple[str, ...]:
    blocking = {FACTS[name].group for name in names}
    return tuple(group for group in GROUPS if group in blocking)


@dataclass(frozen=True, slots=True)
class GuidanceText:
    """What to do next, by language code; ``{until}`` stands for the last day of validity."""

    level: str
    title: Mapping[str, str]
    steps: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """The words, amounts and dates of a rule set.

    ``open_codes`` gives the guidance code for a group that has not told, by ``group.state`` or by
    the state alone. The tariff lasts until ``until_day``/``until_month`` of the next calendar year;
    from the first of ``recheck_month`` of that year it can be asked anew.
    """

    tariff_code: str
    tariff_category: str
    pay_percent: int
    tariff_label: Mapping[str, str]
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
