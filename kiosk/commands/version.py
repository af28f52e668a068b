"""``kiosk version``: what runs here."""

from __future__ import annotations

import argparse
import json
import platform
from importlib import metadata
from typing import Any

import kiosk
from kiosk.commands.exit_status import ExitStatus

_PARTS = {"qt": "pyside6", "pyscard": "pyscard", "cryptography": "cryptography"}


def add_parser(commands: Any) -> None:
    """Describe the command line."""
    parser = commands.add_parser("version", help="what runs here")
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Print the versions that support asks for."""
    versions = {"version": kiosk.__version__, "python": platform.python_version()}
    versions |= {name: _installed(package) for name, package in _PARTS.items()}
    if options.json:
        print(json.dumps(versions))
    else:
        print("\n".join(f"{name:13} {value}" for name, value in versions.items()))
    return ExitStatus.OK


def _installed(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
