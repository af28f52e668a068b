"""The words of a verdict that desk and self-service have in common.

Nothing in here depends on the ground of a verdict: the same colour of the same
use case is said in the same words to everybody.
"""

from __future__ import annotations

from typing import Final

from kiosk.domain.verdict import Colour, UseCase, Verdict
from kiosk.ui.screens.phrases import Phrase, foreign, say, translate
from kiosk.ui.screens.view import Wording

_LONGEST_USE_CASE: Final = 30

_USE_CASES: Final = {
    UseCase.UITPAS: translate("Verdict", "UiTPAS"),
    UseCase.SCHOOL: translate("Verdict", "School en opvang"),
    UseCase.GARBAGE: translate("Verdict", "Afvalzakken"),
    UseCase.LEZ: translate("Verdict", "Lage-emissiezone"),
}
_SOME_RIGHT: Final = translate("Verdict", "Recht gevonden")
_GREEN: Final = {
    UseCase.UITPAS: translate("Verdict", "Recht op kansentarief"),
    UseCase.SCHOOL: translate("Verdict", "Recht op korting"),
    UseCase.GARBAGE: _SOME_RIGHT,
    UseCase.LEZ: translate("Verdict", "Recht op korting"),
}
_ORANGE: Final = translate("Verdict", "Nog niet zeker")
_RED: Final = translate("Verdict", "Geen recht gevonden")
_COLOURS: Final = {
    Colour.GREEN: translate("Verdict", "Groen"),
    Colour.ORANGE: translate("Verdict", "Oranje"),
    Colour.RED: translate("Verdict", "Rood"),
}


def use_case_of(verdict: Verdict) -> UseCase | None:
    """Return what the verdict is about; ``None`` for what this version does not know."""
    return next((each for each in UseCase if each.value == verdict.use_case), None)


def use_case_name(use_case: UseCase, words: Wording) -> str:
    """Return the name of a use case."""
    return say(words, _USE_CASES[use_case])


def subject_of(verdict: Verdict, words: Wording) -> str:
    """Return the name of what the verdict is about, which is not always what is chosen now."""
    known = use_case_of(verdict)
    return use_case_name(known, words) if known else foreign(verdict.use_case, _LONGEST_USE_CASE)


def colour_name(verdict: Verdict, words: Wording) -> str:
    """Return the name of the verdict's colour, for those who do not see it."""
    return say(words, _COLOURS[verdict.colour])


def heading(verdict: Verdict, words: Wording) -> str:
    """Return the few words that are read from two metres."""
    return say(words, _heading(verdict))


def _heading(verdict: Verdict) -> Phrase:
    if verdict.colour is Colour.GREEN:
        known = use_case_of(verdict)
        return _GREEN[known] if known else _SOME_RIGHT
    return _ORANGE if verdict.colour is Colour.ORANGE else _RED
