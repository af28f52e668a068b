"""Every fault does what it says, and nothing else."""

import re
import time

import pytest
from cryptography.exceptions import InvalidSignature

from kiosk.cardreader.simulator import faults
from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.encoding import split_tlvs
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.fault_kinds import FaultKind, WrongFault
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.plan import Pulled, ResetElsewhere, Silent
from tests.unit.simulator.commands import (
    CARD_DATA,
    OK,
    SELECT_APPLET,
    challenge,
    read,
    read_file,
    select,
)
from tests.unit.simulator.test_files import verify

DIGEST = bytes(range(1, 49))
GET_PROOF = bytes.fromhex("00C0000060")
AN_EXAMPLE = {"K": "2", "SECONDS": "0", "SW": "6F00", "FILE": "4031", "BYTE": "3", "SIZE": "9"}
AN_EXAMPLE |= {"COUNT": "7", "TYPE": "7", "TAG": "0C", "HEX": "17"}


class Maker:
    """Makes faulty cards of one person."""

    def __init__(self, persona: Persona, pki: TestPki) -> None:
        self._persona = persona
        self._pki = pki

    def __call__(self, *specifications: str, applet: Applet = Applet.V1_8) -> SimulatedCard:
        return make_card(self._persona, self._pki, applet, specifications)


@pytest.fixture
def make(an: Persona, pki: TestPki) -> Maker:
    return Maker(an, pki)


def identity(card: SimulatedCard) -> bytes:
    return card.image.file(File.IDENTITY)


def is_signed(card: SimulatedCard) -> bool:
    try:
        verify(card, card.image.file(File.IDENTITY_SIGNATURE), identity(card))
    except InvalidSignature:
        return False
    return True


@pytest.mark.parametrize("kind", faults.ALL.values(), ids=lambda kind: kind.name)
def test_every_kind_can_be_made(make: Maker, kind: FaultKind) -> None:
    given = [AN_EXAMPLE[name] for name in kind.parameters if not name.startswith("[")]
    applet = Applet.V1_7 if kind.name in ("rekeyed", "other-hash") else Applet.V1_8
    make(":".join((kind.name, *given)), applet=applet)
    assert f"  {kind.name}" in faults.described()


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "nonsense", "pull", "pull:0", "pull:x", "pull:1:2", "pull:-1", "delay:-1", "delay:x"),
        *("status:1", "status:1:9", "status:1:zz", "flip:4031:9999", "flip:4031:1:8", "mute:1"),
        *("missing:0000", "tlv-cut:unsigned", "wrong-atr:3B", "document-type:", "rekeyed"),
        *("other-hash", "element:0C0D:00", "element:zz", "reported-version:1718", "garbled:0"),
        *("ends-early:4031", "ends-early:4031:x", "short-block:0", "padded:x", "life-cycle"),
        *("flip:9999:1", "tlv-doubled:signed:twice"),
    ],
)
def test_a_specification_that_makes_no_sense(make: Maker, wrong: str) -> None:
    with pytest.raises(WrongFault, match=r"\w"):
        make(wrong)


def test_a_fault_in_a_file_that_this_card_has_not(make: Maker) -> None:
    with pytest.raises(WrongFault):
        make("flip:4040:1", applet=Applet.V1_7)


def test_pulled_once_at_a_command(make: Maker) -> None:
    card = make("pull:2")
    assert card.exchange(SELECT_APPLET) == OK
    with pytest.raises(Pulled):
        card.exchange(CARD_DATA)
    card.insert()
    assert [card.exchange(SELECT_APPLET) for _ in range(3)] == [OK] * 3
    assert [exchange.status for exchange in card.log.exchanges] == ["9000", "", *["9000"] * 3]


def test_silent_from_a_command_on(make: Maker) -> None:
    card = make("silence:2")
    assert card.exchange(SELECT_APPLET) == OK
    for _ in range(2):
        with pytest.raises(Silent):
            card.exchange(CARD_DATA)


def test_reset_once(make: Maker) -> None:
    card = make("reset:1")
    with pytest.raises(ResetElsewhere):
        card.exchange(SELECT_APPLET)
    assert card.exchange(SELECT_APPLET) == OK


def test_slow(make: Maker) -> None:
    card = make("delay:0.02")
    start = time.monotonic()
    card.exchange(SELECT_APPLET)
    assert time.monotonic() - start >= 0.02


def test_another_status(make: Maker) -> None:
    card = make("status:1:6F00", "status:3:6B00")
    answers = [card.exchange(SELECT_APPLET).hex() for _ in range(4)]
    assert answers == ["6f00", "9000", "6b00", "9000"]


def test_answers_to_reset(make: Maker) -> None:
    assert make("mute").atr == b""
    assert make("wrong-atr:3B00").atr == b"\x3b\x00"
    other = make("wrong-atr")
    assert other.atr not in {applet.atr for applet in Applet}
    assert other.exchange(SELECT_APPLET) == OK


