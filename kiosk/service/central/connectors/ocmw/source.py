"""The connector: one person's rows, found by a thread within the time, read into facts."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Final, Literal

from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.ocmw.failures import (
    LASTING,
    RETRY_SECONDS,
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
from kiosk.service.central.keys import Keys

_THREADS: Final = "ocmw"


class OcmwSource:
    """The OCMW's own data."""

    group = GROUP
    name = GROUP

    def __init__(
        self, shelf: Shelf, freshness: Literal["live", "buffer"], seconds: float, threads: int
    ) -> None:
        self.tells = shelf.plan.tells
        self._shelf = shelf
        self._freshness = freshness
        self._seconds = seconds
        self._workers = Workers(threads, _THREADS)
        self._state: SourceState | None = None

    async def ask(self, question: Question) -> Answer:
        """Look for the person. Whatever keeps the data from telling is an answer with a reason."""
        key = self._shelf.key(question.number)  # here: the number is gone when the time is up
        try:
            found = await self._find(key)
        except NotRead as failure:
            return _failed(failure.reason)
        told = read(found.rows, self._shelf.plan, question.on_date)
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
        """What is so until somebody does something about it; ``None`` before the first question."""
        return self._state

    def close(self) -> None:
        """Let threads and connections go; what a thread still waits for is closed by it."""
        self._workers.close(self._shelf.close)

    async def _find(self, key: str | bytes) -> Found:
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._workers.run(partial(self._shelf.find, key))
        except TimeoutError:
            raise NotRead(Reason.TIMEOUT) from None
        except NotRead as failure:
            if failure.reason in LASTING:
                self._state = state_of(failure.reason)
            raise
        self._state = SourceState.OK
        return found

    def _as_of(self, told: Told, found: Found) -> datetime | None:
        live = datetime.now(UTC) if self._freshness == "live" else None
        return told.as_of or found.loaded_at or live


def connect(ocmw: Ocmw, keys: Keys) -> OcmwSource:
    """Make the connector for settings without mistakes. Asks nothing yet."""
    seconds, threads = ocmw.timeout_seconds, ocmw.connections
    if ocmw.url:
        return OcmwSource(View(ocmw), ocmw.freshness, seconds, threads)
    return OcmwSource(ImportedList(ocmw, keys), "buffer", seconds, threads)


def _failed(reason: Reason, passes: frozenset[str] = frozenset()) -> Answer:
    state = state_of(reason)
    retry = RETRY_SECONDS if state.retryable else None
    return Answer(state=state, reason=reason.value, retry_after_seconds=retry, passes=passes)
