"""Rules in Dutch: every fact and value has its name, and conditions read as sentences."""

import tomllib

import pytest

from kiosk.data import data_path
from kiosk.service.central.facts import FACTS, Residence, YesNo
from kiosk.service.central.operations import rule_words
from kiosk.service.central.rule_rows import Between, Condition, OneOf

NAMES = tomllib.loads(data_path("central", "fact-names.toml").read_text("utf-8"))


def test_every_fact_and_value_has_a_name() -> None:
    assert list(NAMES["facts"]) == list(FACTS)
    for name, kind in FACTS.items():
        words = {choice.value for choice in kind.choices or ()}
        assert set(rule_words.values(name)) == words
        assert all(rule_words.values(name).values())
        assert NAMES["values_of"].get(name, {}).keys() <= words


@pytest.mark.parametrize(
    ("fact", "asked", "said"),
    [
        ("vt", OneOf(frozenset({YesNo.YES})), "verhoogde tegemoetkoming: ja"),
        (
            "residence",
            OneOf(frozenset({Residence.REFERENCE, Residence.GENT})),
            "woonplaats: Gent of referentieadres in Gent",
        ),
        ("age", Between(None, 17), "leeftijd: hoogstens 17"),
        ("age", Between(18, None), "leeftijd: minstens 18"),
        ("age", Between(18, 20), "leeftijd: van 18 tot en met 20"),
        ("euro_norm", Between(4, 4), "euronorm: 4"),
        ("euro_norm", Between(0, -1, or_none=True), "euronorm: geen"),
        ("euro_norm", Between(4, None, or_none=True), "euronorm: minstens 4 of geen"),
    ],
)
def test_a_condition(fact: str, asked: Condition, said: str) -> None:
    assert rule_words.condition(fact, asked) == said
