"""The rows of the audit: adding, reading in order, and removing what a checkpoint replaces."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from kiosk.service.central.storage import sqlite
from kiosk.service.central.storage.schema import audit_checkpoints as checkpoints
from kiosk.service.central.storage.schema import audit_records as records

AT_ONCE: Final = 5_000
"""Records that are in memory while many are read."""

# Made once: making them takes as long as sending them, and each check needs them twice.
_ADD: Final = sa.insert(records)
_LAST_LINK: Final = sa.select(records.c.seq, records.c.seal).order_by(records.c.seq.desc()).limit(1)
_ADD_SQLITE: Final = sqlite.Compiled(_ADD)
_LAST_LINK_SQLITE: Final = sqlite.Compiled(_LAST_LINK)


class Unreadable(Exception):
    """The database has a record that it cannot give."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which records: asked since, asked before, about one of the pseudonyms; ``None`` is any."""

    since: str | None = None
    until: str | None = None
    subjects: Collection[str] | None = None


def add(connection: sa.Connection, rows: Sequence[Mapping[str, object]]) -> None:
    """Add records; those of one call go to the database together."""
    if _is_sqlite(connection):
        _ADD_SQLITE.run(connection, rows)
    else:
        connection.execute(_ADD, rows)


def last_link(connection: sa.Connection) -> tuple[int, str] | None:
    """Return number and seal of the last record, ``None`` when there is none."""
    if _is_sqlite(connection):
        row = _LAST_LINK_SQLITE.first(connection)
    else:
        row = connection.execute(_LAST_LINK).one_or_none()
    return None if row is None else (row[0], row[1])


def in_order(
    connection: sa.Connection, after: int | None = None, at_once: int = AT_ONCE
) -> Iterator[tuple[Any, ...]]:
    """Every record from the first, or after a number; may raise ``Unreadable`` on the way."""
    wanted = sa.select(records).order_by(records.c.seq)
    if after is not None:
        wanted = wanted.where(records.c.seq > after)
    return _stream(connection, wanted, at_once)


def last(connection: sa.Connection, count: int) -> list[tuple[Any, ...]]:
    """Return the last records, in order."""
    newest = sa.select(records).order_by(records.c.seq.desc()).limit(count)
    return [tuple(row) for row in reversed(connection.execute(newest).all())]


def chosen(connection: sa.Connection, asked: Asked) -> Iterator[dict[str, Any]]:
    """Return records in order, by name of column."""
    wanted = sa.select(records).order_by(records.c.seq)
    if asked.since is not None:
        wanted = wanted.where(records.c.asked_at >= asked.since)
    if asked.until is not None:
        wanted = wanted.where(records.c.asked_at < asked.until)
    if asked.subjects is not None:
        wanted = wanted.where(records.c.subject.in_(asked.subjects))
    names = [column.name for column in records.columns]
    return (dict(zip(names, row, strict=True)) for row in _stream(connection, wanted))


def answer_to(connection: sa.Connection, check_id: str) -> dict[str, Any] | None:
    """Return the record of a check's answer, ``None`` when there is none."""
    wanted = sa.select(records).where(records.c.check_id == check_id, records.c.kind == "answered")
    row = connection.execute(wanted).first()
    return None if row is None else dict(row._mapping)  # noqa: SLF001  # SQLAlchemy's public name


def checkpoints_in_order(connection: sa.Connection) -> list[tuple[int, str, str, str, str]]:
    """Return number, head, time, key and seal of every checkpoint."""
    found = connection.execute(sa.select(checkpoints).order_by(checkpoints.c.seq))
    return [(row.seq, row.head, row.made_at, row.key_id, row.seal) for row in found]


def last_link_before(connection: sa.Connection, moment: str) -> tuple[int, str] | None:
    """Return the end of the beginning of the chain that was all asked before a moment."""
    first_kept = sa.select(sa.func.min(records.c.seq)).where(records.c.asked_at >= moment)
    kept = connection.scalar(first_kept)
    old = _LAST_LINK if kept is None else _LAST_LINK.where(records.c.seq < kept)
    row = connection.execute(old).one_or_none()
    return None if row is None else (row.seq, row.seal)


def replace_by_checkpoint(connection: sa.Connection, row: Mapping[str, object]) -> int:
    """Add a checkpoint, remove the records that it covers, and return their count."""
    connection.execute(sa.insert(checkpoints).values(**row))
    return connection.execute(sa.delete(records).where(records.c.seq <= row["seq"])).rowcount


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _stream(
    connection: sa.Connection, wanted: sa.Select[Any], at_once: int = AT_ONCE
) -> Iterator[tuple[Any, ...]]:
    try:
        streaming = connection.execution_options(yield_per=at_once)
        for part in streaming.execute(wanted).partitions():
            yield from part
    except (sa.exc.DBAPIError, UnicodeError) as error:
        raise Unreadable(type(error).__name__) from error
