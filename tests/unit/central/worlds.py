"""Facts and questions for the tests of the central service."""

from datetime import date
from enum import Enum
from typing import Any

from hypothesis import strategies as st

from kiosk.data import data_path
from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import Question
from kiosk.service.central.facts import FACTS, UNKNOWN, Facts, YesNo
from kiosk.service.central.rule_files import load
from kiosk.service.central.rules import RuleSet

TODAY = date(2026, 11, 22)
NUMBERS = (None, 0, 4, 9, 17, 18, 30, 31, 2000)
NOBODY = "85613099922"  # a test number that no file knows


def shipped(use_case: str = "uitpas", day: date = TODAY) -> RuleSet:
    rules = load(data_path("rules")).find(use_case, day)
    assert rules is not None
    return rules


YES_NO_GROUNDS = [
    name
    for name in shipped().table.facts
    if FACTS[name].choices is YesNo and name != "ocmw_residence"
]
"""The grounds of the UiTPAS that are a plain yes."""

PLAIN: dict[str, Any] = {
    **{name: "no" for name, kind in FACTS.items() if kind.choices is YesNo},
    **{name: None for name, kind in FACTS.items() if kind.choices is None},
    "person_state": "known",
    "residence": "gent",
    "age": 40,
    "parents_entitled": "n/a",
    "carer": "none",
    "income_band": "above",
    "vehicle_class": "m1",
    "fuel": "diesel",
    "euro_norm": 4,
    "vehicle_holder": "subject",
    "advice_category": "none",
}
"""A resident of Ghent with an old diesel and without any ground, all of it known."""


def facts(**changes: Any) -> Facts:
    """The plain resident with changes; a plain text stands for a choice."""
    return Facts(
        **{name: _value(name, raw) for name, raw in {"channel": "desk", **PLAIN, **changes}.items()}
    )


def question(number: str = NOBODY) -> Question:
    return Question(number=NationalNumber(number), on_date=TODAY)


def any_facts() -> st.SearchStrategy[dict[str, Any]]:
    """Every combination of values, known and unknown."""
    return st.fixed_dictionaries({name: st.sampled_from(values_of(name)) for name in FACTS})


def values_of(name: str) -> list[Any]:
    kind = FACTS[name]
    known: list[Any] = list(NUMBERS) if kind.choices is None else list(kind.choices)
    return known if name == "channel" else [UNKNOWN, *known]


def _value(name: str, raw: Any) -> Any:
    choices = FACTS[name].choices
    if choices is None or isinstance(raw, Enum):
        return raw
    return choices(raw)
