"""The door: who sent a request, and what they bring along to prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import msgspec
from litestar.datastructures import Headers

from kiosk.service.central.clients.admission import Admitted
from kiosk.service.central.clients.configuration import Rates
from kiosk.service.central.clients.devices import Devices, DevicesReply
from kiosk.service.central.clients.external import ExternalIssuer
from kiosk.service.central.clients.forms import read_form
from kiosk.service.central.clients.limits import Limiter, for_enrolment
from kiosk.service.central.clients.operators import Operator, Operators
from kiosk.service.central.clients.registry import Caller
from kiosk.service.central.clients.signed import LARGEST, NotValid
from kiosk.service.central.clients.tokens import LIFE_SECONDS, PREFIX, Tokens
from kiosk.service.central.clients.worker import Worker
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.identifiers import is_harmless_name
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage.limit_rows import Empty
from kiosk.service.contract import EnrolmentReply, EnrolmentRequest, NotUnderstood, read_enrolment

OPERATOR_HEADER: Final = "x-operator-assertion"
_BEARER: Final = "bearer"


class TokenReply(msgspec.Struct, frozen=True):
    """The body of a token's answer (RFC 6749, 5.1)."""

    access_token: str
    expires_in: int
    scope: str
    token_type: str = "Bearer"  # noqa: S105  # the kind of token, and not one


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """What the door is made of; without ``operators`` or ``external`` there are none."""

    tokens: Tokens
    devices: Devices
    limiter: Limiter
    rates: Rates
    keys: Keys
    operators: Operators | None
    external: ExternalIssuer | None


class Access:
    """Answers what is asked before anything is asked about a person."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._worker = Worker("clients")

    async def caller(self, headers: Headers) -> Caller:
        """Return who sent a request; raise ``TOKEN_INVALID``."""
        token = _bearer(headers)
        tokens, external = self._doors.tokens, self._doors.external
        caller = None
        if token.startswith(PREFIX):
            caller = tokens.remembered(token)
            if caller is None and tokens.may_be_known(token):
                caller = await self._worker.do(lambda: tokens.look_up(token))
        elif external is not None:
            caller = external.caller(token)
        if caller is None:
            raise Refused(Refusal.TOKEN_INVALID)
        return caller

    async def require(self, headers: Headers, scope: str) -> Caller:
        """Return who sent a request that needs a scope; raise ``Refused``."""
        caller = await self.caller(headers)
        if scope not in caller.scopes:
            raise Refused(Refusal.SCOPE_MISSING)
        return caller

    async def admit_with(self, headers: Headers, scope: str) -> Admitted:
        """Return who does something, and who sits there; raise ``Refused``.

        An empty ``scope`` is none that is needed.
        """
        caller = await (self.require(headers, scope) if scope else self.caller(headers))
        admitted = self.admit(headers, caller)
        required = caller.client.operator == "required"
        if admitted.is_forged or (required and not admitted.pseudonym):
            raise Refused(Refusal.OPERATOR_MISSING)
        return admitted

    def admit(self, headers: Headers, caller: Caller) -> Admitted:
        """Return who asks about somebody, and who sits there.

        An assertion that does not hold is objected to when it is known what is asked: the attempt
        leaves a record.
        """
        limiter, keys = self._doors.limiter, self._doors.keys
        try:
            return Admitted(caller, self._operator(headers, caller), limiter, keys)
        except NotValid:
            return Admitted(caller, None, limiter, keys, is_forged=True)

    async def token(self, body: bytes) -> TokenReply:
        """Give a token; raise ``TokenRefused`` or ``Refused``."""
        tokens, form = self._doors.tokens, read_form(body)
        proven = await self._worker.do(lambda: tokens.prove(form))
        caller = proven.caller
        try:
            token = await self._worker.do(lambda: tokens.give(proven))
        except Empty:
            raise self._doors.limiter.over_limit(caller.name) from None
        return TokenReply(token, LIFE_SECONDS, " ".join(sorted(caller.scopes)))

    async def enrol(self, body: bytes) -> EnrolmentReply:
        """Enrol a device; raise ``Refused``."""
        await self._doors.limiter.take("enrolment", for_enrolment(self._doors.rates))
        devices, request = self._doors.devices, _enrolment(body)
        return await self._worker.do(lambda: devices.enrol(request.code, request.jwk))

    async def devices(self) -> DevicesReply:
        """Every device."""
        return await self._worker.do(self._doors.devices.all)

    async def revoke(self, device: str) -> None:
        """Revoke a device; raise ``NOT_FOUND``."""
        known = is_harmless_name(device)
        if not known or not await self._worker.do(lambda: self._doors.devices.revoke(device)):
            raise Refused(Refusal.NOT_FOUND)
        self._doors.tokens.forget()

    def close(self) -> None:
        """Finish what was begun, then stop."""
        self._worker.close()
        self._doors.limiter.close()

    def _operator(self, headers: Headers, caller: Caller) -> Operator | None:
        operators = self._doors.operators
        if operators is None or caller.client.operator == "none":
            return None
        assertion = _single(headers, OPERATOR_HEADER)
        return operators.read(assertion, caller.client.id) if assertion else None


def _bearer(headers: Headers) -> str:
    try:
        scheme, _, token = _single(headers, "authorization").partition(" ")
    except NotValid:
        scheme = token = ""
    if scheme.lower() != _BEARER or not 0 < len(token) <= LARGEST:
        raise Refused(Refusal.TOKEN_INVALID)
    return token


def _single(headers: Headers, name: str) -> str:
    """Return a header, empty if it is missing; two of it could be read differently on the way."""
    values = headers.getall(name, [])
    if len(values) > 1:
        raise NotValid
    return values[0].strip() if values else ""


def _enrolment(body: bytes) -> EnrolmentRequest:
    try:
        return read_enrolment(body)
    except NotUnderstood:
        pass
    raise Refused(Refusal.INVALID_REQUEST)
