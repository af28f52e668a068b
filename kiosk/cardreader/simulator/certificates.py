"""Making the certificates of a test PKI, with the extensions that real ones have."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID, ObjectIdentifier

from kiosk.cardreader.simulator.encoding import der
from kiosk.cardreader.simulator.keystore import PrivateKey

FIRST_MOMENT: Final = datetime(2007, 5, 1, tzinfo=UTC)
LAST_MOMENT: Final = datetime(2087, 5, 1, tzinfo=UTC)

_POLICY: Final = "2.16.56.12.1.1.4"
_CRL: Final = "http://crl.tariefwijzer.invalid/root.crl"
# The algorithm identifiers of RSA signatures, which differ in one byte.
_SHA256_WITH_RSA: Final = bytes.fromhex("06092A864886F70D01010B")
_SHA1_WITH_RSA: Final = bytes.fromhex("06092A864886F70D010105")


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a certificate is to say; signed by :meth:`issue`, by its own key for a root."""

    subject: x509.Name
    key: PrivateKey
    is_authority: bool = False
    can_bind: bool = True
    """Whether the key may sign for a person (non-repudiation), as an RRN key may."""
    not_before: datetime = FIRST_MOMENT
    not_after: datetime = LAST_MOMENT
    sha1: bool = False
    """Sign it with SHA-1, as before 2014. Only an RSA issuer can."""

    def issue(self, issuer: x509.Name, issuer_key: PrivateKey) -> bytes:
        """Return the DER of the certificate signed by the issuer's key."""
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.subject)
            .issuer_name(issuer)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.not_before)
            .not_valid_after(self.not_after)
        )
        for extension, critical in self._extensions(issuer_key):
            builder = builder.add_extension(extension, critical)
        is_ec = isinstance(issuer_key, ec.EllipticCurvePrivateKey)
        digest = hashes.SHA384() if is_ec else hashes.SHA256()
        signed = builder.sign(issuer_key, digest)
        if self.sha1 and isinstance(issuer_key, rsa.RSAPrivateKey):
            return _signed_with_sha1(signed, issuer_key)
        return signed.public_bytes(serialization.Encoding.DER)

    def valid(self, not_before: datetime, not_after: datetime) -> Certificate:
        """Return the same one with another validity."""
        return replace(self, not_before=not_before, not_after=not_after)

    def _extensions(self, issuer_key: PrivateKey) -> Iterable[tuple[x509.ExtensionType, bool]]:
        own, issuers = self.key.public_key(), issuer_key.public_key()
        yield x509.SubjectKeyIdentifier.from_public_key(own), False
        yield x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers), False
        yield _key_usage(is_authority=self.is_authority, can_bind=self.can_bind), True
        policy = x509.PolicyInformation(ObjectIdentifier(_POLICY), None)
        yield x509.CertificatePolicies([policy]), False
        if own != issuers:
            where = x509.UniformResourceIdentifier(_CRL)
            point = x509.DistributionPoint([where], None, None, None)
            yield x509.CRLDistributionPoints([point]), False
        yield x509.BasicConstraints(self.is_authority, None), self.is_authority


def name(common_name: str, organisation: str = "Tariefwijzer TEST") -> x509.Name:
    """Return a subject as the test PKI writes it: country, organisation, name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def citizen_name(given_names: str, surname: str, number: str, purpose: str) -> x509.Name:
    """Return the subject of a citizen's certificate: number, names and purpose."""
    first = given_names.split(" ", maxsplit=1)[0]
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "BE"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{first} {surname} ({purpose})"[:64]),
            x509.NameAttribute(NameOID.SURNAME, surname[:64]),
            x509.NameAttribute(NameOID.GIVEN_NAME, given_names[:64]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, number),
        ]
    )


def pin_of(key: PrivateKey) -> str:
    """Return the SHA-256 of the key's DER SubjectPublicKeyInfo, in hexadecimal."""
    return hashlib.sha256(public_bytes(key)).hexdigest()


def public_bytes(key: PrivateKey) -> bytes:
    """Return the DER SubjectPublicKeyInfo; for P-384 the 120 bytes of file 4040."""
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _key_usage(*, is_authority: bool, can_bind: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=can_bind and not is_authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )


def _signed_with_sha1(signed: x509.Certificate, issuer_key: rsa.RSAPrivateKey) -> bytes:
    """Sign a certificate's content anew with SHA-1.

    ``cryptography`` signs no certificate so, and rightly: here an old card is
    played. The two algorithm identifiers have the same length.
    """
    content = signed.tbs_certificate_bytes.replace(_SHA256_WITH_RSA, _SHA1_WITH_RSA)
    signature = issuer_key.sign(content, padding.PKCS1v15(), hashes.SHA1())  # noqa: S303 – an old card is played, see above
    algorithm = der(0x30, _SHA1_WITH_RSA, der(0x05))
    return der(0x30, content, algorithm, der(0x03, b"\0", signature))
