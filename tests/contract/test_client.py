"""The kiosk's end of the contract, against servers that keep it and that break it."""

from __future__ import annotations

import gzip
import inspect
import json
import logging
import socket
import ssl
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import jwt
import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kiosk.domain.identity import Subject
from kiosk.domain.national_number import NationalNumber
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import Colour, UseCase, Verdict
from kiosk.service import client as module
from kiosk.service.client import HttpEligibilityClient, ServiceAddress
from kiosk.service.contract import Channel
from kiosk.service.credentials import ClientKey
from tests.support.people import CANARY, person
from tests.support.raw_server import (
    VALID,
    Exchange,
    RawServer,
    Respond,
    answer_green,
    green,
    serving,
)

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
PATIENT = timedelta(seconds=10)
IMPATIENT = timedelta(seconds=0.4)


OPEN: list[HttpEligibilityClient] = []


@pytest.fixture(autouse=True)
def _close_clients() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()


def client_of(
    server: RawServer,
    *,
    deadline: timedelta = PATIENT,
    scheme: str = "http",
    ca_file: str = "",
    key: ClientKey | None = None,
) -> HttpEligibilityClient:
    address = ServiceAddress(
        url=server.url(scheme),
        purpose="urn:test",
        channel=Channel(kind="desk", device_id="dsk-1", site_id="zuid"),
        deadline=deadline,
        ca_file=ca_file,
        token_url=server.url(scheme) + "/v1/token",
    )
    client = HttpEligibilityClient(address, key, lambda: NOW)
    OPEN.append(client)
    return client


def ask(client: HttpEligibilityClient) -> Verdict:
    return client.check(Subject.of(person()), UseCase.UITPAS)


def problem_with(respond: Respond, deadline: timedelta = PATIENT) -> ProblemCode:
    with serving(respond) as server, pytest.raises(KioskError) as caught:
        ask(client_of(server, deadline=deadline))
    return caught.value.problem.code


def test_the_question_is_as_the_contract_says() -> None:
    with serving(answer_green) as server:
        verdict = ask(client_of(server))
    (question,) = server.questions
    assert question.path == "/v1/checks"
    assert json.loads(question.body) == {
        "useCase": "uitpas",
        "purpose": "urn:test",
        "subject": {"scheme": "be-nrn", "value": CANARY},
        "onDate": "2026-11-22",
        "capture": {"method": "eid-chip", "proof": "chip"},
        "channel": {"kind": "desk", "deviceId": "dsk-1", "siteId": "zuid"},
    }
    assert (
        str(uuid.UUID(question.headers["idempotency-key"])) == question.headers["idempotency-key"]
    )
    assert (
        str(uuid.UUID(question.headers["x-correlation-id"])) == question.headers["x-correlation-id"]
    )
    assert question.headers["content-type"] == "application/json"
    assert "authorization" not in question.headers
    assert CANARY not in str(question.headers)
    assert verdict.colour is Colour.GREEN
    assert verdict.valid_until == NOW.date() + VALID
    assert verdict.tariff is not None
    assert verdict.tariff.pay_percent == 20


def test_a_typed_number_is_never_called_proven() -> None:
    with serving(answer_green) as server:
        typed = Subject.typed(NationalNumber(CANARY))
        client_of(server).check(typed, UseCase.UITPAS)
    capture = json.loads(server.questions[0].body)["capture"]
    assert capture == {"method": "manual", "proof": "typed"}


def test_each_question_has_keys_of_its_own() -> None:
    with serving(answer_green) as server:
        client = client_of(server)
        ask(client)
        ask(client)
    first, second = server.questions
    for name in ("idempotency-key", "x-correlation-id"):
        assert first.headers[name] != second.headers[name]


def test_a_warm_connection_is_used_again() -> None:
    with serving(answer_green) as server:
        client = client_of(server)
        client.warm_up()
        ask(client)
    assert server.requests[0].sock is server.questions[0].sock


def test_unknown_fields_are_ignored_and_an_unknown_colour_is_orange() -> None:
    def purple(exchange: Exchange) -> None:
        exchange.send(200, green(exchange, verdict="purple", new={"field": [1]}))

    with serving(purple) as server:
        verdict = ask(client_of(server))
    assert verdict.colour is Colour.ORANGE
    assert not verdict.determined
    assert verdict.tariff is None


