"""The catalogue of one language, and how that language writes days and numbers."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Final, final

from PySide6.QtCore import QDate, QLocale, QTranslator

from kiosk.data import data_path
from kiosk.ui.screens.view import Language

_UNBROKEN: Final = "\u00a0"
_DAY: Final = "d MMMM yyyy"
_SECONDS_IN_A_MINUTE: Final = 60
_COUNTED_IN_SECONDS: Final = 90
"""Below this a length of time is said in seconds."""
_COUNTRY: Final = {
    Language.DUTCH: QLocale(QLocale.Language.Dutch, QLocale.Country.Belgium),
    Language.ENGLISH: QLocale(QLocale.Language.English, QLocale.Country.UnitedKingdom),
}


class CatalogueMissing(Exception):
    """The compiled texts of a language are not there, or are no such texts."""


@final
class Words:
    """How one language says things; Dutch is the language of the source."""

    def __init__(self, language: Language, folder: Path | None = None) -> None:
        """Load the catalogue of a language; raise ``CatalogueMissing``."""
        self._locale = _COUNTRY[language]
        self._catalogue = QTranslator()
        if language is Language.DUTCH:
            return
        path = (folder or data_path("translations")) / f"tariefwijzer_{language.value}.qm"
        if not self._catalogue.load(str(path)):
            raise CatalogueMissing(f"{path.name}: `scripts/translations compile` makes it")

    def translate(self, context: str, dutch: str) -> str:
        """Return a text of the catalogue in this language."""
        return self._catalogue.translate(context, dutch) or dutch

    def date(self, day: date) -> str:
        """Return a day in words, as in "30 april 2027"; it is never broken over two lines."""
        written = self._locale.toString(QDate(day.year, day.month, day.day), _DAY)
        return written.replace(" ", _UNBROKEN)

    def percent(self, share: int) -> str:
        """Return a share, as in "20 %"; it is never broken over two lines."""
        pattern = self.translate("Numbers", "{share}\u00a0%")
        return pattern.replace("{share}", self._locale.toString(share))

    def duration(self, seconds: int) -> str:
        """Return a length of time, as in "58 seconden"; two minutes and more in whole minutes."""
        if seconds == 1:
            return self.translate("Numbers", "1\u00a0seconde")
        if seconds < _COUNTED_IN_SECONDS:
            count, pattern = seconds, self.translate("Numbers", "{count}\u00a0seconden")
        else:
            count = math.ceil(seconds / _SECONDS_IN_A_MINUTE)
            pattern = self.translate("Numbers", "{count}\u00a0minuten")
        return pattern.replace("{count}", self._locale.toString(count))
