"""What an officer reads: the words that matter, and where guidance comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent.messages import Progress, TypedReason
from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import (
    Colour,
    Guidance,
    ManualDecision,
    SourceState,
    Tariff,
    UseCase,
    Verdict,
)
from kiosk.domain.visit import (
    AwaitingRemoval,
    Checking,
    Idle,
    OutOfService,
    Reading,
    Showing,
    Starting,
    State,
    Typing,
)
from kiosk.service.central.connectors import Answer
from kiosk.service.central.connectors import SourceState as Fared
from kiosk.service.central.decide import Blocked, Decision
from kiosk.service.central.replies import Occasion, reply_to
from kiosk.service.central.rules import evaluate
from kiosk.service.contract import encode
from kiosk.service.verdicts import read_answer
from kiosk.ui.screens.guidance_texts import LOCAL
from kiosk.ui.screens.parts import Act, Backdrop, Clock, Drawing, Mark, Screen
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from tests.ui.screen_cases import V1, A, shown, silent, verdict
from tests.unit.central.worlds import TODAY, YES_NO_GROUNDS, facts, shipped

DUTCH, ENGLISH = Words(Language.DUTCH), Words(Language.ENGLISH)
RULES = shipped()


def at_desk(state: State, **changes: Any) -> Screen:
    return shown(state, Mode.DESK, DUTCH, **changes)


def answered(outcome: Verdict | Problem, **changes: Any) -> Screen:
    return at_desk(Showing(V1, outcome, A, asked=True), **changes)


def told(code: str, **steps: tuple[str, ...]) -> Guidance:
    return Guidance(code=code, title={}, steps=dict(steps))


# ---- verdicts -------------------------------------------------------------------


def test_green_says_what_is_paid_and_until_when() -> None:
    screen = answered(verdict())
    assert screen.heading == "Recht op kansentarief"
    assert screen.fact == "Betaalt 20\u00a0% van de prijs"
    assert screen.sentence == "Geldig tot en met 30\u00a0april\u00a02027"
    assert screen.reference == "Controle 9Z4K"
    assert screen.clock is Clock.STAYS
    assert screen.stage_list is None
    assert screen.evidence is None
    assert [(each.act, each.first) for each in screen.actions] == [
        (Act.DONE, True),
        (Act.AGAIN, False),
    ]
    assert screen.announcement == (
        "Recht op kansentarief. Betaalt 20\u00a0% van de prijs. Pas het tarief toe."
    )


def test_green_in_english() -> None:
    state = Showing(V1, verdict(), A, asked=True)
    screen = shown(state, Mode.DESK, ENGLISH, Language.ENGLISH)
    assert screen.heading == "Entitled to the reduced rate"
    assert screen.fact == "Pays 20% of the price"
    assert screen.sentence == "Valid until 30\u00a0April\u00a02027"


@pytest.mark.parametrize(
    ("tariff", "fact"),
    [
        (None, "Het lagere tarief geldt"),
        (Tariff(code="x", label={}), "Het lagere tarief geldt"),
        (Tariff(code="x", label={"nl": "Sociaal tarief"}), "Sociaal tarief"),
        (Tariff(code="x", pay_percent=0, label={}), "Betaalt niets"),
        (Tariff(code="x", pay_percent=100, label={}), "Betaalt 100\u00a0% van de prijs"),
    ],
)
def test_a_green_without_a_share_still_says_something(tariff: Tariff | None, fact: str) -> None:
    screen = answered(verdict(tariff=tariff, valid_until=None))
    assert (screen.fact, screen.sentence) == (fact, "")


@pytest.mark.parametrize(
    ("use_case", "subject", "heading"),
    [
        ("uitpas", "UiTPAS", "Recht op kansentarief"),
        ("school", "School en opvang", "Recht op korting"),
        ("garbage", "Afvalzakken", "Recht gevonden"),
        ("lez", "Lage-emissiezone", "Recht op korting"),
        ("library **new**", "library new", "Recht gevonden"),
    ],
)
def test_the_subject_is_what_the_verdict_is_about(
    use_case: str, subject: str, heading: str
) -> None:
    screen = answered(verdict(use_case=use_case), use_case=UseCase.UITPAS)
    assert (screen.subject, screen.heading) == (subject, heading)


def test_a_silent_source_is_named_and_asking_again_comes_first() -> None:
    screen = answered(silent("social"))
    assert screen.heading == "Nog niet zeker"
    assert screen.fact == "Eén bron antwoordt nu niet"
    assert screen.stage_list is not None
    (line,) = screen.stage_list.lines
    assert (line.mark, line.text, line.state) == (Mark.SILENT, "Sociale zekerheid", "geen antwoord")
    assert [(each.act, each.first) for each in screen.actions] == [
        (Act.DONE, False),
        (Act.AGAIN, True),
    ]
    assert screen.evidence is not None
    assert [each.text for each in screen.evidence.lines] == [
        "Attest van het ziekenfonds, van dit jaar",
        "Bewijs van collectieve schuldenregeling",
    ]


@pytest.mark.parametrize(
    ("outcome", "fact"),
    [
        (silent("social", "ocmw"), "Niet alle bronnen antwoorden nu"),
        (silent("income", state="no-data"), "Er ontbreekt nog een dossier"),
        (verdict(Colour.ORANGE, determined=False), "Niet alle bronnen antwoorden nu"),
        (verdict(Colour.ORANGE), "U beslist, met een bewijs"),
    ],
)
def test_orange_says_which_of_its_kinds_it_is(outcome: Verdict, fact: str) -> None:
    assert answered(outcome).fact == fact


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("unavailable", "geen antwoord"),
        ("too-busy", "te druk"),
        ("refused", "weigert"),
        ("not-configured", "niet aangesloten"),
        ("no-data", "nog geen dossier"),
        ("ok", "geen antwoord"),
        ("gone-fishing", "geen antwoord"),
    ],
)
def test_a_missing_source_says_why(state: str, why: str) -> None:
    found = answered(silent("attic", state=state)).stage_list
    assert found is not None
    assert (found.lines[0].text, found.lines[0].state) == ("attic", why)


def test_a_blocking_group_without_a_state_did_not_answer() -> None:
    outcome = verdict(Colour.ORANGE, determined=False, blocked_by=("income", "\u202e", "income"))
    found = answered(outcome).stage_list
    assert found is not None
    assert [(each.text, each.state) for each in found.lines] == [("Inkomen", "geen antwoord")]


@pytest.mark.parametrize("code", ["COM-A01", "COM-A05", "UIT-A08", "UIT-A10", "NEW-X1"])
def test_what_is_large_tells_no_reason(code: str) -> None:
    screen = answered(verdict(Colour.ORANGE, guidance=(told(code),)))
    assert screen.fact == "U beslist, met een bewijs"
    assert screen.sentence == "De bronnen alleen zijn niet genoeg. Rechts staat wat u vraagt."


def test_a_file_that_is_protected_is_for_the_supervisor() -> None:
    screen = answered(verdict(Colour.ORANGE, guidance=(told("COM-A15"),)))
    assert screen.fact == "Uw verantwoordelijke beslist"


TOO_NEW = (
    "De bronnen tonen vandaag geen recht op kansentarief."
    " Een nieuwe beslissing staat er soms nog niet in."
)


@pytest.mark.parametrize(
    ("code", "fact", "sentence"),
    [
        ("UIT-R01", "Gewoon tarief", TOO_NEW),
        (
            "UIT-R06",
            "Woont buiten het gebied",
            "Dit tarief geldt voor wie in Gent of een partnergemeente woont.",
        ),
        ("COM-R01", "Gewoon tarief", ""),
        ("NEW-X1", "Gewoon tarief", TOO_NEW),
    ],
)
def test_red_does_not_accuse_and_gives_no_false_hope(code: str, fact: str, sentence: str) -> None:
    screen = answered(verdict(Colour.RED, guidance=(told(code),)))
    assert screen.heading == "Geen recht gevonden"
    assert (screen.fact, screen.sentence) == (fact, sentence)


def test_evidence_is_listed_where_it_counts() -> None:
    allowed = ManualDecision(allowed=True, evidence=("attest-ocmw", "letter", "letter", ""))
    red = answered(verdict(Colour.RED, manual_decision=allowed)).evidence
    assert red is not None
    assert [each.text for each in red.lines] == ["Attest van het OCMW", "letter"]
    assert answered(verdict(manual_decision=allowed)).evidence is None
    refused = replace(allowed, allowed=False)
    assert answered(verdict(Colour.RED, manual_decision=refused)).evidence is None
    nothing = ManualDecision(allowed=True)
    assert answered(verdict(Colour.RED, manual_decision=nothing)).evidence is None


def test_a_check_without_letters_has_no_reference() -> None:
    assert answered(verdict(check_id="-- \u202e –")).reference == ""


# ---- guidance -------------------------------------------------------------------

FRENCH, ENGLISH_STEP = ("Une étape.",), ("A step.",)


def test_the_service_speaks_first_in_the_language_of_the_screen() -> None:
    guidance = told("COM-A09", nl=("Van de dienst.",), en=ENGLISH_STEP)
    assert answered(silent("social")).steps[0] == "Probeer het over een minuut opnieuw."
    assert answered(verdict(Colour.RED, guidance=(guidance,))).steps == ("Van de dienst.",)


def test_then_our_own_text_then_any_other_language() -> None:
    known = told("COM-A09", en=ENGLISH_STEP)
    unknown = told("NEW-X1", fr=FRENCH, en=ENGLISH_STEP, xx=("?",), nl=(" ",))
    screen = answered(verdict(Colour.RED, guidance=(known, unknown)))
    assert screen.steps == (
        "Probeer het over een minuut opnieuw.",
        "Lukt het niet? Vraag een attest.",
        "A step.",
    )


def test_a_title_stands_in_for_steps_and_something_generic_for_nothing() -> None:
    titled = Guidance(code="NEW-X1", title={"fr": "Un titre"}, steps={})
    assert answered(verdict(Colour.RED, guidance=(titled,))).steps == ("Un titre",)
    for outcome, first in (
        (verdict(), "Pas het tarief toe."),
        (verdict(Colour.RED), "Vraag of er **een recente beslissing** op papier is."),
        (verdict(Colour.ORANGE), "Vraag of de persoon **een bewijs** bij heeft."),
        (
            verdict(Colour.ORANGE, determined=False),
            "Druk op **F5**. We vragen de bron opnieuw.",
        ),
    ):
        assert answered(outcome).steps[0] == first


def test_our_own_step_has_the_end_of_the_tariff_or_is_left_out() -> None:
    granted = verdict(guidance=(told("UIT-G01"),))
    price = "Zeg wat de persoon betaalt: **20\u00a0% van de prijs**."
    assert answered(granted).steps == (
        "Registreer de UiTPAS met kansentarief, **tot en met 30\u00a0april\u00a02027**.",
        price,
    )
    endless = answered(replace(granted, valid_until=None))
    assert endless.steps == ("Kansentarief toekennen", price)
    assert answered(replace(granted, tariff=None)).steps == (answered(granted).steps[0],)


def test_the_same_step_is_said_once_and_never_more_than_eight() -> None:
    many = tuple(told(f"NEW-{each}", nl=("Zelfde.", f"Stap {each}.")) for each in range(20))
    steps = answered(verdict(Colour.RED, guidance=many)).steps
    assert len(steps) == 8
    assert len(set(steps)) == 8


def test_every_code_of_the_rules_has_a_text_of_our_own() -> None:
    assert set(LOCAL) == set(RULES.book.guidance)


def test_a_service_has_no_bold_and_no_end() -> None:
    guidance = told("NEW-X1", nl=("**Klik** <a href='x'>hier</a>" + " en" * 5000,))
    (step,) = answered(verdict(Colour.RED, guidance=(guidance,))).steps
    assert step.startswith("Klik <a href='x'>hier</a> en en")
    assert step.endswith("en…")
    assert len(step) <= 240


def sent(world: dict[str, Any]) -> Verdict:
    """What the window gets when the rules of the service see this world."""
    finding = evaluate(RULES.table, facts(**world))
    silence = Answer(state=Fared.UNAVAILABLE)
    blocked = tuple(Blocked(group, silence) for group in finding.blocked_by)
    occasion = Occasion("check-9z4k", "c", TODAY, datetime(2026, 11, 22, tzinfo=UTC), True)
    return read_answer(encode(reply_to(Decision(finding, blocked, ()), RULES, occasion)))


GROUNDS: list[dict[str, Any]] = [
    *({ground: "yes"} for ground in YES_NO_GROUNDS),
    {"income_band": "a"},
    {"age": 9, "parents_entitled": "all"},
]


@given(grounds=st.lists(st.sampled_from(GROUNDS), min_size=1))
def test_every_ground_has_the_same_screen(grounds: list[dict[str, Any]]) -> None:
    outcome = sent({name: value for ground in grounds for name, value in ground.items()})
    one_ground = sent({"leefloon": "yes"})
    assert outcome.colour is one_ground.colour is Colour.GREEN
    for mode in Mode:
        screens = [
            shown(Showing(V1, each, A, asked=True), mode, DUTCH) for each in (outcome, one_ground)
        ]
        assert screens[0] == screens[1]


# ---- the other states -----------------------------------------------------------


def test_starting_waits_for_nothing() -> None:
    screen = at_desk(Starting())
    assert (screen.heading, screen.actions) == ("Een ogenblik…", ())


def test_idle_invites() -> None:
    screen = at_desk(Idle())
    assert screen.heading == "Steek de kaart in de lezer"
    assert (screen.drawing, screen.drawing_hint) == (Drawing.PUT_IN, "Chip eerst,\nchip boven")
    assert screen.entry_heading == "Geen kaart bij?"
    assert screen.choices is not None
    assert [(each.value, each.chosen, each.key) for each in screen.choices.choices] == [
        ("uitpas", True, "Alt+1"),
        ("school", False, "Alt+2"),
        ("garbage", False, "Alt+3"),
        ("lez", False, "Alt+4"),
    ]
    assert at_desk(Idle(), use_cases=(UseCase.UITPAS,)).choices is None


def test_the_lamps_tell_how_sources_are() -> None:
    states = ("ok", "unavailable", "too-busy", "refused", "not-configured", "unknown", "new")
    lamps = tuple(SourceState(group="income", state=each) for each in states)
    found = at_desk(Idle(), sources=lamps).panel_list
    assert found is not None
    assert found.title == "Bronnen"
    assert [(each.text, each.mark, each.state) for each in found.lines] == [
        ("Inkomen", Mark.WELL, "werkt"),
        ("Inkomen", Mark.SILENT, "geen antwoord"),
        ("Inkomen", Mark.SILENT, "te druk"),
        ("Inkomen", Mark.BROKEN, "weigert"),
        ("Inkomen", Mark.LATER, "niet aangesloten"),
        ("Inkomen", Mark.LATER, "nog niet nagekeken"),
        ("Inkomen", Mark.LATER, "nog niet nagekeken"),
    ]


def test_a_silent_service_hides_what_is_behind_it() -> None:
    found = at_desk(Idle(), service_answers=False).panel_list
    assert found is not None
    assert [(each.text, each.state) for each in found.lines] == [
        ("Centrale dienst", "geen antwoord")
    ]
    assert at_desk(Idle(), sources=(), service_answers=None).panel_list is None


def test_typing_asks_for_a_reason_the_agent_knows() -> None:
    screen = at_desk(Typing(V1))
    assert screen.choices is not None
    values = [each.value for each in screen.choices.choices]
    assert sorted(values) == sorted(each.value for each in TypedReason)
    assert [each.chosen for each in screen.choices.choices] == [True, *[False] * 4]
    assert screen.entry is not None
    assert "{left}" in screen.entry.missing
    assert "{typed}" in screen.entry.so_far
    assert [(each.act, each.key) for each in screen.actions] == [
        (Act.CHECK_NUMBER, "Return"),
        (Act.BACK, "Esc"),
    ]


def marks(screen: Screen) -> list[tuple[Mark, str]]:
    assert screen.panel_list is not None
    return [(each.mark, each.text) for each in screen.panel_list.lines]


def test_a_busy_card_is_no_card_that_is_being_read() -> None:
    usual = at_desk(Reading(V1, A))
    assert at_desk(Reading(V1, A), step=Progress.READING) == usual
    waiting = at_desk(Reading(V1, A), step=Progress.WAITING_FOR_CARD)
    assert "bezet" in waiting.heading
    assert "ander programma" in waiting.sentence
    same = {"heading", "announcement", "sentence", "panel_list"}
    assert replace(waiting, **{name: getattr(usual, name) for name in same}) == usual
    first, *others = marks(waiting)
    assert first[0] is Mark.BUSY
    assert [text for _, text in others] == [text for _, text in marks(usual)]
    assert {mark for mark, _ in others} == {Mark.LATER}


def test_the_marks_go_with_the_visit() -> None:
    assert marks(at_desk(Reading(V1, A))) == [
        (Mark.BUSY, "Kaart lezen"),
        (Mark.LATER, "Kijken of de kaart echt is"),
        (Mark.LATER, "Bronnen vragen"),
        (Mark.LATER, "Antwoord"),
    ]
    assert marks(at_desk(Checking(V1, A))) == [
        (Mark.WELL, "Kaart gelezen"),
        (Mark.WELL, "Kaart is echt"),
        (Mark.BUSY, "Bronnen vragen"),
        (Mark.LATER, "Antwoord"),
    ]


def test_checking_speaks_of_a_card_only_when_there_was_one() -> None:
    with_card = at_desk(Checking(V1, A), given_name="Mila")
    assert with_card.heading == "Even kijken voor Mila"
    assert with_card.note == "Laat de kaart in de lezer zitten."
    typed = at_desk(Checking(V1, None), given_name="")
    assert (typed.heading, typed.note, typed.drawing) == ("Even kijken", "", None)
    assert marks(typed) == [(Mark.BUSY, "Bronnen vragen"), (Mark.LATER, "Antwoord")]
    taken_out = at_desk(Checking(V1, None), given_name="Mila")
    assert marks(taken_out) == marks(with_card)
    assert taken_out.note == ""


def test_awaiting_removal_asks_for_the_card() -> None:
    screen = at_desk(AwaitingRemoval(V1, A))
    assert (screen.heading, screen.drawing) == ("Neem de kaart uit de lezer", Drawing.TAKE_OUT)


# ---- problems -------------------------------------------------------------------


def layers(code: ProblemCode, **changes: Any) -> list[tuple[str, Mark, str]]:
    screen = at_desk(OutOfService(Problem(code)), **changes)
    assert screen.stage_list is not None
    return [(each.text, each.mark, each.state) for each in screen.stage_list.lines]


def test_out_of_service_says_which_layer_failed() -> None:
    assert layers(ProblemCode.NO_READER) == [
        ("Programma", Mark.WELL, "werkt"),
        ("Kaartdienst van de computer", Mark.WELL, "werkt"),
        ("Kaartlezer", Mark.BROKEN, "niet gevonden"),
        ("Centrale dienst", Mark.WELL, "werkt"),
    ]
    assert layers(ProblemCode.PCSC_DOWN, service_answers=False) == [
        ("Programma", Mark.WELL, "werkt"),
        ("Kaartdienst van de computer", Mark.BROKEN, "werkt niet"),
        ("Kaartlezer", Mark.LATER, "niet nagekeken"),
        ("Centrale dienst", Mark.SILENT, "geen antwoord"),
    ]
    assert layers(ProblemCode.KEY_UNUSABLE, service_answers=None) == [
        ("Programma", Mark.BROKEN, "werkt niet"),
        ("Kaartdienst van de computer", Mark.LATER, "niet nagekeken"),
        ("Kaartlezer", Mark.LATER, "niet nagekeken"),
    ]


def test_out_of_service_tries_by_itself_and_lets_a_number_be_typed() -> None:
    screen = at_desk(OutOfService(Problem(ProblemCode.PCSC_DOWN)))
    assert screen.reference == "Code K101"
    assert screen.clock is Clock.RETRIES
    assert screen.clock_text == "We proberen vanzelf opnieuw over **{left}**."
    assert [(each.act, each.key, each.first) for each in screen.actions] == [
        (Act.TRY_NOW, "F5", True),
        (Act.TYPE_NUMBER, "F2", False),
    ]
    whole = at_desk(OutOfService(Problem(ProblemCode.AGENT_LOST)))
    assert [each.act for each in whole.actions] == [Act.TRY_NOW]
    assert whole.sentence != screen.sentence


@pytest.mark.parametrize(
    ("code", "drawing"),
    [
        (ProblemCode.CARD_UNREADABLE, Drawing.CARD_FAILED),
        (ProblemCode.SIGNATURE_WRONG, Drawing.CARD_FAILED),
        (ProblemCode.NUMBER_INVALID, None),
        (ProblemCode.READER_LOST, Drawing.NO_READER),
        (ProblemCode.SERVICE_BUSY, None),
    ],
)
def test_a_problem_says_nothing_about_the_right(code: ProblemCode, drawing: Drawing | None) -> None:
    screen = answered(Problem(code))
    assert screen.sentence == "Dit zegt niets over het recht."
    assert screen.reference == f"Code {code.code}"
    assert (screen.backdrop, screen.drawing) == (Backdrop.NEUTRAL, drawing)


def first_of(code: ProblemCode, state: Showing) -> Act:
    screen = at_desk(replace(state, outcome=Problem(code)))
    return next(each.act for each in screen.actions if each.first)


def test_another_try_comes_first_where_it_can_help() -> None:
    card_in = Showing(V1, Problem(ProblemCode.CARD_SILENT), A, asked=False)
    card_out = replace(card_in, slot=None)
    assert first_of(ProblemCode.CARD_SILENT, card_in) is Act.AGAIN
    assert first_of(ProblemCode.CARD_EXPIRED, card_in) is Act.TYPE_NUMBER
    assert first_of(ProblemCode.SIGNATURE_WRONG, card_in) is Act.DONE
    assert first_of(ProblemCode.CARD_SILENT, card_out) is Act.DONE
