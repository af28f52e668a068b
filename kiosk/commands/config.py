"""``kiosk config check`` and ``kiosk config show``."""

from __future__ import annotations

import argparse
import json
import sys
from enum import Enum
from typing import Any

from kiosk import layered
from kiosk.commands.common import load_settings
from kiosk.commands.exit_status import ExitStatus
from kiosk.layered import ConfigurationError, Resolved
from kiosk.settings import Settings

_MASK = "********"


def add_parser(commands: Any) -> None:
    """Describe the command line."""
    parser = commands.add_parser("config", help="check or show the configuration")
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|show")
    actions.add_parser("check", help="tell all mistakes").set_defaults(run=check)
    actions.add_parser("show", help="the values in force and their origin").set_defaults(run=show)


def check(options: argparse.Namespace) -> ExitStatus:
    """Tell every mistake of every layer."""
    resolved = _load(options)
    if resolved is None:
        return ExitStatus.CONFIGURATION
    print("The configuration is right.")
    return ExitStatus.OK


def show(options: argparse.Namespace) -> ExitStatus:
    """Print each key as TOML with where its value came from; secrets are masked."""
    resolved = _load(options)
    if resolved is None:
        return ExitStatus.CONFIGURATION
    for key, origin in resolved.origins.items():
        value = layered.value_of(resolved.settings, key)
        hidden = value and layered.is_secret(Settings, key)
        print(f"{key} = {_toml(_MASK if hidden else value)}  # {origin}")
    return ExitStatus.OK


def _load(options: argparse.Namespace) -> Resolved[Settings] | None:
    try:
        return load_settings(options.config)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return None


def _toml(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
