"""What the rules may know about a person: three-valued, typed, and only what is declared here.

A fact that no source has told is ``UNKNOWN``, never a no. A misspelt name or a value of another
type cannot be built, so no rule is ever applied to something that merely looks like a fact.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

VEHICLE: Final = "vehicle"
"""The group that tells of a vehicle, which is asked about before anybody is."""

ADVICE: Final = "advice"
"""The group that tells what an external rule engine decided."""

GROUPS: Final = ("population", "social", "ocmw", "income", VEHICLE, ADVICE)
"""The groups of sources, in the order in which replies name them."""

OPTIONAL: Final = frozenset({VEHICLE, ADVICE})
"""The groups that a city may do without: where nobody tells them, nothing is said of them."""

CONTEXT: Final = "context"
"""The group of what the question itself says; it is always known."""


class Choice(Enum):
    """A value out of a closed set.

    Hashed by identity: that of :class:`Enum` is a Python function, and the rules look a value of
    every fact up in every check.
    """

    __hash__ = object.__hash__


class Unknown(Choice):
    """The third value of a fact: no source has told, for whatever reason."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN


class YesNo(Choice):
    """A plain answer."""

    YES = "yes"
    NO = "no"


class ChannelKind(Choice):
    """The place that a question comes from."""

    DESK = "desk"
    SELF_SERVICE = "self-service"
    WEB_SERVICE = "web-service"
    BATCH = "batch"


class PersonState(Choice):
    """How the population register carries the person."""

    KNOWN = "known"
    UNKNOWN_NUMBER = "unknown-number"
    DECEASED = "deceased"
    STRUCK_OFF = "struck-off"
    ABSENT = "absent"
    PROTECTED = "protected"
    INSTITUTION = "institution"


class Residence(Choice):
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


class Parents(Choice):
    """Which of a minor's parents are entitled themselves."""

    ALL = "all"
    ONE = "one"
    NONE = "none"
    NOT_APPLICABLE = "n/a"


class IncomeBand(Choice):
    """The family income against the two limits of the rule set; the amount never gets here."""

    UP_TO_A = "a"
    UP_TO_B = "b"
    ABOVE = "above"


class Carer(Choice):
    """Whether the person is recognised as somebody's carer, and with the social tariff."""

    SOCIAL_TARIFF = "social-tariff"
    RECOGNISED = "recognised"
    NONE = "none"


class VehicleClass(Choice):
    """The European category of a vehicle; ``OTHER`` is none of those that a tariff knows."""

    M1 = "m1"
    M2 = "m2"
    M3 = "m3"
    N1 = "n1"
    N2 = "n2"
    N3 = "n3"
    L = "l"
    OTHER = "other"


class Fuel(Choice):
    """What a vehicle runs on; of a hybrid, what it burns. ``GAS``: LPG, CNG or LNG."""

    PETROL = "petrol"
    DIESEL = "diesel"
    GAS = "gas"
    ELECTRIC = "electric"
    HYDROGEN = "hydrogen"
    OTHER = "other"


class Holder(Choice):
    """In whose name a vehicle is registered: that of the person asked about, or another."""

    SUBJECT = "subject"
    OTHER = "other"


class AdviceCategory(Choice):
    """The class of tariff that an advice names; which is which stands in the settings.

    ``NONE``: the advice is no.
    """

    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    NONE = "none"


FactValue: TypeAlias = Choice | int | None
"""A known value. A number may be ``None``: known not to exist (nothing has ended)."""


@dataclass(frozen=True, slots=True)
class FactKind:
    """Who tells a fact and what values it may take; ``choices`` is ``None`` for a number."""

    group: str
    choices: type[Choice] | None

    def accepts(self, value: object) -> bool:
        """Whether a value, ``UNKNOWN`` left aside, is one of this kind."""
        if self.choices is not None:
            return isinstance(value, self.choices)
        return value is None or (isinstance(value, int) and not isinstance(value, bool))


