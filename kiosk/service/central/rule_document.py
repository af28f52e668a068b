"""A rule set as it stands in its file, before anything is known to be right about it.

Only the shape is checked here; :mod:`kiosk.service.central.rule_lint` looks for what is wrong in
it, and :mod:`kiosk.service.central.rule_files` builds the table from a document without findings.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal

import msgspec

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import FACTS, read_fact
from kiosk.service.central.rule_rows import Between, Condition, OneOf

_COMPARISON = re.compile(r"(<=|>=|<|>|=)\s*(\d{1,6})")


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class FactEntry(_Part, frozen=True):
    """A fact that the rows use; ``ordinary`` values lead on to the next row on purpose."""

    group: str
    type: Literal["yes-no", "choice", "number"]
    ordinary: tuple[str, ...] = ()


class RowEntry(_Part, frozen=True):
    """One line: conditions, the name of an outcome, and where the rule comes from."""

    id: str
    when: dict[str, str | tuple[str, ...]]
    outcome: str
    source: str = ""


class OtherwiseEntry(_Part, frozen=True):
    """What holds when no row does; ``requires`` says how much must be known for it."""

    outcome: str
    requires: Literal["all-known", "nothing"]


class OutcomeEntry(_Part, frozen=True):
    """A colour, its guidance code, and whether an officer may decide otherwise.

    A green one, and only that, names one of the tariffs.
    """

    colour: Colour
    code: str
    manual: bool = False
    tariff: str = ""


class TariffEntry(_Part, frozen=True):
    """What a green grants; ``pay_percent`` and ``prices`` name amounts."""

    code: str
    category: str
    label: dict[str, str]
    pay_percent: str = ""
    prices: tuple[str, ...] = ()


class ValidityEntry(_Part, frozen=True):
    """The last day of a tariff, in the calendar year after the question or in that year itself.

    A status that ends in less than ``minimum_grant_days`` grants nothing by itself: it leads to
    the outcome ``ends_soon``. 0 asks for no minimum.
    """

    until_month: int
    until_day: int
    recheck_month: int
    until_years: Literal[0, 1] = 1
    minimum_grant_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 0
    ends_soon: str = ""
    source: str = ""


class ManualEntry(_Part, frozen=True):
    """Who may decide by hand, and on what kinds of evidence."""

    roles: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class AmountEntry(_Part, frozen=True):
    """A number with its unit, the day it was looked up, and where."""

    value: int
    unit: str = ""
    as_of: date | None = None
    source: str = ""


class GuidanceEntry(_Part, frozen=True):
    """What to do next, by language."""

    level: Literal["info", "action", "warning"]
    title: dict[str, str]
    steps: dict[str, tuple[str, ...]]


class Document(_Part, frozen=True, kw_only=True):
    """One file."""

    id: str
    version: str
    effective_from: date
    effective_to: date | None = None
    facts: dict[str, FactEntry]
    guard: tuple[RowEntry, ...] = ()
    row: tuple[RowEntry, ...]
    otherwise: OtherwiseEntry
    outcomes: dict[str, OutcomeEntry]
    open_codes: dict[str, str]
    tariffs: dict[str, TariffEntry]
    validity: ValidityEntry
    manual: ManualEntry = ManualEntry()
    amounts: dict[str, AmountEntry] = {}
    guidance: dict[str, GuidanceEntry]


def parse(content: bytes) -> Document:
    """Read a file's content; raise ``ValueError`` saying what is not of the right shape."""
    try:
        return msgspec.toml.decode(content, type=Document)
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error


def conditions(entry: RowEntry) -> dict[str, Condition]:
    """Read the conditions of a row; raise ``ValueError`` naming the first wrong one."""
    return {name: _condition(name, raw) for name, raw in entry.when.items()}


def ends_of(names: Iterable[str]) -> tuple[str, ...]:
    """Return the facts that say when the statuses behind some facts end, a group each."""
    groups = dict.fromkeys(FACTS[name].group for name in names)
    return tuple(name for group in groups if (name := f"{group}_ends_days") in FACTS)


def _condition(name: str, raw: str | tuple[str, ...]) -> Condition:
    kind = FACTS.get(name)
    if kind is None:
        raise ValueError(f"no fact is called {name}")
    if kind.choices is None:
        return _comparison(name, raw)
    texts = (raw,) if isinstance(raw, str) else raw
    values = (read_fact(name, text) for text in texts)
    choices = frozenset(value for value in values if isinstance(value, kind.choices))
    if not choices:
        raise ValueError(f"{name} is compared with nothing")
    return OneOf(choices)


def _comparison(name: str, raw: str | tuple[str, ...]) -> Between:
    if raw == "none":
        return Between(0, -1, or_none=True)
    match = _COMPARISON.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        raise ValueError(f"{name} is a number: write a comparison such as '<= 30'")
    operator, number = match[1], int(match[2])
    limits = {
        "<=": (None, number),
        "<": (None, number - 1),
        ">=": (number, None),
        ">": (number + 1, None),
        "=": (number, number),
    }
    return Between(*limits[operator])
