"""The command ``eligibility ocmw``: the import of the OCMW's list."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central.connectors.ocmw.flaws import ListWrong
from kiosk.service.central.connectors.ocmw.imports import Import
from kiosk.service.central.connectors.ocmw.settings import mistakes_in_ocmw
from kiosk.service.central.settings import Settings
from kiosk.service.central.storing import open_keys

_OTHERS_NOTHING = 0o077
_ORIGIN = "import of a list"


def add_commands(commands: Any) -> None:
    """Add ``ocmw import FILE`` to the commands."""
    ocmw = commands.add_parser("ocmw", help="look after the OCMW's own data")
    importing = ocmw.add_subparsers(dest="action", required=True).add_parser(
        "import", help="take a new list in the place of the one before"
    )
    importing.add_argument("file", type=Path, metavar="FILE", help="a .csv or .parquet file")
    importing.add_argument(
        "--force", action="store_true", help="also when it is much shorter than the one before"
    )
    importing.add_argument("--config", type=Path, metavar="FILE", help="an eligibility.toml")


def run(settings: Settings, chosen: argparse.Namespace) -> int:
    """Import a list; return 0, or 1 when it may not be used. Raises ``ConfigurationError``."""
    ocmw = settings.sources.ocmw
    _require_importable(settings)
    how = Import(
        ocmw, open_keys(settings, _ORIGIN), test_numbers=settings.is_test, force=chosen.force
    )
    os.umask(_OTHERS_NOTHING)
    try:
        loaded = how.run(chosen.file)
    except ListWrong as wrong:
        for flaw in wrong.flaws:
            print(flaw)
        if wrong.count > len(wrong.flaws):
            print(f"and {wrong.count - len(wrong.flaws)} more")
        print("not imported: the list before stays in use", file=sys.stderr)
        return 1
    except OSError as error:
        reason = error.strerror or "the new list cannot be written"
        print(f"not imported: {reason}; the list before stays in use", file=sys.stderr)
        return 1
    print(
        f"imported {loaded.rows} rows about {loaded.people} people, as of {loaded.as_of:%F %R %Z}"
    )
    return 0


def _require_importable(settings: Settings) -> None:
    told = list(mistakes_in_ocmw(settings.sources.ocmw))
    if not settings.sources.ocmw.imported.file:
        told.append(("imported.file", "where the list is kept has to be set"))
    if told:
        raise ConfigurationError(
            [Mistake(f"sources.ocmw.{key}", _ORIGIN, message) for key, message in told]
        )
