"""The file of an imported list: one table of rows, and one row about the whole.

People stand in it under a keyed hash; of the list only what is asked later is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from kiosk.service.central.connectors.ocmw.database import Asked, Row, all_rows, rows_with
from kiosk.service.central.connectors.ocmw.failures import NotRead, Reason
from kiosk.service.central.connectors.ocmw.flaws import MOST_TOLD
from kiosk.service.central.connectors.ocmw.settings import Ocmw, fact_names

_ROWS: Final = "list_rows"
_PERSON: Final = "person"
_ABOUT: Final = "about_list"
_ABOUT_COLUMNS: Final = ("form", "key_check", "as_of", "row_count")
_VERSION: Final = 1

ABOUT: Final = all_rows(_ABOUT, _ABOUT_COLUMNS)
"""What is asked about a whole list."""


@dataclass(frozen=True, slots=True)
class About:
    """What holds for a whole list. ``form``: how it is laid out, and what it was imported for."""

    form: str
    key_check: bytes
    as_of: datetime
    row_count: int


def form_of(ocmw: Ocmw) -> str:
    """Return what has to be the same when a list is imported and when it is asked.

    One that was imported for other facts knows nothing of those that were added since.
    """
    facts = ",".join(sorted(f"{name}={fact}" for name, fact in fact_names(ocmw.facts).items()))
    return f"{_VERSION} {ocmw.layout} {facts} {'as_of' if ocmw.columns.as_of else ''}"


def url_of(file: str | Path) -> str:
    """Return the address of a file."""
    return str(sa.URL.create("sqlite", database=str(file)))


def person_rows(ocmw: Ocmw) -> Asked:
    """Return what is asked about a person."""
    return rows_with(_ROWS, _PERSON, _columns(ocmw))


def about_in(rows: Sequence[Row]) -> About:
    """Read what holds for the whole list; raise ``NotRead``."""
    try:
        form, key_check, as_of, count = rows[0]
        return About(
            form=str(form),
            key_check=bytes(key_check),  # type: ignore[call-overload]  # raises what is caught
            as_of=datetime.fromisoformat(str(as_of)),
            row_count=int(str(count)),
        )
    except (IndexError, TypeError, ValueError):
        raise NotRead(Reason.NOT_UNDERSTOOD) from None


def make_tables(connection: sa.Connection, ocmw: Ocmw) -> None:
    """Make the tables of a new file."""
    metadata = sa.MetaData()
    sa.Table(
        _ROWS,
        metadata,
        sa.Column("row", sa.Integer, primary_key=True),
        sa.Column(_PERSON, sa.LargeBinary, nullable=False),
        *(sa.Column(name, sa.Text) for name in _columns(ocmw)),
    )
    sa.Table(_ABOUT, metadata, *(sa.Column(name, sa.Text) for name in _ABOUT_COLUMNS))
    metadata.create_all(connection)


def insert_of(ocmw: Ocmw) -> str:
    """Return the statement that adds rows: row, person, and the columns."""
    return f"INSERT INTO {_ROWS} VALUES (?, ?{', ?' * len(_columns(ocmw))})"  # noqa: S608  # names of ours alone


def write_about(connection: sa.Connection, about: About) -> None:
    """Write the row about the whole."""
    table = sa.table(_ABOUT, *(sa.column(name) for name in _ABOUT_COLUMNS))
    values = (about.form, about.key_check, about.as_of.isoformat(), about.row_count)
    row = dict(zip(_ABOUT_COLUMNS, values, strict=True))
    connection.execute(sa.insert(table).values(row))


def doubles(connection: sa.Connection, ocmw: Ocmw) -> list[tuple[int, int]]:
    """Return pairs of rows that tell of the same; sorts all rows by person, on disk."""
    same = ", ".join([_PERSON, *(_columns(ocmw)[:2] if ocmw.layout == "statuses" else ())])
    connection.exec_driver_sql(f"CREATE INDEX list_people ON {_ROWS} ({same})")
    found = connection.exec_driver_sql(
        f"SELECT min(row), max(row) FROM {_ROWS} GROUP BY {same} "  # noqa: S608  # names of ours alone
        f"HAVING count(*) > 1 ORDER BY 2 LIMIT {MOST_TOLD + 1}"
    )
    return [(first, second) for first, second in found]


def count_people(connection: sa.Connection) -> int:
    """Return how many people a list tells of."""
    found = connection.exec_driver_sql(f"SELECT count(DISTINCT {_PERSON}) FROM {_ROWS}")  # noqa: S608  # names of ours
    return int(found.scalar_one())


def _columns(ocmw: Ocmw) -> list[str]:
    facts = list(fact_names(ocmw.facts).values())
    columns = ["status", "start", "end"] if ocmw.layout == "statuses" else facts
    return [*columns, "as_of"] if ocmw.columns.as_of else columns
