"""The secret of the service, and the keys that are derived from it, one for each purpose.

46 million numbers are possible, so a plain hash of a number *is* the number; only a key that the
database does not hold makes a pseudonym.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from kiosk.domain.national_number import NationalNumber, Purpose

_BYTES = 32
_OTHERS = 0o077


class KeyUnusable(Exception):
    """The key file cannot be used; the message says why and never holds the key."""


class Keys:
    """Keyed hashes for the audit, for its chain, and for repeated requests."""

    def __init__(self, secret: bytes) -> None:
        self._subject = _derive(secret, b"subject")
        self._chain = _derive(secret, b"chain")
        self._replay = _derive(secret, b"replay")

    def pseudonym(self, number: NationalNumber) -> str:
        """Return the name under which the audit knows a person (64 hexadecimal digits)."""
        digits = number.disclose(Purpose.AUDIT_PSEUDONYM)
        return hmac.new(self._subject, digits.encode("ascii"), hashlib.sha256).hexdigest()

    def seal(self, record: bytes) -> str:
        """Return the seal of an audit record (64 hexadecimal digits)."""
        return hmac.new(self._chain, record, hashlib.sha256).hexdigest()

    def fingerprint(self, body: bytes) -> bytes:
        """Return what tells two request bodies apart without keeping either."""
        return hmac.new(self._replay, body, hashlib.sha256).digest()


def load_keys(path: Path, *, create: bool) -> Keys:
    """Read the key file; with ``create``, make it when it is missing (readable by its owner only).

    Raises ``KeyUnusable``.
    """
    try:
        if create and not path.exists():
            _create(path)
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise KeyUnusable(f"{path} may be read by others; chmod 600 it")
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        raise KeyUnusable(f"{path} does not exist") from None
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from None
    except ValueError:
        raise KeyUnusable(f"{path} is not a key in hexadecimal") from None
    if len(secret) < _BYTES:
        raise KeyUnusable(f"{path} holds fewer than {_BYTES} bytes")
    return Keys(secret)


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return hmac.new(secret, b"tariefwijzer " + purpose, hashlib.sha256).digest()
