"""Texts of the catalogue that stand in tables, and texts that come from elsewhere."""

from __future__ import annotations

import re
import unicodedata
from typing import Final, NamedTuple

from kiosk.ui.screens.parts import plain
from kiosk.ui.screens.view import View, Wording


class Phrase(NamedTuple):
    """A text of the catalogue, to be said in a language later."""

    context: str
    dutch: str


def translate(context: str, dutch: str) -> Phrase:
    """Put a text of a table in the catalogue; ``pyside6-lupdate`` finds it by this name."""
    return Phrase(context, dutch)


def say(words: Wording, phrase: Phrase) -> str:
    """Return a text of a table in the language of the screen."""
    return words.translate(phrase.context, phrase.dutch)


_CONTROL: Final = {"Cc", "Cf", "Co", "Cs", "Cn"}
"""Categories of characters that are not seen but turn, join or hide what is seen."""
_COMBINING: Final = {"Mn", "Me"}
_ENOUGH: Final = 20
"""So many times the longest length is looked at; a text of blanks is no reason to look on."""


def foreign(text: str, longest: int) -> str:
    """Return a text from elsewhere as one line of characters that can be seen.

    Control and direction characters, accents on accents and the mark for bold
    are taken out. What is longer than ``longest`` characters ends in "…".
    """
    seen: list[str] = []
    before = ""
    for character in unicodedata.normalize("NFC", text[: longest * _ENOUGH]):
        category = unicodedata.category(character)
        stacked = category in _COMBINING and before in _COMBINING
        if character.isspace():
            seen.append(" ")
        elif category not in _CONTROL and not stacked:
            seen.append(character)
        before = category
    line = " ".join(plain("".join(seen)).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


_INSIDE: Final = re.compile(r"(?<=\d) | (?=\d)")
_UNBROKEN: Final = "\u00a0"
_LONGEST_DESK: Final = 60


def at_desk(text: str, view: View, words: Wording) -> str:
    """Fill in where a citizen is helped; "1 tot 4" is not broken over two lines."""
    named = foreign(view.place.desk.get(view.language, ""), _LONGEST_DESK)
    desk = _INSIDE.sub(_UNBROKEN, named) or words.translate("SelfService", "de balie")
    return text.replace("{desk}", desk)
