"""Notes of the end of the chain, kept apart from the database.

A chain that was cut off at the end looks like one that never was longer. Only a note of an earlier
end, where who can change the database cannot reach, tells them apart. A line has a record's number,
its seal, and the time of the note: nothing about anybody.
"""

from __future__ import annotations

import logging
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.service.central.audit_chain import Link

_LINE: Final = re.compile(r"(\d{1,18}) ([0-9a-f]{64})(?: .*)?")
_log = logging.getLogger(__name__)


class AnchorsUnusable(Exception):
    """A file of anchors cannot be read; the message says why."""


class AnchorFile:
    """The file that a service adds to, at most once in a while."""

    def __init__(self, path: Path, every: timedelta) -> None:
        self._path = path
        self._every = every
        self._noted_at: datetime | None = None
        self._noted = 0

    def note(self, end: Link, now: datetime, *, at_once: bool = False) -> None:
        """Add the end, when the last note is old enough; a failure is logged and stops nothing."""
        is_due = self._noted_at is None or now - self._noted_at >= self._every
        if end.seq <= self._noted or not (is_due or at_once):
            return
        self._noted_at = now
        try:
            _add(self._path, line_of(end, now))
            self._noted = end.seq
        except OSError as error:
            _log.error("the anchor of the audit cannot be noted: %s", error.strerror)


def line_of(end: Link, now: datetime) -> str:
    """Return the note of an end."""
    return f"{end.seq} {end.seal} {now.isoformat(timespec='seconds')}"


def read_anchors(path: Path) -> dict[int, str]:
    """Return the seals of a file by number; raise ``AnchorsUnusable``."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AnchorsUnusable(f"{path}: {type(error).__name__}") from None
    anchors: dict[int, str] = {}
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if found is None:
            raise AnchorsUnusable(f"{path}: line {number} is no anchor")
        seq, seal = int(found[1]), found[2]
        if anchors.setdefault(seq, seal) != seal:
            raise AnchorsUnusable(f"{path}: line {number} says otherwise than an earlier one")
    return anchors


def _add(path: Path, line: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{line}\n")
        file.flush()
        os.fsync(file.fileno())
