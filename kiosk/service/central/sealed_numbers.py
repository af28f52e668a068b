"""National numbers in the audit, sealed for the data protection officer (DPO).

The service has the public key and can only seal. HPKE (RFC 9180: X25519, HKDF-SHA-256,
AES-256-GCM), bound to the check that the number belongs to. A sealed number says which key opens
it, so that keys of several periods can be told apart.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from kiosk.domain.national_number import NationalNumber, Purpose
from kiosk.service.central.keys import KeyUnusable

_SUITE: Final = hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
_CONTEXT: Final = b"tariefwijzer audit number, "
_OPERATOR_CONTEXT: Final = b"tariefwijzer audit operator, "
_ID_DIGITS: Final = 8


class Sealer:
    """Seals numbers for one public key."""

    def __init__(self, key: X25519PublicKey) -> None:
        self._key = key
        self._id = _key_id(key)

    def seal(self, number: NationalNumber, check_id: str) -> str:
        """Return what only the DPO can open (about 90 characters)."""
        digits = number.disclose(Purpose.AUDIT_SEAL).encode("ascii")
        return self._seal(digits, _CONTEXT + check_id.encode())

    def seal_operator(self, name: str, check_id: str) -> str:
        """Return the login's name for an operator, sealed; empty where there is nobody."""
        return self._seal(name.encode(), _OPERATOR_CONTEXT + check_id.encode()) if name else ""

    def _seal(self, content: bytes, context: bytes) -> str:
        sealed = _SUITE.encrypt(content, self._key, context)
        return f"{self._id}.{base64.urlsafe_b64encode(sealed).decode('ascii')}"


class Opener:
    """Opens what was sealed for a private key of the DPO."""

    def __init__(self, key: X25519PrivateKey) -> None:
        self._key = key
        self._id = _key_id(key.public_key())

    def open(self, sealed: str, check_id: str) -> str | None:
        """Return the number, ``None`` for what was sealed for another key or is no seal."""
        return self._open(sealed, _CONTEXT + check_id.encode())

    def open_operator(self, sealed: str, check_id: str) -> str | None:
        """Return the login's name for an operator, ``None`` as for a number."""
        return self._open(sealed, _OPERATOR_CONTEXT + check_id.encode())

    def _open(self, sealed: str, context: bytes) -> str | None:
        key_id, _, content = sealed.partition(".")
        if key_id != self._id:
            return None
        try:
            opened = _SUITE.decrypt(base64.urlsafe_b64decode(content), self._key, context)
        except (InvalidTag, ValueError):
            return None
        return opened.decode()


def load_sealer(path: Path) -> Sealer:
    """Read the DPO's public key (PEM); raise ``KeyUnusable``."""
    try:
        key = serialization.load_pem_public_key(_content(path))
    except ValueError:
        raise KeyUnusable(f"{path} is not a public key (PEM)") from None
    if not isinstance(key, X25519PublicKey):
        raise KeyUnusable(f"{path} is not an X25519 key")
    return Sealer(key)


def load_opener(path: Path, passphrase: str | None) -> Opener:
    """Read the DPO's private key (PEM); raise ``KeyUnusable``."""
    password = passphrase.encode() if passphrase else None
    try:
        key = serialization.load_pem_private_key(_content(path), password)
    except (ValueError, TypeError):
        raise KeyUnusable(
            f"{path} is not a private key (PEM), or the passphrase is wrong"
        ) from None
    if not isinstance(key, X25519PrivateKey):
        raise KeyUnusable(f"{path} is not an X25519 key")
    return Opener(key)


def is_encrypted(path: Path) -> bool:
    """Whether a key file asks for a passphrase."""
    return b"ENCRYPTED" in _content(path)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from None


def _key_id(key: X25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:_ID_DIGITS]
