"""``kiosk version``: what runs here."""

from __future__ import annotations

import argparse
import ctypes.util
import json
import platform
from importlib import metadata
from pathlib import Path

import kiosk
from kiosk.commands.exit_status import ExitStatus
from kiosk.data import data_path

_UNKNOWN = "unknown"
_PARTS = {"qt": "pyside6", "pyscard": "pyscard", "cryptography": "cryptography"}
_PCSC_LIBRARIES = ("pcsclite", "winscard")


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--json", action="store_true", help="one JSON object on standard output")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Print the versions that support asks for."""
    versions = {
        "version": kiosk.__version__,
        "commit": built_from() or commit(Path(kiosk.__file__).parents[1]),
        "python": platform.python_version(),
        "pcsc": next(filter(None, map(ctypes.util.find_library, _PCSC_LIBRARIES)), _UNKNOWN),
    }
    versions |= {name: installed(package) for name, package in _PARTS.items()}
    if options.json:
        print(json.dumps(versions))
    else:
        print("\n".join(f"{name:13} {value}" for name, value in versions.items()))
    return ExitStatus.OK


def installed(package: str) -> str:
    """Return the version of a library, or that there is none."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def built_from() -> str:
    """Return the commit that a bundle was built from; empty in a checkout."""
    try:
        return data_path("commit.txt").read_text("ascii").strip()
    except OSError:
        return ""


def commit(checkout: Path) -> str:
    """Return the commit of a checkout; an installed program has none to look at."""
    try:
        head = (checkout / ".git" / "HEAD").read_text("ascii").strip()
        branch = head.removeprefix("ref: ")
        return head if branch == head else (checkout / ".git" / branch).read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return _UNKNOWN
