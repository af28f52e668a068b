"""Work with the database, off the event loop and in the order in which it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeAlias, TypeVar

from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.storage.database import StorageUnavailable

T = TypeVar("T")

Clock: TypeAlias = Callable[[], int]
"""Tells milliseconds since 1970."""


PATIENCE_SECONDS: Final = 2.0
CAPACITY: Final = 1_000
"""Jobs that may wait; more are there only when the database hangs, or somebody floods."""


def milliseconds() -> int:
    """Return the time of day of this machine."""
    return time.time_ns() // 1_000_000


class Worker:
    """One thread for one kind of work; nobody waits longer for it than the patience (seconds)."""

    def __init__(self, name: str, patience: float = PATIENCE_SECONDS) -> None:
        self._patience = patience
        self._waiting = 0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def do(self, job: Callable[[], T]) -> T:
        """Return what a job returns.

        Raises ``SERVICE_UNAVAILABLE`` when the database is away, and when too many wait or one
        waited too long. A job that had begun then is done all the same.
        """
        if self._waiting >= CAPACITY:
            raise Refused(Refusal.SERVICE_UNAVAILABLE)
        done = asyncio.get_running_loop().run_in_executor(self._thread, job)
        self._waiting += 1
        done.add_done_callback(self._leave)
        try:
            return await asyncio.wait_for(done, self._patience)
        except (StorageUnavailable, TimeoutError) as error:
            raise Refused(Refusal.SERVICE_UNAVAILABLE) from error

    def close(self) -> None:
        """Do what was begun, then stop."""
        self._thread.shutdown()

    def _leave(self, _: asyncio.Future[T]) -> None:
        self._waiting -= 1
