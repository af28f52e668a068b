"""The ``kiosk`` command: arguments, settings, the command asked for."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from kiosk.commands import check, config, doctor, version
from kiosk.commands.exit_status import ExitStatus

_WHERE_INSTALLED = {
    "simulate-card": ("kiosk.cardreader.simulator", "kiosk.commands.simulate_card"),
    "demo": ("kiosk.demo", "kiosk.demo.command"),
}
"""Commands that no production bundle has: the package to look for, and the module."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitStatus.USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        status: int = options.run(options)
    except KeyboardInterrupt:
        return ExitStatus.INTERRUPTED
    return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="kiosk", description="A card in a reader, a tariff verdict.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings in TOML")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (check, doctor, config, version):
        module.add_parser(commands)
    for name, (package, module_name) in _WHERE_INSTALLED.items():
        if importlib.util.find_spec(package) is not None:
            importlib.import_module(module_name).add_parser(commands)
        else:
            _add_missing(commands, name)
    return parser


def _add_missing(commands: Any, name: str) -> None:
    def missing(_: argparse.Namespace) -> ExitStatus:
        print(f"kiosk: {name} is not part of this installation", file=sys.stderr)
        return ExitStatus.USAGE

    commands.add_parser(name, help="not installed", add_help=False).set_defaults(run=missing)


if __name__ == "__main__":
    sys.exit(main())
