"""What the window at a desk shows in every state of a visit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from kiosk.agent.messages import Progress, TypedReason
from kiosk.domain.problem import Problem
from kiosk.domain.verdict import Verdict
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
from kiosk.ui.screens import desk_problem, desk_verdict, sources
from kiosk.ui.screens.buttons import button
from kiosk.ui.screens.parts import (
    Act,
    Choice,
    Choices,
    Clock,
    Drawing,
    Kind,
    Line,
    Mark,
    Marked,
    NumberEntry,
    Screen,
    calm,
)
from kiosk.ui.screens.phrases import foreign, say, translate
from kiosk.ui.screens.verdicts import use_case_name
from kiosk.ui.screens.view import View, Wording

_LONGEST_NAME: Final = 14

_REASONS: Final = {
    TypedReason.CARD_FORGOTTEN: translate("Desk", "Kaart vergeten of verloren"),
    TypedReason.CARD_OR_READER_BROKEN: translate("Desk", "Kaart of lezer werkt niet"),
    TypedReason.CARD_REFUSED: translate("Desk", "Persoon wil de kaart niet geven"),
    TypedReason.CARD_EXPIRED: translate("Desk", "Kaart is vervallen"),
    TypedReason.OTHER: translate("Desk", "Andere reden"),
}


def screen(state: State, view: View, words: Wording) -> Screen:
    """Return what the desk shows in a state."""
    match state:
        case Starting():
            return _starting(view, words)
        case OutOfService():
            return desk_problem.out_of_service(state, view, words)
        case Idle():
            return _idle(view, words)
        case Typing():
            return _typing(view, words)
        case Reading():
            return _reading(view, words)
        case Checking():
            return _checking(state, view, words)
        case Showing():
            return _outcome(state, state.outcome, view, words)
        case AwaitingRemoval():
            return _awaiting_removal(view, words)
    assert_never(state)


def _outcome(state: Showing, outcome: Verdict | Problem, view: View, words: Wording) -> Screen:
    if isinstance(outcome, Problem):
        return desk_problem.problem(state, outcome, view, words)
    return desk_verdict.screen(state, outcome, view, words)


def _calm(kind: Kind, heading: str, view: View, words: Wording) -> Screen:
    return calm(kind, heading, use_case_name(view.use_case, words))


def _starting(view: View, words: Wording) -> Screen:
    heading = words.translate("Desk", "Een ogenblik…")
    return replace(
        _calm(Kind.STARTING, heading, view, words),
        sentence=words.translate("Desk", "We zoeken de kaartlezer."),
    )


def _idle(view: View, words: Wording) -> Screen:
    heading = words.translate("Desk", "Steek de kaart in de lezer")
    return replace(
        _calm(Kind.IDLE, heading, view, words),
        sentence=words.translate("Desk", "Identiteitskaart, Kids-ID of vreemdelingenkaart"),
        drawing=Drawing.PUT_IN,
        drawing_hint=words.translate("Desk", "Chip eerst,\nchip boven"),
        choices=_use_cases(view, words),
        entry_heading=words.translate("Desk", "Geen kaart bij?"),
        panel_list=sources.lamps(view, words),
        actions=(button(words, Act.TYPE_NUMBER),),
    )


def _use_cases(view: View, words: Wording) -> Choices | None:
    if len(view.use_cases) < 2:
        return None
    choices = tuple(
        Choice(each.value, use_case_name(each, words), each is view.use_case, f"Alt+{number}")
        for number, each in enumerate(view.use_cases, 1)
    )
    return Choices(words.translate("Desk", "Waarvoor kijkt u na?"), choices)


def _typing(view: View, words: Wording) -> Screen:
    heading = words.translate("Desk", "Typ het nummer van de kaart")
    reasons = tuple(
        Choice(reason.value, say(words, text), number == 1, f"Alt+{number}")
        for number, (reason, text) in enumerate(_REASONS.items(), 1)
    )
    return replace(
        _calm(Kind.TYPING, heading, view, words),
        sentence=words.translate(
            "Desk", "Het rijksregisternummer staat op de achterkant: 11\u00a0cijfers."
        ),
        entry=_entry(words),
        choices=Choices(words.translate("Desk", "Waarom zonder kaart?"), reasons),
        actions=(button(words, Act.CHECK_NUMBER, first=True), button(words, Act.BACK)),
    )


def _entry(words: Wording) -> NumberEntry:
    return NumberEntry(
        label=words.translate("Desk", "Rijksregisternummer"),
        well=words.translate("Desk", "Het nummer klopt"),
        wrong=words.translate("Desk", "Dit nummer klopt niet. Kijk het na."),
        missing=words.translate("Desk", "Cijfers die nog ontbreken: {left}"),
        note=words.translate(
            "Desk",
            "Zonder kaart kunnen we niet zien of het de persoon zelf is."
            " **Kijk naar een ander bewijs met foto.**",
        ),
        so_far=words.translate("Desk", "{typed} van 11\u00a0cijfers"),
    )


def _reading(view: View, words: Wording) -> Screen:
    if view.step is Progress.WAITING_FOR_CARD:
        return _waiting_for_card(view, words)
    heading = words.translate("Desk", "We lezen de kaart")
    return replace(
        _calm(Kind.READING, heading, view, words),
        sentence=words.translate("Desk", "Dit duurt enkele seconden."),
        drawing=Drawing.IN_READER,
        panel_heading=words.translate("Desk", "Wat gebeurt er?"),
        panel_list=Marked("", (*_card_lines(words, read=False), *_answer_lines(words, Mark.LATER))),
        note=words.translate("Desk", "Laat de kaart in de lezer zitten."),
        clock=Clock.PROGRESS,
        actions=(button(words, Act.STOP),),
    )


def _waiting_for_card(view: View, words: Wording) -> Screen:
    """Return the screen of a card that nobody could read yet: nothing of it is known."""
    heading = words.translate("Desk", "De kaart is bezet")
    first, *later = _card_lines(words, read=False)
    lines = (
        Line(Mark.BUSY, words.translate("Desk", "Wachten tot de kaart vrij is")),
        replace(first, mark=Mark.LATER),
        *later,
        *_answer_lines(words, Mark.LATER),
    )
    return replace(
        _calm(Kind.READING, heading, view, words),
        sentence=words.translate(
            "Desk", "Misschien gebruikt een ander programma ze. We beginnen vanzelf."
        ),
        drawing=Drawing.IN_READER,
        panel_heading=words.translate("Desk", "Wat gebeurt er?"),
        panel_list=Marked("", lines),
        note=words.translate("Desk", "Laat de kaart in de lezer zitten."),
        clock=Clock.PROGRESS,
        actions=(button(words, Act.STOP),),
    )


def _checking(state: Checking, view: View, words: Wording) -> Screen:
    """Return the screen of an open question; it names nobody whom no card has named."""
    heading = words.translate("Desk", "Even kijken")
    name = foreign(view.given_name, _LONGEST_NAME)
    if name:
        heading = words.translate("Desk", "Even kijken voor {name}").replace("{name}", name)
    card_is_in = state.slot is not None
    card_lines = _card_lines(words, read=True) if card_is_in or name else ()
    keep_in = words.translate("Desk", "Laat de kaart in de lezer zitten.")
    return replace(
        _calm(Kind.CHECKING, heading, view, words),
        sentence=words.translate("Desk", "We vragen het aan de bronnen."),
        drawing=Drawing.IN_READER if card_is_in else None,
        panel_heading=words.translate("Desk", "Wat gebeurt er?"),
        panel_list=Marked("", (*card_lines, *_answer_lines(words, Mark.BUSY))),
        note=keep_in if card_is_in else "",
        clock=Clock.PROGRESS,
        actions=(button(words, Act.STOP),),
    )


def _card_lines(words: Wording, *, read: bool) -> tuple[Line, ...]:
    if not read:
        return (
            Line(Mark.BUSY, words.translate("Desk", "Kaart lezen")),
            Line(Mark.LATER, words.translate("Desk", "Kijken of de kaart echt is")),
        )
    return (
        Line(Mark.WELL, words.translate("Desk", "Kaart gelezen")),
        Line(Mark.WELL, words.translate("Desk", "Kaart is echt")),
    )


def _answer_lines(words: Wording, asking: Mark) -> tuple[Line, ...]:
    """Return the lines that never count sources: a count could tell which of them decided."""
    return (
        Line(asking, words.translate("Desk", "Bronnen vragen")),
        Line(Mark.LATER, words.translate("Desk", "Antwoord")),
    )


def _awaiting_removal(view: View, words: Wording) -> Screen:
    heading = words.translate("Desk", "Neem de kaart uit de lezer")
    return replace(
        _calm(Kind.AWAITING_REMOVAL, heading, view, words),
        sentence=words.translate("Desk", "Daarna kan de volgende kaart erin."),
        drawing=Drawing.TAKE_OUT,
        entry_heading=words.translate("Desk", "Toch het nummer intypen?"),
        actions=(button(words, Act.TYPE_NUMBER),),
    )
