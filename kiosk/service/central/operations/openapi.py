"""The contract as an OpenAPI document (3.1), made from the addresses and the messages themselves.

The web framework does not see the messages: bodies are read by the service, so that a refusal
never quotes one. So the document is made here, and tests hold it to the routes and to the server.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, TypeAlias

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from kiosk.data import data_path
from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.clients.configuration import SCOPES
from kiosk.service.central.errors import Refusal
from kiosk.service.central.languages import DEFAULT, LANGUAGES
from kiosk.service.central.operations.contract_table import CHECK, OPEN, OPERATIONS, OWN, Operation
from kiosk.service.central.operations.door import send
from kiosk.service.contract import JSON, PROBLEM_JSON, TOKEN_PATH, ProblemReply

OPENAPI_PATH: Final = "/openapi.json"
OPENAPI_FILE: Final = ("contract", "v1", "openapi.json")
"""Where the document stands among the resources."""

_Part: TypeAlias = dict[str, Any]
_PARAMETER: Final = re.compile(r"\{([a-z_]+)\}")
_REF: Final = "#/components/schemas/{name}"
_UUID: Final = {"type": "string", "format": "uuid"}


def openapi_routes() -> list[ControllerRouterHandler]:
    """Return the handler of the document as it was committed."""
    content = data_path(*OPENAPI_FILE).read_bytes()

    @get(OPENAPI_PATH)
    async def openapi() -> Response[bytes]:
        return send(content)

    return [openapi]


def document() -> _Part:
    """Make the document."""
    paths: dict[str, _Part] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tariefwijzer: the central eligibility service",
            "version": "1",
            "description": "National numbers travel in bodies only, never in an address.",
        },
        "paths": paths,
        "components": {
            "schemas": _schemas(),
            "securitySchemes": _security_schemes(),
            "headers": {
                "CorrelationId": {"schema": _UUID, "description": "Sent by the client, or made."},
                "NoStore": {"schema": {"const": "no-store"}},
                "Language": {
                    "schema": {"enum": list(LANGUAGES)},
                    "description": f"That of the title; {DEFAULT} where nothing fits.",
                },
                "ByLanguage": {"schema": {"const": "Accept-Language"}},
            },
        },
    }


def _operation(operation: Operation) -> _Part:
    described: _Part = {
        "operationId": operation.id,
        "summary": operation.summary,
        "security": _security(operation),
        "responses": _responses(operation),
    }
    if parameters := _parameters(operation):
        described["parameters"] = parameters
    if operation.body is not None:
        content = {operation.media: {"schema": _reference(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(operation: Operation) -> list[_Part]:
    found: list[_Part] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
        for name in _PARAMETER.findall(operation.path)
    ]
    if operation.is_once:
        found.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": _UUID})
    if operation.scope != OPEN:
        sent = ("X-Correlation-Id", "X-Request-Id")
        found += ({"name": name, "in": "header", "schema": _UUID} for name in sent)
    found.append({"name": "Accept-Language", "in": "header", "schema": {"type": "string"}})
    if operation.scope == CHECK:
        wait = {"type": "string", "pattern": "^wait=[1-9][0-9]?$"}
        found.append({"name": "Prefer", "in": "header", "schema": wait})
    return found


def _security(operation: Operation) -> list[_Part]:
    if operation.scope == OPEN:
        return []
    scopes = [] if operation.scope in (OWN, CHECK) else [operation.scope]
    return [{"token": scopes}, {"token": scopes, "operator": []}]


def _responses(operation: Operation) -> _Part:
    headers = {
        "X-Correlation-Id": {"$ref": "#/components/headers/CorrelationId"},
        "Cache-Control": {"$ref": "#/components/headers/NoStore"},
    }
    worded = {
        "Content-Language": {"$ref": "#/components/headers/Language"},
        "Vary": {"$ref": "#/components/headers/ByLanguage"},
    }
    told: dict[int, _Part] = {}
    for status, kinds in operation.replies.items():
        told[status] = {"description": "Answered", "headers": headers}
        if kinds:
            told[status]["content"] = {JSON: {"schema": _any_of(kinds)}}
    for status, codes in _by_status(operation.all_refusals).items():
        content = {PROBLEM_JSON: {"schema": _reference(ProblemReply)}}
        told[status] = {
            "description": ", ".join(codes),
            "headers": {**headers, **worded},
            "content": content,
        }
    for status, kind in (operation.errors or {}).items():
        content = {JSON: {"schema": _reference(kind)}}
        told[status] = {"description": "No token", "headers": headers, "content": content}
    return {str(status): told[status] for status in sorted(told)}


def _by_status(refusals: Iterable[Refusal]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for refusal in refusals:
        found.setdefault(int(refusal.status), []).append(refusal.code)
    return found


def _any_of(kinds: tuple[type[msgspec.Struct], ...]) -> _Part:
    if len(kinds) == 1:
        return _reference(kinds[0])
    return {"anyOf": [_reference(kind) for kind in kinds]}


def _reference(kind: type[msgspec.Struct]) -> _Part:
    return {"$ref": _REF.format(name=kind.__name__)}


def _schemas() -> _Part:
    kinds: dict[type[msgspec.Struct], None] = {ProblemReply: None}
    for operation in OPERATIONS:
        replies = [kind for each in operation.replies.values() for kind in each]
        body = () if operation.body is None else (operation.body,)
        kinds.update(dict.fromkeys((*body, *replies, *(operation.errors or {}).values())))
    _, found = msgspec.json.schema_components(kinds, schema_hook=_describe, ref_template=_REF)
    return dict(sorted(found.items()))


def _describe(kind: type) -> _Part:
    if kind is NationalNumber:
        return {
            "type": "string",
            "pattern": "^[0-9]{11}$",
            "description": "A national number with right check digits.",
            "writeOnly": True,
        }
    raise NotImplementedError(kind.__name__)


def _security_schemes() -> _Part:
    scopes = dict.fromkeys(sorted(SCOPES), "")
    return {
        "token": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": TOKEN_PATH, "scopes": scopes}},
            "description": "private_key_jwt (RFC 7523); an hour at most.",
        },
        "operator": {
            "type": "apiKey",
            "in": "header",
            "name": "X-Operator-Assertion",
            "description": "What the city's login says of the officer, signed.",
        },
    }
