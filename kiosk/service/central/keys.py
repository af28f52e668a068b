"""The secret of the service, and the keys that are derived from it, one for each purpose.

46 million numbers are possible, so a plain hash of a number *is* the number; only a key that the
database does not hold makes a pseudonym.
"""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from kiosk.domain.national_number import NationalNumber, Purpose

_BYTES = 32
_ID_DIGITS = 8
_OTHERS = 0o077


class KeyUnusable(Exception):
    """The key file cannot be used; the message says why and never holds the key."""


class _Derived:
    """What one secret gives."""

    def __init__(self, secret: bytes) -> None:
        self.id = _derive(secret, b"id").hex()[:_ID_DIGITS]
        self.subject = _derive(secret, b"subject")
        self.chain = _derive(secret, b"chain")
        self.replay = _derive(secret, b"replay")
        self.list = _derive(secret, b"ocmw list")
        self.operator = _derive(secret, b"operator")
        self.enrolment = _derive(secret, b"enrolment")


class Keys:
    """Keyed hashes for the audit, its chain, repeated requests, and imported lists.

    One secret is current; those before it are there to read what was recorded with them.
    """

    def __init__(self, secret: bytes, *older: bytes) -> None:
        self._current = _Derived(secret)
        self._known = {key.id: key for key in (*map(_Derived, older), self._current)}

    @property
    def current_id(self) -> str:
        """The name of the current key; tells nothing of the key."""
        return self._current.id

    def pseudonym(self, number: NationalNumber) -> str:
        """Return the name under which the audit knows a person (64 hexadecimal digits)."""
        return self.pseudonyms(number)[-1]

    def pseudonyms(self, number: NationalNumber) -> list[str]:
        """Return the names that a person has had, the oldest key first."""
        digits = number.disclose(Purpose.AUDIT_PSEUDONYM).encode("ascii")
        return [_hash(key.subject, digits).hex() for key in self._known.values()]

    def seal(self, record: bytes) -> str:
        """Return the seal of an audit record (64 hexadecimal digits)."""
        return _hash(self._current.chain, record).hex()

    def seal_with(self, key_id: str, record: bytes) -> str | None:
        """Return the seal that a key gives, ``None`` when there is no key of that name."""
        key = self._known.get(key_id)
        return None if key is None else _hash(key.chain, record).hex()

    def operator(self, name: str) -> str:
        """Return the name under which the audit knows an operator (64 hexadecimal digits)."""
        return _hash(self._current.operator, name.encode()).hex()

    def enrolment(self, code: str) -> str:
        """Return under what a code is kept: it is short, and a plain hash could be tried out."""
        return _hash(self._current.enrolment, code.encode()).hex()

    def fingerprint(self, body: bytes) -> bytes:
        """Return what tells two request bodies apart without keeping either."""
        return _hash(self._current.replay, body)

    def listed(self, number: NationalNumber) -> bytes:
        """Return the name under which an imported list knows a person; never the audit's."""
        digits = number.disclose(Purpose.OCMW_LIST)
        return _hash(self._current.list, digits.encode("ascii"))

    @property
    def list_check(self) -> bytes:
        """What a list is marked with, to tell whether its names are of this key."""
        return _hash(self._current.list, b"check")


def load_keys(path: Path, *, create: bool) -> Keys:
    """Read the key file; with ``create``, make it when it is missing (readable by its owner only).

    A line is a key in hexadecimal, the last one the current. Raises ``KeyUnusable``.
    """
    try:
        if create and not path.exists():
            _create(path)
        if os.name == "posix" and path.stat().st_mode & _OTHERS:
            raise KeyUnusable(f"{path} may be read by others; chmod 600 it")
        keys = _read(path)
    except FileNotFoundError:
        raise KeyUnusable(f"{path} does not exist") from None
    except OSError as error:
        raise KeyUnusable(f"{path}: {error.strerror}") from None
    except ValueError:
        raise KeyUnusable(f"{path} is not a key in hexadecimal") from None
    if not keys or min(map(len, keys)) < _BYTES:
        raise KeyUnusable(f"{path} holds fewer than {_BYTES} bytes")
    if len(set(keys)) < len(keys):  # which of two places counts could be read either way
        raise KeyUnusable(f"{path} holds a key twice; a new line is a new key")
    *older, current = keys
    return Keys(current, *older)


def _read(path: Path) -> list[bytes]:
    lines = path.read_text("ascii").splitlines()
    return [bytes.fromhex(line) for line in lines if line.strip() and not line.startswith("#")]


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(_BYTES)}\n")
        file.flush()
        os.fsync(file.fileno())


def _derive(secret: bytes, purpose: bytes) -> bytes:
    return _hash(secret, b"tariefwijzer " + purpose)


def _hash(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
