"""The seals that make a chain of the audit's records, and the walk that checks them.

A seal is keyed and covers the record and the seal before it. So a record that was changed, removed,
inserted or moved breaks the chain; who holds no key cannot mend it. What is cut off at the end is
found with an anchor, a note of the end that was kept elsewhere. Records that were removed by age
are replaced by a checkpoint, which is sealed as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import msgspec

from kiosk.service.central.keys import Keys
from kiosk.service.central.storage.schema import AUDIT_CONTENT, AUDIT_FORM

_KEY: Final = 2 + AUDIT_CONTENT.index("key_id")


class Link(NamedTuple):
    """One place in the chain: a record's number and its seal."""

    seq: int
    seal: str


START: Final = Link(0, "0" * 64)
"""What the first record builds on."""


@dataclass(frozen=True, slots=True)
class Chain:
    """What a walk saw: how many records are sound, the last of them, the first broken one."""

    records: int
    end: Link
    broken_at: int | None = None

    @property
    def is_sound(self) -> bool:
        """Whether every record is as it was written, and none is missing."""
        return self.broken_at is None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What stands for records that were removed by age: the last of them, when, sealed."""

    link: Link
    made_at: str
    key_id: str
    seal: str

    def row(self) -> dict[str, Any]:
        """Return it as the table has it."""
        values = {"made_at": self.made_at, "key_id": self.key_id, "seal": self.seal}
        return {"seq": self.link.seq, "head": self.link.seal, **values}


def continue_chain(
    keys: Keys, end: Link, contents: Iterable[Mapping[str, str | None]]
) -> Iterator[dict[str, Any]]:
    """Turn what records say into rows that continue the chain after ``end``."""
    for content in contents:
        values = [content[name] for name in AUDIT_CONTENT]
        seq, previous = end.seq + 1, end.seal
        seal = keys.seal(_bytes(AUDIT_FORM, seq, previous, values))
        yield {"seq": seq, "form": AUDIT_FORM, **content, "previous": previous, "seal": seal}
        end = Link(seq, seal)


class Walk:
    """A walk along the chain: it goes on until a record is not what it has to be."""

    def __init__(self, keys: Keys, start: Link, anchors: Mapping[int, str]) -> None:
        """Begin after ``start``. ``anchors`` are seals by number, noted earlier."""
        self._keys = keys
        self._anchors = anchors
        self._count, self._end, self._is_broken = 0, start, False

    @property
    def end(self) -> Link:
        """The last record that was sound."""
        return self._end

    def take(self, rows: Iterable[Sequence[Any]]) -> None:
        """Check rows, each in the order of the table; stops at the first that is broken."""
        for row in rows:
            seq = self._end.seq + 1
            seal = _expected(self._keys, seq, self._end.seal, row)
            if seal is None or self._anchors.get(seq, seal) != seal:
                self._is_broken = True
                return
            self._count, self._end = self._count + 1, Link(seq, seal)

    def stumble(self) -> None:
        """Call the next record broken."""
        self._is_broken = True

    def result(self) -> Chain:
        """Say what the walk saw, once everything was taken."""
        cut_off = max(self._anchors, default=0) > self._end.seq
        broken_at = self._end.seq + 1 if self._is_broken or cut_off else None
        return Chain(self._count, self._end, broken_at)


def make_checkpoint(
    keys: Keys, before: Sequence[Checkpoint], link: Link, moment: str
) -> Checkpoint:
    """Seal the end of what is going to be removed; covers the checkpoint before it."""
    previous = before[-1].seal if before else START.seal
    seal = keys.seal(_checkpoint_bytes(previous, link, moment))
    return Checkpoint(link, moment, keys.current_id, seal)


def is_sound(keys: Keys, checkpoints: Sequence[Checkpoint]) -> bool:
    """Whether checkpoints are as they were made, and none is missing before the last."""
    previous, seq = START.seal, 0
    for item in checkpoints:
        seal = keys.seal_with(item.key_id, _checkpoint_bytes(previous, item.link, item.made_at))
        if item.seal != seal or item.link.seq <= seq:
            return False
        previous, seq = seal, item.link.seq
    return True


def _expected(keys: Keys, seq: int, previous: str, row: Sequence[Any]) -> str | None:
    """Return the seal of a sound row, ``None`` for any other."""
    if (row[0], row[1], row[-2]) != (seq, AUDIT_FORM, previous):
        return None
    seal = keys.seal_with(row[_KEY], _bytes(AUDIT_FORM, seq, previous, row[2:-2]))
    return seal if row[-1] == seal else None


def _bytes(form: int, seq: int, previous: str, values: Sequence[Any]) -> bytes:
    # MessagePack and not JSON: SQLite lets bytes stand where text should, and only this tells them
    # apart.
    return msgspec.msgpack.encode((form, seq, previous, *values))


def _checkpoint_bytes(previous: str, link: Link, moment: str) -> bytes:
    return msgspec.msgpack.encode(("checkpoint", previous, *link, moment))
