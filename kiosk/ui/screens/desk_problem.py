"""A step that failed, at the desk: what happened, and what to do. Never a colour."""

from __future__ import annotations

from typing import Final

from kiosk.domain.problem import Problem, ProblemCode, Remedy
from kiosk.domain.visit import OutOfService, Showing
from kiosk.ui.screens.buttons import button, can_be_asked_again, of_outcome
from kiosk.ui.screens.parts import (
    Act,
    Action,
    Backdrop,
    Clock,
    Drawing,
    Kind,
    Line,
    Mark,
    Marked,
    Screen,
    plain,
)
from kiosk.ui.screens.phrases import Phrase, say, translate
from kiosk.ui.screens.problem_texts import TEXTS
from kiosk.ui.screens.verdicts import use_case_name
from kiosk.ui.screens.view import View, Wording

_OF_READER: Final = "K1"
_OF_CARD: Final = ("K2", "K3")
_GOES_ON_BY_HAND: Final = {ProblemCode.CARD_EXPIRED, ProblemCode.CARD_NOT_ACTIVATED}
_WORTH_ANOTHER_TRY: Final = {Remedy.TRY_AGAIN, Remedy.REINSERT_CARD, Remedy.TURN_CARD}

_PROGRAM: Final = translate("Problem", "Programma")
_CARD_SERVICE: Final = translate("Problem", "Kaartdienst van de computer")
_READER: Final = translate("Problem", "Kaartlezer")
_LAYERS: Final = (_PROGRAM, _CARD_SERVICE, _READER)
"""From the inside out: while one does not work, nobody knows about those after it."""

_BROKEN: Final[dict[ProblemCode, tuple[Phrase, Phrase]]] = {
    ProblemCode.PCSC_DOWN: (_CARD_SERVICE, translate("Problem", "werkt niet")),
    ProblemCode.PCSC_REFUSED: (_CARD_SERVICE, translate("Problem", "geen toegang")),
    ProblemCode.NO_READER: (_READER, translate("Problem", "niet gevonden")),
    ProblemCode.READER_LOST: (_READER, translate("Problem", "losgekoppeld")),
    ProblemCode.NO_CARD_IN_TIME: (_READER, translate("Problem", "geen kaart")),
}


def out_of_service(state: OutOfService, view: View, words: Wording) -> Screen:
    """Return the screen that says which part does not work, and what to do."""
    code = state.problem.code
    text = TEXTS[code]
    heading, steps = say(words, text.heading), tuple(say(words, step) for step in text.steps)
    reader_only = code.concerns_reader
    actions = [button(words, Act.TRY_NOW, first=True)]
    if reader_only:
        actions.append(button(words, Act.TYPE_NUMBER))
        sentence = words.translate("Problem", "Daardoor kunnen we nu geen kaart lezen.")
    else:
        sentence = words.translate("Problem", "Daardoor werkt dit toestel nu niet.")
    return Screen(
        kind=Kind.OUT_OF_SERVICE,
        backdrop=Backdrop.NEUTRAL,
        heading=heading,
        announcement=plain(f"{heading}. {steps[0]}"),
        subject=use_case_name(view.use_case, words),
        sentence=sentence,
        stage_list=Marked("", _layers(code, view, words)),
        panel_heading=words.translate("Problem", "Doe dit"),
        steps=steps,
        clock=Clock.RETRIES,
        clock_text=words.translate("Problem", "We proberen vanzelf opnieuw over **{left}**."),
        reference=reference(state.problem, words),
        actions=tuple(actions),
    )


def problem(state: Showing, outcome: Problem, view: View, words: Wording) -> Screen:
    """Return the screen of a visit that came to no answer."""
    code = outcome.code
    text = TEXTS[code]
    heading, steps = say(words, text.heading), tuple(say(words, step) for step in text.steps)
    return Screen(
        kind=Kind.PROBLEM,
        backdrop=Backdrop.NEUTRAL,
        heading=heading,
        announcement=plain(f"{heading}. {steps[0]}"),
        subject=use_case_name(view.use_case, words),
        sentence=words.translate("Problem", "Dit zegt niets over het recht."),
        drawing=_drawing(code),
        panel_heading=words.translate("Problem", "Probeer dit"),
        steps=steps,
        clock=Clock.STAYS,
        clock_text=words.translate("Desk", "Blijft nog {left}"),
        reference=reference(outcome, words),
        actions=_actions(state, code, words),
    )


def _actions(state: Showing, code: ProblemCode, words: Wording) -> tuple[Action, ...]:
    again = can_be_asked_again(state)
    typing_first = code in _GOES_ON_BY_HAND
    outcome = of_outcome(
        words,
        again=again,
        again_first=code.remedy in _WORTH_ANOTHER_TRY,
        none_first=typing_first,
    )
    if not code.concerns_card:
        return outcome
    return (*outcome, button(words, Act.TYPE_NUMBER, first=typing_first))


def reference(outcome: Problem, words: Wording) -> str:
    """Return the code as people quote it."""
    return words.translate("Problem", "Code {code}").replace("{code}", outcome.code.code)


def _drawing(code: ProblemCode) -> Drawing | None:
    if code.code.startswith(_OF_READER):
        return Drawing.NO_READER
    if code is ProblemCode.CARD_REMOVED_EARLY:
        return Drawing.PUT_IN
    of_card = code.code.startswith(_OF_CARD) and code is not ProblemCode.NUMBER_INVALID
    return Drawing.CARD_FAILED if of_card else None


def _layers(code: ProblemCode, view: View, words: Wording) -> tuple[Line, ...]:
    broken, how = _BROKEN.get(code, (_PROGRAM, translate("Problem", "werkt niet")))
    at = _LAYERS.index(broken)
    works = (Mark.WELL, words.translate("Problem", "werkt"))
    marks = [works] * at
    marks.append((Mark.BROKEN, say(words, how)))
    marks += [(Mark.LATER, words.translate("Problem", "niet nagekeken"))] * (len(_LAYERS) - at - 1)
    lines = [
        Line(mark, say(words, layer), state)
        for layer, (mark, state) in zip(_LAYERS, marks, strict=True)
    ]
    if view.service_answers is not None:
        silent = (Mark.SILENT, words.translate("Problem", "geen antwoord"))
        mark, state = works if view.service_answers else silent
        lines.append(Line(mark, words.translate("Problem", "Centrale dienst"), state))
    return tuple(lines)
