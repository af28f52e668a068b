"""What those who look after the service see: counts, heartbeats, ids."""

import json
import os
import subprocess
import sys
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.service.central.storage.schema import audit_columns
from kiosk.service.central.terminals import Terminals, mistakes_in_terminals
from tests.contract.access_server import AccessServer, Asker, client_table, free_port
from tests.contract.central_server import NUMBER_RUN, PEOPLE, CentralServer, Reply
from tests.contract.test_central_checks import assert_problem
from tests.support.signing import ec_key

BEAT = {
    "version": "1.4.0",
    "mode": "desk",
    "readerPresent": True,
    "lastProblemCode": "K201",
    "visits": 9,
    "colours": {"green": 5, "orange": 3, "red": 1},
}
DESK = Asker("desk-backend", ec_key())


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, metrics_port: int) -> Iterator[CentralServer]:
    more = f'[metrics]\nport = {metrics_port}\n[terminals]\noldest = "1.2.0"\nlatest = "1.10.0"\n'
    server = CentralServer(tmp_path_factory.mktemp("watch"), more=more)
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def beat(server: CentralServer, **changes: Any) -> Reply:
    body = json.dumps({**BEAT, **changes}).encode()
    return server.request("POST", "/v1/heartbeats", body, Content_Type="application/json")


def read(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as reply:
        text: str = reply.read().decode()
    return text


def test_counts_without_anybody_in_them(server: CentralServer, metrics_port: int) -> None:
    for person in PEOPLE:
        server.check(person)
    server.request("GET", f"/v1/checks/{PEOPLE['an-peeters']['number']}")
    server.request("GET", f"/{PEOPLE['an-peeters']['number']}")
    server.request("BREW", "/v1/checks")
    told = read(metrics_port)
    greens = sum(person["colour"] == "green" for person in PEOPLE.values())
    assert f'tariefwijzer_checks_total{{colour="green",use_case="uitpas"}} {greens:.1f}' in told
    asked = 'tariefwijzer_request_seconds_count{method="POST",route="/v1/checks",status="200"}'
    assert f"{asked} {len(PEOPLE):.1f}" in told
    assert 'route="/v1/checks/{check_id}",status="404"' in told
    assert 'method="GET",route="other",status="404"' in told
    assert 'method="other"' in told
    assert 'tariefwijzer_source_seconds_count{group="income",state="too-busy"}' in told
    assert 'tariefwijzer_source_state{group="population"' in told
    made_up = 'group="population",source="SyntheticConnector",state="ok"'
    assert f"tariefwijzer_one_source_state{{{made_up}}} 1.0" in told
    assert f"tariefwijzer_audit_write_seconds_count {2 * len(PEOPLE):.1f}" in told
    assert NUMBER_RUN.search(told) is None
    for personal in ("dsk-0417", "zuid", "urn:gent", *(p["surname"] for p in PEOPLE.values())):
        assert personal not in told


def test_they_are_not_at_the_address_of_the_service(server: CentralServer) -> None:
    assert_problem(server.request("GET", "/metrics"), 404, "not-found")


def test_an_address_that_is_taken(server: CentralServer, metrics_port: int) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "kiosk.service.central", "serve", "--config", server.config],
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, "ELIGIBILITY_LISTEN__PORT": "0"},
    )
    assert ended.returncode == 78
    assert "metrics: Address already in use" in ended.stderr


@pytest.mark.parametrize(
    ("version", "floor"),
    [
        *(("1.1.9", "unsupported"), ("0.9.0", "unsupported"), ("1.2.0", "old")),
        *(("1.9.99", "old"), ("1.10.0", "latest"), ("2.0.0", "latest")),
    ],
)
def test_a_heartbeat_hears_of_its_version(server: CentralServer, version: str, floor: str) -> None:
    reply = beat(server, version=version)
    assert (reply.status, reply.json) == (200, {"versionFloor": floor})


def test_heartbeats_are_counted(server: CentralServer, metrics_port: int) -> None:
    beat(server, mode="self-service", readerPresent=False, lastProblemCode="K206", visits=4)
    beat(server, mode="self-service", readerPresent=False, lastProblemCode=None, visits=3)
    told = read(metrics_port)
    assert 'tariefwijzer_visits_total{mode="self-service"} 7.0' in told
    assert 'tariefwijzer_terminal_problems_total{code="K206"} 1.0' in told
    counted = 'tariefwijzer_heartbeats_total{mode="self-service",reader="no",version="old"} 2.0'
    assert counted in told
    assert 'tariefwijzer_visit_colours_total{colour="red"}' in told


@pytest.mark.parametrize(
    "changes",
    [
        *({"version": "1.4"}, {"version": "85613099922"}, {"mode": "batch"}),
        *({"lastProblemCode": "An Peeters"}, {"visits": -1}, {"visits": 10**9}),
        {"colours": {"green": -1}},
    ],
    ids=ascii,
)
def test_heartbeats_of_another_form(server: CentralServer, changes: dict[str, Any]) -> None:
    assert_problem(beat(server, **changes), 400, "invalid-request")


def test_a_heartbeat_needs_a_token(tmp_path: Path) -> None:
    server = AccessServer(tmp_path, client_table(DESK))
    try:
        assert_problem(beat(server), 401, "token-invalid")
        reply = server.request(
            "POST",
            "/v1/heartbeats",
            json.dumps(BEAT).encode(),
            Content_Type="application/json",
            Authorization=f"Bearer {server.token(DESK)}",
        )
        assert reply.json == {"versionFloor": "latest"}
    finally:
        server.close()


def test_versions_in_the_settings() -> None:
    assert not list(mistakes_in_terminals(Terminals("1.2.0", "")))
    assert [key for key, _ in mistakes_in_terminals(Terminals("1.2", "new"))] == [
        "terminals.oldest",
        "terminals.latest",
    ]


def test_the_clients_id_of_a_request(server: CentralServer) -> None:
    sent = str(uuid.UUID(int=2**127 + 5))
    reply = server.check("an-peeters", X_Request_Id=sent)
    assert reply.headers["x-request-id"] == sent
    assert "request_id" in audit_columns()
    found = [r for r in server.records() if r["check_id"] == reply.json["checkId"]]
    assert {record["request_id"] for record in found} == {sent}
    number = PEOPLE["an-peeters"]["number"]
    for foreign in ("An Peeters", number, f"00000000-0000-4000-8000-0{number}"):
        reply = server.check("an-peeters", X_Request_Id=foreign)
        assert "x-request-id" not in reply.headers
