"""What can be pressed: one text and one key for everything a person can do."""

from __future__ import annotations

from typing import Final

from kiosk.domain.visit import Showing
from kiosk.ui.screens.parts import Act, Action
from kiosk.ui.screens.phrases import Phrase, say, translate
from kiosk.ui.screens.view import Wording

_BUTTONS: Final[dict[Act, tuple[Phrase, str]]] = {
    Act.DONE: (translate("Buttons", "Klaar"), "Esc"),
    Act.AGAIN: (translate("Buttons", "Opnieuw"), "F5"),
    Act.STOP: (translate("Buttons", "Stoppen"), "Esc"),
    Act.BACK: (translate("Buttons", "Terug"), "Esc"),
    Act.TYPE_NUMBER: (translate("Buttons", "Nummer intypen"), "F2"),
    Act.CHECK_NUMBER: (translate("Buttons", "Nakijken"), "Return"),
    Act.TRY_NOW: (translate("Buttons", "Nu proberen"), "F5"),
    Act.MORE_TIME: (translate("Buttons", "Meer tijd"), "Return"),
}


def button(words: Wording, act: Act, *, first: bool = False) -> Action:
    """Return the button for something one may do."""
    phrase, key = _BUTTONS[act]
    return Action(act, say(words, phrase), key, first=first)


def can_be_asked_again(state: Showing) -> bool:
    """Tell whether another try leads anywhere: to the service, or to the card that is still in."""
    return state.asked or state.slot is not None


def of_outcome(
    words: Wording, *, again: bool, again_first: bool, none_first: bool = False
) -> tuple[Action, ...]:
    """Return the buttons of an outcome at the desk, always in the same places."""
    if not again:
        return (button(words, Act.DONE, first=not none_first),)
    return (
        button(words, Act.DONE, first=not again_first and not none_first),
        button(words, Act.AGAIN, first=again_first and not none_first),
    )
