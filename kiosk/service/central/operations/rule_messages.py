"""The messages about rule sets: what is written about in Dutch has its words from the rules."""

from __future__ import annotations

from datetime import date
from typing import Annotated, TypeAlias

import msgspec

from kiosk.service.contract import RuleSetReply

Word: TypeAlias = Annotated[str, msgspec.Meta(max_length=64)]


class _Message(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class VersionEntry(_Message, frozen=True):
    """One version of a rule set; ``effectiveTo`` is its last day, none while it holds."""

    version: str
    digest: str
    effective_from: date
    effective_to: date | None


class RuleSetEntry(_Message, frozen=True):
    """A rule set and all its versions."""

    id: str
    versions: tuple[VersionEntry, ...]


class RuleSetsReply(_Message, frozen=True):
    """The body of ``GET /v1/rule-sets``."""

    rule_sets: tuple[RuleSetEntry, ...]


class FactReply(_Message, frozen=True):
    """A fact that the rules ask; ``values`` is empty for a number."""

    name: str
    label: str
    group: str
    type: str
    values: dict[str, str]


class OutcomeReply(_Message, frozen=True):
    """What a row leads to; ``title`` is that of its guidance, in Dutch."""

    colour: str
    code: str
    title: str
    manual: bool
    tariff: str


class RowReply(_Message, frozen=True):
    """One row as people read it: every condition has to hold."""

    id: str
    conditions: tuple[str, ...]
    outcome: OutcomeReply
    source: str


class AmountReply(_Message, frozen=True):
    """A number of the rules, with the day on which it was looked up, and where."""

    name: str
    value: int
    unit: str
    as_of: date | None
    source: str


class RuleVersionReply(_Message, frozen=True):
    """The body of ``GET /v1/rule-sets/{id}/versions/{version}``.

    ``situations`` is the number of made-up cases that the version is held to.
    """

    id: str
    version: str
    digest: str
    effective_from: date
    effective_to: date | None
    facts: tuple[FactReply, ...]
    guards: tuple[RowReply, ...]
    rows: tuple[RowReply, ...]
    otherwise: OutcomeReply
    amounts: tuple[AmountReply, ...]
    situations: int


class SimulationRequest(_Message, frozen=True):
    """The body of ``POST /v1/rule-sets/{id}/simulations``: facts of nobody, as people write them.

    A fact that is not named is unknown. ``version`` goes before ``onDate``, which is today.
    """

    facts: dict[Word, Word | int]
    version: Word | None = None
    on_date: date | None = None


class TracedFact(_Message, frozen=True):
    """A fact that settled a row: what was told and what the row asks."""

    name: str
    told: str
    asked: str


class TracedRow(_Message, frozen=True):
    """A row and its value: ``true``, ``false``, ``open`` or ``unreached``."""

    row: str
    value: str
    facts: tuple[TracedFact, ...]


class SimulationReply(_Message, frozen=True):
    """What the rules say of made-up facts, and why."""

    rule_set: RuleSetReply
    verdict: str
    determined: bool
    codes: tuple[str, ...]
    tariff: str
    blocked_by: tuple[str, ...]
    trace: tuple[TracedRow, ...]
