"""What can be wrong in a rule set although its file is well formed. One function a question."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import CONTEXT, FACTS, GROUPS, VEHICLE, YesNo, read_fact
from kiosk.service.central.rule_document import (
    Document,
    OutcomeEntry,
    RowEntry,
    conditions,
    ends_of,
)
from kiosk.service.central.rule_rows import OneOf, contains, meet, possible

LANGUAGES = ("nl", "fr", "de", "en")
STATES = ("ok", "no-data", "unavailable", "refused", "too-busy", "not-configured")


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong: which check found it, where, and what it is."""

    check: str
    place: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.place}: {self.message} [{self.check}]"


def lint(document: Document) -> list[Complaint]:
    """Return everything that is wrong; an empty list means the rules may be used."""
    names = [
        Complaint(check, place, message)
        for check, find in _NAMES.items()
        for place, message in find(document)
    ]
    if names:  # what the other checks would say about a misspelt name helps nobody
        return names
    return [
        Complaint(check, place, message)
        for check, find in CHECKS.items()
        for place, message in find(document)
    ]


Found = Iterator[tuple[str, str]]


def _unknown_names(document: Document) -> Found:
    for row in (*document.guard, *document.row):
        try:
            conditions(row)
        except ValueError as error:
            yield row.id, str(error)
        for name in row.when:
            if name in FACTS and name not in document.facts:
                yield row.id, f"{name} is not declared under [facts]"
        if row.outcome not in document.outcomes:
            yield row.id, f"no outcome is called {row.outcome}"
    if document.otherwise.outcome not in document.outcomes:
        yield "otherwise", f"no outcome is called {document.otherwise.outcome}"


def _unknown_grants(document: Document) -> Found:
    for name, outcome in document.outcomes.items():
        if outcome.tariff and outcome.tariff not in document.tariffs:
            yield f"outcomes.{name}", f"no tariff is called {outcome.tariff}"
    for name, tariff in document.tariffs.items():
        for amount in (tariff.pay_percent, *tariff.prices):
            if amount and amount not in document.amounts:
                yield f"tariffs.{name}", f"no amount is called {amount}"
    validity = document.validity
    if validity.minimum_grant_days and validity.ends_soon not in document.outcomes:
        yield "validity", f"no outcome is called {validity.ends_soon}"


def _declarations(document: Document) -> Found:
    for name, entry in document.facts.items():
        kind = FACTS.get(name)
        if kind is None:
            yield f"facts.{name}", "the service has no such fact"
            continue
        expected = "number" if kind.choices is None else "choice"
        if kind.choices is YesNo:
            expected = "yes-no"
        if (entry.group, entry.type) != (kind.group, expected):
            yield f"facts.{name}", f"is a {expected} told by {kind.group}"
        for value in entry.ordinary:
            try:
                read_fact(name, value)
            except ValueError as error:
                yield f"facts.{name}", str(error)


def _duplicates(document: Document) -> Found:
    seen: set[str] = set()
    for row in (*document.guard, *document.row):
        if row.id in seen:
            yield row.id, "stands twice"
        seen.add(row.id)


def _unreachable(document: Document) -> Found:
    rows = (*document.guard, *document.row)
    for earlier, later in combinations(rows, 2):
        if contains(conditions(earlier), conditions(later)):
            yield later.id, f"is never reached: {earlier.id} takes all of it"
    for row in rows:
        for name, condition in conditions(row).items():
            if not possible(condition):
                yield row.id, f"no {name} satisfies it"


def _overlaps(document: Document) -> Found:
    for table in (document.guard, document.row):
        for first, second in combinations(table, 2):
            one, two = conditions(first), conditions(second)
            ours, theirs = (document.outcomes[row.outcome] for row in (first, second))
            if first.outcome == second.outcome or not meet(one, two):
                continue
            if ours.colour is theirs.colour is Colour.GREEN:
                if _is_better(document, ours, theirs):
                    continue
                yield second.id, f"overlaps {first.id} and grants something else"
            elif one.keys() == two.keys() and not contains(two, one):
                yield second.id, f"overlaps {first.id} with another outcome"


def _is_better(document: Document, one: OutcomeEntry, two: OutcomeEntry) -> bool:
    """Whether the tariff of one stands before that of the other: then the first hit is right."""
    tariffs = list(document.tariffs)
    return tariffs.index(one.tariff) < tariffs.index(two.tariff)


def _coverage(document: Document) -> Found:
    used: dict[str, set[Enum]] = {name: set() for name in _ends(document)}
    for row in (*document.guard, *document.row):
        for name, condition in conditions(row).items():
            decided = condition.choices if isinstance(condition, OneOf) else ()
            used[name] = used.get(name, set()).union(decided)
    for name, entry in document.facts.items():
        if name not in used:
            yield f"facts.{name}", "no row uses it: it need not be asked"
        for choice in FACTS[name].choices or ():
            if choice not in used.get(name, set()) and choice.value not in entry.ordinary:
                yield f"facts.{name}", f"no row decides about {choice.value!r}, nor is it ordinary"


def _minimum(document: Document) -> Found:
    for name in sorted(_ends(document) - document.facts.keys()):
        yield f"facts.{name}", "is needed for minimum_grant_days, and not declared"
    ends_soon = document.outcomes.get(document.validity.ends_soon)
    if ends_soon is not None and ends_soon.colour is not Colour.ORANGE:
        yield "validity", "a status that ends soon is orange"


