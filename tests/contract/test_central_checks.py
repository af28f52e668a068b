"""The contract of ``POST /v1/checks``, held by the real server over raw HTTP."""

import json
import re
import socket
import tomllib
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from kiosk.data import data_path
from kiosk.service.central.languages import LANGUAGES
from kiosk.service.contract import new_id, read_source_status
from kiosk.service.verdicts import read_answer
from tests.contract.central_server import NUMBER_RUN, PEOPLE, CentralServer, Reply, question

AN = PEOPLE["an-peeters"]["number"]
NOBODY = "85613099922"  # a test number that no file knows
SOMEBODY = f"850130012{97 - 850130012 % 97:02}"  # valid check digits, and not a test number
PROBLEMS = tomllib.loads(data_path("central", "problems.toml").read_text("utf-8"))
SURNAMES = [person["surname"] for person in PEOPLE.values()]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralServer]:
    server = CentralServer(tmp_path_factory.mktemp("central"))
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def assert_problem(reply: Reply, status: int, code: str, language: str = "en") -> None:
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.headers["content-language"] == language
    assert reply.headers["vary"] == "Accept-Language"
    assert reply.headers["cache-control"] == "no-store"
    problem = reply.json
    assert problem["title"] == PROBLEMS[code]["title"][language]
    assert problem["code"] == code
    assert problem["status"] == status
    assert problem["type"].endswith(code)
    assert set(problem["endUserMessage"]) == {"nl", "fr", "de", "en"}
    assert problem["correlationId"] == reply.headers["x-correlation-id"]
    assert isinstance(problem["retryable"], bool)
    assert "Traceback" not in reply.text


@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE.keys())
def test_every_person_gets_their_colour(server: CentralServer, person: dict[str, Any]) -> None:
    reply = server.check(person["id"])
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    answer = reply.json
    assert (answer["verdict"], answer["guidance"][0]["code"]) == (
        person["colour"],
        person["guidance"],
    )
    assert read_answer(reply.content).colour.value == person["colour"]
    assert (answer["tariff"] is not None) is (person["colour"] == "green")
    assert answer["determined"] is (answer["blockedBy"] == [])
    assert [source["group"] for source in answer["sources"]] == answer["blockedBy"]
    assert not re.search(r"\d{11}", reply.text)
    assert not any(name in reply.text for name in SURNAMES)


def test_the_headers(server: CentralServer) -> None:
    sent = new_id()
    reply = server.check("an-peeters", X_Correlation_Id=sent)
    assert reply.headers["x-correlation-id"] == reply.json["correlationId"] == sent
    assert reply.headers["cache-control"] == "no-store"
    assert re.fullmatch(r"total;dur=\d+0", reply.headers["server-timing"])
    assert "server" not in reply.headers
    for foreign in ("not a uuid", f"00000000-0000-4000-8000-0{AN}"):
        own = server.check("an-peeters", X_Correlation_Id=foreign).headers["x-correlation-id"]
        assert str(uuid.UUID(own)) == own != foreign


ONE_OFF = ("checkId", "correlationId", "displayUntil")
"""Values of one check, always of the same length."""
ONE_OFF_HEADERS = (b"date", b"server-timing", b"x-correlation-id")
GREENS = {
    "uitpas": [p["id"] for p in PEOPLE.values() if p["guidance"] == "UIT-G01"],
    "lez": [p["id"] for p in PEOPLE.values() if p.get("lez", {}).get("guidance") == "LEZ-G03"],
}


