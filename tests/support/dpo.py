"""Key pairs of a made-up data protection officer."""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


class DpoKey:
    """Two files, as ``openssl genpkey -algorithm X25519`` makes them."""

    def __init__(self, stem: Path, passphrase: str = "") -> None:
        self.private, self.public = stem.with_suffix(".key"), stem.with_suffix(".pub")
        key = X25519PrivateKey.generate()
        hidden = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
        self.private.write_bytes(self.pem(key, hidden))
        self.public.write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )

    @staticmethod
    def pem(key: PrivateKeyTypes, hidden: KeySerializationEncryption | None = None) -> bytes:
        """The text of a private key."""
        return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden or NoEncryption())
