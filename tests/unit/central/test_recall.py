"""What is remembered of checks is gone after its time, and never anybody else's."""

import asyncio
import dataclasses
from datetime import date

import pytest

from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.recall import About, Earlier, Memory, Recall

ABOUT = About("ab" * 32, "sha256:x", date(2026, 11, 22), ChannelKind.DESK, "urn:gent:ipdc:test")


def test_only_whoever_asked_finds_it() -> None:
    async def run() -> None:
        memory: Memory[bytes] = Memory(60, capacity=3)
        memory.keep("c1", "desk-1", b"mine")
        assert memory.find("c1", "desk-1") == b"mine"
        assert memory.find("c1", "desk-2") is None
        assert memory.find("c2", "desk-1") is None

    asyncio.run(run())


def test_it_goes_by_itself() -> None:
    async def run() -> None:
        memory: Memory[bytes] = Memory(0.01, capacity=3)
        memory.keep("c1", "", b"mine")
        gone = asyncio.Event()
        asyncio.get_running_loop().call_later(0.05, gone.set)
        await gone.wait()
        assert memory.find("c1", "") is None

    asyncio.run(asyncio.wait_for(run(), 5))


def test_there_are_never_too_many() -> None:
    async def run() -> None:
        memory: Memory[int] = Memory(60, capacity=3)
        for number in range(10):
            memory.keep(f"c{number}", "", number)
        assert [memory.find(f"c{number}", "") for number in range(6, 10)] == [None, 7, 8, 9]

    asyncio.run(run())


def test_what_was_told_is_kept_only_while_asking_again_may_help() -> None:
    async def run() -> None:
        recall = Recall()
        for check_id, may_retry in (("c1", True), ("c2", False)):
            earlier = Earlier(check_id=check_id, correlation_id="k", about=ABOUT)
            assert recall.keep("", b"answer", earlier, may_retry=may_retry) == b"answer"
        assert recall.waiting.find("c1", "") is not None
        assert recall.waiting.find("c2", "") is None
        assert recall.answers.find("c2", "") == b"answer"

    asyncio.run(run())


def test_it_is_good_once_and_for_the_same_question() -> None:
    earlier = Earlier(check_id="c1", correlation_id="k", about=ABOUT)
    other = dataclasses.replace(ABOUT, subject="cd" * 32)
    with pytest.raises(Refused, match=Refusal.RECHECK_NOT_POSSIBLE.code):
        earlier.use(other)
    earlier.use(ABOUT)
    with pytest.raises(Refused, match=Refusal.RECHECK_NOT_POSSIBLE.code):
        earlier.use(ABOUT)
    assert "ab" * 32 not in repr(earlier)
