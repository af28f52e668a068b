"""The nightly import: a whole list, checked, and put in the place of the one before in one step.

The new list is written beside the old one and renamed over it when it is certainly on disk. So
whatever happens, and whenever, there is one whole list: the old one or the new one.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from kiosk.service.central.connectors.ocmw import stored
from kiosk.service.central.connectors.ocmw.database import Place, Reader
from kiosk.service.central.connectors.ocmw.failures import NotRead
from kiosk.service.central.connectors.ocmw.flaws import Flaws, ListWrong
from kiosk.service.central.connectors.ocmw.list_check import Kept, RowCheck
from kiosk.service.central.connectors.ocmw.list_file import rows_of
from kiosk.service.central.connectors.ocmw.settings import Ocmw
from kiosk.service.central.keys import Keys

_ROWS_AT_ONCE: Final = 2000
_LEFT_BEHIND_SECONDS: Final = 3600.0
_BESIDE: Final = ".new"
_SETTINGS: Final = ("journal_mode=OFF", "synchronous=OFF", "locking_mode=EXCLUSIVE")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was imported."""

    rows: int
    people: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Import:
    """How to import: the settings, the key of the names, and what is let pass.

    ``force`` takes a list that is much shorter than the one before.
    """

    ocmw: Ocmw
    keys: Keys
    test_numbers: bool
    force: bool = False

    def run(self, path: Path) -> Loaded:
        """Import a file; raise ``ListWrong`` with everything that is wrong with it.

        Raises ``OSError`` when the new list cannot be written. After either, the old one stands.
        """
        target = Path(self.ocmw.imported.file)
        _remove_left_behind(target)
        handle, name = tempfile.mkstemp(_BESIDE, f"{target.name}-", target.parent)
        os.close(handle)
        beside = Path(name)
        try:
            loaded = self._write(path, beside)
            _sync(beside)
            beside.replace(target)
            _sync(target.parent)
        finally:
            beside.unlink(missing_ok=True)
        return loaded

    def _write(self, path: Path, beside: Path) -> Loaded:
        flaws = Flaws()
        check = RowCheck(self.ocmw, self.keys, flaws, test_numbers=self.test_numbers)
        with _writing(beside) as connection:
            stored.make_tables(connection, self.ocmw)
            rows = _Counted(self, path, check, flaws)
            insert = stored.insert_of(self.ocmw)
            while some := list(islice(rows, _ROWS_AT_ONCE)):
                connection.exec_driver_sql(insert, some)
            if not flaws.count:
                self._look_at_whole(connection, rows.count, flaws)
            if flaws.count:
                raise ListWrong(flaws)
            as_of = check.newest or datetime.now(UTC)
            form, key_check = stored.form_of(self.ocmw), self.keys.list_check
            stored.write_about(connection, stored.About(form, key_check, as_of, rows.count))
            return Loaded(rows.count, stored.count_people(connection), as_of)

    def _look_at_whole(self, connection: sa.Connection, count: int, flaws: Flaws) -> None:
        for first, second in stored.doubles(connection, self.ocmw):
            flaws.add(f"tells of the same as row {first}", second, self.ocmw.columns.number)
        before = _rows_before(self.ocmw)
        floor = self.ocmw.imported.floor_percent
        if self.force:
            return
        if not count:
            flaws.add("holds no rows; --force takes it all the same")
        elif count * 100 < before * floor:
            told = f"holds {count} rows, fewer than {floor} % of the {before} before"
            flaws.add(f"{told}; --force takes it all the same")


class _Counted:
    """The rows that are kept, and the number of all."""

    def __init__(self, how: Import, path: Path, check: RowCheck, flaws: Flaws) -> None:
        self.count = 0
        self._check = check
        self._rows = rows_of(path, check.columns, how.ocmw.imported.delimiter, flaws)

    def __iter__(self) -> Iterator[Kept]:
        return self

    def __next__(self) -> Kept:
        for row, values in self._rows:
            self.count += 1
            kept = self._check.kept(row, values)
            if kept is not None:
                return kept
        raise StopIteration


@contextmanager
def _writing(file: Path) -> Iterator[sa.Connection]:
    """One transaction on a new file of which nobody knows yet; raise ``OSError``."""
    engine = sa.create_engine(stored.url_of(file), poolclass=NullPool, hide_parameters=True)
    try:
        with engine.connect() as connection:
            for setting in _SETTINGS:
                connection.exec_driver_sql(f"PRAGMA {setting}")
            yield connection
            connection.commit()
    except sa.exc.SQLAlchemyError:
        raise OSError("the new list cannot be written") from None


def _rows_before(ocmw: Ocmw) -> int:
    reader = Reader(Place(stored.url_of(ocmw.imported.file), ocmw.timeout_seconds))
    try:
        return stored.about_in(reader.rows(stored.ABOUT)[0]).row_count
    except NotRead:  # there is none, or none that can be read: nothing to be compared with
        return 0
    finally:
        reader.close()


def _remove_left_behind(target: Path) -> None:
    """What an import left that was killed. A younger one may still be running."""
    for path in target.parent.glob(f"{target.name}-*{_BESIDE}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > _LEFT_BEHIND_SECONDS:
                path.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
