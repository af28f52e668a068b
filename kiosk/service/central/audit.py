"""Who asked about whom, when, why, and what colour came out: append-only, sealed, chained.

Every check leaves two records: ``asked``, committed before any source is called, and ``answered``,
committed before the answer leaves. No record, no check. A record holds neither a fact nor a number:
the subject is a keyed pseudonym. Each seal covers the one before it, so that a changed, removed or
inserted record breaks the chain; what is cut off at the end has to be noticed by comparing
:class:`Chain` with an earlier one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from kiosk.service.central.keys import Keys

_START: Final = "0" * 64
_ATTEMPTS: Final = 5
_BUSY_SECONDS: Final = 1.0


class AuditUnavailable(Exception):
    """Nothing could be recorded, so nothing may be answered."""


@dataclass(frozen=True, slots=True)
class SourceCall:
    """One group that was asked: how it fared and how long it took."""

    group: str
    state: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is recorded of a check. ``answered_at``, ``sources`` and ``colour`` are of its end."""

    kind: Literal["asked", "answered"]
    check_id: str
    correlation_id: str
    asked_at: datetime
    client: str
    device: str
    channel: str
    site: str
    purpose: str
    use_case: str
    rule_set: str
    subject: str
    capture_method: str
    proof: str
    answered_at: datetime | None = None
    sources: tuple[SourceCall, ...] = ()
    colour: str | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """The state of the chain: how many records are sound, the last seal, the first broken one."""

    records: int
    head: str
    broken_at: int | None = None

    @property
    def is_sound(self) -> bool:
        """Whether every record is as it was written, and none is missing in between."""
        return self.broken_at is None


_metadata = sa.MetaData()
_TEXTS = tuple(item.name for item in fields(Entry))
_records = sa.Table(
    "audit_records",
    _metadata,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=name in {"answered_at", "colour"}) for name in _TEXTS),
    sa.Column("previous", sa.String(64), nullable=False, unique=True),
    sa.Column("seal", sa.String(64), nullable=False),
)


class AuditStore:
    """The records of one database.

    Every append opens its own connection: a connection that is kept goes on writing into a SQLite
    file that somebody has removed, and those records would be lost without anybody noticing.
    """

    def __init__(self, url: str, keys: Keys) -> None:
        """Open or prepare the database; raise ``AuditUnavailable`` when that cannot be done."""
        self._keys = keys
        try:
            self._engine = _engine(sa.make_url(url))
            _metadata.create_all(self._engine)
        except (sa.exc.SQLAlchemyError, OSError, ImportError) as error:
            raise AuditUnavailable(type(error).__name__) from error

    def append(self, entry: Entry) -> None:
        """Commit one record; raise ``AuditUnavailable`` when it is not certainly on disk."""
        row = _row(entry)
        for _ in range(_ATTEMPTS):
            try:
                with self._engine.begin() as connection:
                    self._insert(connection, row)
                return
            except sa.exc.IntegrityError:
                continue  # another process was first: its seal is the one to build on
            except (sa.exc.SQLAlchemyError, OSError) as error:
                raise AuditUnavailable(type(error).__name__) from error
        raise AuditUnavailable("crowded")

    def probe(self) -> None:
        """Raise ``AuditUnavailable`` when a record could not be written now; writes nothing."""
        try:
            with self._engine.begin() as connection:
                connection.execute(sa.select(sa.func.max(_records.c.seq))).one()
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise AuditUnavailable(type(error).__name__) from error

    def verify(self) -> Chain:
        """Walk the chain from its first record; raise ``AuditUnavailable`` if it cannot be read."""
        try:
            with self._engine.connect() as connection:
                rows = connection.execute(sa.select(_records).order_by(_records.c.seq))
                return self._walk(dict(row) for row in rows.mappings())
        except (sa.exc.SQLAlchemyError, OSError) as error:
            raise AuditUnavailable(type(error).__name__) from error

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Every record in order, as stored."""
        with self._engine.connect() as connection:
            for row in connection.execute(sa.select(_records).order_by(_records.c.seq)).mappings():
                yield dict(row)

    def _insert(self, connection: sa.Connection, row: dict[str, str | None]) -> None:
        last = connection.execute(
            sa.select(_records.c.seq, _records.c.seal).order_by(_records.c.seq.desc()).limit(1)
        ).one_or_none()
        seq, previous = (1, _START) if last is None else (last.seq + 1, last.seal)
        seal = self._seal(seq, previous, row)
        connection.execute(sa.insert(_records).values(seq=seq, previous=previous, seal=seal, **row))

    def _walk(self, rows: Iterable[Mapping[str, Any]]) -> Chain:
        count, head = 0, _START
        for row in rows:
            content = {name: row[name] for name in _TEXTS}
            expected = self._seal(count + 1, head, content)
            if (row["seq"], row["previous"], row["seal"]) != (count + 1, head, expected):
                return Chain(count, head, broken_at=count + 1)
            count, head = count + 1, expected
        return Chain(count, head)

    def _seal(self, seq: int, previous: str, row: Mapping[str, str | None]) -> str:
        content = json.dumps([seq, previous, row], sort_keys=True, ensure_ascii=True)
        return self._keys.seal(content.encode("ascii"))


def _row(entry: Entry) -> dict[str, str | None]:
    row: dict[str, str | None] = {name: getattr(entry, name) for name in _TEXTS}
    row["asked_at"] = entry.asked_at.isoformat()
    row["answered_at"] = entry.answered_at.isoformat() if entry.answered_at else None
    row["sources"] = json.dumps([asdict(call) for call in entry.sources])
    return row


def _engine(address: sa.URL) -> sa.Engine:
    if address.get_backend_name() != "sqlite":
        return sa.create_engine(address, poolclass=NullPool)
    path = Path(address.database or "").resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    # mode=rw: a file that is gone is an error and not an empty new one.
    existing = {"uri": "true", "mode": "rw"}
    address = sa.URL.create("sqlite", database=f"file:{quote(str(path))}", query=existing)
    engine = sa.create_engine(address, poolclass=NullPool)
    _tame_sqlite(engine)
    return engine


def _tame_sqlite(engine: sa.Engine) -> None:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN comes too late, see below
        for setting in ("journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(f"PRAGMA busy_timeout={round(_BUSY_SECONDS * 1000)}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # Takes the lock before the last seal is read, so that no other process reads the same.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
