"""What can still be done with a check over HTTP: see it, take it up again, decide, complain."""

import json
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from kiosk.service.contract import new_id
from tests.contract.access_server import AccessServer, Asker, client_table, operators_table
from tests.contract.central_server import (
    NUMBER_RUN,
    PEOPLE,
    CentralServer,
    Reply,
    in_process,
    question,
)
from tests.contract.test_central_checks import assert_problem
from tests.support.signing import ec_key, operator_assertion

AN, NOOR = (PEOPLE[name]["number"] for name in ("an-peeters", "noor-sterrenveld"))
NOTHING_KNOWN = "01KBA0000000000000000000ZZ"
DESK, OTHER, READER = Asker("desk-backend"), Asker("other-backend"), Asker("reader")
LOGIN_KEY = ec_key()
TODAY = date.today()  # noqa: DTZ011  # the service's own, on this machine
DECISION = {
    "outcome": "green",
    "evidenceKind": "attest-vt",
    "reasonCode": "registry-not-updated",
    "untilDate": TODAY.isoformat(),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralServer]:
    server = CentralServer(tmp_path_factory.mktemp("after"))
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def post(server: CentralServer, check_id: str, what: str, body: Any, **headers: str) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    usual = {"Content_Type": "application/json", "Idempotency_Key": str(uuid.uuid4())}
    return server.request("POST", f"/v1/checks/{check_id}/{what}", content, **{**usual, **headers})


def records_of(server: CentralServer, check_id: str) -> list[dict[str, Any]]:
    return [record for record in server.records() if record["check_id"] == check_id]


def follow_ups(server: CentralServer) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(f"file:{server.database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT * FROM follow_ups")
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows]


class TestSeeingItAgain:
    def test_it_is_the_same_to_the_byte(self, server: CentralServer) -> None:
        first = server.check("an-peeters")
        before = len(server.records())
        again = server.request("GET", f"/v1/checks/{first.json['checkId']}")
        assert (again.status, again.content) == (200, first.content)
        assert again.headers["cache-control"] == "no-store"
        assert len(server.records()) == before

    def test_later_only_its_colour(self, tmp_path: Path) -> None:
        server = CentralServer(tmp_path)
        try:
            first = server.check("noor-sterrenveld").json
            server.stop()
            server.start()  # what was in memory is gone, as after a day
            reply = server.request("GET", f"/v1/checks/{first['checkId']}")
            (answered,) = (r for r in server.records() if r["kind"] == "answered")
            assert reply.status == 200
            assert reply.json == {
                "checkId": first["checkId"],
                "useCase": "uitpas",
                "verdict": "orange",
                "auditRef": str(answered["seq"]),
            }
            assert_problem(
                post(server, first["checkId"], "rechecks", question(NOOR)),
                409,
                "recheck-not-possible",
            )
            decided = post(server, first["checkId"], "decisions", DECISION)
            assert_problem(decided, 404, "check-not-found")
        finally:
            server.close()

    @pytest.mark.parametrize("check_id", [NOTHING_KNOWN, "x", AN, "%20", "a" * 3000])
    def test_no_such_check(self, server: CentralServer, check_id: str) -> None:
        for reply in (
            server.request("GET", f"/v1/checks/{check_id}"),
            post(server, check_id, "rechecks", question(AN)),
            post(server, check_id, "decisions", DECISION),
            post(server, check_id, "feedback", {"reasonCode": "other"}),
        ):
            assert_problem(reply, 404, "check-not-found")
            assert NUMBER_RUN.search(reply.text) is None


class TestTakingItUpAgain:
    def test_only_what_was_missing_is_asked(self, server: CentralServer) -> None:
        first = server.check("noor-sterrenveld").json
        assert first["blockedBy"] == ["income"]
        reply = post(server, first["checkId"], "rechecks", question(NOOR))
        assert reply.status == 200
        again = reply.json
        assert again["checkId"] != first["checkId"]
        assert again["correlationId"] == first["correlationId"]
        assert reply.headers["x-correlation-id"] == first["correlationId"]
        asked, answered = records_of(server, again["checkId"])
        assert (asked["kind"], answered["kind"]) == ("asked", "answered")
        assert [call["group"] for call in json.loads(answered["sources"])] == ["income"]
        assert answered["correlation_id"] == first["correlationId"]
        for one_off in ("checkId", "displayUntil"):
            first.pop(one_off)
            again.pop(one_off)
        assert again == first

    def test_once(self, server: CentralServer) -> None:
        check_id, key = server.check("noor-sterrenveld").json["checkId"], str(uuid.uuid4())
        reply = post(server, check_id, "rechecks", question(NOOR), Idempotency_Key=key)
        assert reply.status == 200
        repeated = post(server, check_id, "rechecks", question(NOOR), Idempotency_Key=key)
        assert repeated.content == reply.content
        second = post(server, check_id, "rechecks", question(NOOR))
        assert_problem(second, 409, "recheck-not-possible")
        next_one = post(server, reply.json["checkId"], "rechecks", question(NOOR))
        assert next_one.status == 200

    @pytest.mark.parametrize(
        "changes",
        [
            {"subject": {"scheme": "be-nrn", "value": AN}},
            {"purpose": "urn:gent:ipdc:other"},
            {"onDate": (TODAY - timedelta(days=1)).isoformat()},
            {"channel": {"kind": "self-service", "deviceId": "kiosk-1"}},
            {"useCase": "lez"},
        ],
        ids=ascii,
    )
    def test_another_question_is_none(self, server: CentralServer, changes: dict[str, Any]) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        before = len(server.records())
        reply = post(server, check_id, "rechecks", question(NOOR, **changes))
        assert_problem(reply, 409, "recheck-not-possible")
        assert len(server.records()) == before
        assert post(server, check_id, "rechecks", question(NOOR)).status == 200

    def test_what_is_settled_is_not_asked_again(self, server: CentralServer) -> None:
        check_id = server.check("an-peeters").json["checkId"]
        reply = post(server, check_id, "rechecks", question(AN))
        assert_problem(reply, 409, "recheck-not-possible")

    def test_it_takes_what_a_check_takes(self, server: CentralServer) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        wrong = question("85613099923")
        assert_problem(post(server, check_id, "rechecks", wrong), 400, "invalid-number")
        assert_problem(
            post(server, check_id, "rechecks", question(NOOR), Content_Type="text/plain"),
            415,
            "unsupported-media",
        )
        assert_problem(
            post(server, check_id, "rechecks", question(NOOR), Idempotency_Key="1"),
            400,
            "invalid-request",
        )


