"""The schema and its version: what a database has, what this program needs, and getting there."""

from __future__ import annotations

import sys
from enum import Enum
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from kiosk.service.central.storage.database import Database, StorageUnavailable

_FOLDER: Final = Path(__file__).with_name("migrations")
_VERSION: Final = sa.table("alembic_version", sa.column("version_num"))


class SchemaState(Enum):
    """How the schema of a database stands to the one that this program knows."""

    EMPTY = "empty"
    OLDER = "older"
    CURRENT = "current"
    NEWER = "newer than this version knows"
    FOREIGN = "not of this service"
    """Tables without a version: something else lives there."""


class UpgradeFailed(Exception):
    """Nothing was changed; the message names the kind of failure."""


def state_of(database: Database, folder: Path = _FOLDER) -> SchemaState:
    """Look how the schema stands; raise ``StorageUnavailable``."""
    with database.reading() as connection:
        return _state(connection, ScriptDirectory.from_config(_configuration(folder)))


def upgrade(database: Database, folder: Path = _FOLDER) -> str:
    """Take every step to the newest schema, all of them or none; return its version.

    Raises ``StorageUnavailable`` and, for a schema that is newer or not ours and for a step that
    fails, ``UpgradeFailed``.
    """
    configuration = _configuration(folder)
    scripts = ScriptDirectory.from_config(configuration)
    try:
        with database.writing(unhurried=True) as connection:
            state = _state(connection, scripts)
            if state in (SchemaState.NEWER, SchemaState.FOREIGN):
                raise UpgradeFailed(f"the schema is {state.value}")
            configuration.attributes["connection"] = connection
            command.upgrade(configuration, "head")
    except (StorageUnavailable, CommandError) as error:
        cause = error.__cause__ or error
        raise UpgradeFailed(type(cause).__name__) from error
    return scripts.get_current_head() or ""


def _configuration(folder: Path) -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(folder).replace("%", "%%"))
    # In a bundle the steps are there as compiled files only.
    configuration.set_main_option("sourceless", str(getattr(sys, "frozen", False)).lower())
    return configuration


def _state(connection: sa.Connection, scripts: ScriptDirectory) -> SchemaState:
    tables = sa.inspect(connection).get_table_names()
    if _VERSION.name not in tables:
        return SchemaState.FOREIGN if tables else SchemaState.EMPTY
    found = connection.scalar(sa.select(_VERSION.c.version_num))
    if found == scripts.get_current_head():
        return SchemaState.CURRENT
    known = {script.revision for script in scripts.walk_revisions()}
    return SchemaState.OLDER if found in known else SchemaState.NEWER
