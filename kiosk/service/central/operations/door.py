"""What every address here begins and ends with: who asks, a body of one kind, an answer in JSON."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

import msgspec
from litestar import Request, Response
from litestar.datastructures import Headers

from kiosk.service.central.clients.access import Access
from kiosk.service.central.clients.admission import ANYBODY, Admission
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.requests import decode_about, require_json
from kiosk.service.contract import JSON, NotUnderstood, decode_as, encode

HttpRequest: TypeAlias = Request[Any, Any, Any]
T = TypeVar("T", bound=msgspec.Struct)


class Door:
    """Lets in who may; without ``access``, which is for tests, everybody."""

    def __init__(self, access: Access | None) -> None:
        self._access = access

    async def require(self, headers: Headers, scope: str = "") -> None:
        """Refuse who has not got a scope, or without one who has no token."""
        if self._access is not None:
            access = self._access
            await (access.require(headers, scope) if scope else access.caller(headers))

    async def admit(self, headers: Headers, scope: str = "") -> Admission:
        """Return who does something, and who sits there; raise ``Refused``.

        Without a ``scope`` it hangs on whose the thing is, and not on what the client may.
        """
        return ANYBODY if self._access is None else await self._access.admit_with(headers, scope)


async def read_body(request: HttpRequest, kind: type[T]) -> T:
    """Read a body; raise ``Refused`` without a word of its content."""
    body = await _json_of(request)
    try:
        return decode_as(body, kind)
    except NotUnderstood:
        pass
    raise Refused(Refusal.INVALID_REQUEST)


async def about_body(request: HttpRequest, kind: type[T]) -> T:
    """Read a body about somebody: a wrong number is told apart."""
    return decode_about(await _json_of(request), kind)


def answer(
    message: msgspec.Struct, status: int = 200, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """Answer with a message."""
    return send(encode(message), status, headers)


def send(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    """Answer with a message that is encoded already."""
    return Response(body, status_code=status, media_type=JSON, headers=headers or {})


async def _json_of(request: HttpRequest) -> bytes:
    headers = request.headers
    require_json(headers.get("content-type", ""), headers.get("content-encoding", ""))
    return await request.body()
