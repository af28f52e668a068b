"""What the rules may know about a person: three-valued, typed, and only what is declared here.

A fact that no source has told is ``UNKNOWN``, never a no. A misspelt name or a value of another
type cannot be built, so no rule is ever applied to something that merely looks like a fact.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

GROUPS: Final = ("population", "social", "ocmw", "income")
"""The groups of sources, in the order in which replies name them."""

CONTEXT: Final = "context"
"""The group of what the question itself says; it is always known."""


class Unknown(Enum):
    """The third value of a fact: no source has told, for whatever reason."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class YesNo(Enum):
    """A plain answer."""

    YES = "yes"
    NO = "no"


class ChannelKind(Enum):
    """The place that a question comes from."""

    DESK = "desk"
    SELF_SERVICE = "self-service"
    WEB_SERVICE = "web-service"
    BATCH = "batch"


class PersonState(Enum):
    """How the population register carries the person."""

    KNOWN = "known"
    UNKNOWN_NUMBER = "unknown-number"
    DECEASED = "deceased"
    STRUCK_OFF = "struck-off"
    ABSENT = "absent"
    PROTECTED = "protected"
    INSTITUTION = "institution"


class Residence(Enum):
    """Where the person lives, as far as the tariff cares.

    ``UNCONFIRMED``: the register answered and cannot tell (numbers of the BIS register).
    ``REGION``: a partner municipality of the UiTPAS of Ghent.
    """

    GENT = "gent"
    REFERENCE = "reference"
    REGION = "region"
    OTHER = "other"
    NONE = "none"
    UNCONFIRMED = "unconfirmed"


class Parents(Enum):
    """Which of a minor's parents are entitled themselves."""

    ALL = "all"
    ONE = "one"
    NONE = "none"
    NOT_APPLICABLE = "n/a"


class IncomeBand(Enum):
    """The family income against the two limits of the rule set; the amount never gets here."""

    UP_TO_A = "a"
    UP_TO_B = "b"
    ABOVE = "above"


FactValue: TypeAlias = Enum | int | None
"""A known value. A number may be ``None``: known not to exist (nothing has ended)."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """Who tells a fact and what values it may take; ``choices`` is ``None`` for a number."""

    group: str
    choices: type[Enum] | None

    def accepts(self, value: object) -> bool:
        """Whether a value, ``UNKNOWN`` left aside, is one of this kind."""
        if self.choices is not None:
            return isinstance(value, self.choices)
        return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _told_by(group: str, choices: type[Enum] | None = YesNo) -> Any:
    return field(default=UNKNOWN, metadata={"kind": FactKind(group, choices)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the rules of one question know; what nobody told is ``UNKNOWN``.

    ``vt``: increased reimbursement. ``igo``: income guarantee for the elderly. ``leefloon``: living
    wage, ``eq_leefloon``: its equivalent. ``ocmw_residence``: the OCMW confirms residence in Ghent.
    Days count back from the date of the question. Raises ``TypeError`` for a value of a wrong type.
    """

    channel: ChannelKind = field(metadata={"kind": FactKind(CONTEXT, ChannelKind)})
    person_state: PersonState | Unknown = _told_by("population", PersonState)
    residence: Residence | Unknown = _told_by("population", Residence)
    moved_out_days: int | Unknown | None = _told_by("population", None)
    age: int | Unknown | None = _told_by("population", None)
    vt: YesNo | Unknown = _told_by("social")
    igo: YesNo | Unknown = _told_by("social")
    handicap_allowance: YesNo | Unknown = _told_by("social")
    household_status: YesNo | Unknown = _told_by("social")
    parents_entitled: Parents | Unknown = _told_by("social", Parents)
    social_ended_days: int | Unknown | None = _told_by("social", None)
    leefloon: YesNo | Unknown = _told_by("ocmw")
    eq_leefloon: YesNo | Unknown = _told_by("ocmw")
    ocmw_budget: YesNo | Unknown = _told_by("ocmw")
    debt_settlement: YesNo | Unknown = _told_by("ocmw")
    ocmw_residence: YesNo | Unknown = _told_by("ocmw")
    ocmw_ended_days: int | Unknown | None = _told_by("ocmw", None)
    income_band: IncomeBand | Unknown = _told_by("income", IncomeBand)

    def __post_init__(self) -> None:
        """Refuse what is not a value of the declared kind; the value is never quoted."""
        for name, kind in FACTS.items():
            value = getattr(self, name)
            missing = value is UNKNOWN and kind.group != CONTEXT
            if not missing and not kind.accepts(value):
                raise TypeError(f"not a value of {name}")

    def unknown(self) -> tuple[str, ...]:
        """The names of the facts that nobody has told."""
        return tuple(name for name in FACTS if getattr(self, name) is UNKNOWN)


FACTS: Final[dict[str, FactKind]] = {
    item.name: item.metadata["kind"] for item in dataclasses.fields(Facts)
}
"""Every fact by name."""


def read_fact(name: str, raw: object) -> FactValue:
    """Turn a plain value (text of a choice, a number) into a fact's value.

    Raises ``ValueError`` when the fact or the value does not exist; the value is never quoted.
    """
    kind = FACTS.get(name)
    if kind is None:
        raise ValueError(f"no fact is called {name}")
    value: object = raw
    if kind.choices is not None:
        value = next((choice for choice in kind.choices if choice.value == raw), None)
    if not kind.accepts(value):
        raise ValueError(f"not a value of {name}")
    return value if isinstance(value, Enum | int) else None
