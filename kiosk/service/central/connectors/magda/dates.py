"""Dates as the registers write them: whole, or with zeroes where a part is not known."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk.service.central.connectors.magda.xml import Node

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_WHOLE: Final = 3
_PART: Final = re.compile(r"\d+", re.ASCII)


class NotADate(Exception):
    """A date that is there and cannot be used. Its text is never quoted."""


@dataclass(frozen=True, slots=True)
class Period:
    """From a day to a day, both included; without an end it is open."""

    begin: date
    end: date | None

    def covers(self, day: date) -> bool:
        """Whether a day lies in it."""
        return self.begin <= day and not self.ended(day)

    def ended(self, day: date) -> bool:
        """Whether its last day lies before a day."""
        return self.end is not None and self.end < day


def whole_date(text: str) -> date | None:
    """Read a date, ``None`` when there is none; raise ``NotADate`` for one with unknown parts."""
    if not text:
        return None
    found = _DATE.match(text)  # a time zone may follow, and moves no day here
    try:
        return date.fromisoformat(found[0] if found else "")
    except ValueError:
        raise NotADate from None


def period_of(node: Node, begin: str, end: str) -> Period:
    """Read the period of two elements inside; raise ``NotADate``, also when there is no begin."""
    first = whole_date(node.text(begin))
    if first is None:
        raise NotADate
    return Period(first, whole_date(node.text(end)))


def is_in_force(node: Node, day: date) -> bool:
    """Whether what carries ``DatumBegin`` and ``DatumEinde`` holds on a day.

    A date with unknown parts is read for what it does say, so that "ended some day in that year"
    counts as ended afterwards; what it leaves open counts as in force.
    """
    begin, end = node.attribute("DatumBegin"), node.attribute("DatumEinde")
    return not _lies_after(begin, day) and not _lies_before(end, day)


def is_no_later(date_text: str, other: str) -> bool:
    """Whether a date is certainly not after another; unknown parts leave it uncertain."""
    one, two = _known(date_text), _known(other)
    common = min(len(one), len(two))
    if one[:common] != two[:common]:
        return one[:common] < two[:common]
    return common == _WHOLE


def full_years(birth: date, day: date) -> int:
    """Return the age on a day."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _known(text: str) -> tuple[str, ...]:
    parts: list[str] = []
    for part in text[:10].split("-"):
        if not _PART.fullmatch(part) or int(part) == 0:
            break
        parts.append(part)
    return tuple(parts)


def _lies_after(text: str, day: date) -> bool:
    known = _known(text)
    return known > tuple(day.isoformat().split("-"))[: len(known)]


def _lies_before(text: str, day: date) -> bool:
    known = _known(text)
    return bool(known) and known < tuple(day.isoformat().split("-"))[: len(known)]
