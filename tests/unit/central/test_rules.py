import dataclasses
import itertools
import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import FACTS, GROUPS, UNKNOWN, Facts, Parents, YesNo, read_fact
from kiosk.service.central.rule_rows import Between, Condition, OneOf, Outcome, Row, contains, meet
from kiosk.service.central.rules import Finding, Table, evaluate
from tests.unit.central.worlds import TODAY, YES_NO_GROUNDS, any_facts, facts, shipped, values_of

RULES = shipped()
WORSE = {Colour.GREEN: 0, Colour.ORANGE: 1, Colour.RED: 2}


def judge(known: Facts) -> Finding:
    return evaluate(RULES.table, known)


def unknown(known: Facts) -> list[str]:
    return [name for name in RULES.table.facts if getattr(known, name) is UNKNOWN]


def judge_child(age: int) -> Colour:
    return judge(facts(age=age, parents_entitled="all")).colour


def grounds_of(group: str) -> list[str]:
    return [name for name, kind in FACTS.items() if kind.group == group]


@pytest.mark.parametrize(
    ("changes", "colour", "codes"),
    [
        ({}, "red", ["UIT-R01"]),
        *(({name: "yes"}, "green", ["UIT-G01"]) for name in YES_NO_GROUNDS),
        ({"income_band": "a"}, "green", ["UIT-G01"]),
        ({"income_band": "b"}, "red", ["UIT-R01"]),
        ({"age": 10, "parents_entitled": "all"}, "green", ["UIT-G01"]),
        ({"age": 10, "parents_entitled": "one"}, "orange", ["UIT-A10"]),
        ({"age": 10, "parents_entitled": "none"}, "red", ["UIT-R01"]),
        ({"age": 18, "parents_entitled": "all"}, "red", ["UIT-R01"]),
        ({"social_ended_days": 30}, "orange", ["UIT-A08"]),
        ({"ocmw_ended_days": 0}, "orange", ["UIT-A08"]),
        ({"ocmw_ended_days": 31}, "red", ["UIT-R01"]),
        (
            {"age": 10, "parents_entitled": "one", "social_ended_days": 3},
            "orange",
            ["UIT-A10", "UIT-A08"],
        ),
        ({"vt": "yes", "residence": "reference"}, "green", ["UIT-G01"]),
        ({"vt": "yes", "residence": "region"}, "orange", ["UIT-A06"]),
        ({"vt": "yes", "residence": "other", "moved_out_days": 30}, "orange", ["UIT-A06"]),
        ({"vt": "yes", "residence": "other", "moved_out_days": 31}, "red", ["UIT-R06"]),
        ({"vt": "yes", "residence": "other"}, "red", ["UIT-R06"]),
        ({"vt": "yes", "residence": "none"}, "orange", ["COM-A01"]),
        ({"vt": "yes", "residence": "unconfirmed"}, "orange", ["COM-A02"]),
        ({"vt": "yes", "residence": "unconfirmed", "ocmw_residence": "yes"}, "green", ["UIT-G01"]),
        ({"vt": "yes", "person_state": "unknown-number"}, "orange", ["COM-A03"]),
        ({"vt": "yes", "person_state": "deceased"}, "red", ["COM-R01"]),
        ({"person_state": "deceased", "channel": "self-service"}, "orange", ["COM-A18"]),
        ({"vt": "yes", "person_state": "struck-off"}, "orange", ["COM-A01"]),
        ({"vt": "yes", "person_state": "absent"}, "orange", ["COM-A05"]),
        ({"vt": "yes", "person_state": "protected"}, "orange", ["COM-A15"]),
        ({"vt": "yes", "person_state": "institution"}, "orange", ["COM-A14"]),
        ({"vt": "yes", "age": 17, "channel": "self-service"}, "orange", ["COM-A12"]),
        ({"vt": "yes", "age": 18, "channel": "self-service"}, "green", ["UIT-G01"]),
    ],
)
def test_situations(changes: dict[str, Any], colour: str, codes: list[str]) -> None:
    finding = judge(facts(**changes))
    assert (finding.colour.value, list(finding.codes)) == (colour, codes)
    assert finding.determined


@pytest.mark.parametrize(
    ("changes", "blocked_by"),
    [
        ({"vt": UNKNOWN}, ["social"]),
        ({"income_band": UNKNOWN}, ["income"]),
        (
            {"vt": UNKNOWN, "leefloon": UNKNOWN, "income_band": UNKNOWN},
            ["social", "ocmw", "income"],
        ),
        ({"person_state": UNKNOWN, "vt": "yes"}, ["population"]),
        ({"residence": UNKNOWN, "vt": "yes"}, ["population"]),
        ({"residence": "unconfirmed", "ocmw_residence": UNKNOWN, "vt": "yes"}, ["ocmw"]),
        ({"residence": "other", "moved_out_days": UNKNOWN}, ["population"]),
        # No row hangs on it, and still nobody is refused while it is not known.
        ({"parents_entitled": UNKNOWN}, ["social"]),
    ],
)
def test_what_is_unknown_is_orange_and_says_what_blocks_it(
    changes: dict[str, Any], blocked_by: list[str]
) -> None:
    finding = judge(facts(**changes))
    assert (finding.colour, list(finding.blocked_by)) == (Colour.ORANGE, blocked_by)
    assert not finding.determined


