"""A test PKI made on this machine: a root, the register's key, a citizen's.

As on real cards the National Register's certificate (RRN) is issued directly by
the root, a citizen's own certificates by a citizen CA below it (card manual
5.3). ``Forgery`` names the ways in which a chain can be wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA

from kiosk.cardreader.simulator.certificates import (
    FIRST_MOMENT,
    Certificate,
    citizen_name,
    name,
    pin_of,
)
from kiosk.cardreader.simulator.keystore import KeyStore, PrivateKey
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona

_OVER: Final = datetime(2014, 1, 26, tzinfo=UTC)
_LATER: Final = datetime(2080, 1, 1, tzinfo=UTC)
_CITIZEN_BITS: Final = 2048


class Scheme(Enum):
    """How a card's files are signed (card manual 5.2)."""

    RSA_SHA1 = "rsa-sha1"
    """RSA-1024 with SHA-1, under a SHA-1 certificate: applets 1.0 and 1.1."""
    RSA_SHA256 = "rsa-sha256"
    """RSA-2048 with SHA-256: applet 1.7."""
    EC_SHA384 = "ec-sha384"
    """ECDSA on P-384 with SHA-384, in DER: applet 1.8, and a 1.7 signed anew."""

    @classmethod
    def of(cls, applet: Applet) -> Scheme:
        """Return what cards with this applet were first signed with."""
        return {
            Applet.V1_0: cls.RSA_SHA1,
            Applet.V1_1: cls.RSA_SHA1,
            Applet.V1_7: cls.RSA_SHA256,
            Applet.V1_8: cls.EC_SHA384,
        }[applet]

    def digest(self) -> hashes.HashAlgorithm:
        """Return the hash of the signatures, and of the photo."""
        if self is Scheme.RSA_SHA1:
            return hashes.SHA1()  # noqa: S303 – cards from before 2014 carry it
        return hashes.SHA256() if self is Scheme.RSA_SHA256 else hashes.SHA384()


class Forgery(Enum):
    """What is wrong with the certificates behind a card's signature, if anything."""

    NONE = "none"
    CITIZEN = "citizen"
    """A citizen's own key signed, and the citizen's certificate stands for the RRN one."""
    UNKNOWN_ROOT = "unknown-root"
    """All is in order, under the root of a second complete PKI."""
    FORGED_ROOT = "forged-root"
    """A root with the right name and another key, shown on the card."""
    FORGED_RRN = "forged-rrn"
    """The same forged root issued the RRN certificate, but the card shows the right root."""
    ROOT_EXPIRED = "root-expired"
    """The right root key; its certificate's validity is over."""
    RRN_EXPIRED = "rrn-expired"
    RRN_NOT_YET = "rrn-not-yet"
    RRN_AUTHORITY = "rrn-authority"
    """The RRN certificate is a certificate authority's."""
    RRN_NAME = "rrn-name"
    """The root issued the certificate, to somebody else than the register."""
    RRN_INTERMEDIATE = "rrn-intermediate"
    """The citizen CA, not the root, issued the RRN certificate."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Who signs a card's files, and the certificates it shows for that (DER)."""

    key: PrivateKey
    rrn: bytes
    root: bytes
    scheme: Scheme

    def with_other_hash(self) -> Chain:
        """Return the same chain, signing with SHA-1 instead of SHA-256 or the reverse."""
        is_old = self.scheme is Scheme.RSA_SHA1
        return replace(self, scheme=Scheme.RSA_SHA256 if is_old else Scheme.RSA_SHA1)

    def sign(self, data: bytes) -> bytes:
        """Sign as the register does: PKCS#1 v1.5, or ECDSA in DER."""
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(data, padding.PKCS1v15(), self.scheme.digest())
        return self.key.sign(data, ECDSA(hashes.SHA384()))


@dataclass(frozen=True, slots=True)
class CitizenCertificates:
    """The certificates of the card's holder and of who issued them (DER)."""

    authentication: bytes
    signature: bytes
    authority: bytes


