"""What a raw T=0 card answers (card manual 2)."""

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.layout import Applet, File, Folder
from kiosk.cardreader.simulator.persona import Persona
from kiosk.cardreader.simulator.pki import TestPki
from tests.unit.simulator.commands import (
    CARD_DATA,
    OK,
    SELECT_APPLET,
    challenge,
    read,
    read_file,
    select,
)

DIGEST = bytes(range(48))


@pytest.fixture(params=list(Applet), ids=lambda applet: applet.version)
def applet(request: pytest.FixtureRequest) -> Applet:
    chosen: Applet = request.param
    return chosen


@pytest.fixture
def card(an: Persona, pki: TestPki, applet: Applet) -> SimulatedCard:
    return make_card(an, pki, applet)


@pytest.fixture
def new_card(an: Persona, pki: TestPki) -> SimulatedCard:
    return make_card(an, pki, Applet.V1_8)


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("", "6700"),
        ("00A404", "6700"),
        ("00A40400", "6A87"),
        ("00A4040C0F", "6700"),
        ("00A4040C0CA000000177504B43532D3135", "9000"),
        ("00A4040C05A000000003", "6A82"),
        ("00A4040C04A0000000", "6A87"),
        ("00A4020C023F00", "9000"),
        ("00A4020C022F00", "9000"),
        ("00A4020C024031", "6A82"),
        ("00A4020C033F0000", "6A87"),
        ("00A4080C063F00DF014031", "9000"),
        ("00A4080C04DF014031", "9000"),
        ("00A4080C063F00DF014099", "6A82"),
        ("00A4080C053F00DF0140", "6A87"),
        ("00A4090C023F00", "6A86"),
        ("00A402FF023F00", "6A86"),
        ("00B0000000", "6986"),
        ("00B0000001AA", "6700"),
        ("80E4000000", "6C1C"),
        ("80E400021C", "6B00"),
        ("00C0000060", "6985"),
        ("00D60000010A", "6982"),
        ("002A9E9A00", "6982"),
        ("0020000108241234FFFFFFFFFF", "63C2"),
        ("00200001082412", "6700"),
        ("0020000200", "6A88"),
        ("002241B605048001848 2".replace(" ", ""), "9000"),
        ("80E60000", "9000"),
        ("00CA000000", "6D00"),
        ("80A4000000", "6D00"),
        ("A0A40000023F00", "6E00"),
    ],
)
def test_status_words(card: SimulatedCard, command: str, status: str) -> None:
    assert card.exchange(bytes.fromhex(command)).hex().upper() == status


def test_selection_walks_by_number(card: SimulatedCard) -> None:
    for number, expected in (("DF01", OK), ("4031", OK), ("4032", OK), ("5031", b"\x6a\x82")):
        assert card.exchange(bytes.fromhex("00A4020C02" + number)) == expected
    assert card.exchange(read(0, 1))[-2:] == OK  # a failed selection changes nothing
    card.reset()
    assert card.exchange(read(0, 1)) == b"\x69\x86"


def test_the_id_folder_has_no_name_on_some(card: SimulatedCard, applet: Applet) -> None:
    answer = card.exchange(bytes.fromhex("00A4040C0C") + Folder.ID.aid)
    assert answer == (b"\x6a\x82" if applet in (Applet.V1_0, Applet.V1_7) else OK)


def test_reading_to_the_end(card: SimulatedCard) -> None:
    content = card.image.file(File.PHOTO)
    card.exchange(select(File.PHOTO))
    assert card.exchange(read(0)) == content[:256] + OK
    assert card.exchange(read(len(content) - 10, 252)) == b"\x6c\x0a"
    assert card.exchange(read(len(content) - 10, 10)) == content[-10:] + OK
    assert card.exchange(read(len(content), 1)) == b"\x6b\x00"
    assert card.exchange(read(0xFFFF, 1)) == b"\x6b\x00"
    assert read_file(card, File.PHOTO) == content


def test_reading_a_folder_is_refused(card: SimulatedCard) -> None:
    assert card.exchange(select(File.IDENTITY)) == OK
    assert card.exchange(bytes.fromhex("00A4080C043F00DF01")) == OK
    assert card.exchange(read(0, 1)) == b"\x69\x86"


