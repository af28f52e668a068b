"""The command ``eligibility follow-ups list``, for whoever owns the rules.

It tells what officers decided by hand and which verdicts were called wrong: days, words of closed
lists, and of a complaint the check. No person, officer or place is among them.

Exit status: 0 well, 69 a database that cannot be reached, 78 configuration.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import date
from typing import Any

import msgspec

from kiosk.service.central.database_commands import add_command
from kiosk.service.central.settings import Settings
from kiosk.service.central.storage import follow_up_rows
from kiosk.service.central.storage.follow_up_rows import FollowUp
from kiosk.service.central.storing import open_tables


class FollowUpLine(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """One of them; a decision names no check, a complaint no outcome and no evidence."""

    made_on: str
    kind: str
    use_case: str
    rule_set: str
    verdict: str
    outcome: str | None
    evidence: str | None
    reason: str
    check_id: str | None


class FollowUpList(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    """What ``--json`` prints."""

    follow_ups: list[FollowUpLine]


def add_commands(commands: argparse._SubParsersAction[Any]) -> None:
    """Add the command; it sets ``run``, which takes settings and arguments."""
    actions = commands.add_parser(
        "follow-ups", help="decisions by hand, and verdicts that were called wrong"
    ).add_subparsers(dest="action", required=True)
    listing = add_command(actions, "list", _list, "every one, the oldest first")
    listing.add_argument("--from", dest="since", type=date.fromisoformat, metavar="YYYY-MM-DD")
    listing.add_argument("--to", dest="until", type=date.fromisoformat, metavar="YYYY-MM-DD")
    listing.add_argument("--json", action="store_true", help="one JSON object on standard output")


def _list(settings: Settings, chosen: argparse.Namespace) -> int:
    database = open_tables(settings)
    with database.reading() as connection:
        found = follow_up_rows.between(connection, chosen.since, chosen.until)
    database.close()
    if chosen.json:
        told = FollowUpList(follow_ups=[_line(row) for row in found])
        print(msgspec.json.encode(told).decode())
    else:
        print(*_lines(found), sep="\n")
    return 0


def _lines(rows: Iterable[FollowUp]) -> list[str]:
    return [
        "  ".join(
            [
                *(row.made_on, row.kind, row.use_case),
                f"{row.verdict} to {row.outcome}" if row.outcome else row.verdict,
                *(row.evidence or "-", row.reason, row.check_id or "-", row.rule_set),
            ]
        )
        for row in rows
    ] or ["there are none"]


def _line(row: FollowUp) -> FollowUpLine:
    return FollowUpLine(
        made_on=row.made_on,
        kind=row.kind,
        use_case=row.use_case,
        rule_set=row.rule_set,
        verdict=row.verdict,
        outcome=row.outcome or None,
        evidence=row.evidence or None,
        reason=row.reason,
        check_id=row.check_id or None,
    )
