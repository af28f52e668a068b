"""``kiosk desk`` and ``kiosk self-service``: the program with its window."""

from __future__ import annotations

import argparse
import logging
import sys

from kiosk.agent.hardening import keep_memory_private
from kiosk.bootstrap import window
from kiosk.commands.common import load_settings
from kiosk.commands.exit_status import ExitStatus
from kiosk.domain.policy import Mode
from kiosk.layered import ConfigurationError


def describe(name: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.set_defaults(run=run, mode=Mode(name))


def run(options: argparse.Namespace) -> ExitStatus:
    """Show the window until it is closed, or somebody of the staff leaves it."""
    keep_memory_private()
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = load_settings(options.config).settings
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return ExitStatus.CONFIGURATION
    return ExitStatus(window.run(settings, options.mode, options.config))
