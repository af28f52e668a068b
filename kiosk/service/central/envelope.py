"""What every answer has, whoever made it: no caching, the ids, the total time; and who counts it.

It stands around the web framework, so that its own 404 and 405 have it too, and so that a failure
nobody foresaw still leaves as a problem without a word of its cause.
"""

from __future__ import annotations

import logging
import math
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeAlias

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from kiosk.service.central.errors import Refusal, headers_of, problem
from kiosk.service.central.identifiers import holds_number, is_uuid
from kiosk.service.central.languages import preferred
from kiosk.service.contract import PROBLEM_JSON, encode, new_id

_HEADER = b"x-correlation-id"
_STEP: Final = 10
"""Milliseconds."""
_REQUEST_HEADER = b"x-request-id"
_WAIT = re.compile(r"wait=([1-9]\d?)")
_correlation: ContextVar[str] = ContextVar("correlation")
_request: ContextVar[str] = ContextVar("request", default="")
_wait: ContextVar[int | None] = ContextVar("wait", default=None)
_accepted: ContextVar[str] = ContextVar("accepted", default="")
_log = logging.getLogger(__name__)


def correlation_id() -> str:
    """The id of the request that is being answered: the client's if it sent a uuid."""
    return _correlation.get()


def request_id() -> str:
    """The client's own id of the request that is being answered, empty if it sent no uuid."""
    return _request.get()


def longest_wait() -> int | None:
    """Seconds that the client will wait at most (RFC 7240, 4.3), ``None`` if it did not say."""
    return _wait.get()


def answer_language() -> str:
    """The language that the client reads best, for what is told in one language only."""
    return preferred(_accepted.get())


def link_to(correlation: str) -> None:
    """Let the request that is being answered go on under the id of an earlier one."""
    _correlation.set(correlation)


Observe: TypeAlias = Callable[[Scope, int, float], None]
"""Takes a request that was answered, the status, and the seconds it took."""


def _nobody_counts(_scope: Scope, _status: int, _seconds: float) -> None:
    """Count nothing."""


class Envelope:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp, observe: Observe = _nobody_counts) -> None:
        """``observe`` is told of every answer."""
        self._app = app
        self._observe = observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass the start and stop of the server on."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        _correlation.set(_sent_id(scope, _HEADER) or new_id())
        _request.set(_sent_id(scope, _REQUEST_HEADER) or "")
        _wait.set(_preferred_wait(scope))
        _accepted.set(",".join(_sent(scope, b"accept-language")))
        begun = False

        async def send_with_headers(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                seconds = time.perf_counter() - started
                message["headers"] = [*message["headers"], *_headers(seconds * 1000)]
                self._observe(scope, message["status"], seconds)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  # the last line: what gets past it is printed
            _log.error("request failed: %s", type(error).__name__)
            if not begun:
                await _send_failure(send_with_headers)


def _preferred_wait(scope: Scope) -> int | None:
    told = _sent(scope, b"prefer")
    found = _WAIT.fullmatch(told[0].strip()) if len(told) == 1 else None
    return None if found is None else int(found[1])


def _sent_id(scope: Scope, header: bytes) -> str | None:
    for text in _sent(scope, header):
        return text if is_uuid(text) and not holds_number(text) else None
    return None


def _sent(scope: Scope, header: bytes) -> list[str]:
    """Return every header of a name; the server gives names in small letters."""
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


def _headers(milliseconds: float) -> list[tuple[bytes, bytes]]:
    sent = request_id()
    return [
        *([(_REQUEST_HEADER, sent.encode("ascii"))] if sent else []),
        (b"cache-control", b"no-store"),
        (_HEADER, correlation_id().encode("ascii")),
        (b"server-timing", f"total;dur={_coarse(milliseconds)}".encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
    ]


def _coarse(milliseconds: float) -> int:
    """Round up: who listens far away gets no better clock from us than the network leaves them."""
    return math.ceil(milliseconds / _STEP) * _STEP


async def _send_failure(send: Send) -> None:
    refusal, language = Refusal.INTERNAL_ERROR, answer_language()
    body = encode(problem(refusal, correlation_id(), language))
    told = headers_of(refusal, language).items()
    headers = [
        *((name.lower().encode("ascii"), value.encode("ascii")) for name, value in told),
        (b"content-type", PROBLEM_JSON.encode("ascii")),
        (b"content-length", str(len(body)).encode("ascii")),
    ]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
