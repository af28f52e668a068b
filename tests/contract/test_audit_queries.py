"""Who looked at a person, asked by the data protection officer over HTTP."""

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.keys import load_keys
from tests.contract.access_server import (
    AccessServer,
    Asker,
    client_table,
    operators_table,
)
from tests.contract.central_server import NUMBER_RUN, PEOPLE, CentralServer, Reply
from tests.contract.test_central_checks import NOBODY, SOMEBODY, assert_problem
from tests.support.signing import ec_key, operator_assertion
from tests.support.storage import tamper

AN, LEA = (PEOPLE[name]["number"] for name in ("an-peeters", "noor-sterrenveld"))
DESK, DPO = Asker("desk-backend"), Asker("dpo")
LOGIN_KEY = ec_key()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CentralServer]:
    server = CentralServer(tmp_path)
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def query(server: CentralServer, number: str, token: str = "", **more: Any) -> Reply:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if "operator" in more:
        headers["X_Operator_Assertion"] = more.pop("operator")
    body = {"subject": {"scheme": "be-nrn", "value": number}, **more}
    return server.request(
        "POST",
        "/v1/audit/queries",
        json.dumps(body).encode(),
        Content_Type="application/json",
        **headers,
    )


def test_every_look_at_a_person_and_at_nobody_else(server: CentralServer) -> None:
    first, other = server.check("an-peeters").json, server.check("noor-sterrenveld").json
    reply = query(server, AN)
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    told = reply.json
    assert told["cursor"] is None
    (look,) = told["lookups"]
    assert datetime_of(look) >= server.records()[0]["asked_at"]
    assert look == {
        "checkId": first["checkId"],
        "kind": "check",
        "askedAt": look["askedAt"],
        "client": "unauthenticated",
        "deviceId": "dsk-0417",
        "siteId": "zuid",
        "channel": "desk",
        "operator": "",
        "purpose": "urn:gent:ipdc:test",
        "useCase": "uitpas",
        "verdict": first["verdict"],
        "override": False,
    }
    assert [look["checkId"] for look in query(server, LEA).json["lookups"]] == [other["checkId"]]
    assert query(server, NOBODY).json["lookups"] == []


def datetime_of(look: dict[str, Any]) -> str:
    text: str = look["askedAt"]
    return text


def test_the_look_itself_is_recorded_and_told(server: CentralServer, tmp_path: Path) -> None:
    sent = str(uuid.UUID(int=7))
    body = json.dumps({"subject": {"scheme": "be-nrn", "value": AN}}).encode()
    headers = {"Content_Type": "application/json", "X_Correlation_Id": sent}
    first = server.request("POST", "/v1/audit/queries", body, **headers).json
    (record,) = server.records()
    keys = load_keys(tmp_path / "pseudonym.key", create=False)
    assert record["kind"] == "audit-query"
    assert record["check_id"] == first["queryId"]
    assert record["correlation_id"] == sent
    assert record["subject"] == keys.pseudonym(NationalNumber(AN))
    assert record["colour"] is None
    (look,) = query(server, AN).json["lookups"]
    assert (look["kind"], look["checkId"]) == ("audit-query", first["queryId"])
    assert (look["verdict"], look["useCase"]) == (None, "")


def test_pages(server: CentralServer) -> None:
    asked = [server.check("an-peeters").json["checkId"] for _ in range(5)]
    found: list[str] = []
    more: dict[str, Any] = {}
    for expected in (2, 2, 1):
        page = query(server, AN, limit=2, **more).json
        server.check("an-peeters")  # what comes meanwhile is not of this look
        assert len(page["lookups"]) == expected
        found += [look["checkId"] for look in page["lookups"]]
        more["cursor"] = page["cursor"]
    assert more["cursor"] is None
    assert found == asked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"subject": {"scheme": "be-nrn", "value": "85613099923"}}, "invalid-number"),
        ({"subject": {"scheme": "be-nrn", "value": "8561309992"}}, "invalid-number"),
        ({"subject": {"scheme": "passport", "value": AN}}, "invalid-request"),
        ({"subject": None}, "invalid-request"),
        ({"limit": 0}, "invalid-request"),
        ({"limit": 201}, "invalid-request"),
        ({"cursor": "x"}, "invalid-request"),
        ({"cursor": AN}, "invalid-request"),
    ],
    ids=ascii,
)
def test_what_is_not_understood(server: CentralServer, changes: dict[str, Any], code: str) -> None:
    reply = query(server, AN, **changes)
    assert_problem(reply, 400, code)
    assert NUMBER_RUN.search(reply.text) is None
    assert server.records() == []


def test_any_number_may_be_asked_about(tmp_path: Path) -> None:
    server = CentralServer(tmp_path)
    try:
        assert query(server, SOMEBODY).status == 200
    finally:
        server.close()


def test_a_damaged_database_tells_nothing(server: CentralServer) -> None:
    server.check("an-peeters")
    tamper(server.database, "UPDATE audit_records SET client = CAST(x'ff' AS TEXT) WHERE seq = 1")
    assert_problem(query(server, AN), 503, "service-unavailable")


class TestWithTokens:
    @pytest.fixture
    def server(self, tmp_path: Path) -> Iterator[AccessServer]:
        office = {"scopes": ["audit:query"], "purposes": [], "channels": [], "operator": "required"}
        rates = {"card_per_hour": 3}
        server = AccessServer(
            tmp_path,
            client_table(DESK)
            + client_table(DPO, rates=rates, **office)
            + operators_table(tmp_path, LOGIN_KEY),
        )
        yield server
        server.close()
        assert NUMBER_RUN.search(server.log) is None

    def test_only_an_officer_with_the_scope(self, server: AccessServer) -> None:
        desk, token = server.token(DESK), server.token(DPO)
        assert server.ask(desk).status == 200
        assert_problem(query(server, AN), 401, "token-invalid")
        assert_problem(query(server, AN, desk), 403, "scope-missing")
        assert_problem(query(server, AN, token), 403, "operator-missing")
        assert [record["kind"] for record in server.records()] == ["asked", "answered"]
        reply = query(server, AN, token, operator=operator_assertion(LOGIN_KEY))
        assert [look["client"] for look in reply.json["lookups"]] == [DESK.id]
        record = server.records()[-1]
        assert (record["kind"], record["client"]) == ("audit-query", DPO.id)
        assert len(record["operator"]) == 64
        assert reply.headers["ratelimit-remaining"] == "2"

    def test_fishing_is_limited(self, server: AccessServer) -> None:
        token, operator = server.token(DPO), operator_assertion(LOGIN_KEY)
        replies = [query(server, AN, token, operator=operator) for _ in range(4)]
        assert [reply.status for reply in replies] == [200, 200, 200, 429]
        assert len(server.records()) == 3
