"""One row of a list: checked, and turned into what is kept of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber, NumberKind
from kiosk.service.central.connectors.ocmw.flaws import Flaws
from kiosk.service.central.connectors.ocmw.settings import Ocmw, fact_names
from kiosk.service.central.connectors.ocmw.values import (
    NotAValue,
    as_day,
    as_moment,
    as_yes_no,
)
from kiosk.service.central.facts import FACTS, YesNo
from kiosk.service.central.keys import Keys

_FORMATS: Final = {
    "digits": (re.compile(r"\d{11}", re.ASCII), "is not eleven digits"),
    "dotted": (
        re.compile(r"\d\d\.\d\d\.\d\d-\d{3}\.\d\d", re.ASCII),
        "is not of the form 00.00.00-000.00",
    ),
}
_CLOCKS_APART: Final = timedelta(days=1)

Kept = tuple[object, ...]


class RowCheck:
    """Checks the rows of one list; remembers of which day the newest tells."""

    def __init__(self, ocmw: Ocmw, keys: Keys, flaws: Flaws, *, test_numbers: bool) -> None:
        self._ocmw, self._keys, self._flaws = ocmw, keys, flaws
        self._test_numbers = test_numbers
        self._names = fact_names(ocmw.facts)
        self._latest = datetime.now(UTC) + _CLOCKS_APART
        self._day_first = ocmw.dates == "day-first"
        self.newest: datetime | None = None

    @property
    def columns(self) -> list[str]:
        """The columns of the file that are read; others are not looked at."""
        of = self._ocmw.columns
        told = [of.status, of.start, of.end] if self._by_status else list(self._names)
        return [of.number, *told, *([of.as_of] if of.as_of else [])]

    def kept(self, row: int, values: Sequence[object]) -> Kept | None:
        """Return what is kept, ``None`` for nothing: flawed, or a status that is ignored."""
        number, *told = values
        before = self._flaws.count
        person = self._person(row, number)
        as_of = [self._as_of(row, told.pop())] if self._ocmw.columns.as_of else []
        content = self._status(row, told) if self._by_status else self._facts(row, told)
        if self._flaws.count > before or content is None:
            return None
        return (row, person, *content, *as_of)

    @property
    def _by_status(self) -> bool:
        return self._ocmw.layout == "statuses"

    def _person(self, row: int, value: object) -> bytes:
        column = self._ocmw.columns.number
        pattern, other_form = _FORMATS[self._ocmw.number_format]
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self._flaws.add(other_form, row, column)
            return b""
        try:
            number = NationalNumber(value)
        except InvalidNationalNumber:
            self._flaws.add("has other check digits", row, column)
            return b""
        if number.kind is NumberKind.TEST and not self._test_numbers:
            self._flaws.add("is a test number", row, column)
        person = self._keys.listed(number)
        number.wipe()
        return person

    def _as_of(self, row: int, value: object) -> str:
        column = self._ocmw.columns.as_of
        try:
            moment = as_moment(value, day_first=self._day_first)
        except NotAValue:
            moment = None
        if moment is None:
            self._flaws.add("is not a date", row, column)
            return ""
        if moment > self._latest:
            self._flaws.add("lies in the future", row, column)
        self.newest = max(moment, self.newest or moment)
        return moment.isoformat()

    def _status(self, row: int, told: Sequence[object]) -> Kept | None:
        of = self._ocmw.columns
        status = str(told[0]).strip()
        start = self._day(row, of.start, told[1])
        end = self._day(row, of.end, told[2])
        if start and end and start > end:
            self._flaws.add(f"lies after {of.end}", row, of.start)
        if status in self._ocmw.ignored:
            return None
        if status not in self._names:
            self._flaws.add("is not one of those under 'facts' and 'ignored'", row, of.status)
        return (status, start, end)

    def _facts(self, row: int, told: Sequence[object]) -> Kept:
        pairs = zip(self._names.items(), told, strict=True)
        return tuple(self._fact(row, column, fact, value) for (column, fact), value in pairs)

    def _fact(self, row: int, column: str, fact: str, value: object) -> str | None:
        if FACTS[fact].choices is not YesNo:
            return self._day(row, column, value)
        try:
            answer = as_yes_no(value)
        except NotAValue:
            self._flaws.add("is neither yes nor no", row, column)
            return None
        return None if answer is None else answer.value

    def _day(self, row: int, column: str, value: object) -> str | None:
        try:
            day = as_day(value, day_first=self._day_first)
        except NotAValue:
            form = "22/11/2026" if self._day_first else "2026-11-22"
            self._flaws.add(f"is not a date such as {form}", row, column)
            return None
        return None if day is None else day.isoformat()
