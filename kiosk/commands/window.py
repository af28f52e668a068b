"""``kiosk desk`` and ``kiosk self-service``: the program with its window."""

from __future__ import annotations

import argparse
import importlib
import logging

from kiosk.commands.exit_status import ExitStatus
from kiosk.domain.policy import Mode
from kiosk.ui.opening import AlreadyOpen, open_up


def describe(name: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.set_defaults(run=run, mode=Mode(name))


def run(options: argparse.Namespace) -> ExitStatus:
    """Show the window until it is closed, or somebody of the staff leaves it."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        opening = open_up(whole=options.mode is Mode.SELF_SERVICE)
    except AlreadyOpen as other:
        return ExitStatus(other.status)
    program = importlib.import_module("kiosk.commands.window_program")  # while that is up
    status: ExitStatus = program.run(options, opening)
    return status
