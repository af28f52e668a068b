"""What is done with a terminal's keys once a session with their token is open.

Source: PKCS#11 2.40; signatures as RFC 7518, 3.3 to 3.5, has them.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, final

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pkcs11 import MGF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.constants import DEFAULT

from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.report import failures_told_once
from kiosk.token_uri import TokenUri

PublicKey: TypeAlias = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_RANDOM_BYTES: Final = 20
_P256: Final = bytes.fromhex("06082A8648CE3D030107")
_POINT_LENGTH: Final = 65
_ES256_LENGTH: Final = 64
_SHA256_INFO: Final = bytes.fromhex("3031300D060960864801650304020105000420")
"""DigestInfo before a SHA-256 digest (RFC 8017, 9.2)."""
_PSS: Final = (Mechanism.SHA256, MGF.SHA256, 32)


@final
class KeyInUse:
    """The private key, within one session."""

    def __init__(self, key: pkcs11.PrivateKey) -> None:
        """Raise ``KEY_UNUSABLE`` for a key of another kind, and ``PKCS11Error``."""
        self._key = key
        self.algorithm = _algorithm(key)

    def sign(self, text: bytes) -> bytes:
        """Sign as ``algorithm`` of JWS has it; raise ``KEY_UNUSABLE``, and ``PKCS11Error``."""
        digest = hashlib.sha256(text).digest()
        match self.algorithm:
            case "ES256":
                signature = self._sign(digest, Mechanism.ECDSA)
                if len(signature) != _ES256_LENGTH:
                    raise KioskError(ProblemCode.KEY_UNUSABLE)
            case "RS256":
                signature = self._sign(_SHA256_INFO + digest, Mechanism.RSA_PKCS)
            case _:
                signature = self._sign(digest, Mechanism.RSA_PKCS_PSS, _PSS)
        return signature

    def _sign(self, data: bytes, mechanism: Mechanism, parameter: Any = None) -> bytes:
        if not isinstance(self._key, pkcs11.SignMixin):
            raise KioskError(ProblemCode.KEY_UNUSABLE)
        return self._key.sign(data, mechanism=mechanism, mechanism_param=parameter)


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A key pair in the token. ``is_new``: it was made just now."""

    id: bytes
    public: PublicKey
    is_new: bool


def _algorithm(key: pkcs11.PrivateKey) -> str:
    """The signature of the key: RS256 as for one in a file, PS256 where the token has no other."""
    if key.key_type is KeyType.EC and key[Attribute.EC_PARAMS] == _P256:
        return "ES256"
    if key.key_type is KeyType.RSA:
        offered = key.session.token.slot.get_mechanisms()
        return "RS256" if Mechanism.RSA_PKCS in offered else "PS256"
    raise KioskError(ProblemCode.KEY_UNUSABLE)


def make_pair(session: pkcs11.Session, uri: TokenUri) -> None:
    """Make a pair for ES256 whose private half stays; raise ``PKCS11Error``.

    Whether it could encrypt is left to the token: no EC key does, and tpm2-pkcs11 takes no no.
    """
    curve = session.create_domain_parameters(KeyType.EC, {Attribute.EC_PARAMS: _P256}, local=True)
    curve.generate_keypair(
        id=secrets.token_bytes(_RANDOM_BYTES) if uri.id is None else uri.id,
        label=uri.label or "",
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        public_template={Attribute.ENCRYPT: DEFAULT},
        private_template={
            Attribute.DECRYPT: DEFAULT,
            Attribute.SENSITIVE: True,
            Attribute.EXTRACTABLE: False,
        },
    )


def public_half(session: pkcs11.Session, pair_id: bytes) -> PublicKey:
    """Return the public key with this id; raise ``KEY_UNUSABLE`` unless there is exactly one."""
    keys = found(session, {Attribute.CLASS: ObjectClass.PUBLIC_KEY, Attribute.ID: pair_id})
    if len(keys) != 1:
        raise KioskError(ProblemCode.KEY_UNUSABLE)
    (key,) = keys
    try:
        if key[Attribute.KEY_TYPE] is KeyType.RSA:
            numbers = (key[Attribute.PUBLIC_EXPONENT], key[Attribute.MODULUS])
            return rsa.RSAPublicNumbers(*(int.from_bytes(n, "big") for n in numbers)).public_key()
        point = key[Attribute.EC_POINT][-_POINT_LENGTH:]  # in an OCTET STRING, or bare
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        raise KioskError(ProblemCode.KEY_UNUSABLE) from None


def found(session: pkcs11.Session, wanted: dict[Attribute, Any]) -> list[pkcs11.Object]:
    """Return the objects of the token that are as wanted; raise ``PKCS11Error``."""
    with failures_told_once:
        return list(session.get_objects(wanted))
