"""One database, opened once: transactions that are certainly on disk when they end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, TypeAlias

import sqlalchemy as sa

from kiosk.service.central.storage import address, postgresql, sqlite

Connection: TypeAlias = sa.Connection
"""One transaction, for the modules of this package."""


_FAILURES: Final = (
    sa.exc.SQLAlchemyError,
    sqlite.DriverError,
    OSError,
    ImportError,
    UnicodeError,  # what SQLite says of a file whose names of tables are damaged
)


class StorageUnavailable(Exception):
    """The database cannot be read or written now; the message names the kind of failure only."""


class Database:
    """Connections to one database, kept open."""

    def __init__(self, url: str) -> None:
        """Prepare it; raise ``StorageUnavailable`` when that cannot be done.

        A SQLite file is made when it is missing. Another database may be away still.
        """
        self._file = address.sqlite_file(url) if address.is_sqlite(url) else None
        with _told_as_unavailable():
            self._engine = (
                sqlite.open_sqlite(self._file)
                if self._file is not None
                else postgresql.open_postgresql(address.with_driver(url))
            )

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of this machine."""
        return self._file is not None

    @contextmanager
    def writing(self, *, unhurried: bool = False) -> Iterator[sa.Connection]:
        """One transaction, alone of its kind in all processes, committed to disk at its end.

        Raises ``StorageUnavailable`` unless that is certain. ``unhurried`` lifts the limits on
        how long a statement may take.
        """
        with _told_as_unavailable(), self._engine.connect() as connection:
            with connection.begin():
                if self._file is None:
                    postgresql.take_turn(connection)
                    if unhurried:
                        postgresql.take_time(connection)
                yield connection
            if self._file is not None and not sqlite.is_still_there(connection, self._file):
                raise StorageUnavailable("moved")

    @contextmanager
    def counting(self) -> Iterator[sa.Connection]:
        """One transaction that waits for no disk: a power cut may take it back.

        Processes take turns by row and not by the end of the chain. Raises ``StorageUnavailable``.
        """
        with _told_as_unavailable(), self._engine.connect() as connection:
            if self._file is not None:
                sqlite.begin_counting(connection)
            with connection.begin():
                if self._file is None:
                    postgresql.wait_for_no_disk(connection)
                yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One state of the database, for as long as it takes; raises ``StorageUnavailable``."""
        begin = postgresql.begin_reading if self._file is None else sqlite.begin_reading
        with (
            _told_as_unavailable(),
            self._engine.connect() as connection,
            begin(connection).begin(),
        ):
            if self._file is None:
                postgresql.take_time(connection)
            yield connection

    def may_change(self, table: str) -> bool:
        """Whether our role may change or remove rows; raises ``StorageUnavailable``.

        A SQLite file has no roles: who may add to it may change it.
        """
        if self._file is not None:
            return False
        with self.reading() as connection:
            return postgresql.may_change(connection, table)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


@contextmanager
def _told_as_unavailable() -> Iterator[None]:
    try:
        yield
    except _FAILURES as error:
        raise StorageUnavailable(type(error).__name__) from error
