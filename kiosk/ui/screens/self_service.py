"""What a self-service terminal shows in every state of a visit.

A citizen is alone with it, and others may look on and listen: never a name, a
source, or a step that is meant for an officer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, assert_never

from kiosk.agent.messages import Progress
from kiosk.domain.problem import Problem, ProblemCode, Remedy
from kiosk.domain.verdict import Colour, UseCase, Verdict
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
from kiosk.ui.screens import verdicts
from kiosk.ui.screens.buttons import button, can_be_asked_again
from kiosk.ui.screens.desk_problem import reference
from kiosk.ui.screens.parts import (
    Act,
    Action,
    Backdrop,
    Choice,
    Choices,
    Clock,
    Drawing,
    Kind,
    Screen,
    calm,
)
from kiosk.ui.screens.phrases import at_desk, say
from kiosk.ui.screens.self_service_texts import PROBLEMS
from kiosk.ui.screens.view import Language, View, Wording

_OWN_NAME: Final = {Language.DUTCH: "Nederlands", Language.ENGLISH: "English"}
"""Each language in itself: who looks for it may read no other."""


def screen(state: State, view: View, words: Wording) -> Screen:
    """Return what the terminal shows in a state."""
    match state:
        case Starting() | Typing():  # nobody types a number here: the policy has no manual entry
            return _starting(words)
        case OutOfService(problem):
            return _out_of_service(problem, view, words)
        case Idle():
            return _idle(view, words)
        case Reading():
            return _reading(view, words)
        case Checking():
            return _checking(view, words)
        case Showing():
            return _outcome(state, state.outcome, view, words)
        case AwaitingRemoval():
            return _awaiting_removal(words)
    assert_never(state)


def _outcome(state: Showing, outcome: Verdict | Problem, view: View, words: Wording) -> Screen:
    if isinstance(outcome, Problem):
        return _problem(state, outcome, view, words)
    return _verdict(outcome, view, words)


def _starting(words: Wording) -> Screen:
    heading = words.translate("SelfService", "Een ogenblik…")
    return replace(
        calm(Kind.STARTING, heading),
        sentence=words.translate("SelfService", "Het toestel start."),
    )


def _out_of_service(problem: Problem, view: View, words: Wording) -> Screen:
    heading = words.translate("SelfService", "Dit toestel werkt nu niet")
    do_now = at_desk(words.translate("SelfService", "Ga naar {desk}."), view, words)
    return Screen(
        kind=Kind.OUT_OF_SERVICE,
        backdrop=Backdrop.NEUTRAL,
        heading=heading,
        announcement=f"{heading}. {do_now}",
        sentence=words.translate(
            "SelfService", "Dat ligt niet aan u. Aan de balie helpen we u graag."
        ),
        drawing=Drawing.NO_READER,
        do_now=do_now,
        clock=Clock.RETRIES,
        clock_text=words.translate("SelfService", "We proberen het vanzelf opnieuw."),
        reference=reference(problem, words),
    )


def _idle(view: View, words: Wording) -> Screen:
    heading = words.translate("SelfService", "Steek uw kaart in de lezer")
    sentence = words.translate(
        "SelfService",
        "We lezen uw naam en rijksregisternummer. Zo weten we of u minder betaalt.",
    )
    no_card = words.translate("SelfService", "Geen kaart, of liever niet? Ga naar {desk}.")
    return Screen(
        kind=Kind.IDLE,
        backdrop=Backdrop.CALM,
        heading=heading,
        announcement=f"{heading}. {sentence}",
        subject=verdicts.use_case_name(view.use_case, words),
        sentence=sentence,
        drawing=Drawing.PUT_IN,
        drawing_hint=words.translate("SelfService", "Chip eerst,\nchip boven"),
        hints=(at_desk(no_card, view, words),),
        languages=_languages(view, words),
    )


def _languages(view: View, words: Wording) -> Choices | None:
    if len(view.languages) < 2:
        return None
    languages = tuple(
        Choice(each.value, _OWN_NAME[each], each is view.language) for each in view.languages
    )
    return Choices(words.translate("SelfService", "Taal"), languages)


def _reading(view: View, words: Wording) -> Screen:
    if view.step is Progress.WAITING_FOR_CARD:
        heading = words.translate("SelfService", "Nog even geduld")
        sentence = words.translate(
            "SelfService", "Het toestel kan uw kaart nog niet lezen. Laat ze in de lezer zitten."
        )
    else:
        heading = words.translate("SelfService", "We lezen uw kaart")
        sentence = words.translate("SelfService", "Laat uw kaart in de lezer zitten.")
    return replace(
        calm(Kind.READING, heading, verdicts.use_case_name(view.use_case, words)),
        sentence=sentence,
        drawing=Drawing.IN_READER,
        clock=Clock.PROGRESS,
    )


def _checking(view: View, words: Wording) -> Screen:
    heading = words.translate("SelfService", "We kijken het na")
    return replace(
        calm(Kind.CHECKING, heading, verdicts.use_case_name(view.use_case, words)),
        sentence=words.translate("SelfService", "Laat uw kaart in de lezer zitten."),
        drawing=Drawing.IN_READER,
        clock=Clock.PROGRESS,
    )


def _problem(state: Showing, outcome: Problem, view: View, words: Wording) -> Screen:
    text = PROBLEMS[outcome.code]
    heading, sentence = say(words, text.heading), say(words, text.sentence)
    if text.alone:
        do_now = words.translate("SelfService", "Lukt het niet? Ga naar {desk}.")
    else:
        do_now = words.translate("SelfService", "Ga naar {desk}.")
    # What is cured with the card itself needs no button: it is read when it is put in again.
    again = outcome.code.remedy is Remedy.TRY_AGAIN and can_be_asked_again(state)
    return Screen(
        kind=Kind.PROBLEM,
        backdrop=Backdrop.NEUTRAL,
        heading=heading,
        announcement=f"{heading}. {sentence}",
        subject=verdicts.use_case_name(view.use_case, words),
        sentence=sentence,
        drawing=_drawing(outcome.code),
        do_now=at_desk(do_now, view, words),
        clock=Clock.STAYS,
        clock_text=_until_closed(words),
        reference=reference(outcome, words),
        actions=_buttons(view, words, again=again),
    )


def _drawing(code: ProblemCode) -> Drawing | None:
    if code is ProblemCode.CARD_REMOVED_EARLY:
        return Drawing.PUT_IN
    return Drawing.CARD_FAILED if code.code.startswith("K2") else None


def _verdict(outcome: Verdict, view: View, words: Wording) -> Screen:
    """Return the screen of a verdict, from our own words only.

    Speech of assistive technology may come from a loudspeaker and be heard by
    whoever stands near: it says that there is an answer, not which.
    """
    return Screen(
        kind=Kind.VERDICT,
        backdrop=Backdrop.VERDICT,
        colour=outcome.colour,
        colour_name=verdicts.colour_name(outcome, words),
        heading=verdicts.heading(outcome, words),
        announcement=words.translate("SelfService", "Het antwoord staat op het scherm."),
        subject=verdicts.subject_of(outcome, words),
        sentence=_sentence(outcome, words),
        do_now=at_desk(_do_now(outcome, words), view, words),
        clock=Clock.STAYS,
        clock_text=_until_closed(words),
        actions=_buttons(view, words, again=False),
    )


def _sentence(verdict: Verdict, words: Wording) -> str:
    if verdict.colour is Colour.GREEN:
        return _green(verdict, words)
    if verdict.colour is Colour.RED:
        return words.translate(
            "SelfService",
            "Onze bronnen tonen vandaag geen recht. Een nieuwe beslissing staat er soms nog niet"
            " in.",
        )
    if verdict.determined:
        return words.translate("SelfService", "Een medewerker kijkt dit graag met u na.")
    return words.translate("SelfService", "Niet alle diensten antwoorden nu. Dat ligt niet aan u.")


def _green(verdict: Verdict, words: Wording) -> str:
    share = verdict.tariff.pay_percent if verdict.tariff else None
    if share is None:
        pays = words.translate("SelfService", "U betaalt minder")
    elif share == 0:
        pays = words.translate("SelfService", "U betaalt niets")
    else:
        pays = words.translate("SelfService", "U betaalt **{percent}** van de prijs")
        pays = pays.replace("{percent}", words.percent(share))
    if verdict.valid_until is None:
        return f"{pays}."
    until = words.translate("SelfService", "{pays}, tot\u00a0en\u00a0met {until}.")
    return until.replace("{until}", words.date(verdict.valid_until)).replace("{pays}", pays)


def _do_now(verdict: Verdict, words: Wording) -> str:
    if verdict.colour is Colour.GREEN and verdicts.use_case_of(verdict) is UseCase.UITPAS:
        return words.translate("SelfService", "Haal uw UiTPAS aan {desk}.")
    if verdict.colour is Colour.RED:
        return words.translate("SelfService", "Hebt u een recente brief? Ga naar {desk}.")
    if verdict.determined:
        return words.translate("SelfService", "Ga naar {desk}.")
    return words.translate("SelfService", "Ga naar {desk}. Neem uw bewijs mee.")


def _until_closed(words: Wording) -> str:
    return words.translate("SelfService", "seconden tot dit scherm sluit")


def _buttons(view: View, words: Wording, *, again: bool) -> tuple[Action, ...]:
    buttons = [button(words, Act.AGAIN, first=True)] if again else []
    if view.can_extend:
        buttons.append(button(words, Act.MORE_TIME, first=not again))
    return tuple(buttons)


def _awaiting_removal(words: Wording) -> Screen:
    heading = words.translate("SelfService", "Neem uw kaart mee")
    return replace(
        calm(Kind.AWAITING_REMOVAL, heading),
        sentence=words.translate("SelfService", "Dan is het toestel vrij voor de volgende."),
        drawing=Drawing.TAKE_OUT,
    )
