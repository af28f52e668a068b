"""What ``kiosk desk`` and ``kiosk self-service`` do once their first picture is up."""

from __future__ import annotations

import argparse
import sys

from kiosk.agent.hardening import keep_memory_private
from kiosk.bootstrap import window
from kiosk.commands.common import load_settings
from kiosk.commands.exit_status import ExitStatus
from kiosk.layered import ConfigurationError
from kiosk.ui.opening import Opening


def run(options: argparse.Namespace, opening: Opening) -> ExitStatus:
    """Read the settings and show the window in the place of the picture."""
    keep_memory_private()
    try:
        settings = load_settings(options.config).settings
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return ExitStatus.CONFIGURATION
    return ExitStatus(window.run(settings, options.mode, options.config, opening))
