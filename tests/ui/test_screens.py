"""What holds for every screen: each state, both places, both languages, every problem."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem
from kiosk.domain.transitions import advance
from kiosk.domain.verdict import Colour, Verdict
from kiosk.domain.visit import (
    AskedAgain,
    AwaitingRemoval,
    Checking,
    Dismissed,
    Event,
    Idle,
    MoreTimeAsked,
    NumberTyped,
    OutOfService,
    Reading,
    Showing,
    Starting,
    State,
    Typing,
    TypingStarted,
)
from kiosk.ui.screens.parts import BOLD, Act, Backdrop, Clock, Kind, Screen
from kiosk.ui.screens.view import Language, Place
from kiosk.ui.screens.words import Words
from tests.ui.screen_cases import (
    BOTH,
    NAME,
    POLICY,
    STATES,
    V1,
    V2,
    A,
    any_text,
    any_verdict,
    shown,
    texts,
    verdict,
)

WORDS = {language: Words(language) for language in Language}
KINDS: dict[type, Kind] = {
    Starting: Kind.STARTING,
    OutOfService: Kind.OUT_OF_SERVICE,
    Idle: Kind.IDLE,
    Typing: Kind.TYPING,
    Reading: Kind.READING,
    Checking: Kind.CHECKING,
    AwaitingRemoval: Kind.AWAITING_REMOVAL,
}
LONGEST_HEADING = 40
LONGEST_WORD = 14
"""Of a heading: a longer word would not fit a line at its size."""

every_mode = pytest.mark.parametrize("mode", Mode)


def every_screen(mode: Mode) -> Iterator[tuple[State, Language, Screen]]:
    for state, language in product(STATES, BOTH):
        yield state, language, shown(state, mode, WORDS[language], language)


@every_mode
def test_every_screen_has_a_heading_that_fits_and_says_itself(mode: Mode) -> None:
    for state, language, screen in every_screen(mode):
        about = f"{state} in {language}: {screen.heading}"
        assert screen.heading, about
        assert screen.announcement, about
        assert len(screen.heading) <= LONGEST_HEADING, about
        assert max(map(len, screen.heading.split())) <= LONGEST_WORD, about


@every_mode
def test_every_screen_is_of_the_kind_of_its_state(mode: Mode) -> None:
    for state, _, screen in every_screen(mode):
        if isinstance(state, Typing) and mode is Mode.SELF_SERVICE:
            assert screen.kind is Kind.STARTING
        elif isinstance(state, Showing):
            failed = isinstance(state.outcome, Problem)
            assert screen.kind is (Kind.PROBLEM if failed else Kind.VERDICT)
        else:
            assert screen.kind is KINDS[type(state)]


@every_mode
def test_a_colour_belongs_to_a_verdict_only(mode: Mode) -> None:
    for state, _, screen in every_screen(mode):
        has_verdict = isinstance(state, Showing) and isinstance(state.outcome, Verdict)
        assert (screen.backdrop is Backdrop.VERDICT) is has_verdict
        assert (screen.colour is not None) is has_verdict
        if screen.kind in {Kind.PROBLEM, Kind.OUT_OF_SERVICE}:
            assert screen.backdrop is Backdrop.NEUTRAL


def test_a_failure_has_no_word_of_a_verdict() -> None:
    said = {
        shown(Showing(V1, verdict(colour), None, asked=True), mode, WORDS[language]).heading
        for language, mode, colour in product(BOTH, Mode, Colour)
    }
    for mode in Mode:
        for _, _, screen in every_screen(mode):
            if screen.kind is not Kind.VERDICT:
                assert not said & set(texts(screen))


@every_mode
def test_a_name_stands_on_the_desk_while_checking_and_nowhere_else(mode: Mode) -> None:
    for state, language in product(STATES, BOTH):
        screen = shown(state, mode, WORDS[language], language, given_name=NAME)
        named = any(NAME in text for text in texts(screen))
        assert named is (mode is Mode.DESK and isinstance(state, Checking))


@every_mode
def test_texts_are_readable_and_marks_are_in_pairs(mode: Mode) -> None:
    for _, _, screen in every_screen(mode):
        assert_readable(screen)


def assert_readable(screen: Screen) -> None:
    for text in texts(screen):
        assert text.count(BOLD) % 2 == 0, text
        assert not re.search(r"\{(?!left\}|typed\})\w*\}", text), text
        assert "  " not in text
        assert text == text.strip()
        for character in text.replace("\n", ""):
            assert unicodedata.category(character)[0] != "C", ascii(text)


# ---- buttons --------------------------------------------------------------------

NO_FIRST = {Kind.IDLE, Kind.READING, Kind.CHECKING, Kind.AWAITING_REMOVAL}
"""Where the thing to do is with the card, or to wait."""


@every_mode
def test_one_button_is_first_and_every_key_is_its_own(mode: Mode) -> None:
    for _, _, screen in every_screen(mode):
        firsts = [action for action in screen.actions if action.first]
        if screen.actions and screen.kind not in NO_FIRST:
            assert len(firsts) == 1
        else:
            assert firsts == []
        keys = [action.key for action in screen.actions]
        keys += [choice.key for choice in (screen.choices.choices if screen.choices else ())]
        assert all(keys)
        assert len(set(keys)) == len(keys)


EVENTS: dict[Act, Event] = {
    Act.DONE: Dismissed(),
    Act.STOP: Dismissed(),
    Act.BACK: Dismissed(),
    Act.AGAIN: AskedAgain(V2),
    Act.TYPE_NUMBER: TypingStarted(V2),
    Act.CHECK_NUMBER: NumberTyped(V1),
    Act.MORE_TIME: MoreTimeAsked(V1),
}


def leads_somewhere(state: State, act: Act, mode: Mode) -> bool:
    step = advance(state, EVENTS[act], POLICY[mode])
    return step.state != state or bool(step.effects)


@every_mode
def test_a_button_leads_somewhere(mode: Mode) -> None:
    for state, _, screen in every_screen(mode):
        for action in screen.actions:
            if action.act is Act.TRY_NOW:
                assert screen.clock is Clock.RETRIES
            else:
                assert leads_somewhere(state, action.act, mode), (state, action)


def test_what_leads_somewhere_at_the_desk_has_a_button() -> None:
    for state, _, screen in every_screen(Mode.DESK):
        for act in (Act.AGAIN, Act.TYPE_NUMBER):
            offered = screen.action(act) is not None
            assert offered is leads_somewhere(state, act, Mode.DESK), (state, act)
        can_leave = leads_somewhere(state, Act.DONE, Mode.DESK)
        leaving = [screen.action(act) for act in (Act.DONE, Act.STOP, Act.BACK)]
        assert (sum(each is not None for each in leaving) == 1) is can_leave


def test_more_time_is_offered_while_it_is_given() -> None:
    for state, _, screen in every_screen(Mode.SELF_SERVICE):
        offered = screen.action(Act.MORE_TIME) is not None
        assert offered is leads_somewhere(state, Act.MORE_TIME, Mode.SELF_SERVICE)


# ---- languages ------------------------------------------------------------------


class Showy:
    """A language that shows what has gone through it."""

    def translate(self, context: str, dutch: str) -> str:
        assert context
        return f"«{dutch}»"

    def date(self, day: date) -> str:
        return "«day»"

    def percent(self, share: int) -> str:
        return "«share»"


@every_mode
def test_every_text_is_in_the_catalogue(mode: Mode) -> None:
    own_names = {"Nederlands", "English"}
    for state in STATES:
        for text in texts(shown(state, mode, Showy(), given_name="")):
            rest = text
            while (inner := re.sub(r"«[^«»]*»", "", rest)) != rest:
                rest = inner
            assert rest in own_names or re.fullmatch(r"[\s.*]*", rest), text


SAME_IN_BOTH = {"UiTPAS", "Nederlands", "English"}


@every_mode
def test_an_english_screen_has_no_dutch(mode: Mode) -> None:
    for state in STATES:
        dutch, english = (set(texts(shown(state, mode, WORDS[each], each))) for each in BOTH)
        same = {text for text in dutch & english if text and not text.startswith("Code K")}
        assert same <= SAME_IN_BOTH, state


# ---- what comes from elsewhere --------------------------------------------------

LONGEST_TEXT = 400


@settings(max_examples=300)
@given(outcome=any_verdict(), mode=st.sampled_from(Mode), language=st.sampled_from(Language))
def test_whatever_a_service_says_the_screen_stays_a_screen(
    outcome: Verdict, mode: Mode, language: Language
) -> None:
    screen = shown(Showing(V1, outcome, A, asked=True), mode, WORDS[language], language)
    assert screen.colour is outcome.colour
    assert screen.heading
    assert "<img" not in screen.heading
    assert len(screen.steps) <= 8
    for text in texts(screen):
        assert len(text) <= LONGEST_TEXT
    lists = [each for each in (screen.stage_list, screen.evidence, screen.panel_list) if each]
    assert all(0 < len(each.lines) <= 8 for each in lists)
    for text in texts(screen):
        assert text.count(BOLD) % 2 == 0
        assert not any(unicodedata.category(each)[0] == "C" for each in text)


@given(name=any_text, place=any_text, language=st.sampled_from(Language))
def test_names_and_places_are_cleaned_too(name: str, place: str, language: Language) -> None:
    somewhere = Place(desk={language: place})
    states: tuple[State, ...] = (Checking(V1, A), Idle())
    for mode, state in product(Mode, states):
        screen = shown(state, mode, WORDS[language], language, given_name=name, place=somewhere)
        for text in texts(screen):
            assert len(text) <= LONGEST_TEXT
            assert text.count(BOLD) % 2 == 0
            assert not any(unicodedata.category(each)[0] == "C" for each in text if each != "\n")
