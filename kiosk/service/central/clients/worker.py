"""Work with the database, off the event loop and in the order in which it comes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeAlias, TypeVar

from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.storage.database import StorageUnavailable

T = TypeVar("T")

Clock: TypeAlias = Callable[[], int]
"""Tells milliseconds since 1970."""


def milliseconds() -> int:
    """Return the time of day of this machine."""
    return time.time_ns() // 1_000_000


class Worker:
    """One thread for one kind of work."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def do(self, job: Callable[[], T]) -> T:
        """Return what a job returns; raise ``SERVICE_UNAVAILABLE`` when the database is away."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, job)
        except StorageUnavailable as error:
            raise Refused(Refusal.SERVICE_UNAVAILABLE) from error

    def close(self) -> None:
        """Do what was begun, then stop."""
        self._thread.shutdown()