def _ends(document: Document) -> set[str]:
    if not document.validity.minimum_grant_days:
        return set()
    return {
        name
        for row in document.row
        if document.outcomes[row.outcome].colour is Colour.GREEN
        for name in ends_of(row.when)
    }


def _order(document: Document) -> Found:
    yield from _granting_guards(document)
    orange: RowEntry | None = None
    for row in document.row:
        colour = document.outcomes[row.outcome].colour
        if colour is Colour.RED:
            yield row.id, "only a guard or the default may refuse"
        if colour is Colour.ORANGE:
            orange = row
        elif colour is Colour.GREEN and orange is not None:
            yield row.id, f"a green row stands after the orange {orange.id}"


def _granting_guards(document: Document) -> Found:
    """What needs no look at the person may be granted, before any guard that looks at one."""
    others = False
    for guard in document.guard:
        green = document.outcomes[guard.outcome].colour is Colour.GREEN
        if green and {FACTS[name].group for name in guard.when} - {CONTEXT, VEHICLE}:
            yield guard.id, "a guard grants nothing to a person"
        elif green and others:
            yield guard.id, "a granting guard stands after one that does not grant"
        others = others or not green


def _tariffs(document: Document) -> Found:
    for name, outcome in document.outcomes.items():
        if (outcome.colour is Colour.GREEN) is not bool(outcome.tariff):
            yield f"outcomes.{name}", "a green outcome has a tariff, and no other has"
    used = {outcome.tariff for outcome in document.outcomes.values()}
    for name in sorted(document.tariffs.keys() - used):
        yield f"tariffs.{name}", "is never granted"


def _default(document: Document) -> Found:
    otherwise = document.otherwise
    colour = document.outcomes[otherwise.outcome].colour
    if colour is Colour.GREEN:
        yield "otherwise", "the default may not grant"
    if colour is Colour.RED and otherwise.requires != "all-known":
        yield "otherwise", "a red default requires that everything is known"


def _sources(document: Document) -> Found:
    for row in (*document.guard, *document.row):
        if not row.source.strip():
            yield row.id, "says not where the rule comes from"
    for name, amount in document.amounts.items():
        if not (amount.source.strip() and amount.unit.strip() and amount.as_of):
            yield f"amounts.{name}", "needs a unit, a source, and the day it was looked up"
    if not document.validity.source.strip():
        yield "validity", "needs a source"


def _texts(document: Document) -> Found:
    texts = {f"tariffs.{name}.label": entry.label for name, entry in document.tariffs.items()}
    texts |= {f"guidance.{code}.title": entry.title for code, entry in document.guidance.items()}
    for place, text in texts.items():
        yield from _languages(place, {lang: (line,) for lang, line in text.items()})
    for code, entry in document.guidance.items():
        yield from _languages(f"guidance.{code}.steps", entry.steps)


def _languages(place: str, texts: dict[str, tuple[str, ...]]) -> Found:
    for language in LANGUAGES:
        lines = texts.get(language, ())
        if not lines or not all(line.strip() for line in lines):
            yield place, f"has no text in {language}"
    if len({len(lines) for lines in texts.values()}) > 1:
        yield place, "has not the same number of lines in every language"


def _codes(document: Document) -> Found:
    used = {entry.code for entry in document.outcomes.values()} | set(document.open_codes.values())
    for code in sorted(used - document.guidance.keys()):
        yield f"guidance.{code}", "is used and has no text"
    for code in sorted(document.guidance.keys() - used):
        yield f"guidance.{code}", "is never used"
    for state in STATES:
        if state not in document.open_codes:
            yield "open_codes", f"says nothing about {state}"
    known = {*STATES, *(f"{group}.{state}" for group in GROUPS for state in STATES)}
    for name in sorted(document.open_codes.keys() - known):
        yield "open_codes", f"{name} is neither a state nor group.state"


def _dates(document: Document) -> Found:
    validity = document.validity
    if document.effective_to is not None and document.effective_to < document.effective_from:
        yield "effective_to", "lies before effective_from"
    if not (1 <= validity.until_month <= 12 and 1 <= validity.recheck_month <= 12):
        yield "validity", "a month lies between 1 and 12"
    elif not 1 <= validity.until_day <= calendar.monthrange(2025, validity.until_month)[1]:
        yield "validity", "the last day does not exist in every year"
    elif validity.recheck_month > validity.until_month:
        yield "validity", "can be asked anew only after it has ended"


_NAMES: dict[str, Callable[[Document], Found]] = {
    "names": _unknown_names,
    "grants": _unknown_grants,
    "declarations": _declarations,
}
CHECKS: dict[str, Callable[[Document], Found]] = {
    "duplicates": _duplicates,
    "unreachable": _unreachable,
    "overlap": _overlaps,
    "coverage": _coverage,
    "order": _order,
    "tariffs": _tariffs,
    "minimum": _minimum,
    "default": _default,
    "sources": _sources,
    "texts": _texts,
    "codes": _codes,
    "dates": _dates,
}
"""The checks beyond names, by the word that ``rules check`` prints."""
