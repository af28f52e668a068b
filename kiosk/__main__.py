"""The ``kiosk`` command: arguments, settings, the command asked for."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, NoReturn

from kiosk.commands.exit_status import ExitStatus


class _Command(NamedTuple):
    module: str
    help: str
    package: str = "kiosk.commands"
    """Where it is installed: no production bundle has the demo or the simulated card."""


_COMMANDS = {
    "desk": _Command("kiosk.commands.window", "the window at a desk"),
    "self-service": _Command("kiosk.commands.window", "a terminal nobody looks after"),
    "check": _Command("kiosk.commands.check", "one visit without a window"),
    "doctor": _Command("kiosk.commands.doctor", "look at everything a visit needs"),
    "config": _Command("kiosk.commands.config", "check or show the configuration"),
    "enrol": _Command("kiosk.commands.enrol", "get this machine a key and register it"),
    "version": _Command("kiosk.commands.version", "what runs here"),
    "simulate-card": _Command(
        "kiosk.commands.simulate_card",
        "play a card into a virtual reader",
        "kiosk.cardreader.simulator",
    ),
    "demo": _Command("kiosk.demo.command", "practise with made-up persons", "kiosk.demo"),
}
"""Their modules are imported when they are asked for: a window must not wait for the others."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitStatus.USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    given = sys.argv[1:] if arguments is None else arguments
    options = _parser(given).parse_args(given)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    return status


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(prog="kiosk", description="A card in a reader, a tariff verdict.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        one = commands.add_parser(name, help=command.help)
        if name not in arguments:
            continue  # only listed, or a mistake
        if importlib.util.find_spec(command.package) is None:
            one.set_defaults(run=_missing)
        else:
            importlib.import_module(command.module).describe(name, one)
    return parser


def _missing(options: argparse.Namespace) -> ExitStatus:
    print(f"kiosk: {options.command} is not part of this installation", file=sys.stderr)
    return ExitStatus.USAGE


if __name__ == "__main__":
    sys.exit(main())
