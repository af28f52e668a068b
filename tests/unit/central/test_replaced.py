"""A number that was replaced: what was found about the old one proves no absence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer, SourceState
from kiosk.service.central.connectors.combined import Said, lay_together
from kiosk.service.central.connectors.replaced import REPLACED, merged, settle
from kiosk.service.central.decide import gather_facts
from kiosk.service.central.facts import (
    FACTS,
    GROUPS,
    OPTIONAL,
    UNKNOWN,
    ChannelKind,
    FactValue,
    YesNo,
)
from kiosk.service.central.rules import evaluate
from tests.unit.central.worlds import facts, shipped, values_of

NEW, NEWER = frozenset({"new"}), frozenset({"newer"})
OLD: frozenset[str] = frozenset()
REPORTS = st.sampled_from([None, OLD, NEW, NEWER])
OCMW = [name for name, kind in FACTS.items() if kind.group == "ocmw"]
RULES = [shipped("uitpas"), shipped("lez")]
GRANTED_NOTHING = facts()


def told(replaced_by: frozenset[str] | None = None, **values: Any) -> Answer:
    return Answer(state=SourceState.OK, facts=values, replaced_by=replaced_by)


@st.composite
def answers_of_groups(draw: st.DrawFn) -> dict[str, Answer]:
    """Every group tells of somebody without any ground, but for a few facts."""
    changes: dict[str, FactValue] = {}
    for name in draw(st.sets(st.sampled_from(sorted(FACTS)), max_size=4)):
        if FACTS[name].group in GROUPS:
            changes[name] = draw(st.sampled_from(values_of(name)[1:]))
    world = {name: changes.get(name, getattr(GRANTED_NOTHING, name)) for name in FACTS}
    return {
        group: told(
            draw(REPORTS),
            **{name: world[name] for name, kind in FACTS.items() if kind.group == group},
        )
        for group in GROUPS
    }


def colour(answers: Mapping[str, Answer], rules: Any) -> Colour:
    finding = evaluate(rules.table, gather_facts(ChannelKind.DESK, answers))
    return Colour(finding.colour)


@given(answers_of_groups(), st.sampled_from(RULES))
def test_a_replacement_turns_nothing_to_red(answers: dict[str, Answer], rules: Any) -> None:
    plain = {group: replace(answer, replaced_by=None) for group, answer in answers.items()}
    if colour(answers, rules) is Colour.RED:
        assert colour(plain, rules) is Colour.RED


@given(answers_of_groups(), st.sampled_from(RULES))
def test_a_red_needs_nobody_who_was_asked_about_the_old_number(
    answers: dict[str, Answer], rules: Any
) -> None:
    numbers = merged(tuple(answers.values()))
    if numbers is None or colour(answers, rules) is not Colour.RED:
        return
    about_the_new = {
        group: answer
        for group, answer in answers.items()
        if group == "vehicle" or (len(numbers) == 1 and answer.replaced_by == numbers)
    }
    assert colour(about_the_new, rules) is Colour.RED


@given(answers_of_groups())
def test_every_fact_that_counts_was_told_and_none_changes(answers: dict[str, Answer]) -> None:
    for before, after in zip(answers.values(), settle(list(answers.values())), strict=True):
        assert after.facts.items() <= before.facts.items()
        assert after.replaced_by == before.replaced_by


@given(st.lists(st.builds(told, REPORTS, leefloon=st.sampled_from(YesNo)), max_size=4))
def test_settling_again_changes_nothing(answers: list[Answer]) -> None:
    once = settle(answers)
    assert settle(once) == once


@given(st.lists(st.tuples(REPORTS, st.sampled_from(YesNo)), min_size=1, max_size=4))
def test_sources_of_one_group_say_no_together_about_one_number_only(
    reports: list[tuple[frozenset[str] | None, YesNo]],
) -> None:
    said = [
        Said(told(number, leefloon=value), frozenset({"leefloon"})) for number, value in reports
    ]
    answer = lay_together(said)
    assert answer.replaced_by == merged([one.answer for one in said])
    if answer.facts.get("leefloon") is YesNo.NO:
        assert len({number for number, _ in reports}) == 1
        assert answer.replaced_by in (None, NEW, NEWER)


def test_the_red_of_somebody_whom_one_source_knows_under_a_new_number() -> None:
    """Only the register knows of the new number; the OCMW was asked about the old one."""
    groups = [group for group in GROUPS if group not in OPTIONAL]
    answers = {
        group: told(
            None,
            **{n: getattr(GRANTED_NOTHING, n) for n, kind in FACTS.items() if kind.group == group},
        )
        for group in groups
    }
    assert colour(answers, RULES[0]) is Colour.RED
    everybody = {group: replace(answer, replaced_by=NEW) for group, answer in answers.items()}
    assert colour(everybody, RULES[0]) is Colour.RED
    for group in groups:
        alone = answers | {group: replace(answers[group], replaced_by=NEW)}
        assert colour(alone, RULES[0]) is Colour.ORANGE
        unfollowed = answers | {group: replace(answers[group], replaced_by=OLD)}
        assert colour(unfollowed, RULES[0]) is Colour.ORANGE


def test_what_is_left_out_is_said() -> None:
    old = told(leefloon=YesNo.NO, eq_leefloon=YesNo.YES)
    old = replace(old, passes=frozenset({"ocmw_budget"}))
    (after, _) = settle([old, told(NEW)])
    assert after.facts == {"eq_leefloon": YesNo.YES}
    assert (after.reason, after.gap, after.passes) == (REPLACED, SourceState.NO_DATA, frozenset())


def test_a_list_without_the_old_number_lets_nobody_else_say_no() -> None:
    unlisted = Answer(
        state=SourceState.NO_DATA, reason="not-listed", passes=frozenset({"leefloon"})
    )
    parts = [Said(told(NEW, leefloon=YesNo.NO), frozenset({"leefloon"}))]
    parts += [Said(unlisted, frozenset({"leefloon"}))]
    assert all(lay_together(order).facts == {} for order in permutations(parts))


def test_sources_that_name_two_numbers_are_not_believed() -> None:
    both = [told(NEW, leefloon=YesNo.YES), told(NEWER, leefloon=YesNo.YES)]
    for answer in settle(both):
        assert (answer.facts, answer.reason) == ({}, "other-person")
        assert answer.state is SourceState.UNAVAILABLE
    said = [Said(answer, frozenset({"leefloon"})) for answer in both]
    assert lay_together(said).replaced_by == NEW | NEWER
    answers = {"ocmw": lay_together(said), "social": told(NEW, vt=YesNo.YES)}
    assert gather_facts(ChannelKind.DESK, answers).vt is UNKNOWN


def test_no_number_is_shown() -> None:
    assert "new" not in repr(told(NEW))