class TestDeciding:
    def test_it_is_recorded_without_its_evidence(self, server: CentralServer) -> None:
        first = server.check("noor-sterrenveld").json
        assert DECISION["evidenceKind"] in first["manualDecision"]["evidence"]
        sent = new_id()
        reply = post(server, first["checkId"], "decisions", DECISION, X_Correlation_Id=sent)
        assert (reply.status, reply.json) == (
            201,
            {
                "checkId": first["checkId"],
                "outcome": "green",
                "override": True,
                "untilDate": TODAY.isoformat(),
                "correlationId": sent,
            },
        )
        asked, _answered, decided = records_of(server, first["checkId"])
        assert (decided["kind"], decided["colour"], decided["override"]) == (
            "override",
            "green",
            "yes",
        )
        for same in ("subject", "rule_set", "client", "device", "site", "purpose"):
            assert decided[same] == asked[same]
        assert decided["correlation_id"] == sent
        assert not any("attest" in str(value) for value in decided.values())
        (row,) = (row for row in follow_ups(server) if row["kind"] == "decision")
        assert first["checkId"] not in row.values()
        assert row["evidence"] == "attest-vt"
        assert row["made_on"] == TODAY.isoformat()
        assert (row["verdict"], row["outcome"]) == ("orange", "green")

    def test_the_same_twice_is_one(self, server: CentralServer) -> None:
        check_id, key = server.check("noor-sterrenveld").json["checkId"], str(uuid.uuid4())
        for _ in range(2):
            reply = post(server, check_id, "decisions", DECISION, Idempotency_Key=key)
            assert reply.status == 201
        assert len(records_of(server, check_id)) == 3
        other = {**DECISION, "reasonCode": "other"}
        reply = post(server, check_id, "decisions", other, Idempotency_Key=key)
        assert_problem(reply, 409, "idempotency-conflict")

    def test_a_no(self, server: CentralServer) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        reply = post(server, check_id, "decisions", {"outcome": "red", "reasonCode": "no-evidence"})
        assert (reply.status, reply.json["untilDate"]) == (201, None)

    @pytest.mark.parametrize(
        "changes",
        [
            {"untilDate": (TODAY - timedelta(days=1)).isoformat()},
            {"untilDate": f"{TODAY.year + 1}-05-01"},
            {"untilDate": None},
            {"evidenceKind": None},
            {"evidenceKind": "a-good-word"},
            {"outcome": "red"},
        ],
        ids=ascii,
    )
    def test_what_the_rules_do_not_leave_to_an_officer(
        self, server: CentralServer, changes: dict[str, Any]
    ) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        reply = post(server, check_id, "decisions", {**DECISION, **changes})
        assert_problem(reply, 422, "decision-not-allowed")
        assert len(records_of(server, check_id)) == 2

    def test_the_last_day_of_the_tariff(self, server: CentralServer) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        until = {"untilDate": f"{TODAY.year + 1}-04-30"}
        assert post(server, check_id, "decisions", {**DECISION, **until}).status == 201

    def test_where_nothing_is_left_to_decide(self, server: CentralServer) -> None:
        check_id = server.check("an-peeters").json["checkId"]
        reply = post(server, check_id, "decisions", DECISION)
        assert_problem(reply, 422, "decision-not-allowed")

    @pytest.mark.parametrize(
        "changes",
        [
            {"outcome": "orange"},
            {"reasonCode": "An Peeters"},
            {"reasonCode": AN},
            {"untilDate": "soon"},
            {"evidenceKind": 5},
        ],
        ids=ascii,
    )
    def test_what_is_not_understood(self, server: CentralServer, changes: dict[str, Any]) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        reply = post(server, check_id, "decisions", {**DECISION, **changes})
        assert_problem(reply, 400, "invalid-request")
        no_key = post(server, check_id, "decisions", DECISION, Idempotency_Key="")
        assert_problem(no_key, 400, "invalid-request")

    def test_the_look_at_a_person_tells_of_it(self, server: CentralServer) -> None:
        check_id = server.check("noor-sterrenveld").json["checkId"]
        assert post(server, check_id, "decisions", DECISION).status == 201
        body = json.dumps({"subject": {"scheme": "be-nrn", "value": NOOR}, "limit": 200}).encode()
        told = server.request("POST", "/v1/audit/queries", body, Content_Type="application/json")
        (look,) = (one for one in told.json["lookups"] if one["checkId"] == check_id)
        assert (look["kind"], look["verdict"], look["override"]) == ("check", "green", True)


