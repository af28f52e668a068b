"""SQLite with connections that stay open, and that notice when their files are gone.

A connection that is kept goes on writing into a file that somebody has removed or replaced, and
those records would be lost without anybody noticing. So the files are compared, by device and
inode, before a connection is used and after each commit. That costs two looks at the directory;
a connection opened for each record costs 2 ms.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import QueuePool

DriverError = sqlite3.Error
"""What goes wrong past SQLAlchemy."""

_BUSY_SECONDS: Final = 1.0
_CONNECTIONS: Final = 4
_FILES: Final = "files"
_COUNTS: Final = "counts"
_READS: Final = "reads"
_SYNCHRONOUS: Final = "synchronous"


class Compiled:
    """A statement that goes straight to the driver.

    What SQLAlchemy does around each execution takes longer than SQLite itself, and every check
    waits for it twice. Errors are those of the driver.
    """

    def __init__(self, statement: sa.sql.ClauseElement) -> None:
        compiled = statement.compile(
            dialect=SQLiteDialect_pysqlite(), compile_kwargs={"literal_binds": True}
        )
        self._text = str(compiled)
        self._names: tuple[str, ...] = tuple(getattr(compiled, "positiontup", None) or ())

    def first(self, connection: sa.Connection) -> Any:
        """Return the first row, ``None`` when there is none."""
        return _driver(connection).execute(self._text).fetchone()

    def run(self, connection: sa.Connection, rows: Iterable[Mapping[str, object]]) -> None:
        """Execute it with the values of each row."""
        values = ([row[name] for name in self._names] for row in rows)
        _driver(connection).executemany(self._text, values)


def open_sqlite(path: Path) -> sa.Engine:
    """Prepare a file for its owner only; raise ``OSError`` when it cannot be had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # mode=rw: a file that is gone is an error and not an empty new one.
    existing = {"uri": "true", "mode": "rw"}
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=f"file:{quote(str(path))}", query=existing),
        poolclass=QueuePool,
        pool_size=_CONNECTIONS,
        pool_timeout=_BUSY_SECONDS,
        hide_parameters=True,
    )
    _tame(engine, path)
    return engine


def is_still_there(connection: sa.Connection, path: Path) -> bool:
    """Whether a connection's files are those that stand in the directory."""
    return bool(connection.info.get(_FILES) == _identity(path))


def begin_reading(connection: sa.Connection) -> sa.Connection:
    """Let the next transaction see one state of the database, and hinder no writer."""
    return connection.execution_options(**{_READS: True})


def begin_counting(connection: sa.Connection) -> sa.Connection:
    """Let the next transaction's commit be told before it is on disk."""
    return connection.execution_options(**{_COUNTS: True})


def _tame(engine: sa.Engine, path: Path) -> None:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late, see below
        connection.execute(f"PRAGMA busy_timeout={round(_BUSY_SECONDS * 1000)}")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # opens the journal
        record.info[_FILES] = _identity(path)
        record.info[_SYNCHRONOUS] = ""

    @sa.event.listens_for(engine, "checkout")
    def _on_checkout(_connection: Any, record: Any, _proxy: Any) -> None:
        if record.info[_FILES] != _identity(path):
            raise sa.exc.DisconnectionError("moved")  # the pool drops it and opens another

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A writer takes the lock before it reads what it builds on.
        options = connection.get_execution_options()
        driver, synchronous = _driver(connection), "NORMAL" if _COUNTS in options else "FULL"
        if connection.info[_SYNCHRONOUS] != synchronous:
            driver.execute(f"PRAGMA synchronous={synchronous}")
            connection.info[_SYNCHRONOUS] = synchronous
        driver.execute("BEGIN" if _READS in options else "BEGIN IMMEDIATE")


def _driver(connection: sa.Connection) -> Any:
    return connection.connection.driver_connection


def _identity(path: Path) -> tuple[tuple[int, int] | None, ...]:
    return tuple(_number(name) for name in (path, f"{path}-wal"))


def _number(name: str | Path) -> tuple[int, int] | None:
    try:
        found = os.stat(name)  # noqa: PTH116  # twice a record; a Path costs four times as much
    except OSError:
        return None
    return found.st_dev, found.st_ino
