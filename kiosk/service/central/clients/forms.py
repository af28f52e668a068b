"""What ``POST /v1/token`` is sent, and how it says no (RFC 6749, 4.4 and 5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Final
from urllib.parse import parse_qsl

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM: Final = "application/x-www-form-urlencoded"
_GRANT: Final = "client_credentials"
_MOST_FIELDS: Final = 16


class TokenError(Enum):
    """Why there is no token, and the status that goes with it."""

    INVALID_REQUEST = "invalid_request", HTTPStatus.BAD_REQUEST
    INVALID_CLIENT = "invalid_client", HTTPStatus.UNAUTHORIZED
    INVALID_SCOPE = "invalid_scope", HTTPStatus.BAD_REQUEST
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type", HTTPStatus.BAD_REQUEST

    def __init__(self, code: str, status: HTTPStatus) -> None:
        self.code = code
        self.status = status


class TokenRefused(Exception):
    """There is no token; carries the kind of refusal and nothing else."""

    def __init__(self, error: TokenError) -> None:
        super().__init__(error.code)
        self.error = error


@dataclass(frozen=True, slots=True)
class TokenForm:
    """The fields that matter; ``scopes`` is empty for everything that the client may."""

    assertion: str = field(repr=False)
    client_id: str
    scopes: tuple[str, ...]


def read_form(body: bytes) -> TokenForm:
    """Read the fields; raise ``TokenRefused``."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise TokenRefused(TokenError.INVALID_REQUEST) from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or not fields.get("grant_type"):  # RFC 6749, 3.2: none twice
        raise TokenRefused(TokenError.INVALID_REQUEST)
    if fields["grant_type"] != _GRANT:
        raise TokenRefused(TokenError.UNSUPPORTED_GRANT_TYPE)
    assertion = fields.get("client_assertion", "")
    if fields.get("client_assertion_type") != ASSERTION_TYPE or not assertion:
        raise TokenRefused(TokenError.INVALID_CLIENT)
    scopes = tuple(fields.get("scope", "").split())
    return TokenForm(assertion, fields.get("client_id", ""), scopes)
