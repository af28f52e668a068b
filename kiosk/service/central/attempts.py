"""Attempts at what somebody may not: each counts, and leaves a trace that a flood cannot swell."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from kiosk.service.central.audit import Entry
from kiosk.service.central.clients.tally import Tally
from kiosk.service.central.errors import Refusal, Refused

Record: TypeAlias = Callable[[Entry], Awaitable[None]]
"""Returns once a record is on disk; raises ``SERVICE_UNAVAILABLE``."""


@dataclass(frozen=True, slots=True)
class Attempts:
    """Puts them on record."""

    record: Record
    _over_limit: Tally = field(default_factory=Tally)

    async def take(self, attempt: Entry, who: str, count: Awaitable[None]) -> None:
        """Let one count, and record it; raise what ``count`` raises.

        Within the limit each leaves a record. Over it they would without end: then it is the first
        of an hour, the second, the fourth, the eighth. ``who`` has a count for each kind, so that
        no flood of one hides another.
        """
        try:
            await count
        except Refused as refused:
            if refused.refusal is Refusal.RATE_LIMITED:
                await self._record_over_limit(attempt, f"{who}{attempt.kind}")
            raise
        await self.record(attempt)

    async def _record_over_limit(self, attempt: Entry, name: str) -> None:
        number = self._over_limit.count(name)
        if number is None:
            return
        try:
            kind = f"{attempt.kind} over-limit {number}"
            await self.record(dataclasses.replace(attempt, kind=kind))
        except Refused:
            self._over_limit.not_told(name)
            raise
