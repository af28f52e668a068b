"""Public keys, and texts that were signed with them. The only module here that imports PyJWT.

An algorithm belongs to a key and never to the text that claims it: a text that says ``none``, or
HS256 with the public key as its secret, has no key that verifies it. Sources: RFC 7515, 7517, 7518,
7519, 7638, 8725.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

LARGEST: Final = 8192
"""Characters of a signed text; one with a 4096-bit key has about 1,200."""
LEEWAY_SECONDS: Final = 60

_PRIVATE: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_OF_RSA: Final = ("RS256", "PS256")
_OF_CURVE: Final = {"P-256": ("ES256",), "P-384": ("ES384",)}
_NEEDED: Final = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}
_RSA_BITS: Final = range(2048, 8193)
_EXPONENT: Final = 65537
_MOST_KEYS: Final = 16
_FAILURES: Final = (jwt.PyJWTError, ValueError, TypeError, KeyError, OverflowError, RecursionError)
"""OverflowError: a time of 1e999; RecursionError: deep JSON."""


class KeyRefused(ValueError):
    """Not a public key that may be used here; the message says why and holds nothing of it."""


class NotValid(Exception):
    """A signed text is not what it should be. Why is not told: who forges should not learn."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key, and the algorithms that belong to it."""

    key: rsa.RSAPublicKey | ec.EllipticCurvePublicKey
    algorithms: tuple[str, ...]
    kid: str | None
    jwk: str
    """What is needed of it as JSON, in the order of RFC 7638."""

    @property
    def thumbprint(self) -> str:
        """The name that a key has everywhere (RFC 7638)."""
        digest = hashlib.sha256(self.jwk.encode("ascii")).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a signed text has to say; ``audience`` exactly, and not as one of several.

    ``kind`` is its ``typ``, as a media type or without ``application/``; empty for any.
    """

    issuer: str
    audience: str
    needed: tuple[str, ...]
    kind: str = ""


def public_key(jwk: Mapping[str, Any]) -> PublicKey:
    """Read a JWK; raise ``KeyRefused``, also for one with a private part."""
    if _PRIVATE & jwk.keys():
        raise KeyRefused("holds a private key")
    kind, named, kid = jwk.get("kty"), jwk.get("alg"), jwk.get("kid")
    if jwk.get("use", "sig") != "sig" or "verify" not in jwk.get("key_ops", ["verify"]):
        raise KeyRefused("is not a key for signatures")
    try:
        needed = {name: jwk[name] for name in _NEEDED[str(kind)]}
        text = json.dumps(needed, separators=(",", ":"), sort_keys=True)
        read = RSAAlgorithm.from_jwk if kind == "RSA" else ECAlgorithm.from_jwk
        key, algorithms = _accepted(read(text))
    except _FAILURES:
        raise KeyRefused("is not a public key: RSA of 2048 bits, P-256 or P-384") from None
    if named is not None:
        algorithms = tuple(name for name in algorithms if name == named)
    if not algorithms or not isinstance(kid, str | None):
        raise KeyRefused("names an algorithm that does not belong to the key")
    return PublicKey(key, algorithms, kid, text)


def public_keys(text: str, *, may_be_empty: bool = False) -> tuple[PublicKey, ...]:
    """Read the keys of a file: PEM, a JWK, or a set of them; raise ``KeyRefused``.

    ``may_be_empty``: a set without keys says that every key was taken back.
    """
    if "-----BEGIN" in text:
        return (public_key(_jwk_of_pem(text)),)
    try:
        tree = json.loads(text)
        several = dict(tree).get("keys", [tree])
        is_empty = several == []
        found = tuple(public_key(dict(one)) for one in several)
    except KeyRefused:
        raise
    except _FAILURES:
        raise KeyRefused("is neither PEM nor a JWK") from None
    if is_empty and may_be_empty:
        return ()
    if not 0 < len(found) <= _MOST_KEYS:
        raise KeyRefused(f"holds no key, or more than {_MOST_KEYS}")
    return found


def verified(text: str, keys: Iterable[PublicKey], expected: Expected) -> dict[str, Any]:
    """Return what a signed text says; raise ``NotValid`` for whatever is wrong with it."""
    if len(text) > LARGEST:
        raise NotValid
    header = _header(text)
    if expected.kind and _kind(header) != expected.kind:
        raise NotValid
    named = header.get("kid")
    for key in keys:
        if named is None or key.kid in (None, named):
            try:
                return _verified(text, key, expected)
            except _FAILURES:
                continue
    raise NotValid


def unverified_subject(text: str) -> str:
    """Return whom a signed text claims to be from: good for finding keys, and nothing else."""
    if len(text) > LARGEST:
        raise NotValid
    try:
        claims = jwt.decode(text, options={"verify_signature": False})
    except _FAILURES:
        raise NotValid from None
    return text_claim(claims, "sub")


def text_claim(claims: Mapping[str, Any], name: str, longest: int = 255) -> str:
    """Return a claim that is a plain text, and not an empty one; raise ``NotValid``.

    JSON holds texts that no database takes: half characters, and the one with number zero.
    """
    value = claims.get(name)
    if isinstance(value, str) and 0 < len(value) <= longest and value.isprintable():
        return value
    raise NotValid


def time_claim(claims: Mapping[str, Any], name: str) -> int:
    """Return a claim that is a time, in seconds since 1970; raise ``NotValid``."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotValid
    return int(value)


def _header(text: str) -> dict[str, Any]:
    try:
        return jwt.get_unverified_header(text)
    except _FAILURES:
        raise NotValid from None


def _kind(header: Mapping[str, Any]) -> str:
    return str(header.get("typ")).lower().removeprefix("application/")


def _verified(text: str, key: PublicKey, expected: Expected) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        text,
        key.key,
        algorithms=list(key.algorithms),
        audience=expected.audience,
        issuer=expected.issuer,
        leeway=LEEWAY_SECONDS,
        options={"require": ["iss", "aud", "exp", *expected.needed], "strict_aud": True},
    )
    return claims


def _accepted(
    key: object,
) -> tuple[rsa.RSAPublicKey | ec.EllipticCurvePublicKey, tuple[str, ...]]:
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in _RSA_BITS:
        if key.public_numbers().e == _EXPONENT:  # a huge one makes every look at it slow
            return key, _OF_RSA
    elif isinstance(key, ec.EllipticCurvePublicKey):
        curve = {"secp256r1": "P-256", "secp384r1": "P-384"}[key.curve.name]
        return key, _OF_CURVE[curve]
    raise KeyRefused


def _jwk_of_pem(text: str) -> dict[str, Any]:
    try:
        key = load_pem_public_key(text.encode("ascii"))
    except _FAILURES:
        raise KeyRefused("is not a public key in PEM") from None
    if isinstance(key, rsa.RSAPublicKey):
        return RSAAlgorithm.to_jwk(key, as_dict=True)
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ECAlgorithm.to_jwk(key, as_dict=True)
    raise KeyRefused("is not a public key: RSA of 2048 bits, P-256 or P-384")
