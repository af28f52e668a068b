"""The rows that whoever owns the rules looks at: decisions by hand, and verdicts called wrong."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from kiosk.service.central.storage.database import Connection
from kiosk.service.central.storage.schema import follow_ups


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """One of them. ``made_on`` is a day, so that a decision is not found in the audit by its time.

    ``check_id`` is empty for a decision: the kind of evidence tells a ground.
    """

    id: str
    made_on: str
    kind: str
    use_case: str
    rule_set: str
    verdict: str
    reason: str
    check_id: str = ""
    outcome: str = ""
    evidence: str = ""


def add(connection: Connection, row: FollowUp, oldest: str) -> None:
    """Add a row, once; remove what was made before a day."""
    connection.execute(sa.delete(follow_ups).where(follow_ups.c.made_on < oldest))
    known = sa.select(follow_ups.c.id).where(follow_ups.c.id == row.id)
    if connection.scalar(known) is None:
        connection.execute(sa.insert(follow_ups).values(dataclasses.asdict(row)))


def between(connection: Connection, since: date | None, until: date | None) -> list[FollowUp]:
    """Return what was made from one day to another, both included; ``None`` is any.

    Within a day the order tells nothing: the ids of decisions are random.
    """
    wanted = sa.select(follow_ups).order_by(follow_ups.c.made_on, follow_ups.c.id)
    if since is not None:
        wanted = wanted.where(follow_ups.c.made_on >= since.isoformat())
    if until is not None:
        wanted = wanted.where(follow_ups.c.made_on <= until.isoformat())
    return [FollowUp(**row) for row in connection.execute(wanted).mappings()]