class TestPki:
    """The keys and certificates behind simulated cards, kept in a folder.

    One root for RSA cards (1.1, 1.7) and one for P-384 cards (1.8 and re-keyed
    ones). ``root_bits`` is the size of the RSA root, 4096 as in life.
    """

    __test__ = False  # pytest takes classes by this name for tests

    def __init__(self, folder: Path, *, title: str = "TEST", root_bits: int = 4096) -> None:
        self._store = KeyStore(folder)
        self._title = f"Tariefwijzer {title}"
        self._folder = folder
        self._root_bits = root_bits
        self._citizens: dict[tuple[str, ...], CitizenCertificates] = {}

    def pin(self, applet: Applet, scheme: Scheme | None = None) -> str:
        """Return the pin of the root behind cards with this applet (hexadecimal)."""
        return pin_of(self._root(scheme or Scheme.of(applet)).key)

    def pins(self) -> tuple[str, ...]:
        """Return the pins of all roots: RSA, then P-384."""
        return self.pin(Applet.V1_7), self.pin(Applet.V1_8)

    def basic_key(self, persona: Persona) -> PrivateKey:
        """Return the key in the chip of this person's 1.8 card."""
        return self._store.part("chips").ec(persona.chip_number.hex())

    def chain(self, scheme: Scheme, forgery: Forgery = Forgery.NONE) -> Chain:
        """Return who signs, with certificates that are right or wrong in one way."""
        if forgery is Forgery.UNKNOWN_ROOT:
            return self._second("TEST 2").chain(scheme)
        if forgery is Forgery.FORGED_ROOT:
            return self._second("TEST").chain(scheme)
        if forgery is Forgery.FORGED_RRN:
            forged = self._second("TEST").chain(scheme)
            return Chain(forged.key, forged.rrn, self.chain(scheme).root, scheme)
        if forgery is Forgery.CITIZEN:
            return self._citizen_chain(scheme)
        asked = self._register(scheme, forgery)
        root = self._root(scheme)
        issuer = self._authority(scheme) if forgery is Forgery.RRN_INTERMEDIATE else root
        rrn = self._kept(scheme, f"register-{forgery.value}", asked, issuer)
        return Chain(asked.key, rrn, self._root_der(scheme, forgery), scheme)

    def citizen(self, persona: Persona, scheme: Scheme) -> CitizenCertificates:
        """Return the two certificates of a person, and their issuer's; made once a process."""
        who = (persona.given_names, persona.surname, persona.number)
        kind = (*who, scheme.value)
        if kind not in self._citizens:
            self._citizens[kind] = self._new_citizen(who, scheme)
        return self._citizens[kind]

    def _new_citizen(self, who: tuple[str, str, str], scheme: Scheme) -> CitizenCertificates:
        authority = self._authority(scheme)
        key = self._key("citizen", scheme)
        issue = {
            purpose: Certificate(
                subject=citizen_name(*who, purpose), key=key, can_bind=purpose == "Signature"
            ).issue(authority.subject, authority.key)
            for purpose in ("Authentication", "Signature")
        }
        return CitizenCertificates(
            issue["Authentication"],
            issue["Signature"],
            self._kept(scheme, "citizen-ca", authority, self._root(scheme)),
        )

    def _second(self, title: str) -> TestPki:
        folder = self._folder / title.lower().replace(" ", "-")
        return TestPki(folder, title=title, root_bits=self._root_bits)

    def _citizen_chain(self, scheme: Scheme) -> Chain:
        authority = self._authority(scheme)
        subject = citizen_name("Nobody", "Forger", "90610100155", "Signature")
        own = Certificate(subject=subject, key=self._key("citizen", scheme))
        der = own.issue(authority.subject, authority.key)
        return Chain(own.key, der, self.chain(scheme).root, scheme)

    def _register(self, scheme: Scheme, forgery: Forgery) -> Certificate:
        common = "Forger" if forgery is Forgery.RRN_NAME else "RRN"
        certificate = Certificate(
            subject=name(f"{self._title} {common}"),
            key=self._key("rrn", scheme),
            is_authority=forgery is Forgery.RRN_AUTHORITY,
            sha1=scheme is Scheme.RSA_SHA1,
        )
        if forgery is Forgery.RRN_EXPIRED:
            return certificate.valid(FIRST_MOMENT, _OVER)
        if forgery is Forgery.RRN_NOT_YET:
            return certificate.valid(_LATER, certificate.not_after)
        return certificate

    def _root(self, scheme: Scheme) -> Certificate:
        kind = "EC Root CA" if scheme is Scheme.EC_SHA384 else "Root CA"
        key = self._key("root", scheme)
        return Certificate(subject=name(f"{self._title} {kind}"), key=key, is_authority=True)

    def _root_der(self, scheme: Scheme, forgery: Forgery) -> bytes:
        root = self._root(scheme)
        if forgery is Forgery.ROOT_EXPIRED:
            old = root.valid(FIRST_MOMENT, _OVER)
            return self._kept(scheme, "root-expired", old, old)
        return self._kept(scheme, "root", root, root)

    def _authority(self, scheme: Scheme) -> Certificate:
        subject = name(f"{self._title} Citizen CA")
        return Certificate(subject=subject, key=self._key("citizen-ca", scheme), is_authority=True)

    def _key(self, role: str, scheme: Scheme) -> PrivateKey:
        if scheme is Scheme.EC_SHA384:
            return self._store.ec(role)
        bits = {"root": self._root_bits, "rrn": 1024 if scheme is Scheme.RSA_SHA1 else 2048}
        return self._store.rsa(role, bits.get(role, _CITIZEN_BITS))

    def _kept(self, scheme: Scheme, role: str, asked: Certificate, issuer: Certificate) -> bytes:
        family = "rsa" if scheme is Scheme.RSA_SHA256 else scheme.value
        return self._store.certificate(
            f"{role}-{family}", lambda: asked.issue(issuer.subject, issuer.key)
        )
