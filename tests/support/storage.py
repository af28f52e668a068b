"""Databases of the central service for tests, and entries to put into them."""

import functools
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.service.central.audit import AuditStore, Entry, SourceCall
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage import migrate
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.migrate import upgrade

KEYS = Keys(b"k" * 32)
HEAD = max(path.name[1:5] for path in Path(migrate.__file__).parent.glob("migrations/versions/v*"))
"""The newest step of the schema."""


def sqlite_database(file: Path) -> Database:
    """A database with its tables, new or old."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(_empty())
        file.chmod(0o600)
    return Database(f"sqlite:///{file}")


@functools.cache
def _empty() -> bytes:
    """A file with the tables alone: making them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "empty.sqlite3")
        database = Database(f"sqlite:///{file}")
        upgrade(database)
        database.close()
        return file.read_bytes()


def sqlite_store(file: Path, keys: Keys = KEYS) -> AuditStore:
    """The records of a new or an old file."""
    return AuditStore(sqlite_database(file), keys)


def entry(**changes: Any) -> Entry:
    """The record of an answer."""
    values: dict[str, Any] = {
        "kind": "answered",
        "check_id": "c1",
        "correlation_id": "k1",
        "asked_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        "client": "unauthenticated",
        "device": "dsk-1",
        "channel": "desk",
        "site": "zuid",
        "purpose": "urn:gent:ipdc:test",
        "use_case": "uitpas",
        "rule_set": "sha256:x",
        "subject": "ab" * 32,
        "capture_method": "eid-chip",
        "proof": "chip",
        "answered_at": datetime(2026, 11, 22, 10, 1, tzinfo=UTC),
        "sources": (SourceCall("social", "ok", 12),),
        "colour": "green",
    }
    return Entry(**{**values, **changes})


def tamper(file: Path, *statements: str) -> None:
    """Change a file as somebody does who does not mind the triggers."""
    connection = sqlite3.connect(file)
    with connection:
        triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        kept = triggers.fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, sql in kept:
            connection.execute(sql)
    connection.close()
