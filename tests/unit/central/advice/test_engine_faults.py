"""An adviser over HTTP whose engine is down, slow, broken or asked too much: real servers."""

import asyncio
import http.client
import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.advice.source import Advice, AdviceSource
from kiosk.service.central.connectors.asking import ask_all
from kiosk.service.central.connectors.guard import REST_SECONDS, WINDOW, Guard, Pace
from kiosk.service.central.facts import ChannelKind
from tests.support.raw_server import Exchange, RawServer, serving
from tests.unit.central.worlds import question

PLENTY = Pace(1e6, 10**6)


class HttpAdviser:
    """Asks an engine over HTTP, as an adviser that somebody installs may."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.tries = 0

    async def advise(self, question: Question) -> Advice:
        self.tries += 1
        return await asyncio.to_thread(self._ask)

    async def close(self) -> None:
        pass

    def _ask(self) -> Advice:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=1)
        try:
            connection.request("POST", "/advice")
            response = connection.getresponse()
            if response.status != http.client.OK:
                raise RuntimeError("no advice")
            return Advice(entitled=json.load(response))
        finally:
            connection.close()


class Engine:
    """What the server does; ``fault`` is taken away when it is well again."""

    def __init__(self) -> None:
        self.fault: Callable[[Exchange], None] | None = None

    def __call__(self, exchange: Exchange) -> None:
        exchange.send(200, b"true") if self.fault is None else self.fault(exchange)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Asked:
    """The connector over the adviser, on a clock of the test's."""

    def __init__(self, port: int, pace: Pace = PLENTY, seconds: float = 5.0) -> None:
        self.clock, self.adviser = Clock(), HttpAdviser(port)
        self.source = AdviceSource(self.adviser, {}, seconds, Guard(pace, self.clock))

    async def one(self, channel: ChannelKind = ChannelKind.DESK) -> Answer:
        asked = replace(question(), channel=channel)
        (heard,) = await ask_all(asked, [(self.source, 60.0)])
        return heard.answer

    async def many(self, count: int) -> list[str | None]:
        return [(await self.one()).reason for _ in range(count)]


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def server(engine: Engine) -> Iterator[RawServer]:
    with serving(engine) as running:
        yield running


def broken(exchange: Exchange) -> None:
    exchange.send(500)


def silent(exchange: Exchange) -> None:
    exchange.stop.wait(60)


def hang_up(exchange: Exchange) -> None:
    exchange.sock.shutdown(socket.SHUT_RDWR)


@pytest.mark.expects_log("kiosk.service.central.connectors.asking", "source advice failed: Runtime")
@pytest.mark.parametrize(
    ("fault", "seconds", "reason"), [(broken, 5.0, "failure"), (silent, 0.05, "timeout")]
)
def test_an_engine_that_keeps_failing_is_left_alone_and_taken_back(
    engine: Engine,
    server: RawServer,
    fault: Callable[[Exchange], None],
    seconds: float,
    reason: str,
) -> None:
    asked, engine.fault = Asked(server.port, seconds=seconds), fault

    async def scene() -> None:
        assert asked.source.status() is None
        assert await asked.many(WINDOW + 2) == [reason] * WINDOW + ["resting"] * 2
        assert asked.adviser.tries == WINDOW
        assert asked.source.status() is SourceState.UNAVAILABLE
        held = await asked.one()
        assert (held.state, held.retry_after_seconds) == (SourceState.UNAVAILABLE, 30)
        engine.fault, asked.clock.now = None, REST_SECONDS
        asked.source._seconds = 5.0
        assert await asked.many(2) == [None, None]
        assert asked.source.status() is SourceState.OK

    asyncio.run(scene())


@pytest.mark.expects_log("kiosk.service.central.connectors.asking", "ConnectionRefusedError$")
def test_an_engine_that_is_down_is_tried_twice_a_question(server: RawServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    asked = Asked(port)
    assert asyncio.run(asked.many(WINDOW + 1)) == ["failure"] * WINDOW + ["resting"]
    assert asked.adviser.tries == 2 * WINDOW


def test_a_connection_that_is_lost_is_made_once_more(engine: Engine, server: RawServer) -> None:
    asked = Asked(server.port)
    engine.fault = lambda ex: hang_up(ex) if len(server.requests) == 1 else ex.send(200, b"true")
    answer = asyncio.run(asked.one())
    assert (answer.state, asked.adviser.tries) == (SourceState.OK, 2)


def test_a_batch_leaves_questions_for_the_desk(server: RawServer) -> None:
    asked = Asked(server.port, Pace(0.001, 4))

    async def scene() -> list[Answer]:
        kinds = [ChannelKind.BATCH] * 3 + [ChannelKind.DESK] * 3
        return [await asked.one(kind) for kind in kinds]

    answers = asyncio.run(scene())
    assert [one.reason for one in answers] == [None, None, "too-busy", None, None, "too-busy"]
    assert answers[-1].state is SourceState.TOO_BUSY
    assert len(server.requests) == 4
    assert asked.source.status() is SourceState.OK, "that we hold back says nothing of the engine"


def test_a_question_that_is_called_off_counts_for_neither(
    engine: Engine, server: RawServer
) -> None:
    asked, engine.fault = Asked(server.port), silent

    async def scene() -> None:
        for _ in range(WINDOW):
            await ask_all(question(), [(asked.source, 0.001)])
        assert asked.source.status() is None
        engine.fault = None

    asyncio.run(scene())


@pytest.mark.expects_log("kiosk.service.central.connectors.asking", "source advice failed: Runtime")
def test_who_waits_for_a_moment_only_takes_the_trial_from_nobody(
    engine: Engine, server: RawServer
) -> None:
    """Else a client that asks so twice a minute keeps an engine that is well from everybody."""
    asked, engine.fault = Asked(server.port), broken

    async def scene() -> None:
        await asked.many(WINDOW)
        assert (await asked.one()).reason == "resting"
        asked.clock.now, engine.fault = REST_SECONDS, silent
        (moment,) = await ask_all(question(), [(asked.source, 0.001)])
        assert moment.answer.reason == "timeout"
        engine.fault = None
        assert (await asked.one()).state is SourceState.OK

    asyncio.run(scene())
