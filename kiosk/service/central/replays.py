"""A question that is sent twice is answered once: same key, same body, same bytes.

Kept in this process's memory only, for fifteen minutes and for a bounded number of questions.
Keys and bodies are kept as keyed hashes, so that no number stays behind.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Final

from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.keys import Keys

KEPT_SECONDS: Final = 15 * 60
CAPACITY: Final = 10_000


@dataclass(slots=True)
class _Kept:
    """The answer once it is there; until then who makes it.

    A task that has ended still holds on to all that its question left in its context.
    """

    body: bytes
    until: float
    making: asyncio.Task[bytes] | None
    answer: bytes = b""


class Replays:
    """The answers of the last fifteen minutes, by idempotency key."""

    def __init__(
        self, keys: Keys, capacity: int = CAPACITY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._capacity = capacity
        self._clock = clock
        self._kept: OrderedDict[bytes, _Kept] = OrderedDict()

    async def once(
        self, who: str, key: str, body: bytes, make: Callable[[], Coroutine[None, None, bytes]]
    ) -> bytes:
        """Return the kept answer, or make it; who comes meanwhile waits for the same one.

        Nobody gets what was made for another, whatever key they send: ``who`` is taken as it is.
        Raises ``Refused`` when the key belongs to another body, and what ``make`` raises; an
        answer that could not be made is not kept.
        """
        self._forget_old()
        slot, fingerprint = (
            self._keys.fingerprint(f"{who}{key.lower()}".encode()),
            self._keys.fingerprint(body),
        )
        kept = self._kept.get(slot)
        if kept is None:
            kept = self._begin(slot, fingerprint, make)
        elif kept.body != fingerprint:
            raise Refused(Refusal.IDEMPOTENCY_CONFLICT)
        if kept.making is None:
            return kept.answer
        # Shielded: a client that hangs up must not take the answer from the next one.
        return await asyncio.shield(kept.making)

    def _begin(
        self, slot: bytes, fingerprint: bytes, make: Callable[[], Coroutine[None, None, bytes]]
    ) -> _Kept:
        making = asyncio.create_task(make())
        kept = _Kept(fingerprint, self._clock() + KEPT_SECONDS, making)
        self._kept[slot] = kept

        def settle(made: asyncio.Task[bytes]) -> None:
            if not made.cancelled() and made.exception() is None:
                kept.answer, kept.making = made.result(), None
            elif self._kept.get(slot) is kept:
                del self._kept[slot]

        making.add_done_callback(settle)
        return kept

    def _forget_old(self) -> None:
        now = self._clock()
        while self._kept:
            oldest = next(iter(self._kept.values()))
            if oldest.until > now and len(self._kept) < self._capacity:
                return
            self._kept.popitem(last=False)
