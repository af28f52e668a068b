import asyncio
import threading
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.service.central.audit import AuditStore, Entry
from kiosk.service.central.audit_anchors import (
    AnchorFile,
    AnchorsUnusable,
    line_of,
    read_anchors,
)
from kiosk.service.central.audit_chain import Link
from kiosk.service.central.audit_writer import CAPACITY, AuditWriter
from kiosk.service.central.storage.database import StorageUnavailable
from tests.support.storage import entry, sqlite_store

NOON = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


class SlowDisk(AuditStore):
    """Holds every commit until it is let go; counts them."""

    def __init__(self, real: AuditStore) -> None:
        self.real = real
        self.commits: list[int] = []
        self.probes = 0
        self.free = threading.Event()
        self.failure: Exception | None = None

    def append(self, *entries: Entry) -> Link:
        assert self.free.wait(20)
        self.commits.append(len(entries))
        if self.failure is not None:
            raise self.failure
        return self.real.append(*entries)

    def probe(self) -> None:
        self.probes += 1
        assert self.free.wait(20)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def disk(tmp_path: Path) -> SlowDisk:
    return SlowDisk(sqlite_store(tmp_path / "audit.sqlite3"))


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 20))


def test_what_comes_during_a_commit_goes_into_the_next(disk: SlowDisk) -> None:
    writer = AuditWriter(disk)

    async def work() -> None:
        tasks = [asyncio.create_task(writer.write(entry(check_id=f"c{n}"))) for n in range(6)]
        await asyncio.sleep(0)
        more = [asyncio.create_task(writer.write(entry(check_id=f"d{n}"))) for n in range(4)]
        await asyncio.sleep(0.05)
        assert not any(task.done() for task in (*tasks, *more))
        disk.free.set()
        await asyncio.gather(*tasks, *more)

    run(work())
    writer.close()
    assert sum(disk.commits) == 10
    assert len(disk.commits) <= 2
    assert [row["check_id"][0] for row in disk.real.rows()] == [*"cccccc", *"dddd"]
    assert disk.real.verify().is_sound


@pytest.mark.parametrize("failure", [StorageUnavailable("full"), ValueError("unforeseen")])
def test_all_of_a_commit_that_failed_are_told(disk: SlowDisk, failure: Exception) -> None:
    writer = AuditWriter(disk)
    disk.failure = failure
    disk.free.set()

    async def work() -> None:
        told = await asyncio.gather(
            *(writer.write(entry()) for _ in range(3)), return_exceptions=True
        )
        assert told == [failure] * 3
        disk.failure = None
        await writer.write(entry())

    run(work())
    writer.close()
    assert disk.real.verify().records == 1


def test_nobody_waits_longer_than_the_patience(disk: SlowDisk) -> None:
    writer = AuditWriter(disk, patience=0.05)

    async def work() -> None:
        first = asyncio.create_task(writer.write(entry(check_id="first")))
        await asyncio.sleep(0)
        second = asyncio.create_task(writer.write(entry(check_id="second")))
        for task in (first, second):
            with pytest.raises(StorageUnavailable, match="slow"):
                await task
        with pytest.raises(StorageUnavailable, match="slow"):
            await writer.probe()
        disk.free.set()
        writer._patience = 10
        await writer.write(entry(check_id="third"))

    run(work())
    writer.close()
    # The first was on its way already; the second was given up before its turn.
    assert [row["check_id"] for row in disk.real.rows()] == ["first", "third"]
    assert disk.commits == [1, 1]


def test_after_the_end_nothing_is_written(disk: SlowDisk) -> None:
    writer = AuditWriter(disk)
    disk.free.set()

    async def work() -> None:
        tasks = [asyncio.create_task(writer.write(entry())) for _ in range(3)]
        await asyncio.sleep(0)
        writer.close()  # with one record on its way, and two that wait for their turn
        await tasks[0]
        for late in (*tasks[1:], writer.write(entry())):
            with pytest.raises(StorageUnavailable, match="closed"):
                await late

    run(work())
    assert disk.real.verify().records == 1


def test_a_database_that_hangs_does_not_gather_for_ever(disk: SlowDisk) -> None:
    writer = AuditWriter(disk, patience=5)

    async def work() -> None:
        many = [asyncio.create_task(writer.write(entry())) for _ in range(CAPACITY)]
        await asyncio.sleep(0.02)  # the first commit has taken its share
        many += [asyncio.create_task(writer.write(entry())) for _ in range(CAPACITY)]
        await asyncio.sleep(0)
        told = [task for task in many if task.done()]
        assert told
        for task in told:
            with pytest.raises(StorageUnavailable, match="crowded"):
                task.result()
        disk.free.set()
        await asyncio.gather(*many, return_exceptions=True)

    run(work())
    writer.close()


