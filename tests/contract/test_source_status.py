"""The lamps: the kiosk's client against the real service, and against servers that misbehave."""

from __future__ import annotations

import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from kiosk.agent import quiet
from kiosk.agent.messages import Status
from kiosk.agent.quiet import QuietTraffic
from kiosk.bootstrap.visit import eligibility_client
from kiosk.domain.identity import Subject
from kiosk.domain.policy import Mode
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import Colour, SourceState, UseCase
from kiosk.service.client import HttpEligibilityClient
from kiosk.settings import ClientSettings, ServiceSettings
from tests.contract.central_server import CentralServer
from tests.support.people import CANARY, person
from tests.support.raw_server import Exchange, Respond, answer_green, serving

LAMPS = b'{"sources":[{"group":"social","state":"ok"}]}'
SOCIAL = (SourceState(group="social", state="ok"),)
TOKEN_PATH = "/v1/token"

ClientOf = Callable[..., HttpEligibilityClient]


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Make clients of an address; they are closed at the end."""
    with ExitStack() as made:

        def make(url: str, **settings: Any) -> HttpEligibilityClient:
            own = settings.pop("client", ClientSettings(auth="none"))
            service = ServiceSettings(url=url, client=own, **settings)
            return made.enter_context(closing(eligibility_client(service, Mode.DESK)))

        yield make


def failure(client: HttpEligibilityClient) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        client.source_status()
    return caught.value.problem.code


def test_the_real_service_tells_its_lamps(client_of: ClientOf, tmp_path: Path) -> None:
    server = CentralServer(tmp_path)
    try:
        client = client_of(f"http://127.0.0.1:{server.port}")
        groups = ("population", "social", "ocmw", "income", "vehicle")
        assert client.source_status() == tuple(SourceState(group=g, state="ok") for g in groups)
        server.check("jef-appelboom")  # the social source is down
        assert client.source_status()[1] == SourceState(group="social", state="unavailable")
    finally:
        server.close()


def test_the_question_names_nobody(client_of: ClientOf) -> None:
    with serving(lambda e: e.send(200, LAMPS)) as server:
        assert client_of(server.url()).source_status() == SOCIAL
    (asked,) = server.requests
    assert (asked.method, asked.path, asked.body) == ("GET", "/v1/source-status", b"")
    sent = asked.headers["x-correlation-id"]
    assert str(uuid.UUID(sent)) == sent
    assert "idempotency-key" not in asked.headers


@pytest.mark.parametrize("status", [403, 404, 405, 501])
def test_a_service_without_lamps_is_a_service_all_the_same(
    client_of: ClientOf, status: int
) -> None:
    with serving(lambda e: e.send(status, b"<html>no", "text/html")) as server:
        assert client_of(server.url()).source_status() == ()


def _flood(exchange: Exchange) -> None:
    exchange.sock.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n"
    )
    for _ in range(160):
        exchange.sock.sendall(b" " * 65536)


WRONG: dict[str, tuple[Respond, ProblemCode]] = {
    "ten megabytes": (_flood, ProblemCode.SERVICE_UNINTELLIGIBLE),
    "html": (
        lambda e: e.send(200, b"<html>log in", "text/html"),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "html called json": (lambda e: e.send(200, b"<html>"), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "json called html": (
        lambda e: e.send(200, LAMPS, "text/html"),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "empty": (lambda e: e.send(200, b""), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "other types": (
        lambda e: e.send(200, b'{"sources":{"social":"ok"}}'),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "a number": (
        lambda e: e.send(200, LAMPS.replace(b"social", CANARY.encode())),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "seventeen": (
        lambda e: e.send(
            200,
            json.dumps(
                {"sources": [{"group": "g" * n, "state": "ok"} for n in range(1, 18)]}
            ).encode(),
        ),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "another's answer": (
        lambda e: e.send(200, LAMPS, headers={"X-Correlation-Id": str(uuid.uuid4())}),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "redirect": (
        lambda e: e.send(302, b"", headers={"Location": "http://127.0.0.1:9/"}),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "hangs up": (lambda e: e.sock.close(), ProblemCode.SERVICE_UNREACHABLE),
    "refuses us": (lambda e: e.send(401, b""), ProblemCode.SERVICE_REFUSED_US),
    "too many": (lambda e: e.send(429, b""), ProblemCode.SERVICE_BUSY),
    "fault": (lambda e: e.send(500, b"Traceback"), ProblemCode.SERVICE_FAILING),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_is_a_problem_of_the_service(client_of: ClientOf, name: str) -> None:
    respond, code = WRONG[name]
    with serving(respond) as server:
        assert failure(client_of(server.url())) is code


def test_nobody_listens(client_of: ClientOf) -> None:
    with serving(answer_green) as server:
        pass
    assert failure(client_of(server.url())) is ProblemCode.SERVICE_UNREACHABLE


def test_a_waiting_agent_tells_of_an_outage_and_of_its_end(
    client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quiet, "_PAUSE_SECONDS", 0.01)
    is_down = threading.Event()
    told: queue.Queue[Status] = queue.Queue()

    def respond(exchange: Exchange) -> None:
        if is_down.is_set():
            exchange.sock.close()
        else:
            exchange.send(200, LAMPS)

    def until(status: Status) -> None:
        while told.get(timeout=5) != status:
            pass

    with serving(respond) as server:
        traffic = QuietTraffic(client_of(server.url()), told.put, lambda _: None)
        traffic.start()
        for _ in range(2):
            until(Status(SOCIAL, None))
            is_down.set()
            until(Status((), ProblemCode.SERVICE_UNREACHABLE.code))
            is_down.clear()
        until(Status(SOCIAL, None))
        traffic.stop()


def test_an_answer_that_never_ends_is_not_asked_for_once_more(client_of: ClientOf) -> None:
    """A waiting agent lives for hours: what drips may hold one thread, not one a minute."""
    with serving(lambda e: e.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)) as server:
        client = client_of(server.url(), deadline_seconds=0.3)
        before = threading.active_count()
        for _ in range(4):
            assert failure(client) is ProblemCode.SERVICE_TOO_SLOW
        assert len(server.requests) == 1
        assert threading.active_count() <= before + 2  # one here, one of the server


def test_an_answer_too_late_does_not_hold_up_a_visit(client_of: ClientOf) -> None:
    """The visit has a connection of its own meanwhile, and the lamps come back after it."""
    let_go = threading.Event()

    def respond(exchange: Exchange) -> None:
        if exchange.path == "/v1/source-status":
            let_go.wait(10)
            exchange.send(200, LAMPS)
        else:
            answer_green(exchange)

    with serving(respond) as server:
        client = client_of(server.url(), deadline_seconds=5.0)
        told: list[tuple[SourceState, ...]] = []
        lamps = threading.Thread(target=lambda: told.append(client.source_status()))
        lamps.start()
        while not server.requests:
            time.sleep(0.01)
        started = time.monotonic()
        client.warm_up()
        assert client.check(Subject.of(person()), UseCase.UITPAS).colour is Colour.GREEN
        assert time.monotonic() - started < 1
        let_go.set()
        lamps.join(5)
        assert told == [SOCIAL]


@pytest.fixture
def own_key(tmp_path: Path) -> str:
    path = tmp_path / "terminal.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(key.private_bytes(serialization.Encoding.PEM, *form))
    return f"file:{path}"


class Gate:
    """A service that gives numbered tokens and takes the newest one that it was told to."""

    def __init__(self, lifetime: int = 3600) -> None:
        self.given = 0
        self.oldest_taken = 1
        self._lifetime = lifetime

    def respond(self, exchange: Exchange) -> None:
        if exchange.path == TOKEN_PATH:
            self.given += 1
            token = {"access_token": f"token-{self.given}", "expires_in": self._lifetime}
            exchange.send(200, json.dumps(token).encode())
            return
        _, _, number = exchange.headers.get("authorization", "token-0").rpartition("-")
        if int(number) < self.oldest_taken:
            exchange.send(401, b"")
        elif exchange.method == "GET":
            exchange.send(200, LAMPS)
        else:
            answer_green(exchange)


def registered(url: str, own_key: str) -> ClientSettings:
    return ClientSettings(id="dsk-1", key=own_key, token_url=url + TOKEN_PATH)


def test_the_visit_finds_the_token_of_the_lamps(client_of: ClientOf, own_key: str) -> None:
    gate = Gate()
    with serving(gate.respond) as server:
        client = client_of(server.url(), client=registered(server.url(), own_key))
        for _ in range(3):
            assert client.source_status() == SOCIAL
        client.check(Subject.of(person()), UseCase.UITPAS)
    assert gate.given == 1


def test_a_token_about_to_end_is_renewed_while_waiting(client_of: ClientOf, own_key: str) -> None:
    gate = Gate(lifetime=1)
    with serving(gate.respond) as server:
        client = client_of(server.url(), client=registered(server.url(), own_key))
        for _ in range(3):
            assert client.source_status() == SOCIAL
    assert gate.given == 3


def test_a_token_that_is_taken_no_more_is_thrown_away(client_of: ClientOf, own_key: str) -> None:
    gate = Gate()
    with serving(gate.respond) as server:
        client = client_of(server.url(), client=registered(server.url(), own_key))
        client.source_status()
        gate.oldest_taken = 2  # the service has new keys
        assert failure(client) is ProblemCode.SERVICE_REFUSED_US
        assert client.source_status() == SOCIAL
        gate.oldest_taken = 3
        with pytest.raises(KioskError):
            client.check(Subject.of(person()), UseCase.UITPAS)
        assert client.check(Subject.of(person()), UseCase.UITPAS).colour is Colour.GREEN
    assert gate.given == 3
