"""Every Belgian eID, in readers of every kind: genuine ones are accepted, whatever they look like.

And what only pretends is refused, whatever it says of itself.
"""

from __future__ import annotations

import pytest

from kiosk.cardreader import eid, tlv
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.persona import people, person
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.domain.identity import CaptureMethod, Proof
from kiosk.domain.policy import CardPolicy, Legacy
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import Reading
from tests.support.cards import Cards

V1_0, V1_1, V1_7, V1_8 = Applet.V1_0, Applet.V1_1, Applet.V1_7, Applet.V1_8
KINDS = {
    "1.0": (V1_0, ()),
    "1.1": (V1_1, ()),
    "1.7": (V1_7, ()),
    "1.7 re-keyed": (V1_7, ("rekeyed",)),
    "1.8": (V1_8, ()),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eid, "_DOUBT_SECONDS", 0)
    monkeypatch.setattr(eid, "_OLD_CARD_SECONDS", 0)


def make(cards: Cards, kind: str, *faults: str) -> SimulatedCard:
    applet, own = KINDS[kind]
    return cards.card(applet, *own, *faults)


def read(cards: Cards, kind: str, *faults: str) -> Reading:
    return cards.reader().read(SimulatedSlot(make(cards, kind, *faults)))


def refusal(cards: Cards, kind: str, *faults: str) -> ProblemCode:
    with pytest.raises(KioskError) as caught:
        read(cards, kind, *faults)
    return caught.value.problem.code


def text(tag: int, value: str) -> str:
    return f"element:{tag:02X}:{value.encode().hex()}"


def challenges(card: SimulatedCard) -> int:
    return sum(exchange.header[2:4] == "88" for exchange in card.log.exchanges)


# What a card may be.


@every_kind
def test_every_generation(cards: Cards, kind: str) -> None:
    reading = read(cards, kind)
    is_old = kind in ("1.0", "1.1")
    assert reading.identity.legacy is is_old
    assert reading.identity.proof is (Proof.CHIP if kind == "1.8" else Proof.SIGNATURE)
    assert reading.report.applet == kind[:3]
    strict = cards.reader(CardPolicy(legacy=Legacy.REFUSE))
    if is_old:
        with pytest.raises(KioskError) as caught:
            strict.read(SimulatedSlot(make(cards, kind)))
        assert caught.value.problem.code is ProblemCode.LEGACY_REFUSED
    else:
        assert strict.read(SimulatedSlot(make(cards, kind))).identity.given_name


@pytest.mark.parametrize(("kind", "legacy"), [("1.0", True), ("1.1", True), ("1.7", True)])
def test_both_hashes_of_rsa_are_tried(cards: Cards, kind: str, legacy: bool) -> None:
    """Legacy still: the signature by SHA-1, or the certificate behind it."""
    assert read(cards, kind, "other-hash").identity.legacy is legacy


PERSONS = {
    **dict.fromkeys(("1", "01", "2", "3", "77", "99", "X1", "0"), CaptureMethod.EID_CHIP),
    **dict.fromkeys(("6", "06"), CaptureMethod.KIDS_ID),
    **dict.fromkeys(
        (*map(str, range(11, 24)), "27", "28", *map(str, range(31, 37))),
        CaptureMethod.FOREIGNER_CARD,
    ),
    **dict.fromkeys(map(str, range(61, 70)), CaptureMethod.FOREIGNER_CARD),
}


@pytest.mark.parametrize("kind", ["1.7", "1.8"])
def test_every_type_of_document_that_belongs_to_a_person(cards: Cards, kind: str) -> None:
    for document, capture in PERSONS.items():
        assert read(cards, kind, f"document-type:{document}").identity.capture is capture
    assert read(cards, kind, "element:0F:").identity.capture is CaptureMethod.EID_CHIP


@every_kind
@pytest.mark.parametrize("document", ["7", "8", "07", "08"])
def test_cards_of_the_administration_belong_to_nobody(
    cards: Cards, kind: str, document: str
) -> None:
    assert refusal(cards, kind, f"document-type:{document}") is ProblemCode.NOT_A_PERSONS_CARD