class TestProbe:
    def test_all_who_ask_share_one(self, disk: SlowDisk) -> None:
        writer = AuditWriter(disk)

        async def work() -> None:
            many = [asyncio.create_task(writer.probe()) for _ in range(500)]
            await asyncio.sleep(0)
            disk.free.set()
            await writer.write(entry())  # behind one look, and not behind five hundred
            await asyncio.gather(*many)
            await writer.probe()
            assert disk.probes == 1

        run(work())
        writer.close()

    @pytest.mark.parametrize("seconds", [0.0, 1000.0])
    def test_it_is_looked_again_after_a_second(
        self, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch, seconds: float
    ) -> None:
        monkeypatch.setattr("kiosk.service.central.audit_writer.PROBE_SECONDS", seconds)
        writer = AuditWriter(disk)
        disk.free.set()

        async def work() -> None:
            disk.failure = StorageUnavailable("full")
            with pytest.raises(StorageUnavailable, match="full"):
                await writer.probe()
            disk.failure = None
            if seconds:
                with pytest.raises(StorageUnavailable, match="full"):
                    await writer.probe()
            else:
                await writer.probe()

        run(work())
        writer.close()

    def test_nobody_queues_a_second_one(
        self, disk: SlowDisk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kiosk.service.central.audit_writer.PROBE_SECONDS", 0.0)
        writer = AuditWriter(disk, patience=0.02)

        async def work() -> None:
            for _ in range(3):
                with pytest.raises(StorageUnavailable, match="slow"):
                    await writer.probe()
            assert disk.probes == 1
            disk.free.set()
            assert writer._probing
            await asyncio.wait({writer._probing})
            await asyncio.wait({asyncio.ensure_future(writer.probe())})
            assert disk.probes == 2

        run(work())
        writer.close()

    def test_one_that_was_called_off_is_over(self, disk: SlowDisk) -> None:
        writer = AuditWriter(disk)
        disk.free.set()

        async def work() -> None:
            called_off: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            called_off.cancel()
            writer._note_probe(called_off)
            writer._probing = called_off
            await writer.probe()
            assert disk.probes == 1

        run(work())
        writer.close()


class TestAnchors:
    def test_the_end_is_noted_now_and_then_and_at_the_stop(self, tmp_path: Path) -> None:
        store = sqlite_store(tmp_path / "audit.sqlite3")
        writer = AuditWriter(store, AnchorFile(tmp_path / "anchors", timedelta(hours=1)))

        async def work() -> None:
            for _ in range(3):
                await writer.write(entry())

        run(work())
        assert list(read_anchors(tmp_path / "anchors")) == [1]
        writer.close()
        anchors = read_anchors(tmp_path / "anchors")
        assert list(anchors) == [1, 3]
        assert store.verify(anchors).is_sound

    def test_a_note_is_made_when_the_last_is_old_and_something_is_new(self, tmp_path: Path) -> None:
        file = AnchorFile(tmp_path / "anchors", timedelta(hours=1))
        for minutes, seq in ((0, 1), (59, 2), (60, 3), (119, 4), (121, 3), (125, 5)):
            file.note(Link(seq, "ab" * 32), NOON + timedelta(minutes=minutes))
        assert list(read_anchors(tmp_path / "anchors")) == [1, 3, 5]

    def test_a_note_that_cannot_be_made_stops_nothing(
        self, tmp_path: Path, expect_log: Any
    ) -> None:
        expect_log("kiosk.service.central", "anchor of the audit cannot be noted: Is a directory")
        AnchorFile(tmp_path, timedelta(hours=1)).note(Link(1, "ab" * 32), NOON)

    @pytest.mark.parametrize(
        "content",
        [b"\xff", b"nonsense", b"1 ab", f"1 {'ab' * 32}\n1 {'cd' * 32}".encode(), b"\n"],
    )
    def test_a_file_that_is_none(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "anchors").write_bytes(content)
        with pytest.raises(AnchorsUnusable):
            read_anchors(tmp_path / "anchors")

    def test_a_line_is_read_as_it_was_written(self, tmp_path: Path) -> None:
        line = line_of(Link(12, "ab" * 32), NOON)
        assert line == f"12 {'ab' * 32} 2026-11-30T12:00:00+00:00"
        (tmp_path / "anchors").write_text(line)
        assert read_anchors(tmp_path / "anchors") == {12: "ab" * 32}
        with pytest.raises(AnchorsUnusable):
            read_anchors(tmp_path / "nothing")
