"""Who sits at the desk: the word of the city's login, signed, for one shift at the most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.service.central.clients.configuration import OperatorSettings
from kiosk.service.central.clients.key_file import KeyFile
from kiosk.service.central.clients.signed import (
    LEEWAY_SECONDS,
    Expected,
    NotValid,
    text_claim,
    time_claim,
    verified,
)
from kiosk.service.central.keys import Keys

LONGEST_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True)
class Operator:
    """An officer at work; ``id`` is the login's name for them, ``pseudonym`` the audit's.

    ``number`` is their own, where the login tells it. Whoever holds this wipes it.
    """

    id: str = field(repr=False)
    pseudonym: str
    number: NationalNumber | None


class Operators:
    """Reads assertions of one login."""

    def __init__(self, settings: OperatorSettings, keys: Keys) -> None:
        """Read the login's keys; raise ``KeyRefused``."""
        self._settings = settings
        self._pseudonyms = keys
        self._keys = KeyFile(settings.keys)

    def read(self, assertion: str, client: str) -> Operator:
        """Return who an assertion speaks of; raise ``NotValid``.

        One that names a client (``azp``) is good from that client only.
        """
        settings = self._settings
        expected = Expected(
            issuer=settings.issuer, audience=settings.audience, needed=("sub", "iat")
        )
        claims = verified(assertion, self._keys.keys(), expected)
        if time_claim(claims, "exp") - time_claim(claims, "iat") > LONGEST_SECONDS + LEEWAY_SECONDS:
            raise NotValid
        if claims.get("azp", client) != client:
            raise NotValid
        if settings.roles and not set(settings.roles).intersection(_roles(claims)):
            raise NotValid
        name = f"{settings.issuer} {text_claim(claims, 'sub')}"
        return Operator(name, self._pseudonyms.operator(name), self._number(claims))

    def _number(self, claims: Mapping[str, Any]) -> NationalNumber | None:
        if not self._settings.number_claim:
            return None
        if self._settings.number_claim not in claims:
            if self._settings.number_required:
                raise NotValid
            return None
        try:
            return NationalNumber(text_claim(claims, self._settings.number_claim))
        except InvalidNationalNumber:
            pass
        raise NotValid


def _roles(claims: Mapping[str, Any]) -> list[str]:
    roles = claims.get("roles")
    if not isinstance(roles, list):
        raise NotValid
    return [role for role in roles if isinstance(role, str)]
