"""The command ``eligibility``: its arguments, its exit statuses, and nothing else.

Exit status: 0 well, 1 rules that may not be used, 64 usage, 78 configuration.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kiosk.layered import ConfigurationError, Resolved
from kiosk.service.central.logs import configure_logging
from kiosk.service.central.rule_files import RulesWrong, load
from kiosk.service.central.rule_lint import CHECKS
from kiosk.service.central.serve import compose, serve
from kiosk.service.central.settings import Settings, load_settings, require_servable

EX_USAGE = 64
EX_CONFIG = 78
_OTHERS_NOTHING = 0o077


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(EX_USAGE, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status."""
    chosen = _parser().parse_args(arguments)
    try:
        overrides = {} if chosen.port is None else {"listen.port": chosen.port}
        resolved = load_settings(chosen.config, overrides)
        return _check_rules(resolved.settings) if chosen.command == "rules" else _serve(resolved)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        return EX_CONFIG


def _serve(resolved: Resolved[Settings]) -> int:
    require_servable(resolved)
    configure_logging()
    os.umask(_OTHERS_NOTHING)  # what SQLite writes beside its file is for nobody else
    serve(
        compose(resolved.settings),
        resolved.settings.listen,
        lambda url: print(f"listening on {url}", flush=True),
    )
    return 0


def _check_rules(settings: Settings) -> int:
    try:
        book = load(settings.rules_folder)
    except RulesWrong as wrong:
        for complaint in wrong.complaints:
            print(complaint)
        return 1
    for rules in book.rule_sets:
        rows, guards = len(rules.table.rows), len(rules.table.guards)
        until = rules.effective_to or "further notice"
        print(f"{rules.id} {rules.version}: {guards} guards, {rows} rows, ", end="")
        print(f"{len(rules.book.guidance)} texts, from {rules.effective_from} until {until}")
        print(f"  {rules.digest}")
    print(f"checked: names, grants, declarations, {', '.join(CHECKS)}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="eligibility", description="The central eligibility service.")
    parser.set_defaults(port=None)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="answer questions over HTTP")
    _add_config(serving)
    serving.add_argument("--port", type=int, help="listen on this port; 0 takes a free one")
    rules = commands.add_parser("rules", help="look at the rule sets")
    check = rules.add_subparsers(dest="action", required=True).add_parser(
        "check", help="find what is wrong in them"
    )
    _add_config(check)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="an eligibility.toml")


if __name__ == "__main__":
    sys.exit(main())
