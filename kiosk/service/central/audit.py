"""Who asked about whom, when, why, and what colour came out: append-only, sealed, chained.

Every check leaves two records: ``asked``, committed before any source is called, and ``answered``,
committed before the answer leaves. No record, no check. A record holds no fact. The number is in
it twice: as a keyed pseudonym, by which records of one person are found, and sealed for the data
protection officer, whose key the service does not have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from kiosk.service.central.audit_chain import (
    START,
    Chain,
    Checkpoint,
    Link,
    Walk,
    continue_chain,
    is_sound,
    make_checkpoint,
)
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage import audit_rows, follow_up_rows
from kiosk.service.central.storage.database import Connection, Database
from kiosk.service.central.storage.follow_up_rows import FollowUp
from kiosk.service.central.storage.schema import AUDIT_CONTENT

_LOOKED_AT: Final = 100
"""Records at the end that are checked at each start."""


class ChainBroken(Exception):
    """The end of the audit is not as it was written; nothing may be added to it."""


@dataclass(frozen=True, slots=True)
class SourceCall:
    """One group that was asked: how it fared and how long it took."""

    group: str
    state: str
    milliseconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is recorded of a check. ``answered_at``, ``sources`` and ``colour`` are of its end.

    ``kind`` is ``asked``, ``answered``, ``override`` (an officer decided), ``audit-query``, or the
    code of a refusal: somebody asked what they may not, and nothing is said of the person. Over
    the limit that is ``own-file over-limit 4``: the fourth within an hour, and there may be others.
    ``operator`` is a pseudonym; it and what is sealed are empty where there is nobody or no key.
    ``override`` says whether an officer decided otherwise.
    """

    kind: str
    check_id: str
    correlation_id: str
    asked_at: datetime
    client: str
    device: str
    channel: str
    site: str
    purpose: str
    use_case: str
    rule_set: str
    subject: str
    capture_method: str
    proof: str
    subject_sealed: str = ""
    operator: str = ""
    operator_sealed: str = ""
    tracing_id: str = ""
    request_id: str = ""
    answered_at: datetime | None = None
    sources: tuple[SourceCall, ...] = ()
    colour: str | None = None
    override: Literal["yes", "no"] = "no"


class AuditStore:
    """The records of one database."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def append(self, *entries: Entry) -> Link:
        """Commit records, all or none, and return the end of the chain.

        Raises ``StorageUnavailable`` unless they are certainly on disk.
        """
        contents = [self._content(entry) for entry in entries]
        with self._database.writing() as connection:
            rows = list(continue_chain(self._keys, _end(connection), contents))
            audit_rows.add(connection, rows)
        return Link(rows[-1]["seq"], rows[-1]["seal"])

    def probe(self) -> None:
        """Raise ``StorageUnavailable`` when a record could not be written now; writes nothing."""
        with self._database.writing() as connection:
            audit_rows.last_link(connection)

    def verify(self, anchors: Mapping[int, str] | None = None) -> Chain:
        """Walk the chain from its first record; raise ``StorageUnavailable`` if nobody can.

        ``anchors`` are seals by number that were noted earlier: with them, a chain that was cut
        off or replaced since is broken as well.
        """
        with self._database.reading() as connection:
            checkpoints = _checkpoints(connection)
            start = checkpoints[-1].link if checkpoints else START
            walked = Walk(self._keys, start, anchors or {})
            if not is_sound(self._keys, checkpoints):
                walked.stumble()
                return walked.result()
            try:
                walked.take(audit_rows.in_order(connection))
                return walked.result()
            except audit_rows.Unreadable:
                pass  # what was read together with the bad one is not told: one by one now
        with self._database.reading() as connection:
            try:
                walked.take(audit_rows.in_order(connection, walked.end.seq, at_once=1))
            except audit_rows.Unreadable:
                walked.stumble()
        return walked.result()

    def require_sound_end(self) -> Link:
        """Return the end of the chain; raise ``ChainBroken`` when its last records are not sound.

        Raises ``StorageUnavailable`` as well.
        """
        with self._database.reading() as connection:
            rows = audit_rows.last(connection, _LOOKED_AT)
            if not rows:
                checkpoints = _checkpoints(connection)
                return checkpoints[-1].link if checkpoints else START
        first = rows[0]
        walked = Walk(self._keys, Link(first[0] - 1, first[-2]), {})
        walked.take(rows)
        if not walked.result().is_sound:
            raise ChainBroken(f"record {walked.end.seq + 1}")
        return walked.end

    def rows(
        self,
        since: datetime | None = None,
        until: datetime | None = None,
        subjects: Collection[str] | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Records in order, by name: asked since, asked before, about one of the pseudonyms."""
        asked = audit_rows.Asked(
            since=None if since is None else _text(since),
            until=None if until is None else _text(until),
            subjects=subjects,
        )
        with self._database.reading() as connection:
            yield from audit_rows.chosen(connection, asked)

    def answer_to(self, check_id: str) -> dict[str, Any] | None:
        """Return the record of a check's answer; raise ``StorageUnavailable``."""
        with self._database.reading() as connection:
            return audit_rows.answer_to(connection, check_id)

    def follow_up(self, row: FollowUp, oldest: str) -> None:
        """Keep what whoever owns the rules should look at, outside the chain; raise as above."""
        with self._database.writing() as connection:
            follow_up_rows.add(connection, row, oldest)

    def prune(self, before: datetime, now: datetime) -> int:
        """Remove the beginning of the chain that was asked before a moment; return how much.

        A sealed checkpoint stands for it, so that what stays can still be verified. Raises
        ``StorageUnavailable``, and ``ChainBroken`` when what would be removed is not sound: the
        traces of a forgery are not removed by age.
        """
        broken_at = self.verify().broken_at
        if broken_at is not None:
            raise ChainBroken(f"record {broken_at}")
        with self._database.writing(unhurried=True) as connection:
            found = audit_rows.last_link_before(connection, _text(before))
            if found is None:
                return 0
            checkpoint = make_checkpoint(
                self._keys, _checkpoints(connection), Link(*found), _text(now)
            )
            return audit_rows.replace_by_checkpoint(connection, checkpoint.row())

    def close(self) -> None:
        """Let go of the database; the next use opens it again."""
        self._database.close()

    def _content(self, entry: Entry) -> dict[str, str | None]:
        content: dict[str, str | None] = {
            name: self._keys.current_id if name == "key_id" else getattr(entry, name)
            for name in AUDIT_CONTENT
        }
        content["asked_at"] = _text(entry.asked_at)
        content["answered_at"] = _text(entry.answered_at) if entry.answered_at else None
        content["sources"] = msgspec.json.encode(entry.sources).decode()
        return content


def has_records(database: Database) -> bool:
    """Whether the audit has begun; raise ``StorageUnavailable``."""
    with database.reading() as connection:
        return _end(connection) != START


def _end(connection: Connection) -> Link:
    found = audit_rows.last_link(connection)
    if found is not None:
        return Link(*found)
    checkpoints = _checkpoints(connection)  # all records may have been removed by age
    return checkpoints[-1].link if checkpoints else START


def _checkpoints(connection: Connection) -> list[Checkpoint]:
    found = audit_rows.checkpoints_in_order(connection)
    return [Checkpoint(Link(seq, head), *rest) for seq, head, *rest in found]


def _text(moment: datetime) -> str:
    """Return a time that sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
