"""The rows of the limits: one for each bucket that is not full, saying when it will be.

The arithmetic is the generic cell rate algorithm: a bucket of ``capacity`` that fills in
``period`` gives one more every ``period / capacity``, and what is taken moves the time at which it
is full. One statement looks and takes, so that two processes never take the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from kiosk.service.central.storage.database import Connection
from kiosk.service.central.storage.schema import rate_limits as limits

_NOW: Final = sa.bindparam("now", type_=limits.c.full_at.type)
_INTERVAL: Final = sa.bindparam("interval", type_=limits.c.full_at.type)
_LATEST: Final = sa.bindparam("latest", type_=limits.c.full_at.type)
_NEXT: Final = sa.case((limits.c.full_at > _NOW, limits.c.full_at), else_=_NOW) + _INTERVAL


def _taking(insert: sqlite.Insert | postgresql.Insert) -> sa.Executable:
    first: dict[str, sa.BindParameter[Any]] = {
        "bucket": sa.bindparam("bucket"),
        "full_at": sa.bindparam("first"),
    }
    return (
        insert.values(first)
        .on_conflict_do_update(
            index_elements=[limits.c.bucket], set_={"full_at": _NEXT}, where=_NEXT <= _LATEST
        )
        .returning(limits.c.full_at)
    )


# Made once: making them takes longer than sending them.
_TAKE_SQLITE: Final = _taking(sqlite.insert(limits))
_TAKE_POSTGRESQL: Final = _taking(postgresql.insert(limits))


@dataclass(frozen=True, slots=True)
class Bucket:
    """What may be taken from: so many within a period of milliseconds."""

    name: str
    capacity: int
    period: int

    @property
    def interval(self) -> int:
        """Milliseconds until there is one more; never less than one."""
        return -(-self.period // self.capacity)


class Empty(Exception):
    """One of the buckets has nothing left."""


def take(connection: Connection, buckets: Iterable[Bucket], now: int) -> dict[Bucket, int]:
    """Take one from each and return when each is full again; raise ``Empty`` if one has none.

    The transaction has to be given up then, so that nothing is taken from the others either.
    """
    # Always in the same order, so that two processes never wait for each other.
    ordered = sorted(buckets, key=lambda bucket: bucket.name)
    return {bucket: _take_one(connection, bucket, now) for bucket in ordered}


def forget_full(connection: Connection, now: int) -> None:
    """Remove the buckets that are full again: they are as if never taken from."""
    # Those that somebody takes from right now are passed over: they might be waiting for us.
    full = sa.select(limits.c.bucket).where(limits.c.full_at <= now)
    free = full.with_for_update(skip_locked=True)
    connection.execute(sa.delete(limits).where(limits.c.bucket.in_(free)))


def _take_one(connection: Connection, bucket: Bucket, now: int) -> int:
    statement = _TAKE_SQLITE if connection.dialect.name == "sqlite" else _TAKE_POSTGRESQL
    values = {
        "bucket": bucket.name,
        "now": now,
        "first": now + bucket.interval,
        "interval": bucket.interval,
        "latest": now + bucket.interval * bucket.capacity,
    }
    full_at: int | None = connection.scalar(statement, values)
    if full_at is None:
        raise Empty
    return full_at
