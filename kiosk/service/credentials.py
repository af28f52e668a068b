"""How a terminal proves itself to the service: a signed assertion, made anew each time.

Source: RFC 7523 section 2.2 (``private_key_jwt``), with the limits of the
Flemish access management: unique ``jti``, a life of ten minutes at the most.
"""

from __future__ import annotations

import json
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from kiosk.domain.problem import KioskError, ProblemCode

if TYPE_CHECKING:
    from kiosk.service.token_key import TokenKey
    from kiosk.service.token_objects import KeyInUse, PublicKey

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE: Final = timedelta(minutes=5)
_FILE: Final = "file:"


class Credential(Protocol):
    """What this terminal proves itself with."""

    def assertion(self, audience: str, now: datetime) -> str:
        """Return a fresh assertion for the address that gives tokens; raise ``KioskError``."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key pair: the private half for a file of this machine, the public one to be sent."""

    pem: bytes = field(repr=False)
    jwk: Mapping[str, str]


def new_key() -> NewKey:
    """Make a key for ES256."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return NewKey(pem, public_jwk(key.public_key()))


def public_jwk(key: PublicKey) -> Mapping[str, str]:
    """Return a public key as it is sent."""
    if isinstance(key, rsa.RSAPublicKey):
        return RSAAlgorithm.to_jwk(key, as_dict=True)
    return ECAlgorithm.to_jwk(key, as_dict=True)


@final
class ClientKey:
    """This terminal's private key, read once from its file."""

    def __init__(self, client_id: str, location: str) -> None:
        """Load the key; raise ``KEY_UNUSABLE`` when it cannot be used to sign."""
        self._client_id = client_id
        try:
            pem = Path(location.removeprefix(_FILE)).read_bytes()
            key = serialization.load_pem_private_key(pem, password=None)
        except (OSError, ValueError, TypeError):
            raise KioskError(ProblemCode.KEY_UNUSABLE) from None
        if isinstance(key, rsa.RSAPrivateKey):
            self._algorithm = "RS256"
        elif isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
            self._algorithm = "ES256"
        else:
            raise KioskError(ProblemCode.KEY_UNUSABLE)
        self._key = key

    def assertion(self, audience: str, now: datetime) -> str:
        """Return a fresh assertion for the address that gives tokens."""
        claims = _claims(self._client_id, audience, now)
        return jwt.encode(claims, self._key, algorithm=self._algorithm)


@final
class ClientTokenKey:
    """This terminal's private key in a token, which is asked for each signature."""

    def __init__(self, client_id: str, key: TokenKey) -> None:
        self._client_id = client_id
        self._key = key

    def assertion(self, audience: str, now: datetime) -> str:
        """Return a fresh assertion for the address that gives tokens; raise ``KioskError``."""
        claims = _claims(self._client_id, audience, now)
        return self._key.use(lambda key: _signed(claims, key))


def _claims(client_id: str, audience: str, now: datetime) -> dict[str, str | int]:
    issued = int(now.timestamp())
    return {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "jti": str(uuid.uuid4()),
        "iat": issued,
        "exp": issued + int(_LIFE.total_seconds()),
    }


def _signed(claims: Mapping[str, str | int], key: KeyInUse) -> str:
    """Sign in the compact form (RFC 7515, 7.1); PyJWT signs with keys that it holds only."""
    header = {"alg": key.algorithm, "typ": "JWT"}
    text = b".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return b".".join((text, _base64(key.sign(text)))).decode("ascii")


def _base64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")