class TestComplaining:
    def test_it_is_put_before_the_owner_once(self, server: CentralServer) -> None:
        check_id = server.check("els-kiezel").json["checkId"]
        for _ in range(2):
            reply = post(server, check_id, "feedback", {"reasonCode": "wrong-verdict"})
            assert (reply.status, reply.content) == (204, b"")
        (row,) = (row for row in follow_ups(server) if row["check_id"] == check_id)
        assert (row["kind"], row["reason"], row["verdict"]) == ("feedback", "wrong-verdict", "red")

    def test_the_owner_reads_it_with_a_command(self, server: CentralServer) -> None:
        check_id = server.check("els-kiezel").json["checkId"]
        post(server, check_id, "feedback", {"reasonCode": "guidance-unclear"})
        orange = server.check("noor-sterrenveld").json["checkId"]
        assert post(server, orange, "decisions", DECISION).status == 201
        read = in_process("follow-ups", "list", "--config", str(server.config))
        assert read.returncode == 0
        day = TODAY.isoformat()
        told = f"{day}  feedback  uitpas  red  -  guidance-unclear  {check_id}  sha256:"
        assert told in read.stdout
        assert f"{day}  decision  uitpas  orange to green  attest-vt" in read.stdout
        assert orange not in read.stdout
        assert not any(said in read.stdout for said in ("dsk-", "zuid", NOOR))

    @pytest.mark.parametrize("reason", ["An Peeters", AN, "", None], ids=ascii)
    def test_there_is_no_room_for_words(self, server: CentralServer, reason: Any) -> None:
        check_id = server.check("els-kiezel").json["checkId"]
        reply = post(server, check_id, "feedback", {"reasonCode": reason})
        assert_problem(reply, 400, "invalid-request")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AccessServer]:
    folder = tmp_path_factory.mktemp("who")
    scopes = ["check:uitpas", "override"]
    more = (
        client_table(DESK, scopes=scopes, operator="optional")
        + client_table(OTHER, scopes=scopes)
        + client_table(READER, scopes=["rules:read"], purposes=[], channels=[])
        + operators_table(folder, LOGIN_KEY)
    )
    server = AccessServer(folder, more)
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None


class TestWhoAsked:
    def test_nobody_is_shown_what_somebody_else_asked(self, guarded: AccessServer) -> None:
        mine, other = guarded.token(DESK), guarded.token(OTHER)
        officer = operator_assertion(LOGIN_KEY)
        colleague = operator_assertion(LOGIN_KEY, sub="officer-18")
        answer = guarded.ask(mine, "noor-sterrenveld", operator=officer)
        check_id = answer.json["checkId"]

        def headers(token: str, operator: str = "") -> dict[str, str]:
            sent = {"Authorization": f"Bearer {token}"}
            return {**sent, "X_Operator_Assertion": operator} if operator else sent

        for strange in (headers(other), headers(mine), headers(mine, colleague)):
            for reply in (
                guarded.request("GET", f"/v1/checks/{check_id}", None, **strange),
                post(guarded, check_id, "rechecks", question(NOOR), **strange),
                post(guarded, check_id, "decisions", DECISION, **strange),
                post(guarded, check_id, "feedback", {"reasonCode": "other"}, **strange),
            ):
                assert_problem(reply, 404, "check-not-found")
        own = headers(mine, officer)
        assert (
            guarded.request("GET", f"/v1/checks/{check_id}", None, **own).content == answer.content
        )
        assert post(guarded, check_id, "feedback", {"reasonCode": "other"}, **own).status == 204
        assert post(guarded, check_id, "rechecks", question(NOOR), **own).status == 200
        assert post(guarded, check_id, "decisions", DECISION, **own).status == 201
        assert records_of(guarded, check_id)[-1]["operator"] != ""

    def test_a_token_and_the_scope_are_needed(self, guarded: AccessServer) -> None:
        reader = {"Authorization": f"Bearer {guarded.token(READER)}"}
        assert_problem(guarded.request("GET", f"/v1/checks/{NOTHING_KNOWN}"), 401, "token-invalid")
        reply = post(guarded, NOTHING_KNOWN, "decisions", DECISION, **reader)
        assert_problem(reply, 403, "scope-missing")