@pytest.mark.parametrize("until", ["2026-11-21", "2026-11-22", "2027-04-30"])
def test_an_end_that_has_not_come_everywhere_is_one(until: str) -> None:
    """The day of the question is 22 November; clocks and time zones may be a day apart."""
    with serving(lambda e: e.send(200, green(e, validity={"until": until}))) as server:
        assert ask(client_of(server)).valid_until == date.fromisoformat(until)


@pytest.mark.parametrize("in_body", [None, "another"])
def test_the_header_decides_whose_answer_it_is(in_body: str | None) -> None:
    """A gateway may write its own id into what it passes on; the echo is a header's."""
    with serving(lambda e: e.send(200, green(e, correlationId=in_body))) as server:
        assert ask(client_of(server)).colour is Colour.GREEN


@pytest.mark.parametrize("reset", [False, True])
def test_a_connection_that_ends_without_an_answer_is_unreachable(*, reset: bool) -> None:
    def hang_up(exchange: Exchange) -> None:
        if reset:
            exchange.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1, *[0] * 7]))
        exchange.sock.close()

    assert problem_with(hang_up) is ProblemCode.SERVICE_UNREACHABLE


WRONG_ANSWERS: dict[str, tuple[Respond, ProblemCode]] = {
    "html": (
        lambda e: e.send(200, b"<html>log in</html>", "text/html"),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "html called json": (lambda e: e.send(200, b"<html>"), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "empty": (lambda e: e.send(200, b""), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "a list": (lambda e: e.send(200, b"[]"), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "deep json": (lambda e: e.send(200, b"[" * 9000), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "no verdict": (lambda e: e.send(200, b"{}"), ProblemCode.SERVICE_UNINTELLIGIBLE),
    "undetermined green": (
        lambda e: e.send(200, green(e, determined=False)),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "another use case": (
        lambda e: e.send(200, green(e, useCase="lez")),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "an end before the day of the question": (
        lambda e: e.send(200, green(e, validity={"until": "2026-11-20"})),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "another correlation in its header": (
        lambda e: e.send(
            200, green(e, correlationId=None), headers={"X-Correlation-Id": str(uuid.uuid4())}
        ),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "the number itself": (
        lambda e: e.send(200, green(e, checkId=CANARY)),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "redirect": (
        lambda e: e.send(307, b"", headers={"Location": "http://127.0.0.1:9/v1/checks"}),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "not found": (
        lambda e: e.send(404, b"no", "text/plain"),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "not http": (
        lambda e: e.sock.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "compressed": (
        lambda e: e.send(200, gzip.compress(green(e)), headers={"Content-Encoding": "gzip"}),
        ProblemCode.SERVICE_UNINTELLIGIBLE,
    ),
    "refused": (
        lambda e: e.send(400, b'{"code":"invalid-number"}', "application/problem+json"),
        ProblemCode.QUESTION_REFUSED,
    ),
    "unauthorised": (lambda e: e.send(401, b""), ProblemCode.SERVICE_REFUSED_US),
    "forbidden": (lambda e: e.send(403, b""), ProblemCode.SERVICE_REFUSED_US),
    "too late": (lambda e: e.send(408, b""), ProblemCode.SERVICE_TOO_SLOW),
    "too many": (lambda e: e.send(429, b""), ProblemCode.SERVICE_BUSY),
    "fault": (lambda e: e.send(500, b"Traceback"), ProblemCode.SERVICE_FAILING),
    "no audit": (
        lambda e: e.send(503, b"{}", "application/problem+json"),
        ProblemCode.SERVICE_FAILING,
    ),
}


@pytest.mark.parametrize("name", WRONG_ANSWERS)
def test_a_wrong_answer_is_a_problem_and_never_a_colour(name: str) -> None:
    respond, code = WRONG_ANSWERS[name]
    assert problem_with(respond) is code


def test_an_answer_without_end_is_cut_off_at_its_largest_size() -> None:
    sent = 0

    def flood(exchange: Exchange) -> None:
        nonlocal sent
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n"
        )
        exchange.sock.sendall(head + b"\r\n")
        while True:
            exchange.sock.sendall(bytes(65536))
            sent += 65536

    assert problem_with(flood) is ProblemCode.SERVICE_UNINTELLIGIBLE
    assert sent < 64 * 1024 * 1024


def test_a_connection_that_is_cut_in_the_middle() -> None:
    def cut(exchange: Exchange) -> None:
        exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        exchange.sock.shutdown(2)

    assert problem_with(cut) is ProblemCode.SERVICE_UNINTELLIGIBLE


def say_nothing(exchange: Exchange) -> None:
    exchange.stop.wait()


def drip_headers(exchange: Exchange) -> None:
    exchange.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000)


def drip_body(exchange: Exchange) -> None:
    exchange.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    exchange.drip(b" " * 10_000)


@pytest.mark.parametrize("respond", [say_nothing, drip_headers, drip_body])
def test_the_deadline_is_for_all_of_it(respond: Respond) -> None:
    started = time.monotonic()
    assert problem_with(respond, IMPATIENT) is ProblemCode.SERVICE_TOO_SLOW
    assert time.monotonic() - started < 5


def test_nobody_listens() -> None:
    with serving(answer_green) as server:
        pass
    with pytest.raises(KioskError) as caught:
        ask(client_of(server))
    assert caught.value.problem.code is ProblemCode.SERVICE_UNREACHABLE
    client_of(server).warm_up()


def test_a_service_with_an_unknown_certificate_is_not_asked(tmp_path: Path) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(ca_file)
    with serving(answer_green, tls) as server:
        with pytest.raises(KioskError) as caught:
            ask(client_of(server, scheme="https"))
        assert caught.value.problem.code is ProblemCode.SERVICE_UNTRUSTED
        assert not server.requests
        known = client_of(server, scheme="https", ca_file=str(ca_file))
        assert ask(known).colour is Colour.GREEN


def test_a_ca_file_that_is_none_is_a_configuration_problem(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("nothing")
    with serving(answer_green) as server, pytest.raises(KioskError) as caught:
        client_of(server, ca_file=str(tmp_path / "ca.pem"))
    assert caught.value.problem.code is ProblemCode.CONFIGURATION_WRONG


def test_nothing_of_tls_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    ca_file, keys = tmp_path / "ca.pem", tmp_path / "keys"
    authority.cert_pem.write_to_path(ca_file)
    for name, value in (("SSL_CERT_FILE", ca_file), ("SSLKEYLOGFILE", keys)):
        monkeypatch.setenv(name, str(value))
    with serving(answer_green, tls) as server:
        with pytest.raises(KioskError) as caught:
            ask(client_of(server, scheme="https"))
        assert caught.value.problem.code is ProblemCode.SERVICE_UNTRUSTED
        monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
        known = client_of(server, scheme="https", ca_file=str(ca_file))
        assert ask(known).colour is Colour.GREEN
    assert not keys.exists()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_is_1_2_at_least(tmp_path: Path, version: ssl.TLSVersion) -> None:
    authority = trustme.CA()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.maximum_version = version
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(answer_green, tls) as server:
        verdict = ask(client_of(server, scheme="https", ca_file=str(tmp_path / "ca.pem")))
    assert verdict.colour is Colour.GREEN


def test_a_name_that_cannot_be_looked_up_is_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise UnicodeError("label empty or too long")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with serving(answer_green) as server, pytest.raises(KioskError) as caught:
        ask(client_of(server))
    assert caught.value.problem.code is ProblemCode.SERVICE_UNREACHABLE


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(answer_green) as server:
        assert ask(client_of(server)).colour is Colour.GREEN


def test_the_number_is_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(lambda e: e.send(500)) as server, pytest.raises(KioskError) as caught:
        ask(client_of(server))
    assert CANARY not in caplog.text
    assert CANARY not in repr(caught.value)


def test_alive_or_not() -> None:
    with serving(answer_green) as server:
        assert client_of(server).probe().says_so
    for status in (404, 405, 501):
        with serving(lambda e, status=status: e.send(status)) as server:  # type: ignore[misc] # mypy does not take the default for a type
            assert not client_of(server).probe().says_so
    with serving(lambda e: e.send(503)) as server, pytest.raises(KioskError) as caught:
        client_of(server).probe()
    assert caught.value.problem.code is ProblemCode.SERVICE_FAILING


@pytest.mark.parametrize(
    ("zone", "east"), [("GMT", timedelta(0)), ("+0100", timedelta(hours=1)), ("", timedelta(0))]
)
@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(minutes=-2), timedelta(0)])
def test_how_far_our_clock_is_from_the_services(
    zone: str, east: timedelta, ahead: timedelta
) -> None:
    theirs = NOW.astimezone(UTC) - ahead + east
    date = f"{theirs:%a, %d %b %Y %H:%M:%S} {zone}".strip()
    with serving(lambda e: e.send(200, headers={"Date": date})) as server:
        assert client_of(server).probe().ahead == ahead


@pytest.mark.parametrize("date", ["yesterday", "", "Sun, 99 Nov 2026 12:00:00 GMT"])
def test_a_service_that_tells_no_time(date: str) -> None:
    with serving(lambda e: e.send(200, headers={"Date": date})) as server:
        assert client_of(server).probe().ahead is None


def key_file(tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    path = tmp_path / "terminal.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return f"file:{path}"


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (rsa.generate_private_key(65537, 2048), "RS256"),
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
    ],
    ids=["rsa", "p-256"],
)
def test_a_token_is_fetched_once_with_a_signed_assertion(
    tmp_path: Path, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, algorithm: str
) -> None:
    def respond(exchange: Exchange) -> None:
        if exchange.path == "/v1/token":
            exchange.send(200, b'{"access_token":"t0ken","token_type":"Bearer","expires_in":3600}')
        else:
            answer_green(exchange)

    with serving(respond) as server:
        client = client_of(server, key=ClientKey("dsk-1", key_file(tmp_path, key)))
        client.warm_up()
        ask(client)
        audience = server.url() + "/v1/token"
    token_request, question = server.questions
    form = parse_qs(token_request.body.decode())
    assert form["grant_type"] == ["client_credentials"]
    claims = jwt.decode(
        form["client_assertion"][0],
        key.public_key(),
        algorithms=[algorithm],
        audience=audience,
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["iss"] == claims["sub"] == "dsk-1"
    assert claims["exp"] - claims["iat"] <= 600
    assert str(uuid.UUID(claims["jti"])) == claims["jti"]
    assert question.headers["authorization"] == "Bearer t0ken"


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, b'{"error":"invalid_client"}', ProblemCode.SERVICE_REFUSED_US),
        (401, b"", ProblemCode.SERVICE_REFUSED_US),
        (500, b"", ProblemCode.SERVICE_FAILING),
        (200, b"<html>", ProblemCode.SERVICE_UNINTELLIGIBLE),
        (200, b'{"access_token": "\xe2\x82\xac"}', ProblemCode.SERVICE_UNINTELLIGIBLE),
        (200, b'{"access_token": "a\\r\\nb"}', ProblemCode.SERVICE_UNINTELLIGIBLE),
    ],
)
def test_no_token_no_question(tmp_path: Path, status: int, body: bytes, code: ProblemCode) -> None:
    key = ClientKey("d", key_file(tmp_path, ec.generate_private_key(ec.SECP256R1())))
    with serving(lambda e: e.send(status, body)) as server, pytest.raises(KioskError) as caught:
        ask(client_of(server, key=key))
    assert caught.value.problem.code is code
    assert [request.path for request in server.requests] == ["/v1/token"]


@pytest.mark.parametrize("content", [b"nothing", None, "ed25519", "p-384"])
def test_a_key_that_cannot_sign_is_told(tmp_path: Path, content: bytes | str | None) -> None:
    path = tmp_path / "key.pem"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        p384 = ec.generate_private_key(ec.SECP384R1())
        other = ed25519.Ed25519PrivateKey.generate() if content == "ed25519" else p384
        path.write_bytes(
            other.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    with pytest.raises(KioskError) as caught:
        ClientKey("d", f"file:{path}")
    assert caught.value.problem.code is ProblemCode.KEY_UNUSABLE


def test_every_error_of_httpx_has_a_problem() -> None:
    """A new exception of the library must land somewhere on purpose."""
    kinds = {
        kind
        for _, kind in inspect.getmembers(httpx, inspect.isclass)
        if issubclass(kind, Exception)
    }
    ours = (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError)
    not_ours = {httpx.CookieConflict, httpx.HTTPStatusError}
    for kind in kinds - not_ours:
        assert issubclass(kind, ours), kind
    timeouts = {kind for kind in kinds if issubclass(kind, httpx.TimeoutException)}
    for kind in timeouts:
        assert module.problem_of_failure(kind("x")) is ProblemCode.SERVICE_TOO_SLOW
    for kind in kinds - timeouts - not_ours:
        if kind not in (
            httpx.StreamConsumed,
            httpx.StreamClosed,
            httpx.ResponseNotRead,
            httpx.RequestNotRead,
        ):
            code = module.problem_of_failure(kind("x"))
            assert code in (ProblemCode.SERVICE_UNREACHABLE, ProblemCode.SERVICE_UNINTELLIGIBLE)
