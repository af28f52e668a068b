"""``kiosk demo``: visits of made-up persons on one machine, with everything real but the card."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any

from kiosk.commands.exit_status import ExitStatus


def add_parser(commands: Any) -> None:
    """Describe the command line."""
    parser = commands.add_parser("demo", help="practise with made-up persons")
    parser.add_argument("--self-service", action="store_true", help="as a terminal, not a desk")
    parser.add_argument("--person", metavar="NAME", help="only this person")
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Make the visits; this version has no window and prints them."""
    if not options.headless:
        print("This version has no window yet: the visits are printed.", file=sys.stderr)
    headless = importlib.import_module("kiosk.demo.headless")
    status: ExitStatus = headless.run(options.person, self_service=options.self_service)
    return status
