"""Dates as cards write them, of which some leave out the day or the month.

Source: Belgian eID card content 5.4, section 6.1, and its table of months;
forms as seen on specimens. A part that is not there is never invented.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

_MONTHS: Final = (
    {"JAN"},
    {"FEV", "FEB"},
    {"MARS", "MAAR", "MAR", "MRT", "MRZ"},
    {"AVR", "APR"},
    {"MAI", "MEI"},
    {"JUIN", "JUN"},
    {"JUIL", "JUL"},
    {"AOUT", "AUG"},
    {"SEPT", "SEP"},
    {"OCT", "OKT"},
    {"NOV"},
    {"DEC", "DEZ"},
)
"""French, Dutch and German, without accents."""
_BY_NAME: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}


@dataclass(frozen=True, slots=True)
class CardDate:
    """A date of which only the year is certain to be known."""

    year: int
    month: int | None = None
    day: int | None = None

    @property
    def exact(self) -> date | None:
        """The day, or ``None`` when a part is missing or there is no such day."""
        if self.month is None or self.day is None:
            return None
        try:
            return date(self.year, self.month, self.day)
        except ValueError:
            return None


def card_date(text: str) -> CardDate | None:
    """Read ``28.02.2031``, ``3 MEI 2001``, ``13.AUG. 1996``, ``JUIN 1971`` or ``1962``.

    ``None`` for anything else. A month that nobody knows leaves the year alone: a
    day without its month says nothing.
    """
    parts = [part for part in re.split(r"[\s.]+", text) if part]
    if not 1 <= len(parts) <= 3 or not re.fullmatch(r"[0-9]{4}", parts[-1]):
        return None
    year, rest = int(parts[-1]), parts[:-1]
    month = _month(rest.pop()) if rest else None
    if not rest or month is None:
        return CardDate(year, month)
    day = rest.pop()
    return CardDate(year, month, int(day)) if re.fullmatch(r"[0-9]{1,2}", day) else None


def _month(text: str) -> int | None:
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    plain = unicodedata.normalize("NFD", text.upper())
    return _BY_NAME.get("".join(c for c in plain if not unicodedata.combining(c)))
