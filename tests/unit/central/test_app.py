"""What the application does when something fails that nobody foresaw."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar.exceptions import ClientException, ImproperlyConfiguredException

from kiosk.data import data_path
from kiosk.service.central.app import create_app
from kiosk.service.central.checks import Parts
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.synthetic import connectors
from kiosk.service.central.decide import Decider
from kiosk.service.central.envelope import Envelope, longest_wait
from kiosk.service.central.facts import Residence
from kiosk.service.central.keys import Keys
from kiosk.service.central.rule_files import RuleBook, load
from tests.support.storage import sqlite_store
from tests.unit.central.test_decide import LIMITS
from tests.unit.central.worlds import NOBODY

Sent = list[dict[str, Any]]
KEY = b"0c441c91-2c7d-432a-8a97-0f386d0e1e04"
BODY = json.dumps(
    {
        "useCase": "uitpas",
        "purpose": "urn:gent:ipdc:test",
        "subject": {"scheme": "be-nrn", "value": NOBODY},
        "capture": {"method": "manual", "proof": "typed"},
        "channel": {"kind": "desk", "deviceId": "dsk-1"},
    }
).encode()


class BrokenRules(RuleBook):
    """Fails in a way of a test's choosing."""

    def __init__(self, error: Exception) -> None:
        super().__init__(())
        self.error = error

    def find(self, *_: object) -> Any:
        raise self.error


def parts(folder: Path, rules: RuleBook) -> Parts:
    keys = Keys(b"k" * 32)
    return Parts(
        decider=Decider(connectors(data_path("central", "people.toml")), LIMITS),
        rules=rules,
        audit=sqlite_store(folder / "audit.sqlite3", keys),
        keys=keys,
        test_numbers=True,
    )


async def call(app: Any, **changes: Any) -> Sent:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/checks",
        "raw_path": b"/v1/checks",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"idempotency-key", KEY)],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        **changes,
    }
    sent: Sent = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": BODY, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def test_a_check_in_process(tmp_path: Path) -> None:
    app = create_app(parts(tmp_path, load(data_path("rules"))))
    start, body, *_ = asyncio.run(call(app))
    assert start["status"] == 200
    assert json.loads(body["body"])["guidance"][0]["code"] == "COM-A03"


def test_no_verdict_is_told_before_its_time(tmp_path: Path) -> None:
    held = replace(parts(tmp_path, load(data_path("rules"))), least_seconds=0.2)
    started = time.monotonic()
    start, *_ = asyncio.run(call(create_app(held)))
    assert start["status"] == 200
    assert time.monotonic() - started >= 0.2
    last = list(held.audit.rows())[-1]
    asked, answered = (datetime.fromisoformat(last[name]) for name in ("asked_at", "answered_at"))
    assert answered - asked >= timedelta(seconds=0.19)  # another clock


class Mirror:
    """A register that knows the person by the number of the officer who asks."""

    group = "population"

    async def ask(self, question: Question) -> Answer:
        question.replacements.is_own_file = True
        return Answer(state=SourceState.OK, facts={"residence": Residence.GENT})

    def status(self) -> None:
        return None


def test_an_own_file_that_a_source_finds_is_refused_and_on_record(tmp_path: Path) -> None:
    found = replace(parts(tmp_path, load(data_path("rules"))), decider=Decider([Mirror()], LIMITS))
    start, body, *_ = asyncio.run(call(create_app(found)))
    assert (start["status"], json.loads(body["body"])["code"]) == (403, "own-file")
    asked, refused = found.audit.rows()
    assert (asked["kind"], refused["kind"]) == ("asked", "own-file")
    assert refused["check_id"] == asked["check_id"]
    assert refused["subject"] == asked["subject"] != ""


def test_a_refusal_is_not_held(tmp_path: Path) -> None:
    held = replace(parts(tmp_path, load(data_path("rules"))), least_seconds=3600)
    start, *_ = asyncio.run(call(create_app(held), headers=[(b"content-type", b"text/plain")]))
    assert start["status"] == 415


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RuntimeError(f"about {NOBODY}"), 500),
        (ImproperlyConfiguredException(f"about {NOBODY}"), 500),
        (ClientException(f"about {NOBODY}", status_code=418), 400),
    ],
    ids=["error", "framework", "other status"],
)
def test_what_nobody_foresaw_is_a_problem_without_its_cause(
    tmp_path: Path,
    error: Exception,
    status: int,
    caplog: pytest.LogCaptureFixture,
    expect_log: Callable[[str, str], None],
) -> None:
    expect_log("kiosk.service.central", r"^request failed: \w+$")
    headers = [
        *((b"content-type", b"application/json"), (b"idempotency-key", KEY)),
        (b"accept-language", b"de"),
    ]
    app = create_app(parts(tmp_path, BrokenRules(error)))
    start, body, *_ = asyncio.run(call(app, headers=headers))
    assert start["status"] == status
    assert (b"content-type", b"application/problem+json") in start["headers"]
    assert (b"content-language", b"de") in start["headers"]
    assert json.loads(body["body"])["status"] == status
    assert NOBODY not in str(body) + caplog.text


class TestEnvelope:
    @pytest.mark.expects_log("kiosk.service.central", "^request failed: RuntimeError$")
    def test_an_application_that_fails_before_it_answers(self) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            raise RuntimeError(NOBODY)

        start, body = asyncio.run(call(Envelope(broken)))
        assert start["status"] == 500
        assert dict(start["headers"])[b"cache-control"] == b"no-store"
        assert json.loads(body["body"])["code"] == "internal-error"
        assert json.loads(body["body"])["title"] == "The service failed"

    @pytest.mark.expects_log("kiosk.service.central", "^request failed: RuntimeError$")
    def test_also_that_is_told_in_the_language_of_the_client(self) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            raise RuntimeError(NOBODY)

        wanted = [(b"accept-language", b"es"), (b"accept-language", b"fr;q=0.2,nl-BE")]
        start, body = asyncio.run(call(Envelope(broken), headers=wanted))
        headers = dict(start["headers"])
        assert headers[b"content-language"] == b"nl"
        assert headers[b"vary"] == b"Accept-Language"
        assert json.loads(body["body"])["title"] == "Er ging iets mis in de dienst"

    @pytest.mark.expects_log("kiosk.service.central", "^request failed: RuntimeError$")
    def test_an_application_that_fails_while_it_answers(self) -> None:
        async def broken(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            raise RuntimeError(NOBODY)

        assert [message["type"] for message in asyncio.run(call(Envelope(broken)))] == [
            "http.response.start"
        ]

    def test_what_is_not_http_passes(self) -> None:
        passed: list[str] = []

        async def app(scope: Any, receive: Any, send: Any) -> None:
            passed.append(scope["type"])

        asyncio.run(call(Envelope(app), type="lifespan"))
        assert passed == ["lifespan"]


@pytest.mark.parametrize(
    ("sent", "understood"),
    [
        *((["wait=4"], 4), (["wait=99"], 99), ([], None), (["wait=0"], None)),
        *((["wait=100"], None), (["wait=-1"], None), (["respond-async"], None)),
        (["wait=4", "wait=5"], None),
    ],
    ids=ascii,
)
def test_how_long_a_client_waits(sent: list[str], understood: int | None) -> None:
    heard: list[int | None] = []

    async def inner(_scope: Any, _receive: Any, _send: Any) -> None:
        heard.append(longest_wait())

    headers = [(b"prefer", value.encode()) for value in sent]
    asyncio.run(call(Envelope(inner), headers=headers))
    assert heard == [understood]
