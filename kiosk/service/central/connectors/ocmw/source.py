"""The connector: one person's rows, found by a thread within the time, read into facts."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Final, Literal

from kiosk.service.central.connectors import (
    RETRY_SECONDS,
    Answer,
    Question,
    SourceState,
    local_today,
)
from kiosk.service.central.connectors.guard import Clock, Guard
from kiosk.service.central.connectors.ocmw.failures import (
    LASTING,
    UNANSWERED,
    NotRead,
    Reason,
    state_of,
)
from kiosk.service.central.connectors.ocmw.rows import Told, read
from kiosk.service.central.connectors.ocmw.settings import GROUP, Ocmw
from kiosk.service.central.connectors.ocmw.shelf import (
    Found,
    ImportedList,
    Shelf,
    View,
)
from kiosk.service.central.connectors.ocmw.workers import Workers
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.keys import Keys

_THREADS: Final = "ocmw"


class OcmwSource:
    """The OCMW's own data; a ``guard`` stands before what is somebody else's."""

    group = GROUP
    name = GROUP

    def __init__(
        self,
        shelf: Shelf,
        freshness: Literal["live", "buffer"],
        seconds: float,
        threads: int,
        guard: Guard | None = None,
        today: Callable[[], date] = local_today,
    ) -> None:
        self.tells = shelf.plan.tells
        self._shelf = shelf
        self._freshness = freshness
        self._seconds = seconds
        self._workers = Workers(threads, _THREADS)
        self._guard = guard
        self._today = today
        self._state: SourceState | None = None

    async def ask(self, question: Question) -> Answer:
        """Look for the person. Whatever keeps the data from telling is an answer with a reason."""
        key = self._shelf.key(question.number)  # here: the number is gone when the time is up
        try:
            found = await self._find(key, batch=question.channel is ChannelKind.BATCH)
        except NotRead as failure:
            return _failed(failure.reason, retry_after=failure.retry_after)
        told = read(found.rows, self._shelf.plan, question.on_date, self._today())
        if not told.facts:
            return _failed(told.doubt or Reason.NOT_LISTED, told.passes)
        return Answer(
            state=SourceState.OK,
            facts=told.facts,
            reason=None if told.doubt is None else told.doubt.value,
            as_of=self._as_of(told, found),
            freshness=self._freshness,
            gap=None if told.doubt is None else state_of(told.doubt),
            passes=told.passes,
        )

    def status(self) -> SourceState | None:
        """What is so until somebody does something about it, or while the table is left alone.

        ``None`` before the first question.
        """
        is_resting = self._guard is not None and self._guard.status() is SourceState.UNAVAILABLE
        return SourceState.UNAVAILABLE if is_resting else self._state

    def close(self) -> None:
        """Let threads and connections go; what a thread still waits for is closed by it."""
        self._workers.close(self._shelf.close)

    async def _find(self, key: str | bytes, *, batch: bool) -> Found:
        if self._guard is not None:
            # However slow the table: a desk waits behind one question of a batch, not all.
            if batch and self._workers.is_crowded:
                raise NotRead(Reason.TOO_BUSY, 1)
            held = self._guard.hold(batch=batch)
            if held is not None:
                raise NotRead(Reason(held.reason), held.seconds)
        try:
            found = await self._in_time(key)
        except NotRead as failure:
            self._note(failure.reason)
            raise
        except asyncio.CancelledError:
            if self._guard is not None:
                self._guard.called_off()
            raise
        self._note(None)
        return found

    async def _in_time(self, key: str | bytes) -> Found:
        try:
            async with asyncio.timeout(self._seconds):
                return await self._workers.run(partial(self._shelf.find, key))
        except TimeoutError:
            raise NotRead(Reason.TIMEOUT) from None

    def _note(self, reason: Reason | None) -> None:
        """Note how a question ended; what may hang on one person's rows is as good as an answer."""
        if reason is None or reason in LASTING:
            self._state = SourceState.OK if reason is None else state_of(reason)
        if self._guard is None:
            return
        if reason in UNANSWERED:
            self._guard.failed()
        elif reason is not Reason.NOT_UNDERSTOOD:
            self._guard.answered()

    def _as_of(self, told: Told, found: Found) -> datetime | None:
        live = datetime.now(UTC) if self._freshness == "live" else None
        return told.as_of or found.loaded_at or live


def connect(
    ocmw: Ocmw,
    keys: Keys,
    clock: Clock = time.monotonic,
    today: Callable[[], date] = local_today,
) -> OcmwSource:
    """Make the connector for settings without mistakes. Asks nothing yet."""
    seconds, threads = ocmw.timeout_seconds, ocmw.connections
    if ocmw.url:
        guard = Guard(ocmw.pace, clock)
        return OcmwSource(View(ocmw), ocmw.freshness, seconds, threads, guard, today)
    return OcmwSource(ImportedList(ocmw, keys), "buffer", seconds, threads, today=today)


def _failed(
    reason: Reason, passes: frozenset[str] = frozenset(), retry_after: int = RETRY_SECONDS
) -> Answer:
    state = state_of(reason)
    retry = retry_after if state.retryable else None
    return Answer(state=state, reason=reason.value, retry_after_seconds=retry, passes=passes)