BIRTHS = [
    *("01 JAN 1971", "1 JAN 1971", "21 DEC  1981", "08 MAAR 1980", "29 SEPT 1979"),
    *("23.SEP.1982", "13.AUG. 1996", "22.DEZ. 1997", "05.M\u00c4R.1966", "1962", "        1962"),
    *("JAN 1971", "12 XYZ 1962", "00.00.1962", "", "nobody knows", "\ufffd"),
]


@every_kind
def test_whatever_form_the_birth_has(cards: Cards, kind: str) -> None:
    """It is not looked at: nothing is made of it, and nothing made up."""
    for birth in BIRTHS:
        assert read(cards, kind, text(0x0C, birth)).identity.given_name


@pytest.mark.parametrize(
    "validity", ["28.02.2051", "28.2.2051", " 28.02.2051 ", "28 FEV 2051", "28.FEB.2051"]
)
def test_a_validity_in_any_form(cards: Cards, validity: str) -> None:
    until = read(cards, "1.7", text(0x04, validity)).identity.card_valid_until
    assert (until.year, until.month, until.day) == (2051, 2, 28)


@pytest.mark.parametrize("validity", ["", "2051", "FEB 2051", "12 XYZ 2051", "31.02.2051", "-"])
def test_a_validity_that_is_no_day_is_not_filled_in(cards: Cards, validity: str) -> None:
    assert refusal(cards, "1.7", text(0x04, validity)) is ProblemCode.CARD_UNREADABLE


@every_kind
@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("", ""),
        ("20416e20", "An"),
        ("c3", "\ufffd"),
        ("5aff6fc3ab", "Z\ufffdo\u00eb"),
        ("efbbbf416e", "An"),
    ],
)
def test_names_of_any_bytes(cards: Cards, kind: str, raw: str, shown: str) -> None:
    assert read(cards, kind, f"element:08:{raw}").identity.given_name == shown


@every_kind
def test_any_field_that_nobody_needs_may_be_empty(cards: Cards, kind: str) -> None:
    needed = {0x04, 0x06, 0x1A}
    empty = [f"element:{tag:02X}:" for tag in range(1, 0x20) if tag not in needed]
    assert read(cards, kind, *empty).identity.given_name == ""


def test_an_empty_hash_of_a_key_is_none(cards: Cards) -> None:
    """A foreigner's 1.7 card may end so, and so may a chip that could prove itself."""
    mentions = ("element:1A:", "element:1B:", "element:1C:")
    assert read(cards, "1.7", *mentions).identity.proof is Proof.SIGNATURE
    card = make(cards, "1.8", *mentions)
    assert cards.reader().read(SimulatedSlot(card)).identity.proof is Proof.SIGNATURE
    assert challenges(card) == 0


@every_kind
@pytest.mark.parametrize("length", [254, 255, 256, 509, 510, 511, 765, 1000])
def test_long_elements_make_long_files(cards: Cards, kind: str, length: int) -> None:
    card = make(cards, kind, f"element:99:{'41' * length}", "element:FE:4242")
    assert len(card.image.file(File.IDENTITY)) > length + 150
    assert cards.reader().read(SimulatedSlot(card)).identity.given_name == "An"


@every_kind
@pytest.mark.parametrize("size", [252, 256, 504, 512, 513, 768])
def test_an_identity_that_ends_with_a_block(cards: Cards, kind: str, size: int) -> None:
    length = size - len(make(cards, kind).image.file(File.IDENTITY)) - 2
    length -= length // 255 if length > 254 else 0
    if length < 0:
        pytest.skip("this card's identity is longer")
    card = make(cards, kind, f"element:99:{'41' * length}")
    assert abs(len(card.image.file(File.IDENTITY)) - size) <= 1
    assert cards.reader().read(SimulatedSlot(card)).identity.given_name


@every_kind
@pytest.mark.parametrize("faults", [("version-first:signed",), ("padded:1",), ("padded:300",)])
def test_a_version_in_front_and_padding_behind(
    cards: Cards, kind: str, faults: tuple[str, ...]
) -> None:
    assert read(cards, kind, *faults).identity.given_name
    assert read(cards, kind, *faults, "refuses-256").identity.given_name


@every_kind
@pytest.mark.parametrize("state", ["00", "07", "0F", "8A", "FF"])
def test_the_state_that_a_card_reports_is_no_reason(cards: Cards, kind: str, state: str) -> None:
    assert read(cards, kind, f"life-cycle:{state}").identity.given_name