def test_another_card(make: Maker) -> None:
    card = make("not-an-eid")
    assert card.atr not in {applet.atr for applet in Applet}
    assert card.exchange(SELECT_APPLET) == b"\x6a\x82"
    assert card.exchange(CARD_DATA) == b"\x6d\x00"


def test_not_activated(make: Maker) -> None:
    for specification, word in (("not-activated", "6985"), ("not-activated:6D00", "6d00")):
        card = make(specification)
        assert card.exchange(SELECT_APPLET) == OK
        assert card.exchange(select(File.IDENTITY)).hex() == word


def test_a_reader_that_resolves_the_length(make: Maker) -> None:
    card = make("resolves-6c")
    card.exchange(select(File.IDENTITY))
    assert card.exchange(read(0)) == identity(card) + OK


def test_a_reader_that_dislikes_full_blocks(make: Maker) -> None:
    for specification, answer in (("refuses-256", "67"), ("refuses-256:6700", "6700")):
        card = make(specification)
        card.exchange(select(File.PHOTO))
        assert card.exchange(read(0)).hex() == answer
        assert card.exchange(read(0, 252))[-2:] == OK


def test_a_reader_that_garbles_an_answer_once(make: Maker) -> None:
    card = make("garbled:2")
    answers = [card.exchange(SELECT_APPLET).hex() for _ in range(3)]
    assert answers == ["9000", "67", "9000"]


def test_a_reader_that_gives_a_part_of_a_block(make: Maker) -> None:
    card = make("short-block:2", "short-block:4")
    card.exchange(select(File.PHOTO))
    photo = card.image.file(File.PHOTO)
    assert card.exchange(read(0, 90)) == photo[:30] + OK
    assert card.exchange(read(0, 100)) == photo[:100] + OK
    assert card.exchange(select(File.PHOTO)) == OK, "there is nothing to cut"


def test_a_reader_that_ends_a_file_early(make: Maker) -> None:
    card = make("ends-early:4035:200", "ends-early:4031:0:6986")
    card.exchange(select(File.PHOTO))
    assert card.exchange(read(199, 10))[-2:] == OK
    assert card.exchange(read(200, 10)) == b"\x6b\x00"
    card.exchange(select(File.IDENTITY))
    assert card.exchange(read(0, 10)) == b"\x69\x86"
    card.exchange(select(File.IDENTITY_SIGNATURE))
    assert card.exchange(read(0, 10))[-2:] == OK


def test_a_card_that_refuses_to_be_recognised(make: Maker) -> None:
    assert make("refuses-applet").exchange(SELECT_APPLET) == b"\x69\x85"
    assert make("refuses-applet:6999").exchange(SELECT_APPLET) == b"\x69\x99"
    card = make("refuses-card-data:6D00")
    assert card.exchange(SELECT_APPLET) == OK
    assert card.exchange(CARD_DATA) == b"\x6d\x00"


def test_what_the_card_data_may_say(make: Maker) -> None:
    good = make().exchange(CARD_DATA)
    other = make("reported-version:11", "life-cycle:8A").exchange(CARD_DATA)
    differing = {
        at: two for at, (one, two) in enumerate(zip(good, other, strict=True)) if one != two
    }
    assert differing == {21: 0x11, 27: 0x8A}


def test_an_element_of_ones_own(make: Maker) -> None:
    card = make("element:0C:31393632", "element:07:", "element:99:" + "41" * 600)
    assert is_signed(card)
    fields = dict(split_tlvs(identity(card)))
    assert (fields[0x0C], fields[0x07], fields[0x99]) == (b"1962", b"", b"A" * 600)


def test_a_version_in_front_and_zeros_behind(make: Maker) -> None:
    plain = identity(make())
    assert identity(make("version-first:signed", "padded:7")) == b"\0\2\0\1" + plain + bytes(7)
    assert is_signed(make("version-first:signed", "padded:7"))
    assert not is_signed(make("version-first"))


@pytest.mark.parametrize("applet", [Applet.V1_0, Applet.V1_1, Applet.V1_7])
def test_an_rsa_card_signed_with_the_other_hash(make: Maker, applet: Applet) -> None:
    usual, other = make(applet=applet), make("other-hash", applet=applet)
    assert identity(usual) == identity(other)
    signatures = [card.image.file(File.IDENTITY_SIGNATURE) for card in (usual, other)]
    assert signatures[0] != signatures[1]
    assert len(signatures[0]) == len(signatures[1])


def proof(card: SimulatedCard) -> bytes:
    assert card.exchange(challenge(DIGEST)) == b"\x61\x60"
    return card.exchange(GET_PROOF)


