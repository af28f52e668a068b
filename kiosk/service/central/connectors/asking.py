"""Asking connectors side by side, each within its time: whatever goes wrong in one is an unknown.

On the way of every check: one task a connector, and one wait for all that have the same time.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.service.central.connectors import Answer, Connector, Question, unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What a connector answered, and after how many seconds."""

    answer: Answer
    seconds: float


async def ask_all(question: Question, asked: Sequence[tuple[Connector, float]]) -> list[Heard]:
    """Ask connectors, each for so many seconds; return what was heard, in their order.

    Never raises for a connector. One that is late is left behind, also if it holds on to its
    cancellation.
    """
    calls = [_Call(connector, seconds, question) for connector, seconds in asked]
    started = time.monotonic()
    try:
        for limit in sorted({call.limit for call in calls}):
            waiting = [call.task for call in calls if not call.task.done()]
            if waiting:
                # Not wait_for: a connector that is cancelled must not hold the check.
                await asyncio.wait(waiting, timeout=started + limit - time.monotonic())
            for call in calls:
                if call.limit <= limit:
                    call.leave()
    finally:
        for call in calls:
            call.leave()
    return [call.heard() for call in calls]


class _Call:
    """One connector that is being asked."""

    __slots__ = ("_connector", "_is_late", "_question", "_seconds", "_started", "limit", "task")

    def __init__(self, connector: Connector, limit: float, question: Question) -> None:
        self.limit = limit
        self.task = asyncio.create_task(connector.ask(question))
        self.task.add_done_callback(self._end)
        self._connector = connector
        self._question = question
        self._is_late = False
        self._started = time.monotonic()
        self._seconds = limit

    def leave(self) -> None:
        """Wait no longer; what comes later is not heard."""
        if not self.task.done():
            self._is_late = True
            self.task.cancel()

    def heard(self) -> Heard:
        """Return what was answered in time."""
        return Heard(self._answer(), self._seconds)

    def _answer(self) -> Answer:
        if self._is_late:
            return self._unavailable("timeout")
        if self.task.cancelled():  # by the connector itself
            return self._unavailable("failure")
        failure = self.task.exception()
        if failure is not None:
            # The text of a foreign error may quote the question: only its type is logged.
            _log.warning("source %s failed: %s", self._connector.group, type(failure).__name__)
            return self._unavailable("failure")
        return self.task.result()

    def _unavailable(self, reason: str) -> Answer:
        # What it heard of a new number before counts: others were asked about the old one.
        return unavailable(reason, self._question.replacements.heard())

    def _end(self, task: asyncio.Task[Answer]) -> None:
        if not self._is_late:
            self._seconds = time.monotonic() - self._started
        elif not task.cancelled():
            task.exception()  # taken, so that asyncio does not print it
