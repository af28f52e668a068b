"""Terminals that say how they are: counted, and kept nowhere."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from litestar import Response, post
from litestar.types import ControllerRouterHandler
from msgspec.structs import asdict

from kiosk.service.central.operations.door import Door, HttpRequest, answer, read_body
from kiosk.service.central.terminals import VERSION, Standing, Terminals
from kiosk.service.central.watch import Heartbeat, Watch

HEARTBEATS_PATH: Final = "/v1/heartbeats"
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=100_000)]


class _Message(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class Colours(_Message, frozen=True):
    """How many visits since the last heartbeat ended in each colour."""

    green: _Count = 0
    orange: _Count = 0
    red: _Count = 0


class HeartbeatRequest(_Message, frozen=True):
    """The body of ``POST /v1/heartbeats``; visits are counts since the last one."""

    version: Annotated[str, msgspec.Meta(pattern=rf"^{VERSION}\Z")]
    mode: Literal["desk", "self-service"]
    reader_present: bool
    last_problem_code: Annotated[str, msgspec.Meta(pattern=r"^K[0-9]{3}\Z")] | None = None
    visits: _Count = 0
    colours: Colours = Colours()


class HeartbeatReply(_Message, frozen=True):
    """How the terminal's version stands: ``unsupported``, ``old`` or ``latest``."""

    version_floor: Standing


def heartbeat_routes(
    door: Door, terminals: Terminals, watch: Watch
) -> list[ControllerRouterHandler]:
    """Return the handler."""

    @post(HEARTBEATS_PATH, status_code=200)
    async def heartbeat(request: HttpRequest) -> Response[bytes]:
        await door.require(request.headers)
        told = await read_body(request, HeartbeatRequest)
        standing = terminals.standing(told.version)
        watch.heard(
            Heartbeat(
                mode=told.mode,
                standing=standing,
                has_reader=told.reader_present,
                problem=told.last_problem_code or "",
                visits=told.visits,
                colours=asdict(told.colours),
            )
        )
        return answer(HeartbeatReply(version_floor=standing))

    return [heartbeat]
