"""What the commands that work on the database have in common."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kiosk.layered import ConfigurationError, Mistake
from kiosk.service.central.settings import Settings
from kiosk.service.central.storage.database import StorageUnavailable

EX_UNAVAILABLE = 69


def add_command(
    actions: argparse._SubParsersAction[Any],
    name: str,
    does: Callable[[Settings, argparse.Namespace], int],
    text: str,
) -> argparse.ArgumentParser:
    """Add a command that :func:`run_command` runs; return its parser, for more arguments."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text)
    parser.add_argument("--config", type=Path, metavar="FILE", help="an eligibility.toml")
    parser.set_defaults(run=does)
    return parser


def run_command(settings: Settings, chosen: argparse.Namespace) -> int:
    """Run the command that was chosen; raise ``ConfigurationError``."""
    try:
        status: int = chosen.run(settings, chosen)
        return status
    except StorageUnavailable as error:
        print(f"the database cannot be reached ({error})", file=sys.stderr)
        return EX_UNAVAILABLE


def wrong_argument(name: str, message: str) -> ConfigurationError:
    """Say what is wrong with an argument, as settings have it said."""
    return ConfigurationError([Mistake(name, "command line", message)])
