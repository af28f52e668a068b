"""One question to a service for all connectors that need its answer in the same check."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Generic, TypeVar
from weakref import ReferenceType, WeakKeyDictionary, ref

from kiosk.service.central.connectors import Question
from kiosk.service.central.connectors.magda.failures import NotAnswered

T = TypeVar("T")


class Shared(Generic[T]):
    """Asks at the first need; who comes later gets the same answer or the same failure.

    Nothing outlives the check: the answer goes with its question. A failure that is kept is never
    the one that was raised, whose trace would hold on to the question.
    """

    def __init__(self, ask: Callable[[Question], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: WeakKeyDictionary[Question, asyncio.Future[T | NotAnswered]] = (
            WeakKeyDictionary()
        )

    async def get(self, question: Question) -> T:
        """Return the answer, or raise what asking raised."""
        answer = self._asked.get(question)
        if answer is None:
            answer = asyncio.ensure_future(self._outcome(question))
            answer.add_done_callback(partial(self._drop_failed, ref(question)))
            self._asked[question] = answer
        # Shielded: one connector that runs out of time must not take the answer from another.
        outcome = await asyncio.shield(answer)
        if isinstance(outcome, NotAnswered):
            raise NotAnswered(outcome.reason, outcome.retry_after)
        return outcome

    async def _outcome(self, question: Question) -> T | NotAnswered:
        try:
            return await self._ask(question)
        except NotAnswered as failure:
            return NotAnswered(failure.reason, failure.retry_after)

    def _drop_failed(
        self, question: ReferenceType[Question], answer: asyncio.Future[T | NotAnswered]
    ) -> None:
        asked = question()
        # The exception is taken here, since nobody may be left to take it.
        if not answer.cancelled() and answer.exception() is not None and asked is not None:
            self._asked.pop(asked, None)
