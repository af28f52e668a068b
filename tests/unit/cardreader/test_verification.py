"""The small steps of the proof, where a whole card does not reach them."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import apdu, tlv, verification
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.verification import SignedFields
from kiosk.domain.identity import Proof
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import Colour, Verdict
from tests.support.cards import PERSON, Cards

TODAY = date(2026, 11, 22)
FIELDS = {
    0x03: b"01.03.2021",
    0x04: b"28.02.2051",
    0x06: b"85613001239",
    0x08: "Zoë Renée".encode(),
    0x0F: b"1",
}


def signed(**changes: bytes) -> SignedFields:
    tags = {f"tag_{tag:02X}": tag for tag in (*FIELDS, 0x1A)}
    return SignedFields(FIELDS | {tags[name]: value for name, value in changes.items()}, False)


def public(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, spki)


@pytest.mark.parametrize(
    "content",
    [
        bytes(120),
        public(ec.generate_private_key(ec.SECP256R1())),
        public(rsa.generate_private_key(65537, 2048)),
    ],
    ids=["no key", "another curve", "rsa"],
)
def test_a_signed_hash_of_something_else_than_a_chips_key_proves_nothing(content: bytes) -> None:
    fields = signed(tag_1A=hashlib.sha384(content).digest())
    with pytest.raises(KioskError) as caught:
        verification.verify_basic_key(fields, content)
    assert caught.value.problem.code is ProblemCode.CHIP_COPIED


def test_a_challenge_needs_a_key_of_the_chips_kind() -> None:
    with pytest.raises(KioskError):
        verification.verify_challenge(
            rsa.generate_private_key(65537, 2048).public_key(), bytes(48), bytes(96)
        )


@given(st.binary(max_size=100))
def test_no_bytes_answer_a_challenge_by_chance(answer: bytes) -> None:
    key = ec.generate_private_key(ec.SECP384R1()).public_key()
    with pytest.raises(KioskError):
        verification.verify_challenge(key, bytes(48), answer)


@pytest.mark.parametrize("day", [b"", b"soon", b"31.02.2030", b"2030-01-01", b"1.1.30\xff"])
def test_a_validity_that_is_no_date_is_unreadable(day: bytes) -> None:
    with pytest.raises(KioskError) as caught:
        verification.identity_of(signed(tag_04=day), Proof.CHIP, TODAY)
    assert caught.value.problem.code is ProblemCode.CARD_UNREADABLE


def test_the_last_day_still_counts() -> None:
    last = verification.identity_of(signed(tag_04=b"22.11.2026"), Proof.CHIP, TODAY)
    assert last.card_valid_until == TODAY
    with pytest.raises(KioskError) as caught:
        verification.identity_of(signed(tag_04=b"21.11.2026"), Proof.CHIP, TODAY)
    assert caught.value.problem.code is ProblemCode.CARD_EXPIRED


def test_a_card_without_a_first_day_is_valid() -> None:
    proven = verification.identity_of(signed(tag_03=b""), Proof.CHIP, TODAY)
    assert proven.proof is Proof.CHIP


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b" An  ", "An"),
        ("Zoë Renée".encode(), "Zoë Renée"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"A\x00\x1b[31mn\r\n", "A[31mn"),
        ("\u202eevil".encode(), "evil"),
        (b"x" * 200, "x" * 60),
        (b"", ""),
    ],
)
def test_a_name_is_fit_for_a_screen(raw: bytes, shown: str) -> None:
    proven = verification.identity_of(signed(tag_08=raw), Proof.CHIP, TODAY)
    assert proven.given_name == shown


def test_an_elliptic_signature_may_be_padded_with_zeros_only(cards: Cards) -> None:
    card = cards.card(Applet.V1_8)
    reader = cards.reader()
    reader.read(SimulatedSlot(card))
    identity = card.image.file(File.IDENTITY)
    signature = card.image.file(File.IDENTITY_SIGNATURE)
    signers = reader._cache.signers
    assert verification.find_signer(identity, signature + bytes(100), signers)
    assert verification.find_signer(identity, signature + bytes(99) + b"\1", signers) is None
    assert verification.find_signer(identity, b"", signers) is None


def test_read_binary_has_its_limits() -> None:
    for offset, length in ((-1, 1), (0x8000, 1), (0, 0), (0, 257)):
        with pytest.raises(ValueError, match="READ BINARY"):
            apdu.read_binary(offset, length)


def test_only_an_orange_may_be_open() -> None:
    for colour in (Colour.GREEN, Colour.RED):
        with pytest.raises(ValueError, match="orange"):
            Verdict(check_id="c", use_case="uitpas", colour=colour, determined=False)


def test_a_structure_version_in_front_is_no_padding(cards: Cards) -> None:
    plain = cards.card(Applet.V1_7).image.file(File.IDENTITY)
    persona = replace(person(PERSON), identity=b"\x00\x02\x00\x01" + plain)
    card = cards.card(Applet.V1_7, persona=persona)
    assert tlv.parse(card.image.file(File.IDENTITY))[0] == b"\x00\x01"
    assert cards.reader().read(SimulatedSlot(card)).identity.given_name
