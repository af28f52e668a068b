"""The evaluator against a second one that shares nothing with it."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.data import data_path
from kiosk.service.central.facts import FACTS
from kiosk.service.central.rule_files import build, load_situations
from kiosk.service.central.rule_masks import values_of
from kiosk.service.central.rule_situations import facts_from_words
from kiosk.service.central.rules import RuleSet, evaluate
from tests.unit.central.reference import Reference, Words

FOLDER = data_path("rules")
MOST = 5_000

DECLARED = """
[facts]
social_ends_days = { group = "social", type = "number" }
ocmw_ends_days = { group = "ocmw", type = "number" }
"""


class Both:
    """One rule set, as the service knows it and as the reference reads it."""

    def __init__(self, use_case: str, version: str, minimum: int = 0) -> None:
        path = FOLDER / use_case / f"{version}.toml"
        text = path.read_text("utf-8")
        if minimum:
            text = text.replace("\n[facts]\n", DECLARED, 1)
            text = text.replace("minimum_grant_days = 0", f"minimum_grant_days = {minimum}")
        self.rules: RuleSet = build(text.encode(), use_case, version)
        self.reference = Reference(text)
        self.situations = load_situations(path)
        table = self.rules.table
        rows = (*table.guards, *table.rows)
        self.values = {n: [plain(v) for v in values_of(n, rows)] for n in self.reference.facts}

    def compare(self, words: Words) -> None:
        told = {n: "none" if word is None else word for n, word in words.items()}
        finding = evaluate(self.rules.table, facts_from_words(told))
        expected = self.reference.verdict(words)
        assert (finding.colour.value, finding.codes, finding.blocked_by) == expected, words

    def plain_words(self, situation: str) -> Words:
        told: Words = {
            "channel": "desk",
            "social_ends_days": None,
            "ocmw_ends_days": None,
            **self.situations[situation].words,
        }
        return {n: None if told[n] == "none" and is_number(n) else told[n] for n in self.values}


def is_number(name: str) -> bool:
    return FACTS[name].choices is None


def plain(value: Any) -> Any:
    return value if value is None or isinstance(value, int) else value.value


BOTH = {
    "uitpas": Both("uitpas", "2026.2"),
    "uitpas with a minimum": Both("uitpas", "2026.2", minimum=14),
    "lez before": Both("lez", "2020.1"),
    "lez": Both("lez", "2024.1"),
}
each = pytest.mark.parametrize("both", BOTH.values(), ids=BOTH.keys())


@each
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_combination(both: Both, data: st.DataObject) -> None:
    both.compare({name: data.draw(st.sampled_from(both.values[name])) for name in both.values})


@each
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_situation_with_a_few_things_changed(both: Both, data: st.DataObject) -> None:
    words = both.plain_words(data.draw(st.sampled_from(sorted(both.situations))))
    for name in data.draw(st.lists(st.sampled_from(sorted(both.values)), max_size=5)):
        words[name] = data.draw(st.sampled_from(both.values[name]))
    both.compare(words)


@each
def test_every_two_facts_of_somebody_without_a_ground(both: Both) -> None:
    start = both.plain_words("geen-grond")
    for one, two in itertools.combinations(both.values, 2):
        for first, second in itertools.product(both.values[one], both.values[two]):
            both.compare({**start, one: first, two: second})


@each
def test_every_combination_of_the_facts_that_guards_ask(both: Both) -> None:
    guarded = {name for guard in both.rules.table.guards for name in guard.conditions}
    start = both.plain_words("vt")
    for combination in sampled(both, sorted(guarded)):
        both.compare({**start, **combination})


def sampled(both: Both, names: list[str]) -> Iterator[Words]:
    """All combinations, or every so manieth of them where there are more than a test may take."""
    number = 1
    for name in names:
        number *= len(both.values[name])
    step = -(-number // MOST) | 1  # odd, so that it does not keep to the same values
    combinations = itertools.product(*(both.values[name] for name in names))
    for combination in itertools.islice(combinations, 0, None, step):
        yield dict(zip(names, combination, strict=True))


class TestMinimum:
    """A status that ends before the minimum is a reason to ask, and no telling date."""

    BOTH = BOTH["uitpas with a minimum"]

    @pytest.mark.parametrize(
        ("changes", "colour", "codes", "blocked_by"),
        [
            ({"vt": "yes", "social_ends_days": 14}, "green", ("UIT-G01",), ()),
            ({"vt": "yes", "social_ends_days": None}, "green", ("UIT-G01",), ()),
            ({"vt": "yes", "social_ends_days": 13}, "orange", ("UIT-G07",), ()),
            ({"vt": "yes", "social_ends_days": "unknown"}, "orange", ("UIT-G07",), ("social",)),
            ({"leefloon": "yes", "social_ends_days": 0}, "green", ("UIT-G01",), ()),
            ({"leefloon": "yes", "ocmw_ends_days": 0}, "orange", ("UIT-G07",), ()),
            (
                {"leefloon": "yes", "ocmw_ends_days": 0, "vt": "yes", "social_ends_days": 99},
                "green",
                ("UIT-G01",),
                (),
            ),
            ({"vt": "yes", "social_ends_days": 0, "income_band": "a"}, "green", ("UIT-G01",), ()),
            ({"social_ends_days": 0}, "red", ("UIT-R01",), ()),
        ],
        ids=str,
    )
    def test_situations(
        self, changes: Words, colour: str, codes: tuple[str, ...], blocked_by: tuple[str, ...]
    ) -> None:
        words = {**self.BOTH.plain_words("geen-grond"), **changes}
        assert self.BOTH.reference.verdict(words) == (colour, codes, blocked_by)
        self.BOTH.compare(words)

    def test_by_default_there_is_none_and_nobody_asks_when_a_status_ends(self) -> None:
        assert "social_ends_days" not in BOTH["uitpas"].rules.table.facts
        assert not any("ends-soon" in row.id for row in BOTH["uitpas"].rules.table.rows)
