"""A public specimen card (MIT, Fedict/fts-gui-sign), where its files are at hand."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cardreader import verification
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.issue import CardImage, Order
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.plan import Plan
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.identity import Proof
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode

FILES = Path(__file__).parents[4] / "shared" / "eid" / "specimen-alice-1.7"
TEST_ROOT = "66a2dbb5a196d949573cacc8ebcd7fcdefcc5c590b60bacdd0616021646e1061"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRESENT = (
    *(File.IDENTITY, File.IDENTITY_SIGNATURE, File.RRN_CERTIFICATE, File.ROOT_CERTIFICATE),
    *(File.ADDRESS, File.ADDRESS_SIGNATURE, File.PHOTO),
)

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the specimen is not at hand")


def file(number: str) -> bytes:
    (path,) = FILES.glob(f"*_{number}_*")
    return path.read_bytes()


def as_a_card(padding: int) -> SimulatedCard:
    """The specimen's files on a chip; its certificate files with zeros behind them."""
    contents = {name: file(name.value[-4:]) for name in PRESENT}
    for name in (File.RRN_CERTIFICATE, File.ROOT_CERTIFICATE):
        contents[name] += bytes(padding)
    image = CardImage(
        applet=Applet.V1_7,
        card_data=bytes(16) + Applet.V1_7.software,
        files={name.path: content for name, content in contents.items()},
        basic_key=None,
    )
    return SimulatedCard(Plan(order=Order(persona=person("an-peeters"))), image, ExchangeLog())


@pytest.mark.parametrize("padding", [0, 50, 700])
def test_it_is_read_from_a_chip_and_again_without_its_certificates(padding: int) -> None:
    trust = TrustStore.for_tests([TEST_ROOT])
    reader = EidReader(trust, CertificateCache(trust, None), CardPolicy(), lambda: NOW)
    card = as_a_card(padding)
    first, later = (reader.read(SimulatedSlot(card)) for _ in range(2))
    for reading in (first, later):
        assert reading.identity.given_name.startswith("Alice")
        assert reading.identity.proof is Proof.SIGNATURE
        assert reading.report.applet == "1.7"
    assert first.report.apdus <= 25
    assert later.report.apdus == 8
    read = {exchange.path for exchange in card.log.exchanges}
    assert not read & {File.ADDRESS.value, File.ADDRESS_SIGNATURE.value, File.PHOTO.value}


def test_it_reads_and_verifies_under_its_test_pin() -> None:
    trust = TrustStore.for_tests([TEST_ROOT])
    signer = trust.signer(file("503C"), [trust.root(file("503B"))])
    assert signer is not None
    signed = verification.verify_identity(file("4031"), file("4032"), signer, CardPolicy(), NOW)
    assert not verification.demands_challenge(signed, CardPolicy())
    proven = verification.identity_of(signed, Proof.SIGNATURE, NOW.date())
    assert proven.given_name.startswith("Alice")
    assert not proven.legacy


def test_production_does_not_believe_it() -> None:
    with pytest.raises(KioskError) as caught:
        TrustStore.production().root(file("503B"))
    assert caught.value.problem.code is ProblemCode.ROOT_UNKNOWN


@pytest.mark.parametrize("number", ["5038", "5039", "503A"])
def test_no_other_certificate_of_the_card_may_sign_an_identity(number: str) -> None:
    trust = TrustStore.for_tests([TEST_ROOT])
    root = trust.root(file("503B"))
    with contextlib.suppress(KioskError):
        assert trust.signer(file(number), [root]) is None
