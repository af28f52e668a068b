"""Which roots are believed: the list that the product brings, or a newer one that was signed.

The newer one is a file as ``resources/trust/roots.toml``, with the signature of
its bytes beside it (``.sig``: Ed25519, RFC 8032, 64 bytes). It replaces the
whole list, so that a root can also be taken out. What was accepted once is kept
and stays in force when a later file is refused: a file that was cut on its way
must not stop every desk, and an older one must not bring a root back.
"""

from __future__ import annotations

import contextlib
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Annotated, Final, NamedTuple

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from kiosk.data import data_path

_SIGNATURE: Final = ".sig"
_SIGNATURE_BYTES: Final = 64
_KEPT: Final = "trust-list"
_LARGEST: Final = 65_536
_HIGHEST: Final = 2**31 - 1
_PIN: Final = r"^[0-9a-f]{64}$"


@dataclass(frozen=True, slots=True)
class Pin:
    """A root key that is believed. ``not_after`` is ``None`` when only the card tells."""

    is_test: bool
    not_after: datetime | None


@dataclass(frozen=True, slots=True)
class TrustList:
    """Pins by the SHA-256 of their key, and the number of the list: a later one has a higher."""

    version: int
    pins: Mapping[str, Pin]


@dataclass(frozen=True, slots=True)
class Trusted:
    """The list in force, and why the offered file is not it; empty when it is, or none is."""

    list: TrustList
    refused: str = ""


class _Refused(Exception):
    """This file is not taken; the text says why."""


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    key: str
    not_after: Annotated[tuple[date, ...], msgspec.Meta(min_length=1)]
    spki_sha256: Annotated[str, msgspec.Meta(pattern=_PIN)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=1, le=_HIGHEST)]
    root: Annotated[tuple[_Row, ...], msgspec.Meta(min_length=1)]


class _Signed(NamedTuple):
    signature: bytes
    content: bytes
    list: TrustList


_NOTHING: Final = _Signed(b"", b"", TrustList(0, {}))


def built_in() -> TrustList:
    """Return the list that the product brings."""
    return _parse(_built_in_bytes())


def _built_in_bytes() -> bytes:
    return data_path("trust", "roots.toml").read_bytes()


def in_force(offered: Path, key_file: Path, folder: Path) -> Trusted:
    """Return the newest list that is genuine; what is accepted for the first time is kept.

    ``key_file`` is the public key of whoever signs lists (PEM, Ed25519). ``folder`` is
    where the last accepted one is kept; without it the built-in one counts again.
    """
    current = built_in()
    kept, last = folder / _KEPT, _NOTHING
    try:
        key = _key(key_file)
        with contextlib.suppress(_Refused):  # none yet, deleted, or changed: it counts for nothing
            last = _signed(*_parts(_read(kept)), key)
            current = max(current, last.list, key=lambda one: one.version)
        new = _signed(_read(offered.with_name(offered.name + _SIGNATURE)), _read(offered), key)
        _check_number(new, current, last)
    except _Refused as reason:
        return Trusted(current, f"{offered}: {reason}")
    if new.content != last.content:
        _keep(kept, new)
    return Trusted(new.list)


def _check_number(new: _Signed, current: TrustList, last: _Signed) -> None:
    number, before = new.list.version, current.version
    if number < before:
        raise _Refused(f"it is number {number}, and number {before} was in force")
    if number == before and new.content not in (last.content, _built_in_bytes()):
        raise _Refused(f"it is another number {number} than the one in force")


def _key(path: Path) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        raise _Refused(f"{path}: no public key that can be read") from None
    if not isinstance(key, Ed25519PublicKey):
        raise _Refused(f"{path}: not a key for Ed25519")
    return key


def _read(path: Path) -> bytes:
    """Return what is in a file. Of one that is too large a part, whose signature will be wrong."""
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST + _SIGNATURE_BYTES)
    except OSError as error:
        raise _Refused(f"{path.name}: {error.strerror or 'cannot be read'}") from None


def _parts(kept: bytes) -> tuple[bytes, bytes]:
    return kept[:_SIGNATURE_BYTES], kept[_SIGNATURE_BYTES:]


def _signed(signature: bytes, content: bytes, key: Ed25519PublicKey) -> _Signed:
    """Return a list whose signature is right; raise ``_Refused``."""
    try:
        key.verify(signature, content)
    except InvalidSignature:
        raise _Refused("its signature is wrong") from None
    return _Signed(signature, content, _parse(content))


def _parse(content: bytes) -> TrustList:
    try:
        file = msgspec.convert(tomllib.loads(content.decode()), _File)
    except (ValueError, RecursionError, msgspec.ValidationError):
        raise _Refused("it is no list of roots") from None
    # Two certificates may carry one key: the later one counts.
    ends = {row.spki_sha256: max(row.not_after) for row in file.root}
    pins = {pin: Pin(False, datetime.combine(day, time.max, UTC)) for pin, day in ends.items()}
    return TrustList(file.version, pins)


def _keep(kept: Path, new: _Signed) -> None:
    """Keep it with its signature. Where that cannot be, an older one will not be noticed."""
    with contextlib.suppress(OSError):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
            file.write(new.signature + new.content)
        try:
            Path(file.name).replace(kept)
        finally:
            Path(file.name).unlink(missing_ok=True)
