"""How a terminal proves itself to the service: a signed assertion, made anew each time.

Source: RFC 7523 section 2.2 (``private_key_jwt``), with the limits of the
Flemish access management: unique ``jti``, a life of ten minutes at the most.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, final

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm

from kiosk.domain.problem import KioskError, ProblemCode

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFE: Final = timedelta(minutes=5)
_FILE: Final = "file:"


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
    return NewKey(pem, ECAlgorithm.to_jwk(key.public_key(), as_dict=True))


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
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": audience,
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + _LIFE,
        }
        return jwt.encode(claims, self._key, algorithm=self._algorithm)
