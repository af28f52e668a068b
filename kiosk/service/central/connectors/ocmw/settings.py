"""What can be set for the OCMW's data, and what is wrong with it: ``[sources.ocmw]``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Literal

from kiosk.layered import secret
from kiosk.service.central.connectors.guard import Pace, mistakes_in_pace
from kiosk.service.central.connectors.ocmw.database import mistake_in_url
from kiosk.service.central.facts import FACTS, YesNo

GROUP: Final = "ocmw"

_NAME: Final = re.compile(r"[^\W\d]\w{0,127}")
_LONGEST_SECONDS: Final = 30
_MOST_CONNECTIONS: Final = 16

Mistakes = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of the columns; ``status``, ``start`` and ``end`` only with a row a status.

    ``as_of``: of which day a row tells; empty when there is no such column.
    """

    number: str = "national_number"
    status: str = "status"
    start: str = "start_date"
    end: str = "end_date"
    as_of: str = ""


@dataclass(frozen=True, slots=True)
class Imported:
    """The nightly list: where it is kept after its import, and what it has to be like.

    ``floor_percent``: how many rows there must be, compared with the list before.
    ``oldest_days``: how long a list tells anything.
    """

    file: str = ""
    delimiter: Literal[";", ",", "tab"] = ";"
    floor_percent: int = 50
    oldest_days: int = 4


@dataclass(frozen=True, slots=True)
class TablePace(Pace):
    """Questions that the table gets a second, and how many may come at once."""

    per_second: float = 50.0
    stock: int = 100


@dataclass(frozen=True, slots=True)
class Ocmw:
    """Everything about the OCMW's data: a table at ``url``, or an imported list.

    ``facts``: ``STATUS=fact`` with a row a status, ``COLUMN=fact`` with a column a fact.
    ``ignored``: statuses that mean nothing here. ``complete``: whoever is not in it has nothing.
    ``pace``: of the table; the list is a file of our own.
    """

    url: str = secret()
    table: str = ""
    layout: Literal["statuses", "columns"] = "statuses"
    number_format: Literal["digits", "dotted"] = "digits"
    dates: Literal["iso", "day-first"] = "iso"
    facts: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    complete: bool = False
    freshness: Literal["live", "buffer"] = "live"
    timeout_seconds: float = 2.0
    connections: int = 4
    columns: Columns = Columns()
    imported: Imported = Imported()
    pace: TablePace = TablePace()

    @property
    def is_on(self) -> bool:
        """Whether there is anything to ask."""
        return bool(self.url or self.imported.file)


def fact_names(entries: tuple[str, ...]) -> Mapping[str, str]:
    """Read ``NAME=fact`` entries; the last sign of equality counts."""
    parts = (entry.rpartition("=") for entry in entries)
    return {name.strip(): fact.strip() for name, _, fact in parts}


def mistakes_in_ocmw(ocmw: Ocmw) -> Mistakes:
    """Key, below ``sources.ocmw``, and reason of each value that does not do."""
    if not ocmw.is_on:
        return
    yield from _in_place(ocmw)
    yield from _in_facts(ocmw)
    yield from _in_columns(ocmw)
    if not 0 < ocmw.timeout_seconds <= _LONGEST_SECONDS:
        yield "timeout_seconds", f"more than 0 and at most {_LONGEST_SECONDS}"
    if not 1 <= ocmw.connections <= _MOST_CONNECTIONS:
        yield "connections", f"between 1 and {_MOST_CONNECTIONS}"
    if not 0 <= ocmw.imported.floor_percent <= 100:
        yield "imported.floor_percent", "between 0 and 100"
    if ocmw.imported.oldest_days < 1:
        yield "imported.oldest_days", "at least 1"
    yield from mistakes_in_pace(ocmw.pace)


def _in_place(ocmw: Ocmw) -> Mistakes:
    if ocmw.url and ocmw.imported.file:
        yield "imported.file", "a table at 'url' or an imported list, not both"
    if ocmw.url:
        mistake = mistake_in_url(ocmw.url)
        if mistake:
            yield "url", mistake
        if not all(_NAME.fullmatch(part) for part in ocmw.table.split(".", 1)):
            yield "table", "the name of a table or view, with its schema and a point before it"
    elif not Path(ocmw.imported.file).is_absolute():
        yield "imported.file", "a path from the root, such as /var/lib/tariefwijzer/ocmw.sqlite3"


def _in_facts(ocmw: Ocmw) -> Mistakes:
    names = fact_names(ocmw.facts)
    if not names or len(names) != len(ocmw.facts) or not all(names) or not all(names.values()):
        yield "facts", "entries are NAME=fact, one a name, and at least one"
        return
    of_group = {name: kind for name, kind in FACTS.items() if kind.group == GROUP}
    for fact in names.values():
        kind = of_group.get(fact)
        if kind is None:
            yield "facts", f"the OCMW tells no fact of that name: {', '.join(of_group)}"
            break
        if ocmw.layout == "statuses" and kind.choices is not YesNo:
            yield "facts", f"{fact} follows from the dates of the statuses"
    if ocmw.layout == "columns" and len(set(names.values())) < len(names):
        yield "facts", "one column a fact"
    if both := set(ocmw.ignored) & set(names):
        yield "ignored", f"stands under 'facts' too: {', '.join(sorted(both))}"


def _in_columns(ocmw: Ocmw) -> Mistakes:
    used = ["number", "as_of"] if ocmw.layout == "columns" else [f.name for f in fields(Columns)]
    names = {
        key: getattr(ocmw.columns, key) for key in used if key != "as_of" or ocmw.columns.as_of
    }
    for key, name in names.items():
        if not _NAME.fullmatch(name):
            yield f"columns.{key}", "the name of a column"
    every = [*names.values(), *(fact_names(ocmw.facts) if ocmw.layout == "columns" else ())]
    if ocmw.layout == "columns" and not all(map(_NAME.fullmatch, fact_names(ocmw.facts))):
        yield "facts", "the names before '=' are columns"
    if any(count > 1 for count in Counter(every).values()):
        yield "columns", "each stands for one thing only"
