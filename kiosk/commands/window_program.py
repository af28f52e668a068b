"""What ``kiosk desk`` and ``kiosk self-service`` do once their first picture is up."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Final

from kiosk.agent.hardening import keep_memory_private
from kiosk.bootstrap import window
from kiosk.commands.common import settings_or_mistakes
from kiosk.commands.exit_status import ExitStatus
from kiosk.domain.problem import ProblemCode
from kiosk.ui.opening import Opening

_NOT_SET_UP: Final = (
    f"Tariefwijzer kan niet starten: de instellingen kloppen niet "
    f"({ProblemCode.CONFIGURATION_WRONG.code}). Neem contact op met uw beheerder; "
    "`kiosk config check` toont wat er mis is."
)
"""For whoever clicked on the icon. No language is known without settings."""


def run(options: argparse.Namespace, opening: Opening) -> ExitStatus:
    """Read the settings and show the window in the place of the picture."""
    keep_memory_private()
    resolved = settings_or_mistakes(options.config)
    if resolved is None:
        if is_started_from_desktop():
            opening.explain(_NOT_SET_UP)
        return ExitStatus.CONFIGURATION
    return ExitStatus(window.run(resolved.settings, options.mode, options.config, opening))


def try_out(options: argparse.Namespace) -> ExitStatus:
    """Show the window until an agent answers, and save a picture of it."""
    keep_memory_private()
    resolved = settings_or_mistakes(options.config)
    if resolved is None:
        return ExitStatus.CONFIGURATION
    wrong = window.run_trial(resolved.settings, options.mode, options.config, options.trial)
    if wrong:
        print(f"kiosk: the trial failed: {wrong}", file=sys.stderr)
        return ExitStatus.INTERNAL
    print(f"The window opened and an agent answered. A picture of it: {options.trial}")
    return ExitStatus.OK


def is_started_from_desktop() -> bool:
    """Whether nobody reads what this process prints: it was started by its icon."""
    return sys.stderr is None or "GIO_LAUNCHED_DESKTOP_FILE" in os.environ
