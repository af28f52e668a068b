"""``kiosk config check``, ``kiosk config show`` and ``kiosk config pin``."""

from __future__ import annotations

import argparse
import getpass
import json
import sys
from enum import Enum

from kiosk import layered
from kiosk.commands.common import settings_or_mistakes
from kiosk.commands.exit_status import ExitStatus
from kiosk.settings import Settings
from kiosk.ui.staff import hash_pin

_MASK = "********"


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="check|show|pin")
    actions.add_parser("check", help="tell all mistakes").set_defaults(run=check)
    actions.add_parser("show", help="the values in force and their origin").set_defaults(run=show)
    actions.add_parser("pin", help="make the hash of a staff PIN").set_defaults(run=pin)


def check(options: argparse.Namespace) -> ExitStatus:
    """Tell every mistake of every layer."""
    resolved = settings_or_mistakes(options.config)
    if resolved is None:
        return ExitStatus.CONFIGURATION
    print("The configuration is right.")
    return ExitStatus.OK


def show(options: argparse.Namespace) -> ExitStatus:
    """Print each key as TOML with where its value came from; secrets are masked."""
    resolved = settings_or_mistakes(options.config)
    if resolved is None:
        return ExitStatus.CONFIGURATION
    for key, origin in resolved.origins.items():
        value = layered.value_of(resolved.settings, key)
        hidden = value and layered.is_secret(Settings, key)
        print(f"{key} = {_toml(_MASK if hidden else value)}  # {origin}")
    return ExitStatus.OK


def pin(_: argparse.Namespace) -> ExitStatus:
    """Ask for the PIN with which the staff leaves self-service; print the line for the file."""
    first = _ask("PIN (six to twelve digits): ")
    if sys.stdin.isatty() and _ask("Once more: ") != first:
        print("kiosk config: these are not the same", file=sys.stderr)
        return ExitStatus.USAGE
    try:
        hashed = hash_pin(first)
    except ValueError as error:
        print(f"kiosk config: {error}", file=sys.stderr)
        return ExitStatus.USAGE
    print(f"[ui]\nstaff_pin = {json.dumps(hashed)}")
    return ExitStatus.OK


def _ask(prompt: str) -> str:
    """Read a PIN without showing it; a script gives it on standard input."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _toml(value: object) -> str:
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
