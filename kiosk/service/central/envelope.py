"""What every answer has, whoever made it: no caching, a correlation id, the total time.

It stands around the web framework, so that its own 404 and 405 have it too, and so that a failure
nobody foresaw still leaves as a problem without a word of its cause.
"""

from __future__ import annotations

import logging
import math
import time
from contextvars import ContextVar
from typing import Final

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.service.central.errors import Refusal, problem
from kiosk.service.central.identifiers import holds_number, is_uuid
from kiosk.service.contract import PROBLEM_JSON, encode, new_id

_HEADER = b"x-correlation-id"
_STEP: Final = 10
"""Milliseconds."""
_correlation: ContextVar[str] = ContextVar("correlation")
_log = logging.getLogger(__name__)


def correlation_id() -> str:
    """The id of the request that is being answered: the client's if it sent a uuid."""
    return _correlation.get()


def link_to(correlation: str) -> None:
    """Let the request that is being answered go on under the id of an earlier one."""
    _correlation.set(correlation)


class Envelope:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass the start and stop of the server on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started, correlation = time.perf_counter(), _sent_id(scope) or new_id()
        _correlation.set(correlation)
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                milliseconds = (time.perf_counter() - started) * 1000
                message["headers"] = [
                    *message["headers"],
                    *_headers(correlation_id(), milliseconds),
                ]
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  # the last line: what gets past it is printed
            _log.error("request failed: %s", type(error).__name__)
            if not begun:
                await _send_failure(send_with_headers, correlation_id())


def _sent_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name.lower() == _HEADER:
            text = value.decode("latin-1")
            return text if is_uuid(text) and not holds_number(text) else None
    return None


def _headers(correlation: str, milliseconds: float) -> list[tuple[bytes, bytes]]:
    return [
        (b"cache-control", b"no-store"),
        (_HEADER, correlation.encode("ascii")),
        (b"server-timing", f"total;dur={_coarse(milliseconds)}".encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
    ]


def _coarse(milliseconds: float) -> int:
    """Round up: who listens far away gets no better clock from us than the network leaves them."""
    return math.ceil(milliseconds / _STEP) * _STEP


async def _send_failure(send: Send, correlation: str) -> None:
    body = encode(problem(Refusal.INTERNAL_ERROR, correlation))
    headers = [
        (b"content-type", PROBLEM_JSON.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
