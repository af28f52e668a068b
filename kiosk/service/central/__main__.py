"""The command ``eligibility``: its arguments, its exit statuses, and nothing else.

Exit status: 0 well, 1 rules or a list that may not be used, rules that do not hold, an audit that
is not sound, or a source that does not answer, 64 usage, 65 data that cannot be read, 69 a database
that cannot be reached, 78 configuration.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from kiosk.layered import ConfigurationError, Resolved
from kiosk.service.central import (
    audit_command,
    devices_command,
    follow_up_command,
    ocmw_command,
)
from kiosk.service.central.checks import now
from kiosk.service.central.clients.configuration import unprotected_desks
from kiosk.service.central.database_commands import run_command
from kiosk.service.central.logs import configure_logging
from kiosk.service.central.rule_commands import add_rules, run_rules
from kiosk.service.central.servable import require_servable, require_usable_sources
from kiosk.service.central.serve import compose, connect_sources, serve
from kiosk.service.central.settings import Settings, load_settings
from kiosk.service.central.source_check import Checked, check_sources

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
        if chosen.command in ("audit", "db", "devices", "follow-ups"):
            return run_command(resolved.settings, chosen)
        if chosen.command == "rules":
            return run_rules(chosen, resolved.settings.rules_folder)
        if chosen.command == "ocmw":
            return ocmw_command.run(resolved.settings, chosen)
        return _check_sources(resolved) if chosen.command == "source" else _serve(resolved)
    except ConfigurationError as error:
        for mistake in error.mistakes:
            print(mistake, file=sys.stderr)
        return EX_CONFIG


def _serve(resolved: Resolved[Settings]) -> int:
    require_servable(resolved)
    _warn(resolved.settings)
    configure_logging()
    os.umask(_OTHERS_NOTHING)  # what SQLite writes beside its file is for nobody else
    serve(
        compose(resolved.settings),
        resolved.settings.listen,
        lambda url: print(f"listening on {url}", flush=True),
    )
    return 0


def _warn(settings: Settings) -> None:
    desks = [] if settings.is_test else unprotected_desks(settings.clients)
    if desks:
        told = "desks without operators: nobody is kept from looking up themselves"
        print(f"warning: clients: {', '.join(desks)}: {told}", file=sys.stderr)


def _check_sources(resolved: Resolved[Settings]) -> int:
    require_usable_sources(resolved)
    configure_logging()
    sources = connect_sources(resolved.settings)

    async def ask() -> list[Checked]:
        try:
            limit = resolved.settings.limits.total
            return await check_sources(sources.connectors, now().date(), limit)
        finally:
            await sources.close()

    checked = asyncio.run(ask())
    for one in checked:
        print(one)
    if not checked:
        print("no source is configured")
    return 0 if all(one.is_well for one in checked) else 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="eligibility", description="The central eligibility service.")
    parser.set_defaults(port=None)
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="answer questions over HTTP")
    _add_config(serving)
    serving.add_argument("--port", type=int, help="listen on this port; 0 takes a free one")
    add_rules(commands, _add_config)
    audit_command.add_commands(commands)
    sources = commands.add_parser("source", help="look at the sources")
    ask = sources.add_subparsers(dest="action", required=True).add_parser(
        "check", help="ask every configured source one harmless question"
    )
    _add_config(ask)
    ocmw_command.add_commands(commands)
    devices_command.add_commands(commands)
    follow_up_command.add_commands(commands)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="an eligibility.toml")


if __name__ == "__main__":
    sys.exit(main())
