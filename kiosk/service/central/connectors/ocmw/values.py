"""Single values as databases and lists write them; what cannot be read is never a no."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final

from kiosk.service.central.facts import YesNo

_YES: Final = frozenset({"1", "j", "ja", "y", "yes", "o", "oui", "t", "true"})
_NO: Final = frozenset({"0", "n", "nee", "no", "non", "f", "false"})
_WITHOUT_END: Final = 9999
_DAYS_KEPT: Final = 2048
_LENGTH: Final = len("2026-11-22")


class NotAValue(Exception):
    """Something that is there and is not of the kind that it should be. It is never quoted."""


def as_day(value: object, *, day_first: bool) -> date | None:
    """Read a day, ``None`` when there is none (the year 9999 is none); raise ``NotAValue``.

    A text is ``2026-11-22``, or with ``day_first`` ``22/11/2026``; a time after it is left out.
    """
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, str):
        value = _day_of(value.strip(), day_first=day_first)
    if value is None:
        return None
    if not isinstance(value, date):
        raise NotAValue
    return None if value.year == _WITHOUT_END else value


def as_moment(value: object, *, day_first: bool) -> datetime | None:
    """Read the moment of which something is told; a day is its beginning in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    day = as_day(value, day_first=day_first)
    return None if day is None else datetime.combine(day, time(), UTC)


def as_yes_no(value: object) -> YesNo | None:
    """Read a plain answer, ``None`` when there is none; raise ``NotAValue``."""
    if value is None:
        return None
    word = str(int(value)) if isinstance(value, bool) else str(value).strip().casefold()
    if word in _YES:
        return YesNo.YES
    if word in _NO:
        return YesNo.NO
    if not word:
        return None
    raise NotAValue


@lru_cache(_DAYS_KEPT)  # a list has many rows, and few days
def _day_of(text: str, *, day_first: bool) -> date | None:
    if not text:
        return None
    text = text[:_LENGTH] if text[_LENGTH : _LENGTH + 1] in ("T", " ") else text
    if day_first and text[2:3] == text[5:6] == "/":
        text = f"{text[6:]}-{text[3:5]}-{text[:2]}"
    elif day_first or text[4:5] != "-" or text[7:8] != "-":  # fromisoformat knows weeks as well
        raise NotAValue
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise NotAValue from None
