"""The texts of the pad behind which staff leave."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.ui.screens.view import Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class PadWords:
    """What the pad says. ``wait`` has ``{left}`` for the seconds."""

    heading: str = "Voor personeel"
    hint: str = "Typ de pincode."
    wrong: str = "Die pincode klopt niet."
    wait: str = "Wacht {left} seconden."
    enter: str = "OK"
    erase: str = "Wissen"
    back: str = "Terug"


def pad_words(words: Wording) -> PadWords:
    """Return the texts in a language."""
    return PadWords(
        heading=words.translate("Staff", "Voor personeel"),
        hint=words.translate("Staff", "Typ de pincode."),
        wrong=words.translate("Staff", "Die pincode klopt niet."),
        wait=words.translate("Staff", "Wacht {left} seconden."),
        enter=words.translate("Staff", "OK"),
        erase=words.translate("Staff", "Wissen"),
        back=words.translate("Staff", "Terug"),
    )