def test_copies_answer_in_their_way(make: Maker) -> None:
    assert make("chip-refuses").exchange(challenge(DIGEST)) == b"\x69\x85"
    assert make("chip-refuses:6A88").exchange(challenge(DIGEST)) == b"\x6a\x88"
    assert proof(make("chip-zeroes")) == bytes(96) + OK
    assert len(proof(make("chip-cut"))) == 97
    assert proof(make("chip-empty")) == OK
    for specification in ("chip-copied", "chip-own-key", "chip-repeats"):
        assert len(proof(make(specification))) == 98


def test_a_copy_with_its_own_key_differs_from_what_was_signed(make: Maker) -> None:
    own, good = make("chip-own-key"), make()
    assert own.image.file(File.BASIC_KEY) != good.image.file(File.BASIC_KEY)
    assert make("chip-copied").image.file(File.BASIC_KEY) == good.image.file(File.BASIC_KEY)
    assert make("chip-copied", applet=Applet.V1_7).image.basic_key is None


def test_files_changed(make: Maker) -> None:
    good = identity(make())
    flipped = identity(make("flip:4031:20:3"))
    assert [i for i, pair in enumerate(zip(good, flipped, strict=True)) if len(set(pair)) > 1] == [
        20
    ]
    assert good[20] ^ flipped[20] == 8
    assert identity(make("truncate:4031:50")) == good[:50]
    assert identity(make("extend:4031:9")) == good + bytes(9)
    assert identity(make("zeros:4031")) == bytes(len(good))
    assert make("missing:4031").exchange(select(File.IDENTITY)) == b"\x6a\x82"
    assert not is_signed(make("flip:4031:20:3"))


def test_an_endless_file(make: Maker) -> None:
    card = make("endless:4031")
    content = read_file(card, File.IDENTITY, at_most=5000)
    assert len(content) >= 5000
    assert read_file(card, File.IDENTITY_SIGNATURE) == card.image.file(File.IDENTITY_SIGNATURE)


@pytest.mark.parametrize("name", ["tlv-cut", "tlv-endless", "tlv-doubled", "tlv-empty"])
def test_broken_elements(make: Maker, name: str) -> None:
    unsigned, signed = make(name), make(f"{name}:signed")
    assert not is_signed(unsigned)
    assert is_signed(signed)
    assert identity(unsigned) == identity(signed) != identity(make())
    if name in ("tlv-cut", "tlv-endless"):
        with pytest.raises(ValueError, match="cut"):
            split_tlvs(identity(signed))
    if name == "tlv-doubled":
        assert [tag for tag, _ in split_tlvs(identity(signed))].count(0x06) == 2


def test_without_the_hash_of_the_key(make: Maker) -> None:
    for specification, signed in (("no-key-hash", False), ("no-key-hash:signed", True)):
        card = make(specification)
        assert 0x1A not in dict(split_tlvs(identity(card)))
        assert is_signed(card) is signed


def test_card_data(make: Maker) -> None:
    assert make("other-chip-number").exchange(CARD_DATA)[:16] == bytes(16)
    assert make("short-card-data").exchange(CARD_DATA) == b"\x6c\x1b"


def test_another_persons_signature(make: Maker) -> None:
    card = make("other-signature")
    assert identity(card) == identity(make())
    assert not is_signed(card)


def test_signed_but_refused(make: Maker) -> None:
    def field(tag: int, *specifications: str) -> bytes:
        card = make(*specifications)
        assert is_signed(card)
        return dict(split_tlvs(identity(card))).get(tag, b"none")

    assert field(0x04, "expired") == b"02.03.2021"
    assert field(0x03, "not-yet-valid") == b"01.01.2050"
    assert field(0x0F, "document-type:8") == b"8"
    assert field(0x06, "no-number") == b"none"
    wrong = field(0x06, "wrong-number").decode()
    assert re.fullmatch(r"\d{11}", wrong)
    assert (97 - int(wrong[:9]) % 97) != int(wrong[9:])
    assert len(identity(make("long-names"))) > 256


def test_faults_add_up(make: Maker) -> None:
    card = make("expired", "rrn-expired", "delay:0", "status:1:6F00", "pull:2")
    assert card.exchange(SELECT_APPLET) == b"\x6f\x00"
    with pytest.raises(Pulled):
        card.exchange(SELECT_APPLET)


def test_the_log_counts_and_holds_no_content(an: Persona, pki: TestPki) -> None:
    log = ExchangeLog()
    card = make_card(an, pki, log=log)
    card.exchange(SELECT_APPLET)
    read_file(card, File.IDENTITY)
    assert log.files_read == [File.IDENTITY]
    assert log.commands == 4
    assert log.bytes == 22 + 13 + 7 + 5 + len(identity(card)) + 2
    assert log.line_bytes == log.bytes + 3
    assert an.number not in repr(log.exchanges)
    log.clear()
    assert log.commands == 0
