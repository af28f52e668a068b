"""A rule set as it stands in its file, before anything is known to be right about it.

Only the shape is checked here; :mod:`kiosk.service.central.rule_lint` looks for what is wrong in
it, and :mod:`kiosk.service.central.rule_files` builds the table from a document without findings.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Literal

import msgspec

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import FACTS, read_fact
from kiosk.service.central.rules import Between, Condition, OneOf

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
    """A colour, its guidance code, and whether an officer may decide otherwise."""

    colour: Colour
    code: str
    manual: bool = False


class TariffEntry(_Part, frozen=True):
    """The tariff of a green; ``pay_percent`` names one of the amounts."""

    code: str
    category: str
    pay_percent: str
    label: dict[str, str]


class ValidityEntry(_Part, frozen=True):
    """The last day of the tariff, in the calendar year after the question."""

    until_month: int
    until_day: int
    recheck_month: int
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
    tariff: TariffEntry
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
