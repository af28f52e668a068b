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
NUMBERS = (None, 0, 9, 17, 18, 30, 31, 2000)
YES_NO_GROUNDS = [
    name for name, kind in FACTS.items() if kind.choices is YesNo and name != "ocmw_residence"
]
NOBODY = "85613099922"  # a test number that no file knows

PLAIN: dict[str, Any] = {
    "person_state": "known",
    "residence": "gent",
    "moved_out_days": None,
    "age": 40,
    "parents_entitled": "n/a",
    "social_ended_days": None,
    "ocmw_ended_days": None,
    "income_band": "above",
    **dict.fromkeys(YES_NO_GROUNDS, "no"),
    "ocmw_residence": "no",
}
"""A resident of Ghent without any ground, all of it known."""


def shipped() -> RuleSet:
    rules = load(data_path("rules")).find("uitpas", TODAY)
    assert rules is not None
    return rules


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
