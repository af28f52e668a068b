"""What a citizen reads: one sentence, what to do now, nothing that others may not know."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.agent.messages import Progress
from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, Tariff, Verdict
from kiosk.domain.visit import (
    AwaitingRemoval,
    Checking,
    Idle,
    OutOfService,
    Reading,
    Showing,
    State,
)
from kiosk.ui.screens.guidance_texts import LOCAL
from kiosk.ui.screens.parts import Act, Clock, Drawing, Screen
from kiosk.ui.screens.view import Language, Place
from kiosk.ui.screens.words import Words
from tests.ui.screen_cases import V1, A, shown, silent, texts, verdict

DUTCH = Words(Language.DUTCH)
DESKS = Place(desk={Language.DUTCH: "balie 1 tot 4", Language.ENGLISH: "desks 1 to 4"})
RED_SENTENCE = (
    "Onze bronnen tonen vandaag geen recht. Een nieuwe beslissing staat er soms nog niet in."
)
FOUR = "balie\u00a01\u00a0tot\u00a04"


def at_terminal(state: State, **changes: Any) -> Screen:
    return shown(state, Mode.SELF_SERVICE, DUTCH, **{"place": DESKS, **changes})


def answered(outcome: Verdict | Problem, **changes: Any) -> Screen:
    return at_terminal(Showing(V1, outcome, A, asked=True), **changes)


def test_idle_says_what_is_read_and_where_the_desk_is() -> None:
    screen = at_terminal(Idle())
    assert screen.heading == "Steek uw kaart in de lezer"
    assert screen.sentence.count(".") == 2
    assert screen.hints == (f"Geen kaart, of liever niet? Ga naar {FOUR}.",)
    assert screen.languages is not None
    assert screen.languages.title == "Taal"
    assert [(each.value, each.text, each.chosen) for each in screen.languages.choices] == [
        ("nl", "Nederlands", True),
        ("en", "English", False),
    ]
    assert at_terminal(Idle(), languages=(Language.DUTCH,)).languages is None


def test_the_desk_has_its_name_in_each_language_or_just_its_name() -> None:
    english = Words(Language.ENGLISH)
    there = shown(Idle(), Mode.SELF_SERVICE, english, Language.ENGLISH, place=DESKS)
    assert there.hints == ("No card, or prefer not to use it? Go to desks\u00a01\u00a0to\u00a04.",)
    unnamed = at_terminal(Idle(), place=Place())
    assert unnamed.hints == ("Geen kaart, of liever niet? Ga naar de balie.",)


@pytest.mark.parametrize(
    ("outcome", "heading", "sentence", "do_now"),
    [
        (
            verdict(),
            "Recht op kansentarief",
            "U betaalt **20\u00a0%** van de prijs, tot\u00a0en\u00a0met 30\u00a0april\u00a02027.",
            f"Haal uw UiTPAS aan {FOUR}.",
        ),
        (
            verdict(valid_until=None, use_case="school", tariff=None),
            "Recht op korting",
            "U betaalt minder.",
            f"Ga naar {FOUR}.",
        ),
        (
            verdict(valid_until=None, tariff=Tariff(code="x", pay_percent=0, label={})),
            "Recht op kansentarief",
            "U betaalt niets.",
            f"Haal uw UiTPAS aan {FOUR}.",
        ),
        (
            silent("social"),
            "Nog niet zeker",
            "Niet alle diensten antwoorden nu. Dat ligt niet aan u.",
            f"Ga naar {FOUR}. Neem uw bewijs mee.",
        ),
        (
            verdict(Colour.ORANGE),
            "Nog niet zeker",
            "Een medewerker kijkt dit graag met u na.",
            f"Ga naar {FOUR}.",
        ),
        (
            verdict(Colour.RED),
            "Geen recht gevonden",
            RED_SENTENCE,
            f"Hebt u een recente brief? Ga naar {FOUR}.",
        ),
    ],
)
def test_a_verdict_is_one_sentence_and_what_to_do_now(
    outcome: Verdict, heading: str, sentence: str, do_now: str
) -> None:
    screen = answered(outcome)
    assert (screen.heading, screen.sentence, screen.do_now) == (heading, sentence, do_now)
    assert (screen.clock, screen.clock_text) == (Clock.STAYS, "seconden tot dit scherm sluit")
    assert [(each.act, each.first) for each in screen.actions] == [(Act.MORE_TIME, True)]
    assert answered(outcome, can_extend=False).actions == ()


@pytest.mark.parametrize("colour", Colour)
def test_nobody_hears_which_answer_it_is(colour: Colour) -> None:
    assert answered(verdict(colour)).announcement == "Het antwoord staat op het scherm."


@pytest.mark.parametrize("code", [*LOCAL, "NEW-X1"])
@pytest.mark.parametrize("colour", Colour)
def test_what_is_meant_for_an_officer_is_never_shown(colour: Colour, code: str) -> None:
    texts_of_service = {"nl": "Overleden"}
    guidance = Guidance(code=code, title=texts_of_service, steps={"nl": ("Houd de kaart bij.",)})
    plain = verdict(colour)
    assert answered(replace(plain, guidance=(guidance,))) == answered(plain)


def test_no_source_is_named() -> None:
    screen = answered(silent("social", "income", "ocmw", "population"))
    names = ("Sociale zekerheid", "Inkomen", "OCMW", "Rijksregister")
    assert not any(name in text for text in texts(screen) for name in names)
    assert answered(silent("social")) == screen


@pytest.mark.parametrize("code", ProblemCode, ids=lambda code: code.code)
def test_a_problem_says_where_the_desk_is(code: ProblemCode) -> None:
    screen = answered(Problem(code))
    assert FOUR in screen.do_now
    assert screen.reference == f"Code {code.code}"
    assert screen.clock is Clock.STAYS
    assert (screen.drawing is Drawing.CARD_FAILED) is (
        code.code.startswith("K2") and code is not ProblemCode.CARD_REMOVED_EARLY
    )
    suspicion = ("echt", "vals", "vertrouw", "bewij", "kopie")
    assert not any(word in text for text in texts(screen) for word in suspicion)


def test_the_service_can_be_asked_again_and_the_card_put_in_again() -> None:
    busy = answered(Problem(ProblemCode.SERVICE_BUSY))
    assert [(each.act, each.first) for each in busy.actions] == [
        (Act.AGAIN, True),
        (Act.MORE_TIME, False),
    ]
    unread = answered(Problem(ProblemCode.CARD_UNREADABLE))
    assert [(each.act, each.first) for each in unread.actions] == [(Act.MORE_TIME, True)]
    gone = Showing(V1, Problem(ProblemCode.SERVICE_BUSY), None, asked=False)
    assert at_terminal(gone).actions == ()


def test_out_of_service_sends_to_the_desk() -> None:
    screen = at_terminal(OutOfService(Problem(ProblemCode.NO_READER)))
    assert screen.heading == "Dit toestel werkt nu niet"
    assert screen.do_now == f"Ga naar {FOUR}."
    assert (screen.reference, screen.actions) == ("Code K103", ())
    assert screen.clock is Clock.RETRIES


def test_a_busy_card_is_no_card_that_is_being_read() -> None:
    usual = at_terminal(Reading(V1, A))
    waiting = at_terminal(Reading(V1, A), step=Progress.WAITING_FOR_CARD)
    assert "nog niet lezen" in waiting.sentence
    same = {"heading", "announcement", "sentence"}
    assert replace(waiting, **{name: getattr(usual, name) for name in same}) == usual


def test_nobody_is_named_while_checking() -> None:
    assert at_terminal(Checking(V1, A), given_name="Mila") == at_terminal(
        Checking(V1, A), given_name=""
    )


def test_the_card_goes_along() -> None:
    screen = at_terminal(AwaitingRemoval(V1, A))
    assert (screen.heading, screen.drawing) == ("Neem uw kaart mee", Drawing.TAKE_OUT)
