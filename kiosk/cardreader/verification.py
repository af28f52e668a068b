"""From bytes to a proven person, or to nothing.

The one place that makes a :class:`VerifiedIdentity`. The signature is checked
over the exact bytes that were read before anything in them is believed.
Source: Belgian eID card content 5.4 and 4.01; signatures as measured on
specimens of every generation.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from kiosk.cardreader import tlv
from kiosk.cardreader.dates import card_date
from kiosk.cardreader.trust import PublicKey, Signer
from kiosk.domain.identity import CaptureMethod, Proof, VerifiedIdentity
from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.domain.policy import CardPolicy, ChipProof, Legacy
from kiosk.domain.problem import KioskError, ProblemCode

CHALLENGE_LENGTH = 48
_COMPONENT_LENGTH = 48
_LONGEST_NAME = 60


class Tag(Enum):
    """The fields of the identity file that are looked at."""

    VALID_FROM = 0x03
    VALID_TO = 0x04
    NATIONAL_NUMBER = 0x06
    GIVEN_NAMES = 0x08
    DOCUMENT_TYPE = 0x0F
    BASIC_KEY_HASH = 0x1A


_NOT_PERSONS = frozenset({"7", "8"})
"""Bootstrap and habilitation cards of the administration."""
_CAPTURE = {
    "1": CaptureMethod.EID_CHIP,
    "6": CaptureMethod.KIDS_ID,
    **{str(kind): CaptureMethod.FOREIGNER_CARD for kind in (*range(11, 37), *range(61, 70))},
}


class Strength(Enum):
    """How a signature was made."""

    CURRENT = "current"
    SHA1 = "sha1"


@dataclass(frozen=True, slots=True, eq=False)
class SignedFields:
    """The fields of an identity whose signature holds."""

    fields: Mapping[int, bytes] = field(repr=False)
    legacy: bool

    @property
    def basic_key_hash(self) -> bytes | None:
        """The hash of the chip's own key; ``None`` for a chip that has none to prove."""
        return self.fields.get(Tag.BASIC_KEY_HASH.value) or None


def find_signer(identity: bytes, signature: bytes, signers: Iterable[Signer]) -> Signer | None:
    """Return the first of these signers whose key made this signature."""
    for signer in signers:
        if _strength(identity, signature, signer.key) is not None:
            return signer
    return None


def verify_identity(
    identity: bytes, signature: bytes, signer: Signer, policy: CardPolicy, now: datetime
) -> SignedFields:
    """Check the signature over exactly these bytes, then read their fields.

    Raises ``KioskError``: ``SIGNATURE_WRONG``, ``CERTIFICATE_WRONG`` before the
    signer's validity begins, ``LEGACY_REFUSED`` by policy, ``CARD_UNREADABLE`` when
    the signed bytes are no identity file. A card may be valid for longer than the
    certificate behind it (those of people over 75): that is legacy, and no forgery.
    """
    strength = _strength(identity, signature, signer.key)
    if strength is None:
        raise KioskError(ProblemCode.SIGNATURE_WRONG)
    if now < signer.valid_from:
        raise KioskError(ProblemCode.CERTIFICATE_WRONG)
    expired = signer.has_expired(now) or signer.root.has_expired(now)
    old = strength is Strength.SHA1 or signer.uses_sha1 or expired
    if old and policy.legacy is Legacy.REFUSE:
        raise KioskError(ProblemCode.LEGACY_REFUSED)
    try:
        return SignedFields(tlv.parse(identity), legacy=old)
    except tlv.TlvError:
        raise KioskError(ProblemCode.CARD_UNREADABLE) from None


def demands_challenge(signed: SignedFields, policy: CardPolicy) -> bool:
    """Whether the chip must prove itself: the signed file decides, nothing else.

    Raises ``CHIP_PROOF_MISSING`` when policy demands a proof this card cannot give.
    """
    if policy.chip_proof is ChipProof.OFF:
        return False
    if signed.basic_key_hash is None and policy.chip_proof is ChipProof.REQUIRED:
        raise KioskError(ProblemCode.CHIP_PROOF_MISSING)
    return signed.basic_key_hash is not None


def verify_basic_key(signed: SignedFields, basic_key: bytes) -> PublicKey:
    """Return the chip's public key if the register signed its hash.

    Raises ``CHIP_COPIED`` otherwise.
    """
    signed_hash = signed.basic_key_hash or b""
    if not hmac.compare_digest(hashlib.sha384(basic_key).digest(), signed_hash):
        raise KioskError(ProblemCode.CHIP_COPIED)
    try:
        key = serialization.load_der_public_key(basic_key)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KioskError(ProblemCode.CHIP_COPIED) from None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return key
    raise KioskError(ProblemCode.CHIP_COPIED)


