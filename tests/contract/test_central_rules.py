"""The rule sets over HTTP: to be read by people, and tried on facts of nobody."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kiosk.data import data_path
from kiosk.service.central.rule_document import parse
from kiosk.service.central.rule_files import digest, load, load_situations
from kiosk.service.central.rule_situations import facts_from_words
from kiosk.service.central.rules import evaluate
from tests.contract.access_server import AccessServer, Asker, client_table
from tests.contract.central_server import NUMBER_RUN, CentralServer, Reply
from tests.contract.test_central_checks import assert_problem

BOOK = load(data_path("rules"))
OWNER, STRANGER = Asker("rule-owner"), Asker("stranger")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentralServer]:
    server = CentralServer(tmp_path_factory.mktemp("rules"))
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def simulate(server: CentralServer, rule_set: str = "uitpas", **body: Any) -> Reply:
    return server.request(
        "POST",
        f"/v1/rule-sets/{rule_set}/simulations",
        json.dumps(body).encode(),
        Content_Type="application/json",
    )


def test_the_list_holds_every_version(server: CentralServer) -> None:
    reply = server.request("GET", "/v1/rule-sets")
    assert (reply.status, reply.headers["cache-control"]) == (200, "no-store")
    told = [
        (entry["id"], version["version"], version["digest"])
        for entry in reply.json["ruleSets"]
        for version in entry["versions"]
    ]
    assert told == [(r.id, r.version, r.digest) for r in BOOK.rule_sets]


@pytest.mark.parametrize("version", BOOK.versions, ids=lambda v: v.rule_set.version)
def test_a_version_reads_as_its_file(server: CentralServer, version: Any) -> None:
    rules = version.rule_set
    path = data_path("rules") / rules.id / f"{rules.version}.toml"
    content = path.read_bytes()
    document = parse(content)
    told = server.request("GET", f"/v1/rule-sets/{rules.id}/versions/{rules.version}").json
    assert told["digest"] == digest(content)
    assert told["effectiveFrom"] == document.effective_from.isoformat()
    assert [row["id"] for row in told["rows"]] == [row.id for row in document.row]
    assert [row["id"] for row in told["guards"]] == [row.id for row in document.guard]
    assert [fact["name"] for fact in told["facts"]] == list(document.facts)
    assert told["situations"] == len(load_situations(path))
    assert all(row["conditions"] for row in told["rows"])
    assert told["otherwise"]["colour"] == document.outcomes[document.otherwise.outcome].colour.value
    amounts = {amount["name"]: amount for amount in told["amounts"]}
    for name, entry in document.amounts.items():
        assert amounts[name]["value"] == entry.value
        assert amounts[name]["source"] == entry.source
        assert amounts[name]["asOf"] == (entry.as_of and entry.as_of.isoformat())


@pytest.mark.parametrize("version", BOOK.versions, ids=lambda v: v.rule_set.version)
def test_a_simulation_says_what_the_rules_say(server: CentralServer, version: Any) -> None:
    rules = version.rule_set
    for situation in version.situations.values():
        reply = simulate(server, rules.id, version=rules.version, facts=dict(situation.words))
        assert reply.status == 200
        finding = evaluate(rules.table, facts_from_words(situation.words))
        assert (reply.json["verdict"], reply.json["determined"]) == (
            finding.colour.value,
            finding.determined,
        )
        assert reply.json["blockedBy"] == list(finding.blocked_by)
        assert reply.json["ruleSet"]["digest"] == rules.digest
        rows = [*rules.table.guards, *rules.table.rows]
        assert [step["row"] for step in reply.json["trace"]] == [row.id for row in rows]


def test_the_rules_of_a_day(server: CentralServer) -> None:
    told = simulate(server, "lez", onDate="2021-01-01", facts={"fuel": "electric"}).json
    assert told["ruleSet"]["version"] == "2020.1"
    assert simulate(server, "lez", facts={}).json["ruleSet"]["version"] == "2024.1"
    assert_problem(
        simulate(server, "lez", onDate="1999-01-01", facts={}), 422, "no-rule-set-for-date"
    )


def test_what_settled_a_row(server: CentralServer) -> None:
    trace = simulate(server, facts={"person_state": "deceased", "vt": "yes"}).json["trace"]
    values = {step["row"]: step for step in trace}
    assert values["G1"]["value"] == "false"
    assert values["G1"]["facts"] == [
        {"name": "person_state", "told": "deceased", "asked": "unknown-number"}
    ]
    assert values["G2"]["value"] == "true"
    assert values["2-vt"]["value"] == "unreached"


@pytest.mark.parametrize(
    "body",
    [
        {"facts": {"shoe_size": 5}},
        {"facts": {"fuel": "diesel"}},
        {"facts": {"vt": "perhaps"}},
        {"facts": {"age": 85613099922}},
        {"facts": {"age": -1}},
        {"facts": {"channel": "unknown"}},
        {"facts": {"vt": "x" * 65}},
        {"facts": []},
        {"onDate": "today", "facts": {}},
        {},
    ],
    ids=ascii,
)
def test_facts_that_do_not_exist(server: CentralServer, body: dict[str, Any]) -> None:
    assert_problem(simulate(server, **body), 400, "invalid-request")


@pytest.mark.parametrize(
    "path", ["/v1/rule-sets/cinema/versions/1", "/v1/rule-sets/uitpas/versions/85613099922"]
)
def test_rules_that_do_not_exist(server: CentralServer, path: str) -> None:
    reply = server.request("GET", path)
    assert_problem(reply, 404, "not-found")
    assert NUMBER_RUN.search(reply.text) is None


def test_rules_that_cannot_be_tried(server: CentralServer) -> None:
    assert_problem(simulate(server, "cinema", facts={}), 404, "not-found")
    assert_problem(simulate(server, version="1999.1", facts={}), 404, "not-found")
    reply = server.request("POST", "/v1/rule-sets/uitpas/simulations", b"{}")
    assert_problem(reply, 415, "unsupported-media")


def test_another_method_is_told_the_right_ones(server: CentralServer) -> None:
    for path, allowed in (
        ("/v1/rule-sets/uitpas/versions/2026.2", "GET, OPTIONS"),
        ("/v1/rule-sets/uitpas/simulations", "OPTIONS, POST"),
        ("/v1/checks", "OPTIONS, POST"),
    ):
        reply = server.request("PUT", path)
        assert_problem(reply, 405, "method-not-allowed")
        assert reply.headers["allow"] == allowed


def test_nothing_is_recorded_of_it(server: CentralServer) -> None:
    before = server.records()
    simulate(server, facts={"vt": "yes"})
    assert server.records() == before


def test_the_scope_is_needed(tmp_path: Any) -> None:
    scopes = {"scopes": ["rules:read"], "purposes": [], "channels": []}
    server = AccessServer(tmp_path, client_table(OWNER, **scopes) + client_table(STRANGER))
    try:
        token, other = server.token(OWNER), server.token(STRANGER)
        for path in ("/v1/rule-sets", "/v1/rule-sets/uitpas/versions/2026.2"):
            assert server.get(path, token).status == 200
            assert_problem(server.get(path, other), 403, "scope-missing")
            assert_problem(server.request("GET", path), 401, "token-invalid")
        assert_problem(simulate(server, facts={}), 401, "token-invalid")
    finally:
        server.close()
