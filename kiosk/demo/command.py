"""``kiosk demo``: visits of made-up persons on one machine, with everything real but the card."""

from __future__ import annotations

import argparse
import importlib
import sys

from kiosk.commands.exit_status import ExitStatus
from kiosk.demo.guests import Guest, guests
from kiosk.domain.policy import Mode


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    parser.add_argument("--self-service", action="store_true", help="as a terminal, not a desk")
    parser.add_argument(
        "--person", metavar="NAME", help="begin with this person; headless: only this person"
    )
    parser.add_argument(
        "--headless",
        action="store_true",
        help="without a display: visits printed, pictures in build/demo",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Show the demo's window, or make the visits without a display."""
    mode = Mode.SELF_SERVICE if options.self_service else Mode.DESK
    everybody = guests(mode)
    guest = next((one for one in everybody if one.id == options.person), None)
    if options.person is not None and guest is None:
        _list_everybody(options.person, everybody)
        return ExitStatus.USAGE
    programs = importlib.import_module("kiosk.demo.programs")  # Qt: not for the help
    if options.headless:
        status = programs.without_display(mode, guest)
    else:
        status = programs.with_display(mode, guest)
    return ExitStatus(status)


def _list_everybody(name: str, everybody: tuple[Guest, ...]) -> None:
    print(f"kiosk demo: there is nobody called {name}; there are:", file=sys.stderr)
    for one in everybody:
        print(f"  {one.id:20} {one.story['en']}", file=sys.stderr)
