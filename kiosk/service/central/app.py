"""The web application: addresses, status codes and headers; everything else is elsewhere."""

from __future__ import annotations

import logging
import re
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp, ControllerRouterHandler

from kiosk.service.central.checks import Checks, Parts
from kiosk.service.central.clients.admission import ANYBODY
from kiosk.service.central.clients.configuration import SOURCE_STATUS
from kiosk.service.central.clients.routes import client_routes
from kiosk.service.central.clients.worker import Worker
from kiosk.service.central.envelope import Envelope, answer_language, correlation_id
from kiosk.service.central.errors import Refusal, Refused, headers_of, problem, refusal_for
from kiosk.service.central.operations.after_checks import AfterChecks
from kiosk.service.central.operations.audit_queries import AuditQueries, audit_routes
from kiosk.service.central.operations.check_routes import check_routes
from kiosk.service.central.operations.door import Door
from kiosk.service.central.operations.health import health_routes
from kiosk.service.central.operations.heartbeats import heartbeat_routes
from kiosk.service.central.operations.openapi import openapi_routes
from kiosk.service.central.operations.rule_sets import rule_routes
from kiosk.service.central.requests import require_json
from kiosk.service.contract import (
    CHECKS_PATH,
    JSON,
    PROBLEM_JSON,
    SOURCE_STATUS_PATH,
    LampReply,
    SourceStatusReply,
    encode,
)

BODY_LIMIT = 64 * 1024
"""Bytes of a question; a real one has about five hundred."""

_PARAMETER = re.compile(r"\{[^}]*\}")
_Request = Request[Any, Any, Any]
_log = logging.getLogger(__name__)


def create_app(parts: Parts) -> ASGIApp:
    """Put the application together; it owns the writer of the audit from its start to its stop."""
    checks, worker = Checks(parts), Worker("reading")

    async def stop() -> None:
        worker.close()
        await parts.close_sources()
        if parts.access is not None:
            parts.access.close()
        checks.close()

    return Envelope(
        Litestar(
            route_handlers=_routes(checks, parts, worker),
            exception_handlers={Refused: _refuse, Exception: _fail},
            on_shutdown=[stop],
            request_max_body_size=BODY_LIMIT,
            openapi_config=None,
            logging_config=None,
            debug=False,
        ),
        parts.watch.answered,
    )


def _routes(checks: Checks, parts: Parts, worker: Worker) -> list[ControllerRouterHandler]:
    @post(CHECKS_PATH, status_code=200)
    async def check(request: _Request) -> Response[bytes]:
        headers, access = request.headers, parts.access
        caller = None if access is None else await access.caller(headers)
        require_json(headers.get("content-type", ""), headers.get("content-encoding", ""))
        body, key = await request.body(), headers.get("idempotency-key", "")
        admission = ANYBODY if access is None or caller is None else access.admit(headers, caller)
        answer = await checks.answer(body, key, correlation_id(), admission)
        return _json(answer, admission.headers())

    @get(SOURCE_STATUS_PATH)
    async def source_status(request: _Request) -> Response[bytes]:
        if parts.access is not None:
            await parts.access.require(request.headers, SOURCE_STATUS)
        states = parts.decider.states()
        lamps = tuple(LampReply(group=group, state=state) for group, state in states.items())
        return _json(encode(SourceStatusReply(sources=lamps)))

    door = Door(parts.access)
    more = [
        *health_routes(checks),
        *(openapi_routes() if parts.test_numbers else ()),
        *heartbeat_routes(door, parts.terminals, parts.watch),
        *rule_routes(parts.rules, door, lambda: parts.clock().date()),
        *check_routes(AfterChecks(parts, checks, worker), door),
        *audit_routes(AuditQueries(parts, checks, worker), door),
    ]
    asking = [] if parts.access is None else client_routes(parts.access)
    return [check, source_status, *more, *asking]


def _json(body: bytes, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(body, media_type=JSON, headers=headers or {})


def _refuse(_request: _Request, refused: Refused) -> Response[bytes]:
    refusal = refused.refusal
    if refusal.status >= 500:
        cause = type(refused.__cause__).__name__
        _log.error("%s: %s", refusal.code, cause)
    return _problem(refusal)


def _fail(request: _Request, error: Exception) -> Response[bytes]:
    if isinstance(error, MethodNotAllowedException):
        return _problem(Refusal.METHOD_NOT_ALLOWED, {"Allow": _allowed(request)})
    if isinstance(error, HTTPException) and error.status_code < 500:
        return _problem(refusal_for(error.status_code))
    _log.error("request failed: %s", type(error).__name__)
    return _problem(Refusal.INTERNAL_ERROR)


def _allowed(request: _Request) -> str:
    for route in request.app.routes:
        form = _PARAMETER.sub("[^/]+", route.path_format)
        if isinstance(route, HTTPRoute) and re.fullmatch(form, request.url.path):
            return ", ".join(sorted(route.methods))
    return "OPTIONS"


def _problem(refusal: Refusal, headers: dict[str, str] | None = None) -> Response[bytes]:
    language = answer_language()
    body = encode(problem(refusal, correlation_id(), language))
    return Response(
        body,
        status_code=int(refusal.status),
        media_type=PROBLEM_JSON,
        headers={**headers_of(refusal, language), **(headers or {})},
    )
