"""Where the rows of a person are found: in a table of the city, or in the imported list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from kiosk.domain.national_number import NationalNumber, Purpose
from kiosk.service.central.connectors.ocmw import stored
from kiosk.service.central.connectors.ocmw.database import Place, Reader, any_like, rows_with
from kiosk.service.central.connectors.ocmw.failures import NotRead, Reason
from kiosk.service.central.connectors.ocmw.rows import Plan, Row
from kiosk.service.central.connectors.ocmw.settings import Ocmw, fact_names
from kiosk.service.central.keys import Keys


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one person, and when the whole was loaded, if it was."""

    rows: Sequence[Row]
    loaded_at: datetime | None = None


class Shelf(Protocol):
    """A place to look; :meth:`find` blocks."""

    @property
    def plan(self) -> Plan:
        """How its rows are to be read."""
        ...

    def key(self, number: NationalNumber) -> str | bytes:
        """Return what a person is looked for by."""
        ...

    def find(self, key: str | bytes) -> Found:
        """Return the rows; raise ``NotRead``."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class View:
    """A table or view of the city's, asked anew each time."""

    def __init__(self, ocmw: Ocmw) -> None:
        names, columns = fact_names(ocmw.facts), ocmw.columns
        by_status = ocmw.layout == "statuses"
        self.plan = Plan(
            facts=names,
            statuses=by_status,
            complete=ocmw.complete,
            day_first=ocmw.dates == "day-first",
            ignored=frozenset(ocmw.ignored),
            has_as_of=bool(columns.as_of),
        )
        asked = [columns.status, columns.start, columns.end] if by_status else list(names)
        asked += [columns.as_of] if columns.as_of else []
        place = Place(ocmw.url, ocmw.timeout_seconds, ocmw.connections)
        self._reader = Reader(place)
        self._person = rows_with(ocmw.table, columns.number, asked)
        self._like = any_like(ocmw.table, columns.number)
        self._dotted = ocmw.number_format == "dotted"

    def key(self, number: NationalNumber) -> str:
        """Return the number as it stands in the table."""
        return self._as_in_table(number.disclose(Purpose.OCMW_QUESTION))

    def find(self, key: str | bytes) -> Found:
        """Return the rows; raise ``NotRead``."""
        (rows,) = self._reader.rows(self._person, key=key)
        if not rows and self.plan.complete:
            self._require_numbers()
        return Found(rows)

    def close(self) -> None:
        """Let the connections go."""
        self._reader.close()

    def _require_numbers(self) -> None:
        # In an empty table, or one with numbers of another form, nobody is found.
        (any_number,) = self._reader.rows(self._like, key=self._as_in_table("_" * 11))
        if not any_number:
            raise NotRead(Reason.NO_NUMBERS)

    def _as_in_table(self, digits: str) -> str:
        if not self._dotted:
            return digits
        return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"


class ImportedList:
    """The list of last night, under keyed hashes; a new one is seen with the next question."""

    def __init__(self, ocmw: Ocmw, keys: Keys) -> None:
        names = fact_names(ocmw.facts)
        by_status = ocmw.layout == "statuses"
        self.plan = Plan(
            facts=names if by_status else {fact: fact for fact in names.values()},
            statuses=by_status,
            complete=ocmw.complete,
            has_as_of=bool(ocmw.columns.as_of),
        )
        self._keys = keys
        self._form = stored.form_of(ocmw)
        self._oldest = timedelta(days=ocmw.imported.oldest_days)
        url, seconds = stored.url_of(ocmw.imported.file), ocmw.timeout_seconds
        self._reader = Reader(Place(url, seconds, never_changes=True))
        self._person = stored.person_rows(ocmw)

    def key(self, number: NationalNumber) -> bytes:
        """Return the keyed hash of the number."""
        return self._keys.listed(number)

    def find(self, key: str | bytes) -> Found:
        """Return the rows; raise ``NotRead``, also for a list that may not be used any more."""
        try:
            whole, rows = self._reader.rows(stored.ABOUT, self._person, key=key)
        except NotRead as failure:
            if failure.reason is Reason.NO_CONNECTION:  # there is no such file
                raise NotRead(Reason.NOT_IMPORTED) from None
            raise
        about = stored.about_in(whole)
        self._require_usable(about)
        return Found(rows, about.as_of)

    def close(self) -> None:
        """Let the file go."""
        self._reader.close()

    def _require_usable(self, about: stored.About) -> None:
        if about.key_check != self._keys.list_check:
            raise NotRead(Reason.OTHER_KEY)  # under another key nobody would be found
        if about.form != self._form:
            raise NotRead(Reason.OTHER_LIST)
        if datetime.now(UTC) - about.as_of > self._oldest:
            raise NotRead(Reason.STALE)