def test_a_ground_that_is_certain_needs_no_other_source() -> None:
    silent = dict.fromkeys(grounds_of("social") + grounds_of("income"), UNKNOWN)
    assert judge(facts(leefloon="yes", **silent)).colour is Colour.GREEN


def test_a_reason_for_orange_is_told_beside_what_is_unknown() -> None:
    finding = judge(facts(ocmw_ended_days=2, income_band=UNKNOWN))
    assert (finding.codes, finding.blocked_by) == (("UIT-A08",), ("income",))


def test_knowing_nothing_is_orange() -> None:
    assert judge(Facts(channel=facts().channel)).colour is Colour.ORANGE


def test_an_orange_of_the_person_tells_nothing_of_the_grounds() -> None:
    for state, ground in itertools.product(("struck-off", UNKNOWN), YES_NO_GROUNDS):
        assert judge(facts(person_state=state)) == judge(
            facts(person_state=state, **{ground: "yes"})
        )


@pytest.mark.no_cover
@settings(max_examples=400, deadline=None)
@given(any_facts(), st.sampled_from([*YES_NO_GROUNDS, "parents_entitled", "income_band"]))
def test_one_more_ground_never_worsens(values: dict[str, Any], ground: str) -> None:
    best = {"parents_entitled": Parents.ALL, "income_band": values_of("income_band")[1]}
    more = {**values, ground: best.get(ground, YesNo.YES)}
    assert WORSE[judge(Facts(**more)).colour] <= WORSE[judge(Facts(**values)).colour]


@pytest.mark.no_cover
@settings(max_examples=400, deadline=None)
@given(any_facts(), st.sampled_from(YES_NO_GROUNDS))
def test_unknown_that_becomes_yes_never_gives_red(values: dict[str, Any], ground: str) -> None:
    before = judge(Facts(**{**values, ground: UNKNOWN})).colour
    after = judge(Facts(**{**values, ground: YesNo.YES})).colour
    assert after is not Colour.RED or before is Colour.RED


@pytest.mark.no_cover
@settings(max_examples=600, deadline=None)
@given(any_facts(), st.sampled_from(GROUPS))
def test_an_outage_never_gives_green_or_red(values: dict[str, Any], group: str) -> None:
    before = judge(Facts(**values)).colour
    after = judge(Facts(**{**values, **dict.fromkeys(grounds_of(group), UNKNOWN)})).colour
    assert after in (before, Colour.ORANGE)


@pytest.mark.no_cover
@settings(max_examples=600, deadline=None)
@given(any_facts())
def test_red_needs_certainty(values: dict[str, Any]) -> None:
    known = Facts(**values)
    if judge(known).colour is Colour.RED and judge(known).codes == ("UIT-R01",):
        assert unknown(known) == []


@pytest.mark.no_cover
@settings(max_examples=400, deadline=None)
@given(any_facts())
def test_determined_means_that_nothing_unknown_could_change_the_colour(
    values: dict[str, Any],
) -> None:
    finding = judge(Facts(**values))
    for name in unknown(Facts(**values)):
        for value in values_of(name):
            other = judge(Facts(**{**values, name: value}))
            if finding.determined:
                assert other.colour is finding.colour


@pytest.mark.no_cover
@settings(max_examples=200, deadline=None)
@given(any_facts(), st.randoms(use_true_random=False))
def test_the_order_of_the_facts_does_not_matter(values: dict[str, Any], random: Any) -> None:
    items = list(values.items())
    random.shuffle(items)
    assert judge(Facts(**dict(items))) == judge(Facts(**values))


def test_every_combination_of_the_main_grounds() -> None:
    names = ["leefloon", "vt", "household_status", "parents_entitled", "income_band", "age"]
    choices = [values_of(name) for name in names]
    choices[-1] = [10, 40, UNKNOWN]
    for combination in itertools.product(*choices, [None, 12, 40, UNKNOWN]):
        known = facts(**dict(zip([*names, "social_ended_days"], combination, strict=True)))
        finding = judge(known)
        grounds = {known.leefloon, known.vt, known.household_status}
        if YesNo.YES in grounds:
            assert finding.colour is Colour.GREEN
        elif unknown(known):
            assert finding.colour is not Colour.RED


