"""Keys and signed texts of those who ask, good ones and every kind of bad one."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import json
import time
import uuid
from pathlib import Path
from typing import Any, Final, TypeAlias

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

Key: TypeAlias = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
LOGIN: Final = "https://login.example"
OFFICER = "66610100136"
"""A test number that nobody has."""
SERVICE: Final = "https://tariff.example"


@functools.cache
def rsa_key(number: int = 0, bits: int = 2048) -> rsa.RSAPrivateKey:
    """A key that is made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def public_jwk(key: Key, **more: Any) -> dict[str, Any]:
    public = key.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        return {**RSAAlgorithm.to_jwk(public, as_dict=True), **more}
    return {**ECAlgorithm.to_jwk(public, as_dict=True), **more}


def private_jwk(key: Key) -> dict[str, Any]:
    if isinstance(key, rsa.RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key, as_dict=True)
    return ECAlgorithm.to_jwk(key, as_dict=True)


def public_pem(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private_file(key: Key, path: Path) -> str:
    """The key in a file, as a terminal's settings name it."""
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return f"file:{path}"


def algorithm_of(key: Key) -> str:
    if isinstance(key, rsa.RSAPrivateKey):
        return "RS256"
    return {"secp256r1": "ES256", "secp384r1": "ES384"}[key.curve.name]


def signed(key: Key, claims: dict[str, Any], algorithm: str = "", **headers: Any) -> str:
    """A text signed with a key; a claim that is ``None`` is left out."""
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(told, key, algorithm or algorithm_of(key), headers)


def assertion(key: Key, client: str, token_url: str, algorithm: str = "", **changes: Any) -> str:
    """What a client proves itself with, as the kiosk makes it, but for the changes."""
    now = int(time.time())
    claims = {
        "iss": client,
        "sub": client,
        "aud": token_url,
        "jti": str(uuid.uuid4()),
        "iat": now,
        "exp": now + 300,
        **changes,
    }
    return signed(key, claims, algorithm)


def operator_assertion(key: Key, **changes: Any) -> str:
    """What the city's login says of an officer."""
    now = int(time.time())
    claims = {
        "iss": LOGIN,
        "aud": SERVICE,
        "sub": "officer-17",
        "unit": "zuid",
        "roles": ["desk"],
        "rrn": OFFICER,
        "iat": now,
        "exp": now + 8 * 3600,
        **changes,
    }
    return signed(key, claims)


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    """A text that claims to need no signature."""
    return f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(claims)}."


def signed_with_public_key(key: Key, claims: dict[str, Any]) -> str:
    """HS256 with the public key, which everybody has, as the secret."""
    content = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    mac = hmac.digest(public_pem(key).encode(), content.encode(), hashlib.sha256)
    return f"{content}.{_base64(mac)}"


def resigned(text: str, **changes: Any) -> str:
    """A signed text with other claims under the old signature."""
    head, body, signature = text.split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return f"{head}.{_part({**claims, **changes})}.{signature}"


def _part(content: dict[str, Any]) -> str:
    return _base64(json.dumps(content).encode())


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