@every_kind
@pytest.mark.parametrize("version", ["00", "10", "11", "17", "18", "19", "FF"])
def test_the_signed_file_decides_and_not_what_the_card_reports(
    cards: Cards, kind: str, version: str
) -> None:
    honest, lying = read(cards, kind), read(cards, kind, f"reported-version:{version}")
    assert lying.identity.proof is honest.identity.proof
    assert lying.identity.legacy is honest.identity.legacy
    assert abs(lying.report.apdus - honest.report.apdus) <= 2, (
        "it costs a command, and decides none"
    )


@every_kind
@pytest.mark.parametrize("padding", [0, 50, 1100, 2500])
def test_certificates_are_padded_or_not(cards: Cards, kind: str, padding: int) -> None:
    plain = make(cards, kind, f"extend:503C:{padding}", f"extend:503B:{padding}")
    assert cards.reader().read(SimulatedSlot(plain)).report.apdus <= 25
    whole = plain.image.file(File.RRN_CERTIFICATE)
    bare = tlv.der_length(whole)  # a signature may end in a zero itself
    card = make(cards, kind, f"truncate:503C:{bare}")
    assert cards.reader().read(SimulatedSlot(card)).identity.given_name


def test_without_a_certificate_on_it_a_card_needs_one_seen_before(cards: Cards) -> None:
    for fault, code in (
        ("missing:503C", ProblemCode.CARD_UNREADABLE),
        ("zeros:503C", ProblemCode.CERTIFICATE_WRONG),
    ):
        card = make(cards, "1.8", fault)
        reader = cards.reader()
        with pytest.raises(KioskError) as caught:
            reader.read(SimulatedSlot(card))
        assert caught.value.problem.code is code
        assert len(card.log.exchanges) <= 10, "2,500 zeros are not read"
        reader.read(SimulatedSlot(make(cards, "1.8")))
        assert reader.read(SimulatedSlot(card)).identity.given_name


@pytest.mark.parametrize("fault", ["root-expired", "rrn-expired"])
def test_an_expired_certificate_is_legacy_for_every_kind(cards: Cards, fault: str) -> None:
    strict = cards.reader(CardPolicy(legacy=Legacy.REFUSE))
    for kind in KINDS:
        assert read(cards, kind, fault).identity.legacy
        with pytest.raises(KioskError) as caught:
            strict.read(SimulatedSlot(make(cards, kind, fault)))
        assert caught.value.problem.code is ProblemCode.LEGACY_REFUSED


# Cards that are refused, and why.


@pytest.mark.parametrize("status", ["6985", "6D00", "6283"])
@every_kind
def test_a_card_that_waits_for_its_activation_is_called_so(
    cards: Cards, kind: str, status: str
) -> None:
    for fault in ("not-activated", "refuses-applet", "refuses-card-data"):
        code = refusal(cards, kind, f"{fault}:{status}")
        assert code is ProblemCode.CARD_NOT_ACTIVATED, fault
        foreign = refusal(cards, kind, f"{fault}:{status}", "wrong-atr")
        recognised = fault == "not-activated"
        assert (foreign is ProblemCode.NOT_AN_EID) is not recognised
    assert refusal(cards, kind, "refuses-applet:6A82") is ProblemCode.NOT_AN_EID


CHIP_FAULTS = [
    *(f"chip-refuses:{status}" for status in ("6985", "6D00", "6A88", "6700", "6982", "6A80")),
    *("chip-refuses:6B00", "chip-refuses:9000", "chip-empty", "chip-zeroes", "chip-repeats"),
    *("chip-cut", "chip-copied"),
]
KEY_FAULTS = [
    *("missing:4040", "zeros:4040", "truncate:4040:119", "truncate:4040:0", "flip:4040:119"),
    *("chip-own-key", "ends-early:4040:0", "ends-early:4040:0:6986"),
]


@pytest.mark.parametrize("claim", [(), ("reported-version:17",), ("reported-version:11",)])
@pytest.mark.parametrize("fault", [*CHIP_FAULTS, *KEY_FAULTS])
def test_a_chip_that_does_not_prove_itself(
    cards: Cards, fault: str, claim: tuple[str, ...]
) -> None:
    card = make(cards, "1.8", fault, *claim)
    with pytest.raises(KioskError) as caught:
        cards.reader().read(SimulatedSlot(card))
    assert caught.value.problem.code is ProblemCode.CHIP_COPIED
    assert challenges(card) == (fault in CHIP_FAULTS), "one challenge, and no second chance"


