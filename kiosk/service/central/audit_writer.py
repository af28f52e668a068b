"""Records on their way to the disk: off the event loop, in order, many in one commit.

While one commit waits for the disk, what comes meanwhile gathers and goes into the next. Nobody
waits for company: a record that comes alone is written at once. Who waits is told only after the
commit, and waits no longer than the patience; then there is no answer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Final

from kiosk.service.central.audit import AuditStore, Entry
from kiosk.service.central.audit_anchors import AnchorFile
from kiosk.service.central.audit_chain import Link
from kiosk.service.central.storage.database import StorageUnavailable

PATIENCE_SECONDS: Final = 2.0
CAPACITY: Final = 1_000
"""Records that may wait; that many are there only when the database hangs."""
_TOGETHER: Final = 100


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
        self._waiting: deque[tuple[Entry, asyncio.Future[None]]] = deque()
        self._writing: asyncio.Task[None] | None = None
        self._end: Link | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="audit")

    async def write(self, entry: Entry) -> None:
        """Return once the record is on disk; raise ``StorageUnavailable`` when it may not be."""
        if len(self._waiting) >= CAPACITY:
            raise StorageUnavailable("crowded")
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all())
        await self._patiently(done)

    async def probe(self) -> None:
        """Raise ``StorageUnavailable`` when a record could not be written now."""
        await self._patiently(asyncio.ensure_future(self._off_the_loop(self._store.probe)))

    def close(self) -> None:
        """Write what is being written, note where the chain ends, then stop."""
        self._thread.shutdown()
        if self._anchors is not None and self._end is not None:
            self._anchors.note(self._end, datetime.now(UTC), at_once=True)

    async def _write_all(self) -> None:
        while self._waiting:
            count = min(len(self._waiting), _TOGETHER)
            taken = [self._waiting.popleft() for _ in range(count)]
            # Who has gone was told no: a record of that would be one without an answer.
            wanted = [(entry, done) for entry, done in taken if not done.done()]
            failure = await self._write_together([entry for entry, _ in wanted])
            for _, done in wanted:
                _tell(done, failure)

    async def _write_together(self, entries: Sequence[Entry]) -> Exception | None:
        if not entries:
            return None
        try:
            await self._off_the_loop(lambda: self._append(entries))
        except Exception as error:  # noqa: BLE001  # whoever waits is told, whatever it is
            return error
        return None

    def _append(self, entries: Sequence[Entry]) -> None:
        self._end = self._store.append(*entries)
        if self._anchors is not None:
            self._anchors.note(self._end, datetime.now(UTC))

    async def _off_the_loop(self, job: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, job)

    async def _patiently(self, done: asyncio.Future[None]) -> None:
        await asyncio.wait({done}, timeout=self._patience)
        if not done.done():
            done.cancel()
            raise StorageUnavailable("slow")
        done.result()


def _tell(done: asyncio.Future[None], failure: Exception | None) -> None:
    if done.done():  # given up meanwhile
        return
    if failure is None:
        done.set_result(None)
    else:
        done.set_exception(failure)
