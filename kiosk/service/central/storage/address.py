"""What the address of a database says, before anything is opened."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


def mistake_in(url: str) -> str | None:
    """Say why nothing can be kept at an address, or ``None`` when it looks right."""
    try:
        address = sa.make_url(url)
        address.get_dialect()
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ImportError, ValueError):
        return "is not an address of a database that this installation can open"
    if address.get_backend_name() not in _DRIVERS:
        return "is of a database that this service does not know: sqlite or postgresql"
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        return "records that live in memory are no records: name a file"
    return None


def is_sqlite(url: str) -> bool:
    """Whether an address, already found right, is that of a SQLite file."""
    return sa.make_url(url).get_backend_name() == "sqlite"


def sqlite_file(url: str) -> Path:
    """Return the file of a SQLite address."""
    return Path(sa.make_url(url).database or "").resolve()


def with_driver(url: str) -> sa.URL:
    """Return the address with the driver that belongs to it."""
    address = sa.make_url(url)
    if "+" in address.drivername:
        return address
    return address.set(drivername=_DRIVERS[address.drivername])
