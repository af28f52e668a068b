"""One visit: what must happen, and what can never happen in any order of events."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.bootstrap.policy import mode_policy
from kiosk.domain.policy import Mode, ModePolicy
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.transitions import advance, can_extend
from kiosk.domain.verdict import Colour, Verdict
from kiosk.domain.visit import (
    AskAgain,
    AskedAgain,
    AwaitingRemoval,
    CardForgotten,
    CardInserted,
    CardRemoved,
    Checking,
    Concluded,
    Dismissed,
    Effect,
    EndVisit,
    Event,
    Idle,
    MoreTimeAsked,
    NumberTyped,
    OutOfService,
    PersonProven,
    Phase,
    ReaderLost,
    ReaderReady,
    Reading,
    Showing,
    SlotName,
    StartClock,
    Starting,
    StartVisit,
    State,
    TimeUp,
    Typing,
    TypingStarted,
    VisitId,
    Visiting,
    living_visit,
)

A, B = SlotName("reader A"), SlotName("reader B")
V1, V2, V3 = VisitId(1), VisitId(2), VisitId(3)
DESK = mode_policy(Mode.DESK)
SELF_SERVICE = mode_policy(Mode.SELF_SERVICE)
NO_READER = Problem(ProblemCode.NO_READER)
UNREADABLE = Problem(ProblemCode.CARD_UNREADABLE)


def verdict(reference: str = "answer-to-1") -> Verdict:
    return Verdict(check_id=reference, use_case="uitpas", colour=Colour.GREEN, determined=True)


def run(
    events: Iterable[Event], policy: ModePolicy = SELF_SERVICE, state: State | None = None
) -> tuple[State, list[Effect]]:
    now: State = Idle() if state is None else state
    effects: list[Effect] = []
    for event in events:
        now, new = advance(now, event, policy)
        effects += new
    return now, effects


def good_visit(visit: VisitId = V1, slot: SlotName = A) -> list[Event]:
    answer = verdict(f"answer-to-{visit}")
    return [CardInserted(visit, slot), PersonProven(visit), Concluded(visit, answer)]


def test_a_good_visit_reads_then_asks_then_shows() -> None:
    state, effects = run(good_visit())
    assert state == Showing(V1, verdict(), A, asked=True)
    assert effects == [
        StartVisit(V1, A),
        StartClock(V1, Phase.READING, SELF_SERVICE.read_deadline),
        StartClock(V1, Phase.CHECKING, SELF_SERVICE.check_deadline),
        StartClock(V1, Phase.SHOWING, SELF_SERVICE.verdict_stays),
    ]


def test_self_service_clears_when_the_card_leaves() -> None:
    state, effects = run([*good_visit(), CardRemoved(A)])
    assert state == Idle()
    assert effects[-1] == EndVisit(V1)


def test_a_card_out_of_another_reader_changes_nothing() -> None:
    for step in range(1, 4):
        before = run(good_visit()[:step])[0]
        assert advance(before, CardRemoved(B), SELF_SERVICE) == (before, ())


def test_the_desk_keeps_the_verdict_until_dismissed() -> None:
    kept, effects = run([*good_visit(), CardRemoved(A)], DESK)
    assert kept == Showing(V1, verdict(), None, asked=True)
    assert effects[-1] == StartClock(V1, Phase.SHOWING, timedelta(seconds=60))
    assert run([*good_visit(), CardRemoved(A), Dismissed()], DESK)[0] == Idle()


def test_self_service_may_keep_a_verdict_for_a_moment() -> None:
    policy = ModePolicy(
        **{name: getattr(SELF_SERVICE, name) for name in SELF_SERVICE.__slots__}
        | {"verdict_after_removal": timedelta(seconds=5)}
    )
    state, effects = run([*good_visit(), CardRemoved(A)], policy)
    assert state == Showing(V1, verdict(), None, asked=True)
    assert effects[-1] == StartClock(V1, Phase.SHOWING, timedelta(seconds=5))
    assert advance(state, TimeUp(V1, Phase.SHOWING), policy).state == Idle()


def test_a_card_pulled_while_reading_says_so_and_asks_no_more() -> None:
    state, effects = run([CardInserted(V1, A), CardRemoved(A)])
    early = Problem(ProblemCode.CARD_REMOVED_EARLY)
    assert state == Showing(V1, early, None, asked=False)
    assert EndVisit(V1) in effects
    assert effects[-1] == StartClock(V1, Phase.SHOWING, SELF_SERVICE.problem_stays)


def test_a_card_pulled_while_asking_ends_self_service_but_not_the_desk() -> None:
    pulled = [*good_visit()[:2], CardRemoved(A), good_visit()[2]]
    state, effects = run(pulled)
    assert state == Showing(V1, Problem(ProblemCode.CARD_REMOVED_EARLY), None, asked=False)
    assert EndVisit(V1) in effects
    assert effects[-1] == StartClock(V1, Phase.SHOWING, SELF_SERVICE.problem_stays)
    assert run(pulled, DESK)[0] == Showing(V1, verdict(), None, asked=True)


def test_at_the_desk_the_next_card_ends_the_question_about_the_last() -> None:
    state, effects = run([*good_visit()[:2], CardRemoved(A), *good_visit(V2)], DESK)
    assert state == Showing(V2, verdict("answer-to-2"), A, asked=True)
    assert effects.index(EndVisit(V1)) < effects.index(StartVisit(V2, A))


def test_at_the_desk_a_card_in_another_reader_is_the_next_card() -> None:
    state, _ = run([*good_visit(), CardInserted(V2, B)], DESK)
    assert state == Reading(V2, B)
    alone, _ = run([*good_visit(), CardInserted(V2, B)])
    assert alone == Showing(V1, verdict(), A, asked=True)


def test_a_second_card_does_not_disturb_a_read_or_a_question() -> None:
    for step in (1, 2):
        before = run(good_visit()[:step], DESK)[0]
        assert advance(before, CardInserted(V2, B), DESK) == (before, ())


def test_a_cleared_screen_with_the_card_still_in_asks_for_removal() -> None:
    state, effects = run([*good_visit(), TimeUp(V1, Phase.SHOWING)])
    assert state == AwaitingRemoval(V1, A)
    assert effects[-1] == EndVisit(V1)
    assert advance(state, CardRemoved(A), SELF_SERVICE).state == Idle()
    assert advance(state, CardInserted(V2, B), SELF_SERVICE).state == Reading(V2, B)


@pytest.mark.parametrize(
    ("step", "phase", "code"),
    [
        (1, Phase.READING, ProblemCode.CARD_SILENT),
        (2, Phase.CHECKING, ProblemCode.SERVICE_TOO_SLOW),
    ],
)
def test_a_step_that_takes_too_long_is_a_problem(
    step: int, phase: Phase, code: ProblemCode
) -> None:
    state, _ = run([*good_visit()[:step], TimeUp(V1, phase)])
    assert isinstance(state, Showing)
    assert state.outcome == Problem(code)


def test_a_clock_of_another_phase_changes_nothing() -> None:
    checking, _ = run(good_visit()[:2])
    assert advance(checking, TimeUp(V1, Phase.READING), DESK) == (checking, ())


def test_the_first_word_about_readers_ends_starting() -> None:
    assert run([ReaderReady()], state=Starting())[0] == Idle()
    assert run([ReaderLost(NO_READER)], state=Starting())[0] == OutOfService(NO_READER)
    assert run([CardInserted(V1, A)], state=Starting())[0] == Starting()


def test_more_time_is_given_ten_times_and_while_the_card_is_in() -> None:
    state, _ = run(good_visit())
    for times in range(1, 11):
        assert can_extend(state, SELF_SERVICE)
        state, effects = advance(state, MoreTimeAsked(V1), SELF_SERVICE)
        assert state == Showing(V1, verdict(), A, asked=True, extensions=times)
        assert effects == (StartClock(V1, Phase.SHOWING, SELF_SERVICE.verdict_stays),)
    assert not can_extend(state, SELF_SERVICE)
    assert advance(state, MoreTimeAsked(V1), SELF_SERVICE) == (state, ())


def test_more_time_is_for_this_visit_and_a_card_that_is_in() -> None:
    shown, _ = run(good_visit())
    assert advance(shown, MoreTimeAsked(V2), SELF_SERVICE) == (shown, ())
    gone = replace(shown, slot=None) if isinstance(shown, Showing) else shown
    assert not can_extend(gone, SELF_SERVICE)
    assert advance(gone, MoreTimeAsked(V1), SELF_SERVICE) == (gone, ())
    assert not can_extend(Idle(), SELF_SERVICE)


def test_a_problem_stays_as_long_as_problems_do_when_extended() -> None:
    failed, _ = run([CardInserted(V1, A), Concluded(V1, UNREADABLE)])
    _, effects = advance(failed, MoreTimeAsked(V1), SELF_SERVICE)
    assert effects == (StartClock(V1, Phase.SHOWING, SELF_SERVICE.problem_stays),)


def test_after_an_agent_is_lost_only_the_card_can_be_asked_again() -> None:
    lost = Problem(ProblemCode.AGENT_LOST)
    state, _ = run([*good_visit()[:2], Concluded(V1, lost)], DESK)
    assert state == Showing(V1, lost, A, asked=False)
    assert run([AskedAgain(V2)], DESK, state)[0] == Reading(V2, A)


def test_nobody_types_when_more_than_a_reader_is_missing() -> None:
    broken = OutOfService(Problem(ProblemCode.CONFIGURATION_WRONG))
    assert advance(broken, TypingStarted(V1), DESK) == (broken, ())


def test_where_a_card_failed_the_desk_may_type_instead() -> None:
    failed, _ = run([CardInserted(V1, A), Concluded(V1, UNREADABLE)])
    state, effects = advance(failed, TypingStarted(V2), DESK)
    assert state == Typing(V2)
    assert effects[0] == StartVisit(V2, None)
    assert advance(failed, TypingStarted(V2), SELF_SERVICE) == (failed, ())
    silent, _ = run([*good_visit()[:2], TimeUp(V1, Phase.CHECKING)], DESK)
    assert advance(silent, TypingStarted(V2), DESK) == (silent, ())


def test_readers_gone_in_idle_is_out_of_service_and_back() -> None:
    lost, _ = run([ReaderLost(NO_READER)])
    assert lost == OutOfService(NO_READER)
    assert run([ReaderReady()], state=lost)[0] == Idle()
    assert run([CardInserted(V1, A)], state=lost)[0] == lost


def test_readers_gone_during_a_verdict_show_after_it() -> None:
    shown, _ = run([*good_visit(), CardRemoved(A), ReaderLost(NO_READER)], DESK)
    assert isinstance(shown, Showing)
    after, effects = run([Dismissed()], DESK, shown)
    assert after == OutOfService(NO_READER)
    assert effects == [EndVisit(V1)]
    back, _ = run([ReaderReady(), Dismissed()], DESK, shown)
    assert back == Idle()


def test_typing_works_without_any_reader_and_returns_there() -> None:
    typed: list[Event] = [
        ReaderLost(NO_READER),
        TypingStarted(V1),
        NumberTyped(V1),
        Concluded(V1, verdict()),
    ]
    shown, effects = run(typed, DESK)
    assert shown == Showing(V1, verdict(), None, asked=True, fault=NO_READER)
    assert effects[0] == StartVisit(V1, None)
    assert run([Dismissed()], DESK, shown)[0] == OutOfService(NO_READER)


def test_nobody_types_at_self_service() -> None:
    assert run([TypingStarted(V1)])[0] == Idle()


def test_a_card_ends_typing() -> None:
    state, effects = run([TypingStarted(V1), CardInserted(V2, A)], DESK)
    assert state == Reading(V2, A)
    assert effects[2] == EndVisit(V1)


def test_typing_that_stops_is_given_up() -> None:
    assert run([TypingStarted(V1), TimeUp(V1, Phase.TYPING)], DESK)[0] == Idle()


def test_again_asks_the_same_agent_when_the_person_is_proven() -> None:
    slow = [*good_visit()[:2], Concluded(V1, Problem(ProblemCode.SERVICE_TOO_SLOW))]
    state, effects = run([*slow, AskedAgain(V2)], DESK)
    assert state == Checking(V1, A)
    assert AskAgain(V1) in effects


def test_again_reads_the_card_anew_when_nobody_was_proven() -> None:
    failed: list[Event] = [CardInserted(V1, A), Concluded(V1, UNREADABLE)]
    state, effects = run([*failed, AskedAgain(V2)], DESK)
    assert state == Reading(V2, A)
    assert effects.index(EndVisit(V1)) < effects.index(StartVisit(V2, A))
    gone, _ = run([*failed, CardRemoved(A), AskedAgain(V2)], DESK)
    assert isinstance(gone, Showing)


def test_escape_ends_whatever_a_visit_is_doing() -> None:
    for step in range(1, 4):
        state, effects = run([*good_visit()[:step], Dismissed()], DESK)
        assert state == AwaitingRemoval(V1, A)
        assert effects[-1] == EndVisit(V1)


def test_a_forgotten_card_is_taken_out_before_anything_else() -> None:
    state, effects = run([CardForgotten(V1, A)])
    assert state == AwaitingRemoval(V1, A)
    assert effects == []
    assert run([CardRemoved(A)], state=state)[0] == Idle()
    shown, _ = run(good_visit())
    assert advance(shown, CardForgotten(V2, B), SELF_SERVICE) == (shown, ())


def test_a_forgotten_card_stays_forgotten_when_agents_fail() -> None:
    broken = Problem(ProblemCode.AGENT_LOST)
    state, _ = run([*good_visit(), Dismissed(), ReaderLost(broken)])
    assert state == AwaitingRemoval(V1, A, broken)
    assert run([ReaderReady()], state=state)[0] == AwaitingRemoval(V1, A)
    assert run([CardRemoved(A)], state=state)[0] == OutOfService(broken)
    during, _ = run([*good_visit(), ReaderLost(broken), Dismissed()])
    assert during == AwaitingRemoval(V1, A, broken)


def test_nobody_types_while_agents_fail_and_a_card_is_in() -> None:
    waiting = AwaitingRemoval(V1, A, Problem(ProblemCode.AGENT_LOST))
    assert advance(waiting, TypingStarted(V2), DESK) == (waiting, ())


visits = st.sampled_from([V1, V2, V3])
slots = st.sampled_from([A, B])
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(CardInserted, visits, slots),
    st.builds(CardRemoved, slots),
    st.builds(CardForgotten, visits, slots),
    st.builds(PersonProven, visits),
    st.builds(lambda v: Concluded(v, verdict(f"answer-to-{v}")), visits),
    st.builds(Concluded, visits, st.just(UNREADABLE)),
    st.builds(TimeUp, visits, st.sampled_from(Phase)),
    st.builds(TypingStarted, visits),
    st.builds(NumberTyped, visits),
    st.builds(AskedAgain, visits),
    st.builds(MoreTimeAsked, visits),
    st.just(Dismissed()),
    st.just(ReaderReady()),
    st.just(ReaderLost(NO_READER)),
)
any_history = st.lists(events, max_size=40)
any_policy = st.sampled_from([DESK, SELF_SERVICE])


@pytest.mark.no_cover
@settings(max_examples=500)
@given(any_history, any_policy)
def test_nobody_ever_sees_an_answer_to_somebody_else(
    history: list[Event], policy: ModePolicy
) -> None:
    state: State = Idle()
    present: VisitId | None = None
    for event in history:
        state, effects = advance(state, event, policy)
        present = next((e.visit for e in effects if isinstance(e, StartVisit)), present)
        if isinstance(state, Showing):
            assert state.visit == present
            if isinstance(state.outcome, Verdict):
                assert state.outcome.check_id == f"answer-to-{present}"


@pytest.mark.no_cover
@settings(max_examples=500)
@given(any_history, any_policy)
def test_no_agent_outlives_its_visit_and_no_two_live_at_once(
    history: list[Event], policy: ModePolicy
) -> None:
    state: State = Idle()
    alive: VisitId | None = None
    for event in history:
        state, effects = advance(state, event, policy)
        for effect in effects:
            if isinstance(effect, EndVisit):
                assert effect.visit == alive
                alive = None
            elif isinstance(effect, StartVisit):
                assert alive is None
                alive = effect.visit
            elif isinstance(effect, AskAgain):
                assert effect.visit == alive
        assert living_visit(state) == alive


@pytest.mark.no_cover
@settings(max_examples=500)
@given(any_history, any_policy)
def test_a_card_is_read_only_on_entering_reading(history: list[Event], policy: ModePolicy) -> None:
    state: State = Idle()
    for event in history:
        before, (state, effects) = state, advance(state, event, policy)
        reads = [e for e in effects if isinstance(e, StartVisit) and e.slot is not None]
        assert bool(reads) == (
            isinstance(state, Reading)
            and isinstance(event, CardInserted | AskedAgain)
            and before != state
        )


@pytest.mark.no_cover
@settings(max_examples=500)
@given(any_history, any_policy)
def test_no_waiting_state_is_entered_without_a_clock(
    history: list[Event], policy: ModePolicy
) -> None:
    state: State = Idle()
    clock: tuple[VisitId, Phase] | None = None
    phases = {Typing: Phase.TYPING, Reading: Phase.READING, Checking: Phase.CHECKING}
    for event in history:
        state, effects = advance(state, event, policy)
        for effect in effects:
            if isinstance(effect, StartClock):
                clock = effect.visit, effect.phase
        if isinstance(state, Visiting):
            assert clock == (state.visit, phases.get(type(state), Phase.SHOWING))


@pytest.mark.no_cover
@settings(max_examples=500)
@given(any_history, any_policy)
def test_a_self_service_terminal_never_shows_a_verdict_without_its_card(
    history: list[Event], policy: ModePolicy
) -> None:
    state: State = Idle()
    for event in history:
        state = advance(state, event, SELF_SERVICE).state
        if isinstance(state, Showing) and isinstance(state.outcome, Verdict):
            assert state.slot is not None


def test_states_name_no_person() -> None:
    """They may be logged: nothing but numbers, slots, colours and codes is in them."""
    fields = {name for kind in (Typing, Reading, Checking, Showing) for name in kind.__slots__}
    assert fields == {"visit", "slot", "outcome", "asked", "fault", "extensions"}
