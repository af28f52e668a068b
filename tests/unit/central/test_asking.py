"""Asking side by side: nobody is waited for too long, and nothing that goes wrong gets out."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.asking import Heard, ask_all
from kiosk.service.central.facts import YesNo
from tests.unit.central.worlds import NOBODY, question

TOLD = Answer(state=SourceState.OK, facts={"leefloon": YesNo.YES})
FOREVER = 3600.0


async def answer() -> Answer:
    return TOLD


async def fail() -> Answer:
    raise ValueError(f"about {NOBODY}")


async def give_up() -> Answer:
    raise asyncio.CancelledError


async def hang() -> Answer:
    await asyncio.Event().wait()
    raise AssertionError


async def hold_on() -> Answer:
    """Ignores its cancellation for a while, then fails."""
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        await asyncio.sleep(0)
    raise ValueError(f"about {NOBODY}")


ENDS: dict[Callable[[], Awaitable[Answer]], str | None] = {
    answer: None,
    fail: "failure",
    give_up: "failure",
    hang: "timeout",
    hold_on: "timeout",
}


class Source:
    """A connector that does what a test says."""

    group = "ocmw"

    def __init__(self, behave: Callable[[], Awaitable[Answer]]) -> None:
        self._behave = behave

    async def ask(self, question: Question) -> Answer:
        return await self._behave()

    def status(self) -> SourceState | None:
        return None


def ask(*asked: tuple[Callable[[], Awaitable[Answer]], float]) -> list[Heard]:
    """What is heard; whatever the loop complains of afterwards is a failure."""
    complaints: list[Any] = []

    async def scene() -> list[Heard]:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        heard = await ask_all(question(), [(Source(how), seconds) for how, seconds in asked])
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        return heard

    heard = asyncio.run(scene())
    assert complaints == []
    return heard


@pytest.mark.expects_log("kiosk.service.central.connectors.asking", "source ocmw failed: ValueErr")
@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(list(ENDS)), max_size=5))
def test_each_ends_in_its_own_way_whatever_the_others_do(
    behaviours: list[Callable[[], Awaitable[Answer]]],
) -> None:
    heard = ask(*((behave, 0.01) for behave in behaviours))
    assert [one.answer.reason for one in heard] == [ENDS[behave] for behave in behaviours]
    for one in heard:
        expected = SourceState.OK if one.answer is TOLD else SourceState.UNAVAILABLE
        assert (one.answer.state, one.answer.shown.retryable) == (expected, one.answer is not TOLD)


def test_who_has_less_time_is_left_behind_sooner() -> None:
    async def after_the_first() -> Answer:
        await asyncio.sleep(0.05)
        return TOLD

    late, in_time, hasty = ask((after_the_first, 0.01), (after_the_first, FOREVER), (answer, 0.01))
    assert (late.answer.reason, late.seconds) == ("timeout", 0.01)
    assert in_time.answer is hasty.answer is TOLD
    assert in_time.seconds >= 0.05 > hasty.seconds


def test_nobody_is_waited_for_once_all_have_told() -> None:
    started = time.monotonic()
    ask((answer, FOREVER), (give_up, FOREVER / 2))
    assert time.monotonic() - started < FOREVER / 100


def test_there_is_one_task_a_connector() -> None:
    tasks: list[int] = []

    async def count() -> Answer:
        tasks.append(len(asyncio.all_tasks()))
        return TOLD

    ask((count, 1.0), (count, 1.0), (count, 2.0))
    assert tasks[0] == 1 + len(tasks)


def test_being_cancelled_leaves_them_all_behind() -> None:
    async def scene() -> None:
        whole = asyncio.create_task(ask_all(question(), [(Source(hang), 1.0), (Source(hang), 2.0)]))
        await asyncio.sleep(0)
        whole.cancel()
        await asyncio.wait([whole])
        await asyncio.sleep(0)
        assert whole.cancelled()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(scene())


def test_nothing_is_asked_of_nobody() -> None:
    assert ask() == []
