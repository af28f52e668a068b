"""A few threads for calls that block: one that hangs holds a thread, and nothing else.

They are daemons, since the pool of the standard library would keep the service from stopping
while a database hangs.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, Final, TypeVar

from kiosk.service.central.connectors.ocmw.failures import NotRead, Reason

T = TypeVar("T")

_WAITING_FOR_EACH: Final = 50


class Workers:
    """So many threads, started with the first call."""

    def __init__(self, count: int, name: str) -> None:
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._count, self._name = count, name
        self._started = False
        self._running = count
        self._lock = threading.Lock()
        self._after: Callable[[], None] = lambda: None

    @property
    def is_crowded(self) -> bool:
        """Whether for each thread a call is waiting already."""
        return self._calls.qsize() >= self._count

    async def run(self, call: Callable[[], T]) -> T:
        """Return what the call returns; raise ``NotRead`` when too many are waiting already."""
        if self._calls.qsize() >= self._count * _WAITING_FOR_EACH:
            raise NotRead(Reason.TOO_BUSY)
        if not self._started:
            self._started = True
            for _ in range(self._count):
                threading.Thread(target=self._work, name=self._name, daemon=True).start()
        future: Future[T] = Future()
        self._calls.put((future, call))
        return await asyncio.wrap_future(future)

    def close(self, after: Callable[[], None]) -> None:
        """Let the threads end with what they are doing; the last one calls ``after``."""
        self._after = after
        if not self._started:
            after()
        for _ in range(self._count):
            self._calls.put(None)

    def _work(self) -> None:
        while (task := self._calls.get()) is not None:
            future, call = task
            if not future.set_running_or_notify_cancel():
                continue  # nobody waits for it any more
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001  # whoever waits gets it
                future.set_exception(error)
        with self._lock:
            self._running -= 1
            last = not self._running
        if last:
            self._after()