def verify_challenge(key: PublicKey, digest: bytes, answer: bytes | None) -> None:
    """Raise ``CHIP_COPIED`` unless the answer is this key's signature of this digest."""
    if answer is None or not isinstance(key, ec.EllipticCurvePublicKey):
        raise KioskError(ProblemCode.CHIP_COPIED)
    r = int.from_bytes(answer[:_COMPONENT_LENGTH], "big")
    s = int.from_bytes(answer[_COMPONENT_LENGTH:], "big")
    algorithm = ec.ECDSA(utils.Prehashed(hashes.SHA384()))
    try:
        key.verify(utils.encode_dss_signature(r, s), digest, algorithm)
    except (InvalidSignature, ValueError):
        raise KioskError(ProblemCode.CHIP_COPIED) from None


def identity_of(signed: SignedFields, proof: Proof, today: date) -> VerifiedIdentity:
    """Make the proven person out of signed fields.

    Raises ``NOT_A_PERSONS_CARD``, ``CARD_EXPIRED``, ``CARD_NOT_YET_VALID``,
    ``NUMBER_INVALID``, or ``CARD_UNREADABLE`` for a validity that is no date.
    """
    kind = "".join(filter(str.isdigit, _text(signed, Tag.DOCUMENT_TYPE))).lstrip("0")
    if kind in _NOT_PERSONS:
        raise KioskError(ProblemCode.NOT_A_PERSONS_CARD)
    valid_until = _date(signed, Tag.VALID_TO)
    if valid_until < today:
        raise KioskError(ProblemCode.CARD_EXPIRED)
    if _text(signed, Tag.VALID_FROM) and _date(signed, Tag.VALID_FROM) > today:
        raise KioskError(ProblemCode.CARD_NOT_YET_VALID)
    return VerifiedIdentity(
        national_number=_number(signed),
        given_name=_name(signed),
        card_valid_until=valid_until,
        proof=proof,
        capture=_CAPTURE.get(kind, CaptureMethod.EID_CHIP),
        legacy=signed.legacy,
    )


_RSA_HASHES: tuple[tuple[hashes.HashAlgorithm, Strength], ...] = (
    (hashes.SHA256(), Strength.CURRENT),
    (hashes.SHA1(), Strength.SHA1),  # noqa: S303 - cards from before 2014 carry it: legacy
)


def _strength(identity: bytes, signature: bytes, key: PublicKey) -> Strength | None:
    """Tell how this key signed, by the kind of key and never by the card's version."""
    if isinstance(key, rsa.RSAPublicKey):
        return next((s for h, s in _RSA_HASHES if _rsa_holds(key, identity, signature, h)), None)
    length = tlv.der_length(signature)
    if length is None or any(signature[length:]):
        return None
    try:
        key.verify(signature[:length], identity, ec.ECDSA(hashes.SHA384()))
    except InvalidSignature:
        return None
    return Strength.CURRENT


def _rsa_holds(
    key: rsa.RSAPublicKey, identity: bytes, signature: bytes, algorithm: hashes.HashAlgorithm
) -> bool:
    try:
        key.verify(signature, identity, padding.PKCS1v15(), algorithm)
    except InvalidSignature:
        return False
    return True


def _text(signed: SignedFields, tag: Tag) -> str:
    return signed.fields.get(tag.value, b"").decode("utf-8", errors="replace").strip()


def _date(signed: SignedFields, tag: Tag) -> date:
    """A validity is a whole day, in whatever form; a part of one is not filled in."""
    found = card_date(_text(signed, tag))
    day = None if found is None else found.exact
    if day is None:
        raise KioskError(ProblemCode.CARD_UNREADABLE)
    return day


def _number(signed: SignedFields) -> NationalNumber:
    try:
        return NationalNumber(_text(signed, Tag.NATIONAL_NUMBER))
    except InvalidNationalNumber:
        raise KioskError(ProblemCode.NUMBER_INVALID) from None


def _name(signed: SignedFields) -> str:
    """The given names, fit for a screen: printable, in one line, not endless."""
    text = _text(signed, Tag.GIVEN_NAMES)
    return "".join(c for c in text if c.isprintable())[:_LONGEST_NAME]
