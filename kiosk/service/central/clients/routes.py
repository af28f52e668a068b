"""The addresses for those who ask: tokens, and devices."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from kiosk.service.central.clients.access import Access
from kiosk.service.central.clients.configuration import DEVICES_ADMIN
from kiosk.service.central.clients.forms import FORM, TokenRefused
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.requests import require_json
from kiosk.service.contract import DEVICES_PATH, ENROLMENTS_PATH, JSON, TOKEN_PATH, encode

_Request = Request[Any, Any, Any]
_NOT_KEPT: Final = {"Pragma": "no-cache"}  # RFC 6749, 5.1, beside Cache-Control


class TokenErrorReply(msgspec.Struct, frozen=True):
    """Why there is no token (RFC 6749, 5.2)."""

    error: str


def client_routes(access: Access) -> list[ControllerRouterHandler]:
    """Return the handlers."""

    @post(TOKEN_PATH, status_code=200)
    async def token(request: _Request) -> Response[bytes]:
        _require_form(request)
        try:
            return _json(encode(await access.token(await request.body())), headers=_NOT_KEPT)
        except TokenRefused as refused:
            body = encode(TokenErrorReply(refused.error.code))
            return _json(body, int(refused.error.status), _NOT_KEPT)

    @post(ENROLMENTS_PATH, status_code=201)
    async def enrol(request: _Request) -> Response[bytes]:
        headers = request.headers
        require_json(headers.get("content-type", ""), headers.get("content-encoding", ""))
        return _json(encode(await access.enrol(await request.body())), 201)

    @get(DEVICES_PATH)
    async def devices(request: _Request) -> Response[bytes]:
        await access.require(request.headers, DEVICES_ADMIN)
        return _json(encode(await access.devices()))

    @delete(f"{DEVICES_PATH}/{{device:str}}", status_code=204)
    async def revoke(request: _Request, device: FromPath[str]) -> None:
        await access.require(request.headers, DEVICES_ADMIN)
        await access.revoke(device)

    return [token, enrol, devices, revoke]


def _require_form(request: _Request) -> None:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != FORM or request.headers.get("content-encoding", "identity") != "identity":
        raise Refused(Refusal.UNSUPPORTED_MEDIA)


def _json(body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Response[bytes]:
    return Response(body, status_code=status, media_type=JSON, headers=headers or {})
