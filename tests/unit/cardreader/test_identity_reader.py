"""Reading and proving as one: what is accepted, what is refused, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import people, person
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.identity import CaptureMethod, Proof
from kiosk.domain.national_number import Purpose
from kiosk.domain.policy import CardPolicy, ChipProof, Legacy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardReset, Response
from tests.support.cards import NOW, PERSON, Cards

V1_1, V1_7, V1_8 = Applet.V1_1, Applet.V1_7, Applet.V1_8
GENERATIONS = [(V1_1, []), (V1_7, []), (V1_7, ["rekeyed"]), (V1_8, [])]
ALLOWED = {
    File.IDENTITY,
    File.IDENTITY_SIGNATURE,
    File.RRN_CERTIFICATE,
    File.ROOT_CERTIFICATE,
    File.BASIC_KEY,
}


@pytest.mark.parametrize(("applet", "faults"), GENERATIONS, ids=str)
def test_every_generation_is_read_and_proven(
    cards: Cards, applet: Applet, faults: list[str]
) -> None:
    card = cards.card(applet, *faults)
    reading = cards.reader().read(SimulatedSlot(card))
    proven = reading.identity
    assert proven.national_number.disclose(Purpose.ELIGIBILITY_QUESTION) == card.persona.number
    assert proven.given_name == card.persona.given_names
    assert proven.card_valid_until == card.persona.valid_until
    assert proven.proof is (Proof.CHIP if applet is V1_8 else Proof.SIGNATURE)
    assert proven.legacy is (applet is V1_1)
    assert reading.report.applet == applet.version
    assert reading.report.apdus == card.log.commands
    assert reading.report.bytes == card.log.bytes


@pytest.mark.parametrize("name", people())
def test_every_made_up_person_has_a_card_that_is_accepted(cards: Cards, name: str) -> None:
    card = cards.card(V1_8, persona=person(name))
    proven = cards.reader().read(SimulatedSlot(card)).identity
    assert proven.national_number.disclose(Purpose.ELIGIBILITY_QUESTION) == card.persona.number


@pytest.mark.parametrize(
    ("kind", "capture"),
    [
        ("1", CaptureMethod.EID_CHIP),
        ("01", CaptureMethod.EID_CHIP),
        ("6", CaptureMethod.KIDS_ID),
        ("11", CaptureMethod.FOREIGNER_CARD),
        ("36", CaptureMethod.FOREIGNER_CARD),
        ("69", CaptureMethod.FOREIGNER_CARD),
        ("77", CaptureMethod.EID_CHIP),
    ],
)
def test_every_kind_of_persons_card_is_accepted(
    cards: Cards, kind: str, capture: CaptureMethod
) -> None:
    assert cards.read(V1_8, [f"document-type:{kind}"]).identity.capture is capture


FAULTS = {
    # another card, no card, a broken card
    "not-an-eid": ProblemCode.NOT_AN_EID,
    "short-card-data": ProblemCode.NOT_AN_EID,
    "mute": ProblemCode.CARD_MUTE,
    "silence:1": ProblemCode.CARD_SILENT,
    "silence:5": ProblemCode.CARD_SILENT,
    "not-activated:6400": ProblemCode.CARD_UNREADABLE,
    "status:5:6985": ProblemCode.CARD_NOT_ACTIVATED,
    "not-activated": ProblemCode.CARD_NOT_ACTIVATED,
    "not-activated:6D00": ProblemCode.CARD_NOT_ACTIVATED,
    "missing:4031": ProblemCode.CARD_UNREADABLE,
    "missing:4032": ProblemCode.CARD_UNREADABLE,
    "missing:503C": ProblemCode.CARD_UNREADABLE,
    "missing:503B": ProblemCode.ROOT_UNKNOWN,
    "truncate:4031:0": ProblemCode.CARD_UNREADABLE,
    "truncate:4032:0": ProblemCode.CARD_UNREADABLE,
    "zeros:4031": ProblemCode.CARD_UNREADABLE,
    "tlv-empty": ProblemCode.CARD_UNREADABLE,
    "tlv-empty:signed": ProblemCode.CARD_UNREADABLE,
    "tlv-cut:signed": ProblemCode.CARD_UNREADABLE,
    "tlv-endless:signed": ProblemCode.CARD_UNREADABLE,
    "tlv-doubled:signed": ProblemCode.CARD_UNREADABLE,
    # a genuine card that is not accepted
    "expired": ProblemCode.CARD_EXPIRED,
    "not-yet-valid": ProblemCode.CARD_NOT_YET_VALID,
    "document-type:7": ProblemCode.NOT_A_PERSONS_CARD,
    "document-type:08": ProblemCode.NOT_A_PERSONS_CARD,
    "no-number": ProblemCode.NUMBER_INVALID,
    "wrong-number": ProblemCode.NUMBER_INVALID,
    # a forgery
    "flip:4031:30": ProblemCode.SIGNATURE_WRONG,
    "flip:4032:40": ProblemCode.SIGNATURE_WRONG,
    "endless:4031": ProblemCode.CARD_UNREADABLE,
    "tlv-cut": ProblemCode.CARD_UNREADABLE,
    "tlv-endless": ProblemCode.CARD_UNREADABLE,
    "tlv-doubled": ProblemCode.SIGNATURE_WRONG,
    "extend:4031:1": ProblemCode.SIGNATURE_WRONG,
    "other-signature": ProblemCode.SIGNATURE_WRONG,
    "citizen-signed": ProblemCode.CERTIFICATE_WRONG,
    "unknown-root": ProblemCode.ROOT_UNKNOWN,
    "forged-root": ProblemCode.ROOT_UNKNOWN,
    "forged-rrn": ProblemCode.CERTIFICATE_WRONG,
    "rrn-not-yet-valid": ProblemCode.CERTIFICATE_WRONG,
    "rrn-authority": ProblemCode.CERTIFICATE_WRONG,
    "rrn-name": ProblemCode.CERTIFICATE_WRONG,
    "rrn-intermediate": ProblemCode.CERTIFICATE_WRONG,
    "zeros:503C": ProblemCode.CERTIFICATE_WRONG,
    "zeros:503B": ProblemCode.ROOT_UNKNOWN,
    "truncate:503B:0": ProblemCode.ROOT_UNKNOWN,
    "truncate:503B:300": ProblemCode.ROOT_UNKNOWN,
    "truncate:503C:300": ProblemCode.CARD_UNREADABLE,
}


@pytest.mark.parametrize("applet", [V1_7, V1_8], ids=str)
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_has_its_problem(cards: Cards, applet: Applet, fault: str) -> None:
    with pytest.raises(KioskError) as caught:
        cards.read(applet, [fault])
    assert caught.value.problem.code is FAULTS[fault]


COPIES = [
    "chip-copied",
    "chip-own-key",
    "chip-refuses",
    "chip-refuses:6D00",
    "chip-refuses:6A88",
    "chip-refuses:6A80",
    "chip-repeats",
    "chip-zeroes",
    "chip-cut",
    "missing:4040",
    "zeros:4040",
    "truncate:4040:119",
    "flip:4040:60",
]


@pytest.mark.parametrize("fault", COPIES)
def test_a_chip_that_does_not_prove_itself_is_never_accepted(cards: Cards, fault: str) -> None:
    with pytest.raises(KioskError) as caught:
        cards.read(V1_8, [fault])
    assert caught.value.problem.code is ProblemCode.CHIP_COPIED


def test_taking_the_key_hash_out_breaks_the_signature(cards: Cards) -> None:
    with pytest.raises(KioskError) as caught:
        cards.read(V1_8, ["no-key-hash"])
    assert caught.value.problem.code is ProblemCode.SIGNATURE_WRONG


def test_a_signed_identity_without_key_hash_is_proven_by_its_signature(cards: Cards) -> None:
    reading = cards.read(V1_8, ["no-key-hash:signed"])
    assert reading.identity.proof is Proof.SIGNATURE
    assert reading.report.applet == "1.8"


def test_a_key_hash_of_a_wrong_length_is_not_passed_over(cards: Cards) -> None:
    persona = replace(person(PERSON), extra=((0x1A, bytes(20)),))
    with pytest.raises(KioskError) as caught:
        cards.reader().read(SimulatedSlot(cards.card(V1_8, persona=persona)))
    assert caught.value.problem.code is ProblemCode.CHIP_COPIED


def test_an_empty_key_hash_is_an_absent_one(cards: Cards) -> None:
    persona = replace(person(PERSON), extra=((0x1A, b""), (0x1B, b""), (0x99, b"new")))
    reading = cards.reader().read(SimulatedSlot(cards.card(V1_7, persona=persona)))
    assert reading.identity.proof is Proof.SIGNATURE


@pytest.mark.parametrize("gone", ["pull", "silence"])
def test_a_card_that_goes_during_the_challenge_is_not_called_a_copy(
    cards: Cards, gone: str
) -> None:
    seen = cards.card(V1_8)
    cards.reader().read(SimulatedSlot(seen))
    for command in (seen.log.commands - 1, seen.log.commands):
        with pytest.raises(KioskError) as caught:
            cards.read(V1_8, [f"{gone}:{command}"])
        assert caught.value.problem.code in (
            ProblemCode.CARD_REMOVED_EARLY,
            ProblemCode.CARD_SILENT,
        )


@pytest.mark.parametrize(
    ("applet", "policy", "code"),
    [
        (V1_7, CardPolicy(chip_proof=ChipProof.REQUIRED), ProblemCode.CHIP_PROOF_MISSING),
        (V1_1, CardPolicy(legacy=Legacy.REFUSE), ProblemCode.LEGACY_REFUSED),
    ],
)
def test_policy_may_demand_more(
    cards: Cards, applet: Applet, policy: CardPolicy, code: ProblemCode
) -> None:
    with pytest.raises(KioskError) as caught:
        cards.reader(policy).read(SimulatedSlot(cards.card(applet)))
    assert caught.value.problem.code is code


def test_policy_may_leave_the_challenge_out(cards: Cards) -> None:
    card = cards.card(V1_8, "chip-copied")
    reading = cards.reader(CardPolicy(chip_proof=ChipProof.OFF)).read(SimulatedSlot(card))
    assert reading.identity.proof is Proof.SIGNATURE
    assert File.BASIC_KEY not in card.log.files_read


def test_an_expired_root_is_legacy(cards: Cards) -> None:
    slot = SimulatedSlot(cards.card(V1_8, "root-expired"))
    assert cards.reader().read(slot).identity.legacy
    refusing = cards.reader(CardPolicy(legacy=Legacy.REFUSE))
    with pytest.raises(KioskError) as caught:
        refusing.read(slot)
    assert caught.value.problem.code is ProblemCode.LEGACY_REFUSED


def test_production_refuses_test_cards(cards: Cards) -> None:
    with pytest.raises(KioskError) as caught:
        cards.reader(trust=TrustStore.production()).read(SimulatedSlot(cards.card()))
    assert caught.value.problem.code is ProblemCode.ROOT_UNKNOWN


@pytest.mark.parametrize(
    "fault",
    [
        "resolves-6c",
        "refuses-256",
        "refuses-256:6700",
        "extend:503C:500",
        "endless:503C",
        "endless:503B",
        "other-chip-number",
        "long-names",
        "wrong-atr",
    ],
)
@pytest.mark.parametrize("applet", [V1_7, V1_8], ids=str)
def test_what_differs_among_genuine_cards_and_readers_is_no_fault(
    cards: Cards, applet: Applet, fault: str
) -> None:
    assert cards.read(applet, [fault]).identity.given_name


@pytest.mark.parametrize("size", range(247, 262))
def test_an_identity_of_any_length_around_a_block(cards: Cards, size: int) -> None:
    plain = len(cards.card(V1_7).image.file(File.IDENTITY))
    persona = replace(person(PERSON), extra=((0x99, b"x" * (size - plain - 2)),))
    card = cards.card(V1_7, persona=persona)
    assert len(card.image.file(File.IDENTITY)) == size
    reader = cards.reader()
    reader.read(SimulatedSlot(card))
    card.log.clear()
    reading = reader.read(SimulatedSlot(card))
    assert reading.report.apdus <= 8 + (size > 255) + 2 * (size == 256)


@pytest.mark.parametrize(
    ("applet", "faults", "again"), [(V1_7, [], 8), (V1_7, ["rekeyed"], 7), (V1_8, [], 12)], ids=str
)
def test_few_commands(cards: Cards, applet: Applet, faults: list[str], again: int) -> None:
    card = cards.card(applet, *faults)
    reader = cards.reader()
    first = reader.read(SimulatedSlot(card)).report.apdus
    second = reader.read(SimulatedSlot(card)).report.apdus
    assert first <= 25
    assert second <= again


@pytest.mark.parametrize(("applet", "faults"), GENERATIONS, ids=str)
def test_address_and_photo_are_never_read(cards: Cards, applet: Applet, faults: list[str]) -> None:
    card = cards.card(applet, *faults)
    reader = cards.reader()
    reader.read(SimulatedSlot(card))
    reader.read(SimulatedSlot(card))
    assert set(card.log.files_read) <= ALLOWED


def test_only_harmless_instructions_are_sent(cards: Cards) -> None:
    card = cards.card(V1_8)
    cards.reader().read(SimulatedSlot(card))
    assert {e.header[2:4] for e in card.log.exchanges} == {"A4", "B0", "E4", "88", "C0"}


def test_nothing_is_read_twice(cards: Cards) -> None:
    """But for the commands that the card itself asks to send again (6Cxx)."""
    card = cards.card(V1_8)
    cards.reader().read(SimulatedSlot(card))
    reads = [(e.path, e.header) for e in card.log.exchanges if e.status == "9000"]
    assert len(reads) == len(set(reads))


def test_each_challenge_is_another(cards: Cards) -> None:
    sent: list[bytes] = []

    class Listening:
        atr = b""

        def __init__(self, card: Card) -> None:
            self._card = card

        def transmit(self, command: bytes) -> Response:
            if command[1] == 0x88:
                sent.append(command)
            return self._card.transmit(command)

    class Slot:
        name = SlotName("spy")

        def __init__(self, slot: SimulatedSlot) -> None:
            self._slot = slot

        @contextmanager
        def open(self) -> Iterator[Card]:
            with self._slot.open() as card:
                yield Listening(card)

    reader = cards.reader()
    for _ in range(3):
        reader.read(Slot(SimulatedSlot(cards.card(V1_8))))
    assert len(sent) == len(set(sent)) == 3


def test_a_reset_starts_the_read_once_more_from_nothing(cards: Cards) -> None:
    reader = cards.reader()
    reader.read(SimulatedSlot(cards.card(V1_8)))
    for command in range(1, 13):
        card = cards.card(V1_8, f"reset:{command}")
        reading = reader.read(SimulatedSlot(card))
        assert reading.report.apdus == 12
        assert card.log.commands == 12 + command


def test_a_second_reset_ends_the_visit(cards: Cards) -> None:
    class ResetByOthers:
        atr = b""

        def transmit(self, command: bytes) -> Response:
            raise CardReset

    class Slot:
        name = SlotName("restless")

        @contextmanager
        def open(self) -> Iterator[Card]:
            yield ResetByOthers()

    with pytest.raises(KioskError) as caught:
        cards.reader().read(Slot())
    assert caught.value.problem.code is ProblemCode.CARD_UNREADABLE


@pytest.mark.parametrize("applet", [V1_7, V1_8], ids=str)
def test_a_card_pulled_at_any_command_and_the_next_visit_works(
    cards: Cards, applet: Applet
) -> None:
    whole = cards.card(applet)
    cards.reader().read(SimulatedSlot(whole))
    for command in range(1, whole.log.commands + 1):
        reader = cards.reader()
        with pytest.raises(KioskError) as caught:
            reader.read(SimulatedSlot(cards.card(applet, f"pull:{command}")))
        assert caught.value.problem.code is ProblemCode.CARD_REMOVED_EARLY
        assert reader.read(SimulatedSlot(cards.card(applet))).identity.given_name


def test_certificates_seen_before_are_not_read_again(cards: Cards, tmp_path: Path) -> None:
    card = cards.card(V1_8)
    cards.reader(folder=tmp_path).read(SimulatedSlot(card))
    card.log.clear()
    cards.reader(folder=tmp_path).read(SimulatedSlot(card))
    assert File.RRN_CERTIFICATE not in card.log.files_read
    assert File.ROOT_CERTIFICATE not in card.log.files_read


def test_a_root_seen_before_is_not_read_with_another_signer(cards: Cards) -> None:
    reader = cards.reader()
    reader.read(SimulatedSlot(cards.card(V1_7)))
    older = cards.card(V1_1)
    reader.read(SimulatedSlot(older))
    assert File.RRN_CERTIFICATE in older.log.files_read
    assert File.ROOT_CERTIFICATE not in older.log.files_read


def test_a_cached_certificate_is_believed_no_longer_than_its_pin(
    cards: Cards, tmp_path: Path
) -> None:
    cards.reader(folder=tmp_path).read(SimulatedSlot(cards.card()))
    production = cards.reader(folder=tmp_path, trust=TrustStore.production())
    with pytest.raises(KioskError) as caught:
        production.read(SimulatedSlot(cards.card()))
    assert caught.value.problem.code is ProblemCode.ROOT_UNKNOWN


def test_a_cached_certificate_expires(cards: Cards) -> None:
    """A card for a long life, as those of people over 75, outlives the certificate behind it."""
    card = cards.card(V1_8, f"element:04:{b'31.12.2150'.hex()}")
    now = datetime.fromisoformat("2026-11-22T10:00:00+01:00")
    reader = cards.reader(clock=lambda: now)
    assert not reader.read(SimulatedSlot(card)).identity.legacy
    now = datetime.fromisoformat("2100-01-01T10:00:00+01:00")
    assert reader.read(SimulatedSlot(card)).identity.legacy
    with pytest.raises(KioskError) as caught:
        cards.reader(CardPolicy(legacy=Legacy.REFUSE), clock=lambda: now).read(SimulatedSlot(card))
    assert caught.value.problem.code is ProblemCode.LEGACY_REFUSED


def test_a_certificate_that_was_renewed_with_its_key_is_read_from_the_card(cards: Cards) -> None:
    """The one in the cache has expired; the card's own is good."""
    old = cards.card(V1_8, "rrn-expired")
    then = datetime.fromisoformat("2012-01-01T10:00:00+01:00")
    now = then
    reader = cards.reader(clock=lambda: now)
    with pytest.raises(KioskError) as caught:
        reader.read(SimulatedSlot(old))
    assert caught.value.problem.code is ProblemCode.CARD_NOT_YET_VALID
    now = NOW
    assert reader.read(SimulatedSlot(cards.card(V1_8))).identity.given_name


@pytest.mark.parametrize(
    "code",
    [ProblemCode.READER_LOST, ProblemCode.PCSC_DOWN, ProblemCode.CARD_MUTE],
)
def test_a_reader_that_fails_during_the_challenge_accuses_nobody(
    cards: Cards, code: ProblemCode
) -> None:
    class Failing:
        atr = b""

        def __init__(self, card: Card) -> None:
            self._card = card

        def transmit(self, command: bytes) -> Response:
            if command[1] == 0x88:
                raise CardError(code)
            return self._card.transmit(command)

    class Slot:
        name = SlotName("failing")

        @contextmanager
        def open(self) -> Iterator[Card]:
            with SimulatedSlot(cards.card(V1_8)).open() as card:
                yield Failing(card)

    with pytest.raises(KioskError) as caught:
        cards.reader().read(Slot())
    assert caught.value.problem.code is code


def test_nothing_of_a_forgery_is_remembered(cards: Cards, tmp_path: Path) -> None:
    for fault in ("citizen-signed", "unknown-root", "rrn-authority", "other-signature"):
        with pytest.raises(KioskError):
            cards.reader(folder=tmp_path).read(SimulatedSlot(cards.card(V1_8, fault)))
    assert not list(tmp_path.iterdir())
