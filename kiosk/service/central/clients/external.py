"""Access tokens of somebody else: an issuer that the settings name, known by its keys.

The keys come from a file and never over the network: what fetches them is the administrator's, and
no address in a token is ever followed. Source: RFC 9068.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.service.central.clients.configuration import IssuerSettings
from kiosk.service.central.clients.key_file import KeyFile
from kiosk.service.central.clients.registry import Caller, Client
from kiosk.service.central.clients.signed import (
    LEEWAY_SECONDS,
    Expected,
    NotValid,
    text_claim,
    time_claim,
    verified,
)

LONGEST_SECONDS: Final = 3600
_LONGEST_SCOPE: Final = 2000
_KIND: Final = "at+jwt"
"""An access token (RFC 9068, 4): an id token of the same issuer is none."""


class ExternalIssuer:
    """Reads the tokens of one issuer."""

    def __init__(self, settings: IssuerSettings, clients: Mapping[str, Client]) -> None:
        """Read the issuer's keys; raise ``KeyRefused``."""
        self._clients = clients
        self._keys = KeyFile(settings.keys)
        self._expected = Expected(
            issuer=settings.issuer, audience=settings.audience, needed=("iat",), kind=_KIND
        )

    def caller(self, token: str) -> Caller | None:
        """Return whose token it is: a client that is registered here, with what it may here.

        ``None`` for every other one, and for one that is good for longer than an hour.
        """
        try:
            claims = verified(token, self._keys.keys(), self._expected)
            client = self._clients.get(text_claim(claims, "client_id"))
            scopes = text_claim(claims, "scope", _LONGEST_SCOPE).split()
            life = time_claim(claims, "exp") - time_claim(claims, "iat")
        except NotValid:
            return None
        if client is None or client.proves_with != "issuer":
            return None
        if life > LONGEST_SECONDS + LEEWAY_SECONDS:
            return None
        return Caller(client, "", "", client.scopes.intersection(scopes))
