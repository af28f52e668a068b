"""``kiosk simulate-card``: plays a card into vsmartcard's virtual reader.

The simulator is no part of a production bundle, and takes a while to import;
so it is looked up by name, and only when this command runs or explains itself.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path

from kiosk.commands.exit_status import ExitStatus

_SIMULATOR = "kiosk.cardreader.simulator"


def describe(_: str, parser: argparse.ArgumentParser) -> None:
    """Describe the command line."""
    faults = importlib.import_module(f"{_SIMULATOR}.faults").described()
    parser.epilog = f"faults:\n{faults}"
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--person", default="an-peeters", metavar="NAME", help="whose card")
    parser.add_argument("--applet", choices=("1.0", "1.1", "1.7", "1.8"), default="1.8")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="FAULT", help="may be given several times"
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="write each exchange there (JSON)")
    parser.add_argument("--host", default="127.0.0.1", help="where pcscd runs")
    parser.add_argument("--port", type=int, default=35963, help="of the virtual reader")
    parser.add_argument("--pki", type=Path, metavar="DIR", help="where the test PKI is kept")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> ExitStatus:
    """Hold the card in the reader until SIGTERM, SIGINT or ``quit`` on stdin."""
    module = importlib.import_module(f"{_SIMULATOR}.console")
    console = module.Console(options.applet, options.fault, options.log, options.pki)
    try:
        console.run(options.person, options.host, options.port)
    except module.CannotSimulate as wrong:
        print(f"kiosk simulate-card: {wrong}", file=sys.stderr)
        return ExitStatus.USAGE
    return ExitStatus.OK
