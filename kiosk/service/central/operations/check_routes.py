"""The addresses below a check that was answered."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Final

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kiosk.service.central.clients.admission import Admission
from kiosk.service.central.clients.configuration import OVERRIDE
from kiosk.service.central.envelope import correlation_id, link_to
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.identifiers import is_check_id, is_uuid
from kiosk.service.central.operations.after_checks import AfterChecks
from kiosk.service.central.operations.check_messages import DecisionRequest, FeedbackRequest
from kiosk.service.central.operations.door import Door, HttpRequest, read_body, send
from kiosk.service.central.replays import Replays
from kiosk.service.central.requests import require_json
from kiosk.service.contract import CHECKS_PATH, encode

_CHECK: Final = f"{CHECKS_PATH}/{{check_id:str}}"


def check_routes(after: AfterChecks, door: Door) -> list[ControllerRouterHandler]:
    """Return the handlers."""
    return [*_reading(after, door), *_writing(after, door)]


def _reading(after: AfterChecks, door: Door) -> list[ControllerRouterHandler]:
    @get(_CHECK)
    async def again(request: HttpRequest, check_id: FromPath[str]) -> Response[bytes]:
        admission = await door.admit(request.headers)
        admission.wipe()
        return send(await after.again(_known(check_id), admission))

    @post(f"{_CHECK}/rechecks", status_code=200)
    async def recheck(request: HttpRequest, check_id: FromPath[str]) -> Response[bytes]:
        headers = request.headers
        admission = await door.admit(headers)
        try:
            require_json(headers.get("content-type", ""), headers.get("content-encoding", ""))
            earlier = await after.earlier(_known(check_id), admission)
        except Refused:
            admission.wipe()
            raise
        link_to(earlier.correlation_id)
        body, key = await request.body(), headers.get("idempotency-key", "")
        answer = await after.checks.answer(body, key, correlation_id(), admission, earlier)
        return send(answer, headers=admission.headers())

    return [again, recheck]


def _writing(after: AfterChecks, door: Door) -> list[ControllerRouterHandler]:
    replays = Replays(after.parts.keys)

    @post(f"{_CHECK}/decisions", status_code=201)
    async def decision(request: HttpRequest, check_id: FromPath[str]) -> Response[bytes]:
        admission = await door.admit(request.headers, OVERRIDE)
        admission.wipe()
        body = await read_body(request, DecisionRequest)

        async def make() -> bytes:
            return encode(await after.decide(_known(check_id), body, admission))

        return send(await _once(replays, request, admission, make), 201)

    @post(f"{_CHECK}/feedback", status_code=204)
    async def feedback(request: HttpRequest, check_id: FromPath[str]) -> None:
        admission = await door.admit(request.headers)
        admission.wipe()
        body = await read_body(request, FeedbackRequest)

        async def make() -> bytes:
            await after.feedback(_known(check_id), body, admission)
            return b""

        await _once(replays, request, admission, make)

    return [decision, feedback]


async def _once(
    replays: Replays,
    request: HttpRequest,
    admission: Admission,
    make: Callable[[], Coroutine[None, None, bytes]],
) -> bytes:
    key = request.headers.get("idempotency-key", "")
    if not is_uuid(key):
        raise Refused(Refusal.INVALID_REQUEST)
    who = f"{admission.name}{request.url.path} "
    return await replays.once(who, key, await request.body(), make)


def _known(check_id: str) -> str:
    if not is_check_id(check_id):
        raise Refused(Refusal.CHECK_NOT_FOUND)
    return check_id
