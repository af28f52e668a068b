"""A public specimen card (MIT, Fedict/fts-gui-sign), where its files are at hand."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.cardreader import verification
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.identity import Proof
from kiosk.domain.policy import CardPolicy
from kiosk.domain.problem import KioskError, ProblemCode

FILES = Path(__file__).parents[4] / "shared" / "eid" / "specimen-alice-1.7"
TEST_ROOT = "66a2dbb5a196d949573cacc8ebcd7fcdefcc5c590b60bacdd0616021646e1061"
NOW = datetime(2026, 11, 22, tzinfo=UTC)

pytestmark = pytest.mark.skipif(not FILES.is_dir(), reason="the specimen is not at hand")


def file(number: str) -> bytes:
    (path,) = FILES.glob(f"*_{number}_*")
    return path.read_bytes()


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