def _told_by(group: str, choices: type[Choice] | None = YesNo) -> Any:
    return field(default=UNKNOWN, metadata={"kind": FactKind(group, choices)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that the rules of one question know; what nobody told is ``UNKNOWN``.

    ``vt``: increased reimbursement. ``igo``: income guarantee for the elderly. ``leefloon``: living
    wage, ``eq_leefloon``: its equivalent. ``ocmw_residence``: the OCMW confirms residence in Ghent.
    ``handicap_card``: a parking card. ``in_zone``: lives inside the low-emission zone.
    ``…_ended_days``: how long ago the group's last status ended that no longer holds;
    ``…_ends_days``: in how many days the last one ends that holds now, ``None`` without an end.
    ``advice``: an external rule engine finds the person entitled.
    Days count from the date of the question. Raises ``TypeError`` for a value of a wrong type.
    """

    channel: ChannelKind = field(metadata={"kind": FactKind(CONTEXT, ChannelKind)})
    vehicle_class: VehicleClass | Unknown = _told_by(VEHICLE, VehicleClass)
    fuel: Fuel | Unknown = _told_by(VEHICLE, Fuel)
    euro_norm: int | Unknown | None = _told_by(VEHICLE, None)
    automatic_gearbox: YesNo | Unknown = _told_by(VEHICLE)
    vehicle_holder: Holder | Unknown = _told_by(VEHICLE, Holder)
    person_state: PersonState | Unknown = _told_by("population", PersonState)
    residence: Residence | Unknown = _told_by("population", Residence)
    in_zone: YesNo | Unknown = _told_by("population")
    moved_out_days: int | Unknown | None = _told_by("population", None)
    age: int | Unknown | None = _told_by("population", None)
    vt: YesNo | Unknown = _told_by("social")
    igo: YesNo | Unknown = _told_by("social")
    handicap_allowance: YesNo | Unknown = _told_by("social")
    handicap_card: YesNo | Unknown = _told_by("social")
    child_with_disability: YesNo | Unknown = _told_by("social")
    carer: Carer | Unknown = _told_by("social", Carer)
    household_status: YesNo | Unknown = _told_by("social")
    parents_entitled: Parents | Unknown = _told_by("social", Parents)
    social_ended_days: int | Unknown | None = _told_by("social", None)
    social_ends_days: int | Unknown | None = _told_by("social", None)
    leefloon: YesNo | Unknown = _told_by("ocmw")
    eq_leefloon: YesNo | Unknown = _told_by("ocmw")
    ocmw_budget: YesNo | Unknown = _told_by("ocmw")
    debt_settlement: YesNo | Unknown = _told_by("ocmw")
    ocmw_residence: YesNo | Unknown = _told_by("ocmw")
    ocmw_ended_days: int | Unknown | None = _told_by("ocmw", None)
    ocmw_ends_days: int | Unknown | None = _told_by("ocmw", None)
    income_band: IncomeBand | Unknown = _told_by("income", IncomeBand)
    advice: YesNo | Unknown = _told_by(ADVICE)
    advice_category: AdviceCategory | Unknown = _told_by(ADVICE, AdviceCategory)

    def __post_init__(self) -> None:
        """Refuse what is not a value of the declared kind; the value is never quoted."""
        for name, kind in FACTS.items():
            value = getattr(self, name)
            missing = value is UNKNOWN and kind.group != CONTEXT
            if not missing and not kind.accepts(value):
                raise TypeError(f"not a value of {name}")


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
    return value if isinstance(value, Choice | int) else None


def fact_from_text(name: str, text: str) -> FactValue | Unknown:
    """Read a fact as people write it: a choice, a number, ``none`` or ``unknown``.

    Raises ``ValueError`` as :func:`read_fact` does.
    """
    kind, word = FACTS.get(name), text.strip()
    if kind is None or kind.choices is not None:
        asked = kind is not None and kind.group != CONTEXT
        return UNKNOWN if asked and word == UNKNOWN.value else read_fact(name, word)
    if word in _WORDS_FOR_NUMBERS:
        return _WORDS_FOR_NUMBERS[word]
    if not (word.isascii() and word.isdecimal() and len(word) <= _MOST_DIGITS):
        raise ValueError(f"not a value of {name}")
    return int(word)


_WORDS_FOR_NUMBERS: Final[dict[str, Unknown | None]] = {UNKNOWN.value: UNKNOWN, "none": None}
_MOST_DIGITS: Final = 6
