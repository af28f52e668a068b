"""Whom we believe: roots by the pin of their key, and the signers they issued.

No certificate is shipped. A root comes from a card (file 503B) and is taken
when the SHA-256 of its public key is pinned; the name it gives itself counts
for nothing. Pins: ``resources/trust/roots.toml``.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtensionOID, NameOID

from kiosk.cardreader.trust_list import Pin, TrustList, built_in
from kiosk.domain.problem import KioskError, ProblemCode

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey

_SIGNER_NAME = "RRN"
_SMALLEST_RSA, _LARGEST_RSA = 1024, 8192
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""What ``cryptography`` raises for bytes that are no certificate it understands."""
_LAZY = (
    "subject",
    "issuer",
    "not_valid_before_utc",
    "not_valid_after_utc",
    "signature_hash_algorithm",
)
"""What it parses only when asked, and may refuse then."""


@dataclass(frozen=True, slots=True)
class Root:
    """A root certificate whose key is pinned."""

    der: bytes
    certificate: x509.Certificate
    key: PublicKey
    is_test: bool
    not_after: datetime

    def has_expired(self, now: datetime) -> bool:
        """Whether its own validity is over; its signatures are legacy then."""
        return now > self.not_after


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate of the National Register, issued directly by a pinned root."""

    der: bytes
    key: PublicKey
    root: Root
    valid_from: datetime
    valid_to: datetime
    uses_sha1: bool

    def is_valid(self, now: datetime) -> bool:
        """Whether the certificate's own validity has begun and is not over."""
        return self.valid_from <= now <= self.valid_to

    def has_expired(self, now: datetime) -> bool:
        """Whether that validity is over: what it signed while it lasted is legacy then."""
        return now > self.valid_to


class TrustStore:
    """The pins in force; made by :meth:`production` or :meth:`for_tests`."""

    def __init__(self, pins: Mapping[str, Pin]) -> None:
        self._pins = dict(pins)

    @classmethod
    def production(cls, newer: TrustList | None = None) -> Self:
        """Believe the Belgian roots only: those of a newer list, or of the one that is built in."""
        return cls((newer or built_in()).pins)

    @classmethod
    def for_tests(cls, pins: Iterable[str], newer: TrustList | None = None) -> Self:
        """Believe these pins besides; only where every screen says TEST."""
        tests = {pin.lower(): Pin(True, None) for pin in pins}
        return cls({**tests, **(newer or built_in()).pins})

    @property
    def pins(self) -> frozenset[str]:
        """The keys that are believed, as the SHA-256 of each."""
        return frozenset(self._pins)

    def root(self, der: bytes) -> Root:
        """Accept a root certificate by its key.

        Raises ``ROOT_UNKNOWN`` when the key is not pinned, ``CERTIFICATE_WRONG``
        when the bytes are no certificate or not signed by that key.
        """
        certificate, key = _load(der)
        pin = self._pins.get(spki_pin(key))
        if pin is None:
            raise KioskError(ProblemCode.ROOT_UNKNOWN)
        if not _signed_by(certificate, key):
            raise KioskError(ProblemCode.CERTIFICATE_WRONG)
        not_after = pin.not_after or certificate.not_valid_after_utc
        return Root(der, certificate, key, pin.is_test, not_after)

    def signer(self, der: bytes, roots: Iterable[Root]) -> Signer | None:
        """Accept a signer's certificate if one of these roots issued it.

        ``None`` when none of them did. Raises ``CERTIFICATE_WRONG`` when one did,
        but for another use: a certificate authority, or somebody's own certificate.
        """
        certificate, key = _load(der)
        for root in roots:
            issued = certificate.issuer == root.certificate.subject
            if issued and _signed_by(certificate, root.key):
                _check_role(certificate, root)
                if spki_pin(key) in self._pins:
                    raise KioskError(ProblemCode.CERTIFICATE_WRONG)  # a root signs no identity
                return Signer(
                    der,
                    key,
                    root,
                    certificate.not_valid_before_utc,
                    certificate.not_valid_after_utc,
                    isinstance(certificate.signature_hash_algorithm, hashes.SHA1),
                )
        return None


def spki_pin(key: PublicKey) -> str:
    """Return the SHA-256 of the DER SubjectPublicKeyInfo, in hex."""
    encoding = serialization.Encoding.DER
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(encoding, spki)).hexdigest()


def _load(der: bytes) -> tuple[x509.Certificate, PublicKey]:
    try:
        with warnings.catch_warnings():  # of oddities, such as a negative serial number
            warnings.simplefilter("ignore")
            certificate = x509.load_der_x509_certificate(der)
            key = certificate.public_key()
            for part in _LAZY:
                getattr(certificate, part)
    except _UNREADABLE:
        raise KioskError(ProblemCode.CERTIFICATE_WRONG) from None
    if isinstance(key, rsa.RSAPublicKey) and _SMALLEST_RSA <= key.key_size <= _LARGEST_RSA:
        return certificate, key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1):
        return certificate, key
    raise KioskError(ProblemCode.CERTIFICATE_WRONG)


def _signed_by(certificate: x509.Certificate, key: PublicKey) -> bool:
    """Check the issuer's signature by hand: ``cryptography`` refuses SHA-1 ones."""
    try:
        algorithm = certificate.signature_hash_algorithm
        signed = certificate.tbs_certificate_bytes
        if algorithm is None:
            return False
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(certificate.signature, signed, padding.PKCS1v15(), algorithm)
        else:
            key.verify(certificate.signature, signed, ec.ECDSA(algorithm))
    except (InvalidSignature, *_UNREADABLE):
        return False
    return True


def _check_role(certificate: x509.Certificate, root: Root) -> None:
    """Only the National Register signs identities, and it issues no certificates."""
    try:
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        name = str(names[0].value) if len(names) == 1 else ""
        may_issue = _may_issue(certificate)
    except _UNREADABLE:
        raise KioskError(ProblemCode.CERTIFICATE_WRONG) from None
    is_register = name == _SIGNER_NAME or (root.is_test and name.endswith(f" {_SIGNER_NAME}"))
    if may_issue or not is_register:
        raise KioskError(ProblemCode.CERTIFICATE_WRONG)


def _may_issue(certificate: x509.Certificate) -> bool:
    """Whether it may be a certificate authority's; what hides it counts as yes."""
    values = {extension.oid: extension.value for extension in certificate.extensions}
    unknown = [one for one in certificate.extensions if _is_unknown(one)]
    basic = values.get(ExtensionOID.BASIC_CONSTRAINTS)
    usage = values.get(ExtensionOID.KEY_USAGE)
    is_authority = basic is not None and getattr(basic, "ca", True)
    may_sign = usage is not None and getattr(usage, "key_cert_sign", True)
    return bool(is_authority or may_sign or unknown)


def _is_unknown(extension: x509.Extension[x509.ExtensionType]) -> bool:
    """Whether it must be understood and is not (RFC 5280, 4.2)."""
    return extension.critical and isinstance(extension.value, x509.UnrecognizedExtension)
