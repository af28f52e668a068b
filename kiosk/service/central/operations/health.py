"""Whether the process answers, and whether it could record a check."""

from __future__ import annotations

import msgspec
from litestar import Response, get
from litestar.types import ControllerRouterHandler

from kiosk.service.central.checks import Checks
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.operations.door import answer


class HealthReply(msgspec.Struct, frozen=True):
    """The body of the two health addresses."""

    status: str


def health_routes(checks: Checks) -> list[ControllerRouterHandler]:
    """Return the handlers."""

    @get("/health/live")
    async def live() -> Response[bytes]:
        return answer(HealthReply("live"))

    @get("/health/ready")
    async def ready() -> Response[bytes]:
        if not await checks.ready():
            raise Refused(Refusal.SERVICE_UNAVAILABLE)
        return answer(HealthReply("ready"))

    return [live, ready]