def test_the_official_middleware_finds_every_file(card: SimulatedCard) -> None:
    """It selects by number where it is, walks from the top if need be, and reads 252 bytes."""
    for file in File:
        if file.path not in card.image.files:
            continue
        numbers = [file.path[at : at + 2] for at in range(0, len(file.path), 2)]
        by_number = [bytes.fromhex("00A4020C02") + number for number in numbers]
        if card.exchange(by_number[-1]) != OK:
            assert [card.exchange(command) for command in by_number] == [OK] * len(numbers)
        content = b""
        while (answer := card.exchange(read(len(content), 252)))[-2:] == OK:
            content += answer[:-2]
        if answer[0] == 0x6C:
            answer = card.exchange(read(len(content), answer[1]))
            content += answer[:-2]
        assert content == card.image.file(file)
        assert answer[-2:] in (OK, b"\x6b\x00")


def test_the_table_of_contents_is_as_long_as_on_real_cards(card: SimulatedCard) -> None:
    sizes = {File.DIR: 37, File.ODF: 36, File.TOKEN_INFO: 41, File.AODF: 53}
    assert {file: len(card.image.file(file)) for file in sizes} == sizes
    token = card.image.file(File.TOKEN_INFO)
    assert token[7:23] == card.image.card_data[:16]


def test_card_data(card: SimulatedCard, an: Persona, applet: Applet) -> None:
    assert card.exchange(SELECT_APPLET) == OK
    answer = card.exchange(CARD_DATA)
    assert len(answer) == 30
    assert answer[:16] == an.chip_number
    assert f"{answer[21]:x}" == applet.version.replace(".", "")
    with_tries = card.exchange(bytes.fromhex("80E400011F"))
    is_new = applet is Applet.V1_8
    assert with_tries == (answer[:28] + b"\x03\xff\xff" + OK if is_new else b"\x6b\x00")


def test_the_chip_proves_itself(new_card: SimulatedCard) -> None:
    assert new_card.exchange(challenge(DIGEST)) == b"\x61\x60"
    assert new_card.exchange(bytes.fromhex("00C0000061")) == b"\x6c\x60"
    first = new_card.exchange(bytes.fromhex("00C0000020"))
    assert first[-2:] == b"\x61\x40"
    second = new_card.exchange(bytes.fromhex("00C0000040"))
    assert second[-2:] == OK
    raw = first[:-2] + second[:-2]
    key = serialization.load_der_public_key(new_card.image.file(File.BASIC_KEY))
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = (int.from_bytes(half, "big") for half in (raw[:48], raw[48:]))
    signature = utils.encode_dss_signature(r, s)
    key.verify(signature, DIGEST, ec.ECDSA(utils.Prehashed(hashes.SHA384())))


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("0088038132" + "9430" + "00" * 48, "6B00"),
        ("0088028232" + "9430" + "00" * 48, "6A88"),
        ("0088028132" + "9530" + "00" * 48, "6A80"),
        ("0088028131" + "9430" + "00" * 47, "6700"),
    ],
)
def test_a_wrong_challenge(new_card: SimulatedCard, command: str, status: str) -> None:
    assert new_card.exchange(bytes.fromhex(command)).hex().upper() == status


def test_an_answer_waits_for_the_next_command_only(new_card: SimulatedCard) -> None:
    new_card.exchange(challenge(DIGEST))
    new_card.exchange(SELECT_APPLET)
    assert new_card.exchange(bytes.fromhex("00C0000060")) == b"\x69\x85"


def test_the_chip_signs_5000_times(new_card: SimulatedCard) -> None:
    new_card._applet._challenges = 5000
    assert new_card.exchange(challenge(DIGEST)) == b"\x69\x85"


@pytest.mark.parametrize("applet", [Applet.V1_0, Applet.V1_1, Applet.V1_7], indirect=True)
def test_old_chips_have_nothing_to_prove(card: SimulatedCard) -> None:
    assert card.exchange(challenge(DIGEST)) == b"\x6d\x00"


def test_tries(card: SimulatedCard, applet: Applet) -> None:
    ask = bytes.fromhex("0020000100")
    burns = applet in (Applet.V1_0, Applet.V1_1)  # an empty question costs a try there
    assert [card.exchange(ask).hex() for _ in range(3)] == (
        ["63c2", "63c1", "6983"] if burns else ["63c3"] * 3
    )


def test_a_random_number(card: SimulatedCard) -> None:
    answer = card.exchange(bytes.fromhex("0084000008"))
    assert len(answer) == 10
    assert answer != card.exchange(bytes.fromhex("0084000008"))


@given(commands=st.lists(st.binary(max_size=300), max_size=5))
def test_every_command_has_an_answer(pki: TestPki, commands: list[bytes]) -> None:
    card = make_card(Persona(id="x", given_names="X", surname="Y", number="90610100155"), pki)
    for command in commands:
        assert 2 <= len(card.exchange(command)) <= 258
