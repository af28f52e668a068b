"""Cards that were changed after they were issued, and what counts as a forgery accepted.

Accepted means: a reader tells another person than the register signed, or believes another key
or other signed bytes than were genuine, or calls a chip proven that is not the one that was
signed for. That a reader tells the genuine person, because what was changed is nobody's (an unused
bit of an outer encoding, padding, a certificate that it did not need), is none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.issue import Order
from kiosk.cardreader.simulator.keystore import PrivateKey
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona, person
from kiosk.cardreader.simulator.pki import Forgery, Scheme
from kiosk.cardreader.simulator.plan import Plan, Wrap
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore, spki_pin
from kiosk.domain.identity import Proof
from kiosk.domain.national_number import Purpose
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import Reading
from tests.support.cards import NOW, PERSON, Cards

OTHER_PERSON = "tom-mistral"
KINDS: Mapping[str, tuple[Applet, tuple[str, ...]]] = {
    "1.1": (Applet.V1_1, ()),
    "1.7": (Applet.V1_7, ()),
    "1.7 re-keyed": (Applet.V1_7, ("rekeyed",)),
    "1.8": (Applet.V1_8, ()),
}
READ = (
    File.IDENTITY,
    File.IDENTITY_SIGNATURE,
    File.RRN_CERTIFICATE,
    File.ROOT_CERTIFICATE,
    File.BASIC_KEY,
)
"""All that is ever read of a card."""

Files = Mapping[File, bytes | None]
Told = tuple[object, ...]


def told(reading: Reading) -> Told:
    """Return all that a reader tells of a person; last whether the proof is an old one.

    A card may show a root that has expired, in place of the newer one with its key.
    """
    one = reading.identity
    number = one.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)
    return number, one.given_name, one.card_valid_until, one.proof, one.capture, one.legacy


def changed(card: SimulatedCard, files: Files, *wraps: Wrap) -> SimulatedCard:
    """Return a card with other files (``None``: it has none), and something before its chip."""
    contents = {**card.image.files, **{file.path: content for file, content in files.items()}}
    left = {path: content for path, content in contents.items() if content is not None}
    plan = Plan(order=Order(persona=card.persona, applet=card.image.applet), wraps=wraps)
    return SimulatedCard(plan, replace(card.image, files=left), ExchangeLog())


def with_key(card: SimulatedCard, key: PrivateKey) -> SimulatedCard:
    """Return a card with another private key in its chip."""
    plan = Plan(order=Order(persona=card.persona, applet=card.image.applet))
    return SimulatedCard(plan, replace(card.image, basic_key=key), ExchangeLog())


@dataclass
class Court:
    """Genuine cards, readers that believe their roots, and a judge of what they tell.

    ``folder`` is where an attacker may write certificates, for readers that use it as their cache.
    """

    cards: Cards
    folder: Path
    issued: dict[bytes, tuple[Told, bytes | None]] = field(default_factory=dict)
    """By the identity file that was signed: what is told of it, and the chip's key."""

    def __post_init__(self) -> None:
        for kind in KINDS:
            for name in (PERSON, OTHER_PERSON):
                self.know(self.genuine(kind, person(name)))
        self.fill_folder()

    def genuine(self, kind: str, persona: Persona | None = None) -> SimulatedCard:
        applet, faults = KINDS[kind]
        return self.cards.card(applet, *faults, persona=persona)

    def know(self, card: SimulatedCard) -> None:
        """Take it down that this card's identity was really signed."""
        key = card.image.files.get(File.BASIC_KEY.path)
        reading = self.cards.reader().read(SimulatedSlot(card))
        self.issued[card.image.file(File.IDENTITY)] = told(reading), key

    @cached_property
    def signers(self) -> frozenset[tuple[str, bytes]]:
        """The keys of the register and the root, and what was signed of their certificates."""
        kinds = (Forgery.NONE, Forgery.ROOT_EXPIRED, Forgery.RRN_EXPIRED, Forgery.RRN_NOT_YET)
        chains = [self.cards.pki.chain(scheme, kind) for scheme in Scheme for kind in kinds]
        return frozenset(parts(der) for chain in chains for der in (chain.rrn, chain.root))

    @cached_property
    def _seen(self) -> CertificateCache:
        reader = self.cards.reader()
        for kind in KINDS:
            reader.read(SimulatedSlot(self.genuine(kind)))
        return reader._cache

    @cached_property
    def _attacked(self) -> CertificateCache:
        return CertificateCache(self.trust, self.folder)

    @cached_property
    def trust(self) -> TrustStore:
        return self.cards.trust()

    def first(self, policy: CardPolicy | None = None) -> EidReader:
        """Return a reader that has seen no card before."""
        return self._knowing(CertificateCache(self.trust, None), policy)

    def warm(self, policy: CardPolicy | None = None) -> EidReader:
        """Return a reader that has seen every generation of genuine cards."""
        return self._knowing(self._seen, policy)

    def attacked(self, policy: CardPolicy | None = None) -> EidReader:
        """Return a reader whose cache an attacker could write to."""
        return self._knowing(self._attacked, policy)

    def _knowing(self, cache: CertificateCache, policy: CardPolicy | None) -> EidReader:
        """Return a reader with a cache as this one, which the next finds unchanged."""
        copied = CertificateCache(self.trust, None)
        copied.roots, copied.signers = list(cache.roots), list(cache.signers)
        return EidReader(self.trust, copied, policy or CardPolicy(), lambda: NOW)

    def fill_folder(self) -> None:
        """Put every certificate there that an attacker has, each under the name of its hash."""
        self.folder.mkdir(parents=True)
        for scheme in Scheme:
            for forgery in Forgery:
                chain = self.cards.pki.chain(scheme, forgery)
                self.put(chain.rrn)
                self.put(chain.root)
        for kind in KINDS:
            image = self.genuine(kind).image
            for file in (File.CITIZEN_CA_CERTIFICATE, File.SIGNATURE_CERTIFICATE):
                self.put(image.file(file).rstrip(b"\0"))

    def put(self, certificate: bytes) -> None:
        name = hashlib.sha256(certificate).hexdigest()
        (self.folder / f"{name}.der").write_bytes(certificate)

    def judged(self, card: SimulatedCard, reader: EidReader) -> ProblemCode | None:
        """Read a card; return why it was refused, or ``None`` where the genuine person came out.

        Fail when a forgery was accepted.
        """
        try:
            reading = reader.read(SimulatedSlot(card))
        except KioskError as error:
            return error.problem.code
        genuine, key = self.issued.get(card.image.file(File.IDENTITY), ((None,), None))
        *person, legacy = told(reading)
        assert person == [*genuine[:-1]], "a person whom nobody signed"
        assert legacy or not genuine[-1], "called better than it is"
        if reading.identity.proof is Proof.CHIP:
            assert card.image.files[File.BASIC_KEY.path] == key
            assert card.image.basic_key is not None
            pin = spki_pin(card.image.basic_key.public_key())
            assert pin == hashlib.sha256(key or b"").hexdigest(), "another chip than was signed for"
        self.check_believed(reader)
        return None

    def check_believed(self, reader: EidReader) -> None:
        """Fail when this reader believes a certificate that the genuine PKI did not issue."""
        believed: Iterable[bytes] = (
            *(signer.der for signer in reader._cache.signers),
            *(root.der for root in reader._cache.roots),
        )
        assert {parts(der) for der in believed} <= self.signers


def parts(certificate: bytes) -> tuple[str, bytes]:
    """Return a certificate's key and what of it was signed."""
    loaded = x509.load_der_x509_certificate(certificate)
    key = loaded.public_key()
    encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(encoded).hexdigest(), loaded.tbs_certificate_bytes


ReaderOf = Callable[[Court], EidReader]
"""A first read, a warm cache, a cache folder that an attacker filled."""
CACHES: Mapping[str, ReaderOf] = {
    "first read": Court.first,
    "warm cache": Court.warm,
    "attacker's cache": Court.attacked,
}
