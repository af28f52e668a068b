"""``kiosk desk`` and ``kiosk self-service``: the program with its window."""

from __future__ import annotations

import argparse
import importlib
import logging
from pathlib import Path
from types import ModuleType

from kiosk.commands.exit_status import ExitStatus
from kiosk.domain.policy import Mode
from kiosk.ui.opening import AlreadyOpen, open_up


def describe(name: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument(
        "--trial",
        type=Path,
        metavar="FILE",
        help="open, wait until an agent answers, save a picture of the window, end",
    )
    parser.set_defaults(run=run, mode=Mode(name))


def run(options: argparse.Namespace) -> ExitStatus:
    """Show the window until it is closed, or somebody of the staff leaves it."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if options.trial is not None:
        return ExitStatus(_program().try_out(options))
    try:
        opening = open_up(whole=options.mode is Mode.SELF_SERVICE)
    except AlreadyOpen as other:
        return ExitStatus(other.status)
    status: ExitStatus = _program().run(options, opening)  # loaded while that is up
    return status


def _program() -> ModuleType:
    return importlib.import_module("kiosk.commands.window_program")
