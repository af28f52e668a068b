"""Schemathesis at the real server: whatever is sent, the answer is one of the contract's document.

`make test` sends the same few of each every time, `make soak` many (`SCHEMATHESIS_EXAMPLES`).
"""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from kiosk.data import data_path
from kiosk.service.central.operations.openapi import OPENAPI_FILE
from tests.contract.access_server import FORM, AccessServer, Asker, client_table
from tests.contract.central_server import NUMBER_RUN, PEOPLE, question

SCHEMA = schemathesis.openapi.from_path(data_path(*OPENAPI_FILE))
FOUND: list[Any] = list(SCHEMA.get_all_operations())
OPERATIONS = {found.ok().label: found.ok() for found in FOUND}
EVERYTHING = [
    *("check:uitpas", "check:school", "check:garbage", "check:lez"),
    *("override", "rules:read", "audit:query", "source-status:read", "devices:admin"),
]
MANY = 1_000_000
TODAY = date.today()  # noqa: DTZ011  # the service's own, on this machine
CLIENT = Asker("everything")
NUMBERS = [PEOPLE[name]["number"] for name in ("an-peeters", "noor-sterrenveld", "els-kiezel")]
KNOWN: dict[str, Any] = {
    "check_id": [],
    "rule_set": ["uitpas", "lez"],
    "version": ["2026.2", "2024.1"],
    "device": [],
}
load_all_checks()
ANSWERS = CHECKS.get_by_names(
    [
        *("not_a_server_error", "status_code_conformance", "content_type_conformance"),
        *("response_schema_conformance", "response_headers_conformance"),
    ]
)


@dataclass
class Target:
    """The server, a token for everything, and one connection."""

    server: AccessServer
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.token = self.server.token(CLIENT)


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    rates = dict.fromkeys(
        ("card_per_hour", "typed_per_hour", "typed_per_day", "tokens_per_hour"), MANY
    )
    table = client_table(CLIENT, scopes=EVERYTHING, rates=rates)
    limits = f"[rates]\nenrolments_per_hour = {MANY}\n"
    server = AccessServer(tmp_path_factory.mktemp("every"), limits + table)
    target = Target(server)
    for person in ("an-peeters", "noor-sterrenveld", "els-kiezel"):
        KNOWN["check_id"].append(server.ask(target.token, person).json["checkId"])
    yield target
    target.session.close()
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log
    assert " error " not in server.log, "an answer that was made out of a failure"


def good_body(label: str, draw: Callable[[Any], Any]) -> dict[str, Any]:
    """A body that the address takes, for a case to spoil a part of."""
    subject = {"scheme": "be-nrn", "value": draw(st.sampled_from(NUMBERS))}
    if label.endswith(("/v1/checks", "/rechecks")):
        return cast(dict[str, Any], json.loads(question(subject["value"])))
    others: dict[str, dict[str, Any]] = {
        "POST /v1/audit/queries": {"subject": subject},
        "POST /v1/checks/{check_id}/decisions": {
            "outcome": "green",
            "evidenceKind": "attest-vt",
            "reasonCode": "other",
            "untilDate": TODAY.isoformat(),
        },
    }
    return others.get(label, {})


def mixed(case: Any, label: str, draw: Callable[[Any], Any]) -> Any:
    """Put something that exists in the place of some of what was made up."""
    for name in case.path_parameters or {}:
        if KNOWN[name] and draw(st.booleans()):
            case.path_parameters[name] = draw(st.sampled_from(KNOWN[name]))
    if isinstance(case.body, dict) and case.media_type != FORM:
        good = good_body(label, draw)
        spoiled = draw(st.sets(st.sampled_from(sorted(good)), max_size=2)) if good else set()
        if good and draw(st.booleans()):
            kept = {name: value for name, value in case.body.items() if name in spoiled}
            case.body = {**good, **kept}
    return case


def send(target: Target, case: Any, headers: dict[str, str]) -> None:
    url = f"http://127.0.0.1:{target.server.port}"
    response = case.call(base_url=url, session=target.session, headers=headers)
    case.validate_response(response, checks=ANSWERS)
    told = f"{response.headers} {response.text}"
    assert NUMBER_RUN.search(told) is None
    assert "Traceback" not in told
    assert not any(number in told for number in NUMBERS)


def try_it(target: Target, label: str, mode: GenerationMode, examples: int) -> None:
    operation = OPERATIONS[label]

    @seed(20261130)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def run(data: Any) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        headers = {}
        if data.draw(st.integers(0, 9)) < 9:
            headers["Authorization"] = f"Bearer {target.token}"
        if data.draw(st.integers(0, 3)) < 3:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        send(target, mixed(case, label, data.draw), headers)

    run()


def pairs() -> list[Any]:
    """Every address in both modes; where nothing is sent, nothing wrong can be."""
    return [
        pytest.param(label, mode, id=f"{label} {mode.value}")
        for label in OPERATIONS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or not label.startswith("GET /health")
    ]


@pytest.mark.parametrize(("label", "mode"), pairs())
def test_answers_are_those_of_the_document(
    target: Target, label: str, mode: GenerationMode
) -> None:
    try_it(target, label, mode, 15)


@pytest.mark.soak
@pytest.mark.parametrize(("label", "mode"), pairs())
def test_many_more(target: Target, label: str, mode: GenerationMode) -> None:
    try_it(target, label, mode, int(os.environ.get("SCHEMATHESIS_EXAMPLES", "2000")))
