"""Cards like the public specimens, which are not here: made from what is known of them.

Each is read whole, in a test environment that pins its root, as somebody would who has the
specimen. Facts: the fact sheet on the card, 4.5, 5.2, 5.4, 6 and 7; the keys are our own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.certificates import Certificate, pin_of
from kiosk.cardreader.simulator.keystore import PrivateKey
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona, person
from kiosk.cardreader.simulator.pki import Scheme
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.identity import CaptureMethod, Proof
from kiosk.domain.national_number import Purpose
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import Reading
from tests.support.cards import PERSON, Cards
from tests.support.forged_cards import changed

pytestmark = pytest.mark.usefixtures("no_pauses")

BEGIN, END = datetime(2007, 4, 30, 22, 0, 10, tzinfo=UTC), datetime(2088, 4, 9, tzinfo=UTC)
SIGNER_END = datetime(2057, 4, 17, 22, 0, 20, tzinfo=UTC)


def named(common: str, organisation: str = "") -> x509.Name:
    """Return a name as the test roots write them, from the last part to the first."""
    parts = [(NameOID.COUNTRY_NAME, "BE"), (NameOID.ORGANIZATION_NAME, organisation)]
    parts.append((NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


@dataclass(frozen=True)
class Chain:
    """A test root and a signer below it, as one of the public test PKIs has them."""

    root: x509.Name
    signer: x509.Name
    scheme: Scheme
    root_key: PrivateKey
    key: PrivateKey

    @property
    def is_old(self) -> bool:
        return self.scheme is Scheme.RSA_SHA1

    def certificates(self) -> dict[File, bytes]:
        authority = Certificate(
            subject=self.root, key=self.root_key, is_authority=True, sha1=self.is_old
        ).valid(BEGIN, END)
        signer = Certificate(subject=self.signer, key=self.key, sha1=self.is_old)
        return {
            File.ROOT_CERTIFICATE: authority.issue(self.root, self.root_key),
            File.RRN_CERTIFICATE: signer.valid(BEGIN, SIGNER_END).issue(self.root, self.root_key),
        }

    def sign(self, identity: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return self.key.sign(identity, padding.PKCS1v15(), self.scheme.digest())
        return self.key.sign(identity, ec.ECDSA(hashes.SHA384()))


def rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


@pytest.fixture(scope="module")
def chains() -> dict[str, Chain]:
    old_root, ec_root = rsa_key(2048), ec.generate_private_key(ec.SECP384R1())
    elliptic = Chain(
        named("eID TEST EC Root CA"),
        named("eID TEST EC RRN", "TEST"),
        Scheme.EC_SHA384,
        ec_root,
        ec.generate_private_key(ec.SECP384R1()),
    )
    return {
        "1.1": Chain(
            named("eID test Root CA"), named("RRN", "RRN"), Scheme.RSA_SHA1, old_root, rsa_key(1024)
        ),
        "1.7": Chain(
            named("eID TEST Root CA"),
            named("eID TEST RRN", "TEST"),
            Scheme.RSA_SHA256,
            rsa_key(2048),
            rsa_key(2048),
        ),
        "1.7 re-keyed": elliptic,
        "1.8": elliptic,
    }


SPECIMENS: dict[str, tuple[Applet, Persona]] = {
    "1.1": (Applet.V1_1, replace(person(PERSON), given_names="Alice Geldigekaart")),
    "1.7": (Applet.V1_7, replace(person(PERSON), given_names="Alice", card_number="000001014759")),
    "1.7 re-keyed": (
        Applet.V1_7,
        replace(person(PERSON), given_names="Nora", card_number="000001249074"),
    ),
    "1.8": (
        Applet.V1_8,
        replace(person(PERSON), given_names="Nora Ang\u00e8le", card_number="000001020621"),
    ),
}
every_specimen = pytest.mark.parametrize("kind", SPECIMENS)


def specimen(
    cards: Cards, chain: Chain, kind: str, *, padding: int = 0, **changes: object
) -> SimulatedCard:
    """Issue a card and sign it anew in this chain, its certificates exact or padded."""
    applet, persona = SPECIMENS[kind]
    card = cards.card(applet, persona=replace(persona, **changes))  # type: ignore[arg-type]  # of Persona
    identity = card.image.file(File.IDENTITY)
    signature = chain.sign(identity).ljust(256 if kind == "1.7 re-keyed" else 0, b"\0")
    padded = {file: der + bytes(padding) for file, der in chain.certificates().items()}
    signed: dict[File, bytes | None] = {File.IDENTITY_SIGNATURE: signature, **padded}
    return changed(card, signed)


def read(cards: Cards, chain: Chain, card: SimulatedCard) -> Reading:
    """Read as with ``environment = "test"`` and ``card.test_roots``."""
    trust = TrustStore.for_tests([pin_of(chain.root_key)])
    return cards.reader(trust=trust).read(SimulatedSlot(card))


@every_specimen
@pytest.mark.parametrize("padding", [0, 50, 1100, 1853])
def test_each_reads_and_verifies(
    cards: Cards, chains: dict[str, Chain], kind: str, padding: int
) -> None:
    card = specimen(cards, chains[kind], kind, padding=padding)
    reading = read(cards, chains[kind], card)
    assert reading.identity.given_name == SPECIMENS[kind][1].given_names
    assert reading.identity.proof is (Proof.CHIP if kind == "1.8" else Proof.SIGNATURE)
    assert reading.identity.legacy is (kind == "1.1")
    assert reading.report.apdus <= 25


@every_specimen
def test_none_is_believed_in_production(cards: Cards, chains: dict[str, Chain], kind: str) -> None:
    reader = cards.reader(trust=TrustStore.production())
    with pytest.raises(KioskError) as caught:
        reader.read(SimulatedSlot(specimen(cards, chains[kind], kind)))
    assert caught.value.problem.code is ProblemCode.ROOT_UNKNOWN


def number(birth: str, sequence: str, century: int = 0) -> str:
    """Return a number with its check digits; of those below nobody has one."""
    return f"{birth}{sequence}{97 - (century * 10**9 + int(birth + sequence)) % 97:02}"


NUMBERS = (
    *("71.71.51-000.70", "71717100052"),
    *(number(birth, "000") for birth in ("797979", "928281", "980821", "000000")),
    *(number("010503", sequence, 2) for sequence in ("998", "999")),
)


@every_specimen
def test_numbers_that_break_their_own_pattern(
    cards: Cards, chains: dict[str, Chain], kind: str
) -> None:
    for written in NUMBERS:
        card = specimen(cards, chains[kind], kind, number=written)
        found = read(cards, chains[kind], card).identity.national_number
        digits = found.disclose(Purpose.ELIGIBILITY_QUESTION)
        assert digits == written.replace(".", "").replace("-", "")


@every_specimen
def test_a_card_number_is_not_checked(cards: Cards, chains: dict[str, Chain], kind: str) -> None:
    for printed in ("000001241600", "B123456789", "B0123456"):
        card = specimen(cards, chains[kind], kind, card_number=printed)
        assert read(cards, chains[kind], card).identity.given_name


@every_specimen
def test_kinds_of_document(cards: Cards, chains: dict[str, Chain], kind: str) -> None:
    for document, capture in (
        ("1", CaptureMethod.EID_CHIP),
        ("01", CaptureMethod.EID_CHIP),
        ("2", CaptureMethod.EID_CHIP),
        ("06", CaptureMethod.KIDS_ID),
        ("17", CaptureMethod.FOREIGNER_CARD),
        ("61", CaptureMethod.FOREIGNER_CARD),
    ):
        card = specimen(cards, chains[kind], kind, document_type=document)
        assert read(cards, chains[kind], card).identity.capture is capture
    card = specimen(cards, chains[kind], kind, document_type="8")
    with pytest.raises(KioskError) as caught:
        read(cards, chains[kind], card)
    assert caught.value.problem.code is ProblemCode.NOT_A_PERSONS_CARD
