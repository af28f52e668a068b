"""One table of somebody else's: asked for one person's rows, and never written to.

The text of a database's error may quote what was asked for, so none of them leaves this module.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool, QueuePool

from kiosk.service.central.connectors.ocmw.failures import NotRead, Reason

MOST_ROWS: Final = 200
"""More rows than any person has; a table that has more is not the table that was meant."""

_STEPS_BETWEEN_LOOKS: Final = 5000
_KEY: Final = "key"
_SQLITE: Final = "sqlite"
_SQLITE_DRIVER: Final = "sqlite3"
_POSTGRESQL: Final = "postgresql"
_LEAST_CONNECT_SECONDS: Final = 2  # libpq takes no less

_REASONS: Final[Mapping[str, Reason]] = {
    "SQLITE_BUSY": Reason.LOCKED,
    "SQLITE_LOCKED": Reason.LOCKED,
    "SQLITE_INTERRUPT": Reason.TIMEOUT,
    "SQLITE_ERROR": Reason.OTHER_SCHEMA,
    "SQLITE_NOTADB": Reason.NOT_UNDERSTOOD,
    "SQLITE_CORRUPT": Reason.NOT_UNDERSTOOD,
    "57014": Reason.TIMEOUT,
    "55P03": Reason.LOCKED,
    "53": Reason.TOO_BUSY,
    "08": Reason.NO_CONNECTION,
    "57": Reason.NO_CONNECTION,
    "58": Reason.NO_CONNECTION,
    "42501": Reason.NOT_AUTHORISED,
    "28": Reason.NOT_AUTHORISED,
    "42": Reason.OTHER_SCHEMA,
    "22": Reason.NOT_UNDERSTOOD,
}
"""By the beginning of SQLite's name of an error, or of the SQLSTATE; longer ones come first."""

Row = tuple[object, ...]
Asked = sa.Select[Any]
"""One question; a key that it has is given later."""


@dataclass(frozen=True, slots=True)
class Place:
    """A database, and how long it may take."""

    url: str
    seconds: float
    connections: int = 1
    never_changes: bool = False


class Reader:
    """Asks questions of one database. Blocking; any number of threads may."""

    def __init__(self, place: Place) -> None:
        self._seconds = place.seconds
        self._engine = _open(place)

    def rows(self, *asked: Asked, key: str | bytes = "") -> list[list[Row]]:
        """Return the rows of each question; raise ``NotRead``."""
        try:
            with self._connected() as connection:
                if connection.dialect.name == _POSTGRESQL:
                    _bind_postgresql(connection, self._seconds)
                return [_few(connection, each, key) for each in asked]
        except sa.exc.SQLAlchemyError as error:
            raise NotRead(reason_of(error)) from None

    def close(self) -> None:
        """Let the connections go."""
        self._engine.dispose()

    def _connected(self) -> sa.Connection:
        """Connect; a connection that could not be made is tried once more, if there is time."""
        ends = time.monotonic() + self._seconds
        try:
            return self._engine.connect()
        except sa.exc.SQLAlchemyError as error:
            if reason_of(error) is not Reason.NO_CONNECTION or time.monotonic() >= ends:
                raise
        return self._engine.connect()


def all_rows(table: str, columns: Sequence[str]) -> Asked:
    """Ask for some columns of a small table."""
    known = _table(table, columns)
    return sa.select(*(known.c[name] for name in columns)).limit(MOST_ROWS + 1)


def rows_with(table: str, key: str, columns: Sequence[str]) -> Asked:
    """Ask for the rows that have the key in a column."""
    known = _table(table, [key, *columns])
    asked = sa.select(*(known.c[name] for name in columns)).limit(MOST_ROWS + 1)
    return asked.where(known.c[key] == sa.bindparam(_KEY))


def any_like(table: str, key: str) -> Asked:
    """Ask whether any row has a text in a column that is like the key (``_`` is any sign)."""
    column = sa.column(key, sa.Text)
    is_text = column == column.concat("")  # what is stored as a number equals no text
    asked = sa.select(sa.literal(1)).select_from(_table(table, [key])).limit(1)
    return asked.where(column.like(sa.bindparam(_KEY)), is_text)