class TestFacts:
    def test_a_misspelt_name_cannot_be_built(self) -> None:
        misspelt: dict[str, Any] = {"leefloom": YesNo.YES}
        with pytest.raises(TypeError):
            dataclasses.replace(facts(), **misspelt)

    @pytest.mark.parametrize(
        "changes", [{"age": "70"}, {"age": True}, {"vt": None}, {"channel": UNKNOWN}]
    )
    def test_a_value_of_another_type_cannot_be_built(self, changes: dict[str, Any]) -> None:
        with pytest.raises(TypeError) as caught:
            dataclasses.replace(facts(), **changes)
        assert "70" not in str(caught.value)

    def test_reading_names_the_fact_and_never_the_value(self) -> None:
        with pytest.raises(ValueError, match="not a value of vt") as caught:
            read_fact("vt", "perhaps")
        assert "perhaps" not in str(caught.value)
        with pytest.raises(ValueError, match="no fact is called vtt"):
            read_fact("vtt", "yes")


class TestEvaluator:
    ORANGE = Outcome("ask", Colour.ORANGE, "O", manual=True)
    RED = Outcome("no", Colour.RED, "R", manual=False)

    def test_a_red_default_waits_even_if_its_table_does_not(self) -> None:
        table = Table(guards=(), rows=(), otherwise=self.RED, waits=False, facts=["vt"])
        assert evaluate(table, facts(vt=UNKNOWN)).colour is Colour.ORANGE
        assert evaluate(table, facts()).colour is Colour.RED

    def test_an_orange_default_need_not_wait(self) -> None:
        table = Table(guards=(), rows=(), otherwise=self.ORANGE, waits=False, facts=["vt"])
        assert evaluate(table, facts(vt=UNKNOWN)).codes == ("O",)

    def test_a_false_condition_settles_a_row_whatever_is_unknown(self) -> None:
        conditions: dict[str, Condition] = {
            "age": Between(None, 17),
            "vt": OneOf(frozenset({YesNo.YES})),
        }
        table = Table(
            guards=(Row("r", conditions, self.ORANGE),),
            rows=(),
            otherwise=self.RED,
            facts=["age", "vt"],
        )
        assert evaluate(table, facts(vt=UNKNOWN, age=40)).blocked_by == ("social",)
        assert evaluate(table, facts(vt="no", age=UNKNOWN)).rows == ()

    def test_any_number_is_read_as_the_same_stretch_reads(self) -> None:
        minors = {number for number in range(3000) if judge_child(number) is Colour.GREEN}
        assert minors == set(range(18))

    def test_conditions_of_another_kind_have_nothing_in_common(self) -> None:
        yes, number = {"a": OneOf(frozenset({YesNo.YES}))}, {"a": Between(None, 5)}
        assert not contains(yes, number)
        assert not meet(number, yes)

    @pytest.mark.parametrize(
        ("condition", "said"),
        [
            (Between(None, 5), "<= 5"),
            (Between(5, None), ">= 5"),
            (Between(5, 5), "= 5"),
            (Between(2, 5), ">= 2 and <= 5"),
            (Between(5, None, or_none=True), ">= 5 or none"),
            (Between(0, -1, or_none=True), "none"),
            (OneOf(frozenset({YesNo.YES, YesNo.NO})), "no / yes"),
        ],
    )
    def test_a_condition_in_words(self, condition: Condition, said: str) -> None:
        assert str(condition) == said

    @pytest.mark.parametrize(
        ("least", "most", "value", "holds"),
        [
            (None, 5, 5, True),
            (None, 5, 6, False),
            (5, None, 4, False),
            (5, None, 5, True),
            (0, 9, None, False),
        ],
    )
    def test_limits(
        self, least: int | None, most: int | None, value: int | None, holds: bool
    ) -> None:
        assert Between(least, most).holds(value) is holds


GROUNDS_IN_WORDS = re.compile(
    r"leefloon|verhoogde tegemoetkoming|handicap|mantelzorg|schuld|inkomensgarantie|budget"
    r"|intégration|intervention majorée|aidant|dettes|garantie de revenus"
    r"|behinder|pflege|schulden|eingliederung|erhöhte"
    r"|living wage|reimbursement|disab|carer|debt|income guarantee",
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("use_case", "day"), [("uitpas", TODAY), ("lez", date(2024, 1, 1)), ("lez", TODAY)]
)
def test_no_text_names_a_ground(use_case: str, day: date) -> None:
    book = shipped(use_case, day).book
    texts = [line for text in book.guidance.values() for line in text.title.values()]
    texts += [line for text in book.guidance.values() for s in text.steps.values() for line in s]
    texts += [label for tariff in book.tariffs.values() for label in tariff.label.values()]
    assert len(texts) > 100
    assert [line for line in texts if GROUNDS_IN_WORDS.search(line)] == []
