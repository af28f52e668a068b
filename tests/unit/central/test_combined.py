"""Several sources of one group: a yes counts, a no needs everybody, the order never matters."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.combined import Combined, Said, combine, lay_together
from kiosk.service.central.facts import (
    FACTS,
    GROUPS,
    Carer,
    Choice,
    FactValue,
    IncomeBand,
    Parents,
    Residence,
    YesNo,
)
from tests.unit.central.worlds import question, values_of

OCMW = [name for name, kind in FACTS.items() if kind.group == "ocmw"]
FAILED = [state for state in SourceState if state is not SourceState.OK]
YES, NO = YesNo.YES, YesNo.NO


def told(**facts: Any) -> Answer:
    return Answer(state=SourceState.OK, facts=facts)


def failed(state: SourceState = SourceState.UNAVAILABLE) -> Answer:
    return Answer(state=state, reason="because")


def said(*answers: Answer, tells: Sequence[str] = OCMW) -> list[Said]:
    return [Said(answer, frozenset(tells)) for answer in answers]


@st.composite
def sayings(draw: st.DrawFn) -> Said:
    tells = draw(st.sets(st.sampled_from(OCMW), min_size=1))
    if draw(st.booleans()):
        return Said(failed(draw(st.sampled_from(FAILED))), frozenset(tells))
    facts = {name: draw(st.sampled_from(values_of(name)[1:])) for name in draw(names_of(tells))}
    return Said(told(**facts), frozenset(tells))


def names_of(tells: set[str]) -> st.SearchStrategy[set[str]]:
    return st.sets(st.sampled_from(sorted(tells)))


SAID = st.lists(sayings(), min_size=1, max_size=4)


@given(SAID, st.randoms())
def test_the_order_does_not_matter(everything: list[Said], random: Any) -> None:
    shuffled = list(everything)
    random.shuffle(shuffled)
    assert lay_together(shuffled) == lay_together(everything)


@given(SAID)
def test_a_yes_of_one_is_a_yes_and_a_no_needs_everybody(everything: list[Said]) -> None:
    facts = lay_together(everything).facts
    for name in OCMW:
        values = [one.answer.facts.get(name) for one in everything if name in one.answer.facts]
        if YES in values:
            assert facts[name] is YES
        elif facts.get(name) is NO:
            assert all(one.answer.facts.get(name) is NO for one in everything if name in one.tells)


@given(SAID, st.integers(0, 3), st.sampled_from(FAILED))
def test_an_outage_takes_facts_away_and_changes_none(
    everything: list[Said], which: int, state: SourceState
) -> None:
    before = lay_together(everything).facts
    index = which % len(everything)
    broken = list(everything)
    broken[index] = replace(broken[index], answer=failed(state))
    for name, value in lay_together(broken).facts.items():
        yes_gone = before.get(name) is YES and value is not YES
        assert not (value is NO and before.get(name) is not NO), name
        assert not yes_gone or value is not NO


def test_who_cannot_tell_does_not_stand_in_the_way() -> None:
    parts = [Said(told(leefloon=NO), frozenset({"leefloon"}))]
    parts += [Said(failed(), frozenset({"ocmw_budget"}))]
    answer = lay_together(parts)
    assert answer.facts == {"leefloon": NO}
    assert (answer.state, answer.gap, answer.reason) == (
        SourceState.OK,
        SourceState.UNAVAILABLE,
        "because",
    )


def test_contradictions_stay_unknown() -> None:
    both = [told(residence=Residence.GENT), told(residence=Residence.OTHER)]
    assert lay_together(said(*both, tells=["residence"])).facts == {}
    assert lay_together(said(*both[:1] * 2, tells=["residence"])).facts == both[0].facts


@given(sayings(), st.sampled_from(FAILED), st.randoms())
def test_what_is_said_beside_a_failure_is_none(one: Said, state: SourceState, random: Any) -> None:
    told_by_it = replace(one.answer, state=state)
    both = [one, Said(told_by_it, one.tells)]
    mute = [one, Said(replace(told_by_it, facts={}), one.tells)]
    random.shuffle(both)
    assert lay_together(both) == lay_together(mute)


@pytest.mark.parametrize(
    ("name", "best", "other"),
    [
        ("income_band", IncomeBand.UP_TO_A, IncomeBand.ABOVE),
        ("parents_entitled", Parents.ALL, Parents.NONE),
        ("carer", Carer.SOCIAL_TARIFF, Carer.NONE),
    ],
)
def test_only_the_best_choice_does_without_whom_else_could_tell(
    name: str, best: Choice, other: Choice
) -> None:
    def of(value: Choice, *more: Answer) -> FactValue:
        return lay_together(said(told(**{name: value}), *more, tells=[name])).facts.get(name)

    assert (of(best, failed()), of(other, failed())) == (best, None)
    assert (of(best), of(other)) == (best, other)
    assert of(other, told(**{name: best}), failed()) is None


def test_an_end_is_known_only_when_everybody_told() -> None:
    ends = [told(ocmw_ends_days=20)]
    assert lay_together(said(*ends, tells=["ocmw_ends_days"])).facts == {"ocmw_ends_days": 20}
    assert lay_together(said(*ends, failed(), tells=["ocmw_ends_days"])).facts == {}


def test_the_soonest_end_counts() -> None:
    ends = [told(ocmw_ended_days=days) for days in (40, None, 12)]
    assert lay_together(said(*ends, tells=["ocmw_ended_days"])).facts == {"ocmw_ended_days": 12}
    assert lay_together(said(*ends, failed(), tells=["ocmw_ended_days"])).facts == {}


def test_when_all_fail_the_gravest_state_is_told() -> None:
    answer = lay_together(said(failed(SourceState.NO_DATA), failed(SourceState.TOO_BUSY)))
    assert answer.state is SourceState.TOO_BUSY


def test_a_buffer_makes_the_whole_a_buffer_of_the_oldest_day() -> None:
    old, new = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)
    parts = [replace(told(leefloon=YES), as_of=new)]
    parts += [replace(told(leefloon=YES), as_of=old, freshness="buffer")]
    answer = lay_together(said(*parts))
    assert (answer.freshness, answer.as_of) == ("buffer", old)


class Part:
    """A source that answers, fails, hangs, or holds on to its cancellation."""

    group = "ocmw"

    def __init__(self, how: Answer | Exception | None, status: SourceState | None = None) -> None:
        self.how = how
        self._status = status

    async def ask(self, question: Question) -> Answer:
        if self.how is None:
            await asyncio.Event().wait()
        if isinstance(self.how, Exception):
            raise self.how
        assert self.how is not None
        return self.how

    def status(self) -> SourceState | None:
        return self._status


class TestCombined:
    def ask(self, *parts: Part, seconds: float = 5.0) -> Answer:
        return asyncio.run(Combined("ocmw", parts, seconds).ask(question()))

    def test_who_is_late_is_left_behind(self) -> None:
        answer = self.ask(Part(told(leefloon=YES)), Part(None), seconds=0.05)
        assert (answer.facts, answer.reason) == ({"leefloon": YES}, "timeout")

    @pytest.mark.expects_log("kiosk.service.central.connectors.asking", "failed: ValueError$")
    def test_who_fails_is_no_answer(self) -> None:
        answer = self.ask(Part(ValueError("85613099922")), Part(told(leefloon=NO)))
        assert (answer.facts, answer.shown) == ({}, SourceState.UNAVAILABLE)

    def test_being_cancelled_ends_the_parts(self) -> None:
        async def run() -> None:
            asked = asyncio.ensure_future(Combined("ocmw", [Part(None)] * 2, 5.0).ask(question()))
            await asyncio.sleep(0)
            asked.cancel()
            await asyncio.wait([asked])
            assert asyncio.all_tasks() - {asyncio.current_task()} == set()

        asyncio.run(run())

    @pytest.mark.parametrize(
        ("states", "whole"),
        [
            ([None, SourceState.OK], None),
            ([SourceState.OK, SourceState.OK], SourceState.OK),
            ([SourceState.REFUSED, None], SourceState.REFUSED),
            ([SourceState.REFUSED, SourceState.UNAVAILABLE], SourceState.UNAVAILABLE),
        ],
    )
    def test_the_worst_state_is_the_state(
        self, states: list[SourceState | None], whole: SourceState | None
    ) -> None:
        parts = [Part(told(), state) for state in states]
        assert Combined("ocmw", parts, 1.0).status() is whole


def test_a_lone_source_stays_itself() -> None:
    part = Part(told())
    assert combine([part], dict.fromkeys(GROUPS, 1.0)) == (part,)