def _table(name: str, columns: Sequence[str]) -> sa.TableClause:
    schema, _, name = name.rpartition(".")
    return sa.table(name, *map(sa.column, columns), schema=schema or None)


def _few(connection: sa.Connection, asked: Asked, key: str | bytes) -> list[Row]:
    rows = [tuple(row) for row in connection.execute(asked, {_KEY: key})]
    if len(rows) > MOST_ROWS:
        raise NotRead(Reason.TOO_MANY_ROWS)
    return rows


def mistake_in_url(url: str) -> str | None:
    """Say what is wrong with an address, without a part of it; ``None`` when it will do."""
    try:
        address = sa.make_url(url)
        address.get_dialect().import_dbapi()
    except (sa.exc.ArgumentError, ImportError, ValueError):
        return "is not an address of a database that this installation can open"
    if address.get_backend_name() == _SQLITE and not Path(address.database or "").is_absolute():
        return "names no file from the root, as in sqlite:////srv/ocmw.sqlite3"
    return None


def reason_of(error: sa.exc.SQLAlchemyError) -> Reason:
    """Return the word for what a database said."""
    if isinstance(error, sa.exc.TimeoutError):  # no connection of the pool came free
        return Reason.TOO_BUSY
    origin = getattr(error, "orig", None)
    code = getattr(origin, "sqlite_errorname", None) or getattr(origin, "sqlstate", None) or ""
    found = next((reason for start, reason in _REASONS.items() if code.startswith(start)), None)
    if found is None and _is_of_rows(error, origin):
        return Reason.NOT_UNDERSTOOD
    if found is None and isinstance(error, sa.exc.ProgrammingError):
        return Reason.OTHER_SCHEMA
    return found or Reason.NO_CONNECTION


def _is_of_rows(error: sa.exc.SQLAlchemyError, origin: object) -> bool:
    """Whether a database or its driver was there, and could not make out what it found.

    One person's rows do that: a text that is none, or two where a view takes for granted one.
    """
    if type(origin).__module__ == _SQLITE_DRIVER:
        return not hasattr(origin, "sqlite_errorname")  # the driver's own
    return bool(getattr(origin, "sqlstate", None)) or isinstance(error, sa.exc.DataError)


def _open(place: Place) -> sa.Engine:
    address = sa.make_url(place.url)
    if address.get_backend_name() == _SQLITE:
        return _open_sqlite(place, Path(address.database or ""))
    arguments: dict[str, Any] = {}
    if address.get_backend_name() == _POSTGRESQL:
        arguments = {
            "connect_timeout": max(_LEAST_CONNECT_SECONDS, math.ceil(place.seconds)),
            "tcp_user_timeout": round(place.seconds * 1000),
            "prepare_threshold": None,  # a pooler in between may not know prepared statements
            "application_name": "tariefwijzer",
        }
    return sa.create_engine(
        address,
        connect_args=arguments,
        poolclass=QueuePool,
        pool_size=place.connections,
        max_overflow=0,
        pool_timeout=place.seconds,
        pool_pre_ping=True,
        hide_parameters=True,
    )


def _open_sqlite(place: Place, file: Path) -> sa.Engine:
    # mode=ro makes no file and writes to none, whatever the rights on it.
    query = {"uri": "true", "mode": "ro"} | ({"immutable": "1"} if place.never_changes else {})
    engine = sa.create_engine(
        sa.URL.create(_SQLITE, database=f"file:{quote(str(file))}", query=query),
        connect_args={"timeout": place.seconds},
        poolclass=NullPool,  # a file that was put in place of another is seen at once
        hide_parameters=True,
    )

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        ends = time.monotonic() + place.seconds
        connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS_BETWEEN_LOOKS)
        connection.execute("PRAGMA query_only=ON")

    return engine


def _bind_postgresql(connection: sa.Connection, seconds: float) -> None:
    connection.execution_options(postgresql_readonly=True)
    limit = round(seconds * 1000)
    # Of this transaction only, so that it holds behind a pooler too.
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit}")
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {limit}")
