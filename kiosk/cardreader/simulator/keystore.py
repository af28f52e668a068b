"""The test PKI's keys and certificates, kept in a folder between runs.

Kept, so that a second start shows cards under the same root and its pin stays
as it was configured. Readable by their owner only: who has them can make cards
that a test environment believes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

import platformdirs
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_EXPONENT: Final = 65537


def default_folder() -> Path:
    """Where ``kiosk simulate-card`` keeps its PKI: with the person's own state files."""
    return platformdirs.user_state_path("tariefwijzer") / "test-pki"


def new_rsa_key(bits: int) -> rsa.RSAPrivateKey:
    """Make an RSA key."""
    return rsa.generate_private_key(_EXPONENT, bits)


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """Make a key on P-384, the curve of all cards since 2020."""
    return ec.generate_private_key(ec.SECP384R1())


class KeyStore:
    """Named keys and certificates in one folder, made when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keys: dict[str, PrivateKey] = {}

    def part(self, name: str) -> KeyStore:
        """Return a store of its own in a folder below this one."""
        return KeyStore(self._folder / name)

    def rsa(self, name: str, bits: int) -> rsa.RSAPrivateKey:
        """Return the RSA key of this name."""
        key = self._key(f"{name}-rsa{bits}", lambda: new_rsa_key(bits))
        if not isinstance(key, rsa.RSAPrivateKey):
            raise TypeError(name)
        return key

    def ec(self, name: str) -> ec.EllipticCurvePrivateKey:
        """Return the P-384 key of this name."""
        key = self._key(f"{name}-p384", new_ec_key)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TypeError(name)
        return key

    def certificate(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return the DER certificate of this name."""
        return self._kept(f"{name}.der", make)

    def _key(self, name: str, make: Callable[[], PrivateKey]) -> PrivateKey:
        if name not in self._keys:
            kept = self._kept(f"{name}.key", lambda: _encoded(make()))
            self._keys[name] = _decoded(kept)
        return self._keys[name]

    def _kept(self, name: str, make: Callable[[], bytes]) -> bytes:
        """Return a file's content, made if need be.

        Two processes may start at the same time: the file appears complete or
        not at all, and the second one takes what the first one made.
        """
        path = self._folder / name
        if path.exists():
            return path.read_bytes()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, draft = tempfile.mkstemp(dir=self._folder)  # for the owner only, as mkstemp does
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(make())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
        return path.read_bytes()


def _encoded(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _decoded(data: bytes) -> PrivateKey:
    key = serialization.load_der_private_key(data, None)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise TypeError("a key of another kind")
    return key
