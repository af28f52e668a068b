"""One question to a service for all connectors that need its answer in the same check."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

from kiosk.service.central.connectors import Question

T = TypeVar("T")


class Shared(Generic[T]):
    """Asks at the first need; who comes later gets the same answer or the same failure.

    Nothing outlives the check: the answer goes with its question.
    """

    def __init__(self, ask: Callable[[Question], Awaitable[T]]) -> None:
        self._ask = ask
        self._asked: WeakKeyDictionary[Question, asyncio.Future[T]] = WeakKeyDictionary()

    async def get(self, question: Question) -> T:
        """Return the answer, or raise what asking raised."""
        answer = self._asked.get(question)
        if answer is None:
            answer = asyncio.ensure_future(self._ask(question))
            answer.add_done_callback(_taken)
            self._asked[question] = answer
        # Shielded: one connector that runs out of time must not take the answer from another.
        return await asyncio.shield(answer)


def _taken(answer: asyncio.Future[T]) -> None:
    if not answer.cancelled():
        answer.exception()  # nobody may be left to take it
