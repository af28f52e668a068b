"""Whether a caller may ask what it asks: use case, purpose, channel, device, operator, person."""

from __future__ import annotations

import hmac
from typing import Final

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.clients.configuration import CHECK, DEVICE_PREFIX
from kiosk.service.central.clients.limits import Limiter, Standing, for_check, for_query
from kiosk.service.central.clients.operators import Operator
from kiosk.service.central.clients.registry import Caller
from kiosk.service.central.errors import Refusal
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.keys import Keys
from kiosk.service.contract import Channel, CheckRequest

_TYPED: Final = "typed"
_UNAUTHENTICATED: Final = "unauthenticated"


class Admission:
    """A request that was let in without a token: whoever sent it may ask everything.

    ``name`` tells caller and operator from all others: answers are kept under it. ``client``,
    ``pseudonym`` and ``operator_id`` are for the audit, the last two empty where nobody sits.
    ``device`` is empty but for an enrolled one.
    ``number`` is the operator's own, for sources that ask on whose behalf; it is wiped.
    """

    name: str = ""
    client: str = _UNAUTHENTICATED
    device: str = ""
    pseudonym: str = ""
    operator_id: str = ""
    number: NationalNumber | None = None

    def objection_to(self, request: CheckRequest) -> Refusal | None:  # noqa: ARG002  # none, ever
        """Say why this caller may not ask this, ``None`` when it may."""
        return None

    async def count(self, request: CheckRequest) -> None:
        """Take what a check takes; raise ``RATE_LIMITED``."""

    async def count_query(self) -> None:
        """Take what a look into the audit takes; raise ``RATE_LIMITED``."""

    def headers(self) -> dict[str, str]:
        """Return how much is left, for an answer that something was taken for."""
        return {}

    def wipe(self) -> None:
        """Overwrite the operator's own number."""


ANYBODY: Final = Admission()


class Admitted(Admission):
    """A request that was let in with a token.

    ``is_forged``: it brought an assertion of an operator, and that does not hold.
    """

    def __init__(
        self,
        caller: Caller,
        operator: Operator | None,
        limiter: Limiter,
        keys: Keys,
        *,
        is_forged: bool = False,
    ) -> None:
        self.client = caller.client.id
        self.device = caller.device
        self.pseudonym = "" if operator is None else operator.pseudonym
        self.operator_id = "" if operator is None else operator.id
        self.name = f"{caller.name} {self.pseudonym} "
        self._caller = caller
        self.is_forged = is_forged
        self.number = None if operator is None else operator.number
        self._limiter = limiter
        self._keys = keys
        self._standing: Standing | None = None

    def objection_to(self, request: CheckRequest) -> Refusal | None:
        """Say why this caller may not ask this, ``None`` when it may."""
        client, channel = self._caller.client, request.channel
        if f"{CHECK}{request.use_case}" not in self._caller.scopes:
            return Refusal.USE_CASE_NOT_ALLOWED
        if request.purpose not in client.purposes:
            return Refusal.PURPOSE_NOT_ALLOWED
        if channel.kind not in client.channels or not self._is_own(channel):
            return Refusal.CHANNEL_NOT_ALLOWED
        if self.is_forged:
            return Refusal.OPERATOR_MISSING
        nobody_sits = channel.kind == ChannelKind.SELF_SERVICE.value
        if client.operator == "required" and not self.pseudonym and not nobody_sits:
            return Refusal.OPERATOR_MISSING
        return Refusal.OWN_FILE if self._is_own_file(request) else None

    async def count(self, request: CheckRequest) -> None:
        """Take what a check takes; raise ``RATE_LIMITED``."""
        who, typed = self._caller.name, request.capture.proof == _TYPED
        buckets = for_check(self._caller.client.rates, who, self.pseudonym, typed=typed)
        self._standing = await self._limiter.take(who, buckets)

    async def count_query(self) -> None:
        """Take what a look into the audit takes; raise ``RATE_LIMITED``."""
        who = self._caller.name
        buckets = for_query(self._caller.client.rates, self.pseudonym or who)
        self._standing = await self._limiter.take(who, buckets)

    def headers(self) -> dict[str, str]:
        """Return how much is left, for an answer that something was taken for."""
        return {} if self._standing is None else self._standing.headers()

    def wipe(self) -> None:
        """Overwrite the operator's own number."""
        if self.number is not None:
            self.number.wipe()

    def _is_own(self, channel: Channel) -> bool:
        """Whether a caller may call itself so: nobody speaks for another's device or site."""
        if not self._caller.device:
            return not channel.device_id.startswith(DEVICE_PREFIX)
        sites = ("", self._caller.site) if self._caller.site else (channel.site_id,)
        return channel.device_id == self._caller.device and channel.site_id in sites

    def _is_own_file(self, request: CheckRequest) -> bool:
        if self.number is None:
            return False
        own = self._keys.pseudonym(self.number)
        return hmac.compare_digest(own, self._keys.pseudonym(request.subject.value))