# Readers of every kind, and what they do at any moment.


def commands_of(cards: Cards, kind: str) -> list[str]:
    card = make(cards, kind)
    cards.reader().read(SimulatedSlot(card))
    return [exchange.header for exchange in card.log.exchanges]


@pytest.mark.parametrize("kind", ["1.1", "1.7", "1.8"])
@pytest.mark.parametrize("status", ["6B00", "6986", "9000", "6D00"])
def test_a_read_command_that_is_answered_wrongly_once(cards: Cards, kind: str, status: str) -> None:
    for number, header in enumerate(commands_of(cards, kind), 1):
        if header[2:4] == "B0":
            reading = read(cards, kind, f"status:{number}:{status}")
            assert reading.identity.given_name, (number, header)


@pytest.mark.parametrize("kind", ["1.1", "1.7", "1.8"])
def test_a_part_of_a_block_at_any_moment(cards: Cards, kind: str) -> None:
    for number, header in enumerate(commands_of(cards, kind), 1):
        if header[2:4] == "B0":
            assert read(cards, kind, f"short-block:{number}").identity.given_name, number


@pytest.mark.parametrize("kind", ["1.1", "1.7", "1.8"])
@pytest.mark.parametrize("end", [0, 1, 100, 256])
@pytest.mark.parametrize("status", ["6B00", "6986", "9000"])
def test_a_file_that_stays_cut_is_unreadable_and_nobody_forged_it(
    cards: Cards, kind: str, end: int, status: str
) -> None:
    files = ("4031", "4032", "503C")
    cut = {File.by_number(file): f"ends-early:{file}:{end}:{status}" for file in files}
    card = make(cards, kind)
    for file, fault in cut.items():
        if len(card.image.file(file).rstrip(b"\0")) > max(256, end) or end == 0:
            assert refusal(cards, kind, fault) is ProblemCode.CARD_UNREADABLE, fault


@pytest.mark.parametrize("kind", ["1.1", "1.7", "1.8"])
def test_a_line_that_fails_at_any_moment_and_works_again(cards: Cards, kind: str) -> None:
    headers = commands_of(cards, kind)
    at_challenge = {n for n, header in enumerate(headers, 1) if header[2:4] in ("88", "C0")}
    for number in range(1, len(headers) + 1):
        card = make(cards, kind, f"garbled:{number}")
        slot, reader = SimulatedSlot(card), cards.reader()
        if number in at_challenge:
            with pytest.raises(KioskError) as caught:
                reader.read(slot)
            assert caught.value.problem.code is ProblemCode.CARD_SILENT, "nobody is accused"
        else:
            assert reader.read(slot).identity.given_name
        assert challenges(card) == (kind == "1.8"), number


def test_a_line_that_fails_often_is_given_up(cards: Cards) -> None:
    thrice = [f"garbled:{number}" for number in (3, 6, 9)]
    assert read(cards, "1.8", *thrice).identity.given_name
    assert refusal(cards, "1.8", *thrice, "garbled:12") is ProblemCode.CARD_UNREADABLE


@pytest.mark.parametrize("kind", ["1.7", "1.8"])
def test_a_second_reset_ends_the_visit_wherever_it_comes(cards: Cards, kind: str) -> None:
    count = len(commands_of(cards, kind))
    for number in range(1, count + 1):
        card = make(cards, kind, f"reset:{number}", f"reset:{number + 2}")
        with pytest.raises(KioskError) as caught:
            cards.reader().read(SimulatedSlot(card))
        assert caught.value.problem.code is ProblemCode.CARD_UNREADABLE
        assert challenges(card) <= 1


@pytest.mark.parametrize("name", people())
def test_every_made_up_person_in_a_reader_that_does_everything_wrong(
    cards: Cards, name: str
) -> None:
    faults = ("resolves-6c", "refuses-256", "status:4:6986", "status:6:6D00", "garbled:9")
    card = cards.card(V1_8, *faults, persona=person(name))
    assert cards.reader().read(SimulatedSlot(card)).identity.proof is Proof.CHIP
