"""Records on their way to the disk: off the event loop, in order, many in one commit.

While one commit waits for the disk, what comes meanwhile gathers and goes into the next. Nobody
waits for company: a record that comes alone is written at once. Who waits is told only after the
commit, and waits no longer than the patience; then there is no answer.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final, TypeAlias

from kiosk.service.central.audit import AuditStore, Entry
from kiosk.service.central.audit_anchors import AnchorFile
from kiosk.service.central.audit_chain import Link
from kiosk.service.central.storage.database import StorageUnavailable

PATIENCE_SECONDS: Final = 2.0
CAPACITY: Final = 1_000
"""Records that may wait; that many are there only when the database hangs."""
PROBE_SECONDS: Final = 1.0
"""So long the result of a probe is good for whoever asks: anybody may, without a token."""
_TOGETHER: Final = 100

_Waiting: TypeAlias = tuple[Entry, asyncio.Future[None]]


class AuditWriter:
    """Writes into one store, with one thread; notes the end of the chain now and then."""

    def __init__(
        self,
        store: AuditStore,
        anchors: AnchorFile | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._store = store
        self._anchors = anchors
        self._patience = patience
        self._waiting: deque[_Waiting] = deque()
        self._is_writing = self._is_closed = False
        self._end: Link | None = None
        self._probing: asyncio.Future[None] | None = None
        self._probed_at = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")

    async def write(self, entry: Entry) -> None:
        """Return once the record is on disk; raise ``StorageUnavailable`` when it may not be."""
        if self._is_closed:
            raise StorageUnavailable("closed")
        if len(self._waiting) >= CAPACITY:
            raise StorageUnavailable("crowded")
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((entry, done))
        if not self._is_writing:
            self._write_next(loop)
        await self._patiently(done)

    async def probe(self) -> None:
        """Raise ``StorageUnavailable`` when a record could not be written a moment ago.

        All who ask at the same time share one look, so that they keep no record waiting.
        """
        probing = self._probing
        if probing is None or self._is_over(probing):
            loop = asyncio.get_running_loop()
            probing = loop.run_in_executor(self._thread, self._store.probe)
            probing.add_done_callback(self._note_probe)
            self._probing = probing
        await asyncio.wait({probing}, timeout=self._patience)
        if not probing.done():  # the others wait on, and nobody queues a second one
            raise StorageUnavailable("slow")
        probing.result()

    def close(self) -> None:
        """Write what is being written, note where the chain ends, then stop."""
        self._is_closed = True
        self._thread.shutdown()
        if self._anchors is not None and self._end is not None:
            self._anchors.note(self._end, datetime.now(UTC), at_once=True)

    def _is_over(self, probing: asyncio.Future[None]) -> bool:
        is_old = time.monotonic() >= self._probed_at + PROBE_SECONDS
        return probing.cancelled() or (probing.done() and is_old)

    def _note_probe(self, probing: asyncio.Future[None]) -> None:
        self._probed_at = time.monotonic()
        if not probing.cancelled():
            probing.exception()  # looked at also when everybody has gone

    def _write_next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Send what has gathered to the thread, which comes back to :meth:`_written`."""
        wanted: list[_Waiting] = []
        while self._waiting and len(wanted) < _TOGETHER:
            entry, done = self._waiting.popleft()
            # Who has gone was told no: a record of that would be one without an answer.
            if not done.done():
                wanted.append((entry, done))
        self._is_writing = bool(wanted)
        if self._is_writing:
            self._thread.submit(self._write_together, loop, wanted)

    def _write_together(self, loop: asyncio.AbstractEventLoop, wanted: Sequence[_Waiting]) -> None:
        failure = None
        try:
            self._append([entry for entry, _ in wanted])
        except Exception as error:  # noqa: BLE001  # whoever waits is told, whatever it is
            failure = error
        loop.call_soon_threadsafe(self._written, loop, wanted, failure)

    def _written(
        self,
        loop: asyncio.AbstractEventLoop,
        wanted: Sequence[_Waiting],
        failure: Exception | None,
    ) -> None:
        for _, done in wanted:
            _tell(done, failure)
        if not self._is_closed:
            self._write_next(loop)
        for _, done in self._waiting if self._is_closed else ():
            _tell(done, StorageUnavailable("closed"))

    def _append(self, entries: Sequence[Entry]) -> None:
        self._end = self._store.append(*entries)
        if self._anchors is not None:
            self._anchors.note(self._end, datetime.now(UTC))

    async def _patiently(self, done: asyncio.Future[None]) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await done
        except TimeoutError:
            raise StorageUnavailable("slow") from None


def _tell(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():  # given up meanwhile
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
