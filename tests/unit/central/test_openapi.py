"""The committed document of the contract: made from the code, and about the addresses there are."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute

from kiosk.data import data_path
from kiosk.service.central.app import create_app
from kiosk.service.central.checks import Parts
from kiosk.service.central.clients.access import Access
from kiosk.service.central.connectors.synthetic import connectors
from kiosk.service.central.decide import Decider
from kiosk.service.central.errors import Refusal
from kiosk.service.central.operations.contract_table import OPERATIONS
from kiosk.service.central.operations.openapi import OPENAPI_FILE, OPENAPI_PATH, document
from kiosk.service.central.rule_files import load
from tests.support.storage import KEYS, sqlite_store
from tests.unit.central.test_decide import LIMITS

DOCUMENT = json.loads(data_path(*OPENAPI_FILE).read_text("utf-8"))


class NoAccess:
    """Stands where the door is; nobody comes."""

    def close(self) -> None:
        pass


def addresses(folder: Path, *, is_test: bool) -> set[tuple[str, str]]:
    parts = Parts(
        decider=Decider(connectors(data_path("central", "people.toml")), LIMITS),
        rules=load(data_path("rules")),
        audit=sqlite_store(folder / "audit.sqlite3"),
        keys=KEYS,
        test_numbers=is_test,
        access=cast(Access, NoAccess()),
    )
    app = cast(Any, create_app(parts))._app
    assert isinstance(app, Litestar)
    return {
        (method.lower(), route.path_format)
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for method in route.methods
        if method != "OPTIONS"
    }


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield part["$ref"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def test_it_is_that_of_the_code() -> None:
    assert json.loads(json.dumps(document())) == DOCUMENT, "run `make openapi`"


def test_it_holds_every_address_and_no_other(tmp_path: Path) -> None:
    told = {(method, path) for path, item in DOCUMENT["paths"].items() for method in item}
    assert told == addresses(tmp_path, is_test=False)
    assert addresses(tmp_path, is_test=True) - told == {("get", OPENAPI_PATH)}


def test_every_reference_leads_somewhere() -> None:
    found = set(references(DOCUMENT))
    assert found
    for reference in found:
        part = DOCUMENT
        for step in reference.removeprefix("#/").split("/"):
            part = part[step]
    schemas = {f"#/components/schemas/{name}" for name in DOCUMENT["components"]["schemas"]}
    assert schemas <= found


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_what_every_address_may_refuse(operation: Any) -> None:
    responses = DOCUMENT["paths"][operation.path][operation.method]["responses"]
    for refusal in operation.all_refusals:
        told = responses[str(int(refusal.status))]
        assert "application/problem+json" in told["content"] or operation.errors
    assert {"500", "503"} <= set(responses)


def test_every_refusal_is_told_somewhere() -> None:
    told = {refusal for operation in OPERATIONS for refusal in operation.all_refusals}
    assert set(Refusal) - told == {Refusal.METHOD_NOT_ALLOWED}


def test_names_are_those_of_the_wire() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert {"useCase", "onDate", "subject"} <= set(schemas["CheckRequest"]["properties"])
    assert {"from", "until", "endKind", "recheckFrom"} == set(schemas["Validity"]["properties"])
    assert "expires_in" in schemas["TokenReply"]["properties"]
    assert "endUserMessage" in schemas["ProblemReply"]["properties"]


def test_no_address_takes_a_number() -> None:
    for path, item in DOCUMENT["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", ()):
                assert parameter["in"] in ("path", "header"), path
    assert re.search(r"\d{11}", json.dumps(DOCUMENT)) is None