def as_sent(server: CentralServer, body: bytes, **more: str) -> bytes:
    """An answer as it comes over the wire, with what belongs to one check masked.

    ``more`` are headers of the question; ``_`` in a name becomes ``-``.
    """
    headers = {
        "Host": "x",
        "Connection": "close",
        "Content-Type": "application/json",
        "Idempotency-Key": new_id(),
        "Content-Length": str(len(body)),
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    lines = [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(["POST /v1/checks HTTP/1.1", *lines, "", ""])
    with socket.create_connection(("127.0.0.1", server.port), 10) as raw:
        raw.sendall(head.encode("ascii") + body)
        sent = b"".join(iter(lambda: raw.recv(65536), b""))
    assert sent.startswith(b"HTTP/1.1 200 ")
    for name in ONE_OFF:
        sent = re.sub(rf'"{name}":"[^"]*"'.encode(), lambda m: b"*" * len(m[0]), sent)
    for header in ONE_OFF_HEADERS:
        sent, found = re.subn(rb"(?<=\r\n%s: )[^\r]*" % header, b"*", sent)
        assert found == 1
    return sent


@pytest.mark.parametrize("use_case", GREENS)
def test_greens_are_the_same_bytes_whatever_the_ground(
    server: CentralServer, use_case: str
) -> None:
    """Headers, their order and the length too."""
    greens = GREENS[use_case]
    assert len(greens) > 1
    bodies = [question(PEOPLE[person]["number"], useCase=use_case) for person in greens]
    assert len({as_sent(server, body) for body in bodies}) == 1


def test_an_answer_is_the_same_bytes_in_every_language(server: CentralServer) -> None:
    """All of its texts are in it, and a repetition may come in another language."""
    told = {as_sent(server, question(AN), Accept_Language=each) for each in ("", *LANGUAGES)}
    assert len(told) == 1
    assert b"content-language" not in told.pop().lower()


def test_a_green_answer(server: CentralServer) -> None:
    answer = server.post(question(AN, onDate="2026-11-22")).json
    assert answer["tariff"]["code"] == "kansentarief"
    assert answer["tariff"]["payPercent"] == 20
    assert answer["validity"] == {
        "from": "2026-11-22",
        "until": "2027-04-30",
        "endKind": "scheme-date",
        "recheckFrom": "2027-04-01",
    }
    assert answer["ruleSet"]["version"] == "2026.2"
    left = datetime.fromisoformat(answer["displayUntil"]) - datetime.now().astimezone()
    assert timedelta(minutes=14) < left <= timedelta(minutes=15)


def test_an_orange_answer_names_the_group(server: CentralServer) -> None:
    answer = server.check("noor-sterrenveld").json
    assert answer["determined"] is False
    assert answer["sources"] == [
        {
            "group": "income",
            "state": "too-busy",
            "reason": "simulated",
            "retryable": True,
            "retryAfterSeconds": 60,
            "freshness": "live",
            "asOf": None,
        }
    ]
    assert answer["manualDecision"]["allowed"] is True


def test_a_kiosk_is_not_told_why(server: CentralServer) -> None:
    kiosk = {"kind": "self-service", "deviceId": "kiosk-1"}
    number = PEOPLE["noor-sterrenveld"]["number"]
    (source,) = server.post(question(number, channel=kiosk)).json["sources"]
    assert (source["group"], source["state"], source["reason"]) == (
        "income",
        "too-busy",
        "no-answer",
    )


def test_a_minor_alone_is_sent_to_the_desk(server: CentralServer) -> None:
    kiosk = {"kind": "self-service", "deviceId": "kiosk-1"}
    answer = server.post(question(PEOPLE["milo-madelief"]["number"], channel=kiosk)).json
    assert answer["guidance"][0]["code"] == "COM-A12"


BAD_BODIES = {
    "nothing": b"",
    "broken": b'{"useCase": "uitpas", ',
    "not utf-8": b'{"useCase": "\xff"}',
    "a list": b"[]",
    "deep": b"[" * 60_000,
    "deep inside": question(AN).replace(b'"zuid"', b"[" * 20_000),
    "no subject": question(AN, subject=None),
    "number as number": question(AN, subject={"scheme": "be-nrn", "value": int(AN)}),
    "no purpose": question(AN, purpose=None),
    "free text": question(AN, purpose="An Peeters"),
    "device of a person": question(AN, channel={"kind": "desk", "deviceId": f"x-{AN}"}),
    "device with a digit before": question(AN, channel={"kind": "desk", "deviceId": f"0{AN}"}),
    "typed and proven": question(AN, capture={"method": "manual", "proof": "chip"}),
    "chip and typed": question(AN, capture={"method": "eid-chip", "proof": "typed"}),
    "no such use case": question(AN, useCase="cinema"),
    "no such day": question(AN, onDate="2026-02-30"),
    "no such proof": question(AN, capture={"method": "eid-chip", "proof": "trust me"}),
    "a relation": question(
        AN, relation={"role": "parent", "ofSubject": {"scheme": "be-nrn", "value": AN}}
    ),
}


@pytest.mark.parametrize("content", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_bad_bodies(server: CentralServer, content: bytes) -> None:
    reply = server.post(content)
    assert_problem(reply, 400, "invalid-request")
    assert AN not in reply.text


@pytest.mark.parametrize("value", ["12345678901", AN[:-1] + "0", AN[:-1], "", SOMEBODY + "1"])
def test_a_wrong_number_is_never_echoed(server: CentralServer, value: str) -> None:
    reply = server.post(question(value))
    assert_problem(reply, 400, "invalid-number")
    assert not value or value not in reply.text + str(reply.headers)


def test_a_real_number_is_understood_also_in_a_test_environment(server: CentralServer) -> None:
    answer = server.post(question(SOMEBODY)).json
    assert (answer["verdict"], answer["guidance"][0]["code"]) == ("orange", "COM-A03")


def test_a_huge_body(server: CentralServer) -> None:
    assert_problem(server.post(b" " * 70_000), 413, "request-too-large")


def test_a_body_that_grows_beyond_its_limit(server: CentralServer) -> None:
    head = (
        "POST /v1/checks HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + b"".join([b"1000\r\n" + b" " * 4096 + b"\r\n"] * 17))
        assert b" 413 " in connection.recv(100)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
        {"Content_Encoding": "gzip"},
    ],
    ids=str,
)
def test_other_media(server: CentralServer, headers: dict[str, str]) -> None:
    assert_problem(server.post(question(AN), **headers), 415, "unsupported-media")


@pytest.mark.parametrize("key", ["", "1", "not-a-uuid", AN])
def test_an_idempotency_key_is_a_uuid(server: CentralServer, key: str) -> None:
    assert_problem(server.post(question(AN), Idempotency_Key=key), 400, "invalid-request")


def test_an_idempotency_key_is_required(server: CentralServer) -> None:
    reply = server.request("POST", "/v1/checks", question(AN), Content_Type="application/json")
    assert_problem(reply, 400, "invalid-request")


@pytest.mark.parametrize(
    "changes",
    [
        {"useCase": "school"},
        {"useCase": "garbage"},
        {"onDate": "2025-12-31"},
        {"onDate": "9999-12-31"},
    ],
    ids=str,
)
def test_no_rules(server: CentralServer, changes: dict[str, str]) -> None:
    assert_problem(server.post(question(AN, **changes)), 422, "no-rule-set-for-date")


def test_other_addresses_and_methods(server: CentralServer) -> None:
    reply = server.request("GET", "/v1/checks")
    assert_problem(reply, 405, "method-not-allowed")
    assert "POST" in reply.headers["allow"]
    assert "GET" in server.request("POST", "/v1/source-status").headers["allow"]
    missing = server.request("GET", f"/v1/persons/{AN}")
    assert_problem(missing, 404, "not-found")
    assert AN not in missing.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_problem_has_its_title_in_the_language_asked_for(
    server: CentralServer, language: str
) -> None:
    """Those of the service, and those of the web framework."""
    told = {"Accept_Language": f"es, {language}-BE;q=0.9, *;q=0.1"}
    refused = [
        (server.post(b"{", **told), 400, "invalid-request"),
        (server.post(question("12345678901"), **told), 400, "invalid-number"),
        (server.request("GET", "/nowhere", None, **told), 404, "not-found"),
        (server.request("PUT", "/v1/checks", None, **told), 405, "method-not-allowed"),
        (server.post(b" " * 70_000, **told), 413, "request-too-large"),
        (server.post(question(AN), Content_Type="text/plain", **told), 415, "unsupported-media"),
        (server.post(question(AN, useCase="school"), **told), 422, "no-rule-set-for-date"),
    ]
    for reply, status, code in refused:
        assert_problem(reply, status, code, language)


@pytest.mark.parametrize("wanted", ["es", "*", "en;q=0", "nl;q=7", "nl," * 1000], ids=ascii)
def test_where_no_language_fits_it_is_the_usual_one(server: CentralServer, wanted: str) -> None:
    assert_problem(server.post(b"{", Accept_Language=wanted), 400, "invalid-request")


def test_the_same_key_gives_the_same_bytes_and_one_check(server: CentralServer) -> None:
    key, content = str(uuid.uuid4()), question(AN)
    first = server.post(content, Idempotency_Key=key)
    count = len(server.records())
    second = server.post(content, Idempotency_Key=key)
    assert (second.status, second.content) == (200, first.content)
    assert len(server.records()) == count
    other = server.post(question(PEOPLE["els-kiezel"]["number"]), Idempotency_Key=key)
    assert_problem(other, 409, "idempotency-conflict")


def test_the_same_key_at_the_same_moment(server: CentralServer) -> None:
    key, content = str(uuid.uuid4()), question(AN)
    before = len(server.records())
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(server.post, content, Idempotency_Key=key) for _ in range(6)]
    assert len({reply.result().content for reply in asked}) == 1
    assert len(server.records()) == before + 2  # asked, answered


def test_every_answer_has_its_records(server: CentralServer) -> None:
    reply = server.check("an-peeters")
    asked, answered = [
        record for record in server.records() if record["check_id"] == reply.json["checkId"]
    ]
    assert (asked["kind"], asked["colour"], asked["sources"]) == ("asked", None, "[]")
    assert (answered["kind"], answered["colour"]) == ("answered", "green")
    assert answered["device"] == "dsk-0417"
    assert answered["capture_method"] == "eid-chip"
    assert answered["rule_set"] == reply.json["ruleSet"]["digest"]
    assert answered["correlation_id"] == reply.json["correlationId"]
    assert AN not in str(answered)
    assert [s["group"] for s in json.loads(answered["sources"])] == ["population", "social", "ocmw"]


def test_refused_questions_leave_no_record(server: CentralServer) -> None:
    before = len(server.records())
    server.post(b"{")
    server.post(question("12345678901"))
    assert len(server.records()) == before


def test_the_lamps(server: CentralServer) -> None:
    """A source that fails shows it until its next answer; no data is an answer."""
    healthy = dict.fromkeys(("population", "social", "ocmw", "income", "vehicle"), "ok")
    server.check("els-kiezel")  # every source answers
    assert lamps(server) == healthy
    server.check("jef-appelboom")
    assert lamps(server) == healthy | {"social": "unavailable"}
    server.post(question(NOBODY))
    assert lamps(server) == healthy


def test_the_answer_with_the_lamps(server: CentralServer) -> None:
    sent = str(new_id())
    reply = server.request("GET", "/v1/source-status", X_Correlation_Id=sent)
    assert reply.status == 200
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-correlation-id"] == sent
    assert set(reply.json) == {"sources"}
    assert all(set(lamp) == {"group", "state"} for lamp in reply.json["sources"])
    assert not re.search(r"\d", reply.text)
    assert [lamp.group for lamp in read_source_status(reply.content)] == [
        *("population", "social", "ocmw", "income", "vehicle")
    ]


def lamps(server: CentralServer) -> dict[str, str]:
    sources = server.request("GET", "/v1/source-status").json["sources"]
    return {lamp["group"]: lamp["state"] for lamp in sources}


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health(server: CentralServer, path: str) -> None:
    reply = server.request("GET", path)
    assert (reply.status, reply.json["status"]) == (200, path.rsplit("/", 1)[-1])


def test_garbage_on_the_wire(server: CentralServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(f"{AN} {AN}\r\n\r\n".encode())
        assert AN.encode() not in connection.recv(1000)
    assert server.check("an-peeters").status == 200
