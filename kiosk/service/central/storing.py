"""Opening what the service keeps, from its settings: database, keys, audit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central.audit import AuditStore, ChainBroken, has_records
from kiosk.service.central.audit_anchors import AnchorFile
from kiosk.service.central.audit_chain import Link
from kiosk.service.central.keys import Keys, KeyUnusable, load_keys
from kiosk.service.central.sealed_numbers import Sealer, load_sealer
from kiosk.service.central.settings import Settings
from kiosk.service.central.storage.address import is_sqlite, mistake_in
from kiosk.service.central.storage.database import Database, StorageUnavailable
from kiosk.service.central.storage.migrate import SchemaState, UpgradeFailed, state_of, upgrade

_START: Final = "start of the service"
SCHEMA_REASONS = {
    SchemaState.EMPTY: "has no tables yet: run 'eligibility db upgrade'",
    SchemaState.OLDER: "has an older schema than this version needs: run 'eligibility db upgrade'",
    SchemaState.NEWER: "has a newer schema than this version knows: install a newer version",
    SchemaState.FOREIGN: "has tables that are not of this service: name another database",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """What was opened. Without a ``sealer`` no number is sealed, which is for tests."""

    database: Database
    keys: Keys
    audit: AuditStore
    sealer: Sealer | None
    anchors: AnchorFile | None


def open_audit(settings: Settings) -> Kept:
    """Open everything that the service records with; raise ``ConfigurationError``.

    In a test environment a SQLite file gets its tables by itself.
    """
    database = open_database(settings)
    try:
        _require_schema(database, may_upgrade=settings.is_test and database.is_sqlite)
        if not settings.is_test and database.may_change("audit_records"):
            raise _wrong("database.url", "may change audit records: use a role that only adds")
        keys = _keys(settings, create=not has_records(database))
        audit = AuditStore(database, keys)
        anchors = _anchors(settings, audit.require_sound_end())
    except (ChainBroken, StorageUnavailable) as error:
        raise _wrong("database.url", f"the audit cannot be continued ({error})") from error
    return Kept(database, keys, audit, _sealer(settings.audit.dpo_key), anchors)


def open_store(settings: Settings) -> AuditStore:
    """Open the records to look at them, whatever state they are in.

    Raises ``ConfigurationError`` and ``StorageUnavailable``.
    """
    return AuditStore(open_tables(settings), open_keys(settings))


def open_tables(settings: Settings) -> Database:
    """Open the database and find its tables there; raise as :func:`open_store` does."""
    database = open_database(settings)
    _require_schema(database, may_upgrade=False)
    return database


def open_keys(settings: Settings, origin: str = _START) -> Keys:
    """Read the keys that are there; raise ``ConfigurationError``.

    ``origin`` is what they are read for, in the words of the mistake.
    """
    return _keys(settings, create=False, origin=origin)


def open_database(settings: Settings) -> Database:
    """Open the database, whatever is in it; raise ``ConfigurationError``."""
    mistake = mistake_in(settings.database.url)
    if mistake is not None:
        raise _wrong("database.url", mistake)
    try:
        return Database(settings.database.url)
    except StorageUnavailable as error:
        raise _wrong("database.url", f"cannot be opened ({error})") from error


def _require_schema(database: Database, *, may_upgrade: bool) -> None:
    state = state_of(database)
    if may_upgrade and state in (SchemaState.EMPTY, SchemaState.OLDER):
        try:
            upgrade(database)
        except UpgradeFailed as error:
            raise _wrong("database.url", f"cannot be upgraded ({error})") from error
    elif state is not SchemaState.CURRENT:
        raise _wrong("database.url", SCHEMA_REASONS[state])


def _keys(settings: Settings, *, create: bool, origin: str = _START) -> Keys:
    # A key that was lost is not replaced: the pseudonyms and seals of the old records hang on it.
    may_create = settings.is_test or is_sqlite(settings.database.url)
    try:
        return load_keys(Path(settings.pseudonym.key_file), create=create and may_create)
    except KeyUnusable as error:
        raise _wrong("pseudonym.key_file", str(error), origin) from error


def _sealer(path: str) -> Sealer | None:
    if not path:
        return None
    try:
        return load_sealer(Path(path))
    except KeyUnusable as error:
        raise _wrong("audit.dpo_key", str(error)) from error


def _anchors(settings: Settings, end: Link) -> AnchorFile | None:
    chosen = settings.audit
    if not chosen.anchor_file:
        return None
    anchors = AnchorFile(Path(chosen.anchor_file), timedelta(minutes=chosen.anchor_minutes))
    anchors.note(end, datetime.now(UTC))
    return anchors


def _wrong(key: str, message: str, origin: str = _START) -> ConfigurationError:
    return ConfigurationError([Mistake(key, origin, message)])
