"""Why a table says what it says of one made-up person: row by row, with what settled each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from kiosk.service.central.facts import UNKNOWN, Facts
from kiosk.service.central.rule_rows import Row
from kiosk.service.central.rules import Finding, RuleSet, Table, evaluate

Texts = tuple[str, str]
"""A word in English and in Dutch."""

LANGUAGES = ("en", "nl")


class Kleene(Enum):
    """The value of a row; ``UNREACHED``: something before it settled the matter."""

    TRUE = "true"
    FALSE = "false"
    OPEN = "open"
    UNREACHED = "unreached"


@dataclass(frozen=True, slots=True)
class Step:
    """One row: its value, and each fact that made it so with what the row asks of it."""

    row: Row
    value: Kleene
    facts: tuple[str, ...]


def trace(table: Table, facts: Facts) -> tuple[tuple[Step, ...], Finding]:
    """Go through a table row by row, with the finding of the evaluator itself."""
    steps: list[Step] = []
    settled = False
    for row in table.guards:
        steps.append(Step(row, Kleene.UNREACHED, ()) if settled else _step(row, facts))
        settled = settled or steps[-1].value is not Kleene.FALSE
    steps += [Step(r, Kleene.UNREACHED, ()) if settled else _step(r, facts) for r in table.rows]
    return tuple(steps), evaluate(table, facts)


def lines(rule_set: RuleSet, facts: Facts, language: str) -> Iterator[str]:
    """Say it for people, in English or Dutch; only ever of made-up persons."""
    table, at = rule_set.table, LANGUAGES.index(language)
    steps, finding = trace(table, facts)
    yield f"{rule_set.id} {rule_set.version} {rule_set.digest}"
    yield " ".join(f"{name}={say(getattr(facts, name))}" for name in table.facts)
    for step in steps:
        reasons = ", ".join(_reason(step, name, facts, at) for name in step.facts)
        yield f"  {step.row.id:<24} {_VALUES[step.value][at]:<8} {reasons}".rstrip()
    guidance = [f"{code} {rule_set.book.guidance[code].title[language]}" for code in finding.codes]
    yield "; ".join([f"→ {_COLOURS[finding.colour.value][at]}", *guidance])
    if finding.tariff:
        tariff = rule_set.book.tariffs[finding.tariff]
        yield f"  {_TARIFF[at]}: {tariff.label[language]} ({tariff.code}, {tariff.category})"
    if finding.blocked_by:
        yield f"  {_BLOCKED[at]}: {', '.join(finding.blocked_by)}"


def say(value: object) -> str:
    """Write a value as people do."""
    if isinstance(value, Enum):
        return str(value.value)
    return "none" if value is None else str(value)


def _step(row: Row, facts: Facts) -> Step:
    told = {name: getattr(facts, name) for name in row.conditions}
    known = {name: value for name, value in told.items() if value is not UNKNOWN}
    wrong = [name for name, value in known.items() if not row.conditions[name].holds(value)]
    if wrong:
        return Step(row, Kleene.FALSE, tuple(wrong))
    if len(known) < len(told):
        return Step(row, Kleene.OPEN, tuple(name for name in told if name not in known))
    return Step(row, Kleene.TRUE, tuple(told))


def _reason(step: Step, name: str, facts: Facts, at: int) -> str:
    asked, told = step.row.conditions[name], say(getattr(facts, name))
    return f"{name} is {told}" + ("" if step.value is Kleene.TRUE else f" ({_ASKED[at]} {asked})")


_VALUES: dict[Kleene, Texts] = {
    Kleene.TRUE: ("true", "waar"),
    Kleene.FALSE: ("false", "onwaar"),
    Kleene.OPEN: ("open", "open"),
    Kleene.UNREACHED: ("–", "–"),
}
_COLOURS: dict[str, Texts] = {
    "green": ("green", "groen"),
    "orange": ("orange", "oranje"),
    "red": ("red", "rood"),
}

_ASKED: Texts = ("asked:", "gevraagd:")
_TARIFF: Texts = ("tariff", "tarief")
_BLOCKED: Texts = ("could still change it", "kan het nog veranderen")
