"""The parsers that a card's bytes meet first, each beside a slow one that was written apart."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date

from kiosk.cardreader import apdu, eid, tlv, verification
from kiosk.cardreader.dates import CardDate, card_date
from kiosk.cardreader.files import CardFile
from kiosk.cardreader.simulator.encoding import der, der_length, split_tlvs, tlvs
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.verification import SignedFields
from kiosk.domain.identity import Proof
from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber, NumberKind, Purpose
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.ports import CardError, Response
from tests.fuzz.target import Bench, Check, Target, problem, said
from tests.support.cards import Cards

TODAY = date(2026, 11, 22)
KINDS = (Applet.V1_1, Applet.V1_7, Applet.V1_8)
LENGTHS = (0, 1, 127, 128, 255, 256, 65_535)
HEADER = re.compile(rb"(.)(\xff*[^\xff])", re.DOTALL)
MONTHS = (
    "JAN FEV MARS AVR MAI JUIN JUIL AOUT SEPT OCT NOV DEC",
    "JAN FEB MAAR APR MEI JUN JUL AUG SEP OKT NOV DEC",
    "JAN FEB MAR APR MAI JUN JUL AUG SEP OKT NOV DEZ",
    "- - MRT - - - - - - - - -",
    "- - MRZ - - - - - - - - -",
)


def identities(cards: Cards) -> list[bytes]:
    return [
        *(cards.card(kind).image.file(File.IDENTITY) for kind in KINDS),
        cards.card(Applet.V1_8, "long-names", "version-first:signed").image.file(File.IDENTITY),
        cards.card(Applet.V1_7, "padded:7").image.file(File.IDENTITY),
    ]


# The layout of the identity file.


def slow_elements(data: bytes) -> list[tuple[int, bytes]] | None:
    found: list[tuple[int, bytes]] = []
    while data:
        if found and data[0] == 0:
            return None if data.strip(b"\0") else found
        header = HEADER.match(data)
        if header is None:
            return None
        end = header.end() + sum(header[2])
        if end > len(data):
            return None
        found.append((header[1][0], data[header.end() : end]))
        data = data[end:]
    return found


def check_tlv(data: bytes) -> None:
    elements = slow_elements(data)
    doubled = elements is None or len(dict(elements)) < len(elements)
    try:
        fields = tlv.parse(data)
    except tlv.TlvError:
        assert doubled
    else:
        assert elements is not None
        assert fields == dict(elements)
        assert not doubled
        written = tlvs(fields.items())
        assert data.startswith(written)
        assert not any(data[len(written) :])
    assert tlv.is_complete(data) is (elements is not None and any(tag for tag, _ in elements))


# Days.


def slow_month(word: str) -> int | None:
    if re.fullmatch("[0-9]{1,2}", word):
        return int(word)
    plain = unicodedata.normalize("NFD", word.upper())
    name = "".join(c for c in plain if unicodedata.combining(c) == 0)
    for names in MONTHS:
        if name in names.split() and name != "-":
            return names.split().index(name) + 1
    return None


def slow_date(text: str) -> CardDate | None:
    match text.replace(".", " ").split():
        case [*_, year] if not re.fullmatch("[0-9]{4}", year):
            return None
        case [year]:
            return CardDate(int(year))
        case [month, year]:
            return CardDate(int(year), slow_month(month))
        case [_, month, year] if slow_month(month) is None:
            return CardDate(int(year))
        case [day, month, year] if re.fullmatch("[0-9]{1,2}", day):
            return CardDate(int(year), slow_month(month), int(day))
    return None


def check_date(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    found = card_date(text)
    assert found == slow_date(text)
    if found is not None and found.exact is not None:
        assert (found.exact.year, found.exact.month, found.exact.day) == (
            found.year,
            found.month,
            found.day,
        )
        assert card_date(f"{found.exact:%d.%m.}{found.year:04}") == found


# The length of a certificate, and with it how much of a file is asked for.


def check_der(data: bytes) -> None:
    length = tlv.der_length(data)
    if length is not None:
        assert data[0] == 0x30
        assert length == der_length(data)
        assert 2 <= length <= 4 + 0xFFFF
    elif data[:1] == b"\x30" and len(data) > 1:
        assert data[1] in (0x80, *range(0x83, 0x100)) or len(data) < 4
    for file in CardFile:
        assert file.expected_length(data) in (length, file.value.limit, None)
        check_goal(file, data)
        assert file.is_whole(data) in (True, False)
        assert not file.is_whole(b"")


def check_goal(file: CardFile, data: bytes) -> None:
    """However a card goes on, no more is asked of it than the file's limit."""
    so_far = b""
    for _ in range(file.value.limit + 1):
        missing = file.goal(so_far) - len(so_far)
        assert missing <= file.value.limit
        if missing <= 0 or len(so_far) >= len(data):
            return
        so_far = data[: len(so_far) + min(missing, apdu.FULL_BLOCK)]
        assert len(so_far) <= file.value.limit
    raise AssertionError("a file without end")


def der_seeds(cards: Cards) -> Iterable[bytes]:
    image = cards.card().image
    yield image.file(File.RRN_CERTIFICATE)[:700]
    yield image.file(File.ROOT_CERTIFICATE)[:100]
    yield image.file(File.IDENTITY_SIGNATURE)
    yield from (der(0x30, bytes(length))[:8] for length in LENGTHS)


# The national number.


def check_number(data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    digits = re.sub("[ .-]", "", text)
    is_number = re.fullmatch("[0-9]{11}", digits) is not None and any(
        1 <= int(digits[9:]) <= 97 and (born + int(digits[:9]) + int(digits[9:])) % 97 == 0
        for born in (0, 2_000_000_000)
    )
    try:
        number = NationalNumber(text)
    except InvalidNationalNumber as error:
        assert not is_number
        said(error, "not a national number")
        return
    assert is_number
    assert number.disclose(Purpose.ELIGIBILITY_QUESTION) == digits
    assert number == NationalNumber(digits)
    assert digits not in f"{number} {number!r} {number:>60}"
    assert number.kind in NumberKind
    number.wipe()
    assert number.is_wiped


# What a card says of itself before anything is read.


class SaysCardData:
    """A card that has the applet, and any card data."""

    atr = Applet.V1_8.atr

    def __init__(self, said: bytes) -> None:
        self._said = said
        self.sent = 0

    def transmit(self, command: bytes) -> Response:
        self.sent += 1
        if command == apdu.select_applet():
            return Response(b"", apdu.OK)
        return Response(self._said[2:], int.from_bytes(self._said[:2], "big"))


def check_card_data(data: bytes) -> None:
    card = SaysCardData(data)
    try:
        applet = eid.Applet(card)
    except CardError as error:
        assert int.from_bytes(data[:2], "big") != apdu.OK or len(data) != 30
        refused = (ProblemCode.CARD_NOT_ACTIVATED, ProblemCode.CARD_UNREADABLE)
        problem(error, (ProblemCode.NOT_AN_EID, *refused))
    else:
        assert data[:2] == b"\x90\x00"
        assert applet.version == f"{data[23] >> 4}.{data[23] & 15}"
    assert card.sent <= 10


def card_data_seeds(cards: Cards) -> Iterable[bytes]:
    yield from (b"\x90\0" + cards.card(kind).image.card_data for kind in KINDS)
    yield from (bytes.fromhex(word) for word in ("6985", "6D00", "6C1C", "6110", "6F00", "6283"))


# A person out of signed fields.


def check_person(data: bytes) -> None:
    try:
        signed = SignedFields(tlv.parse(data), legacy=False)
    except tlv.TlvError:
        return
    try:
        person = verification.identity_of(signed, Proof.SIGNATURE, TODAY)
    except KioskError as error:
        dates = (ProblemCode.CARD_EXPIRED, ProblemCode.CARD_NOT_YET_VALID)
        others = (ProblemCode.NOT_A_PERSONS_CARD, ProblemCode.NUMBER_INVALID)
        problem(error, (*dates, *others, ProblemCode.CARD_UNREADABLE))
        return
    assert person.card_valid_until >= TODAY
    assert len(person.given_name) <= 60
    assert person.given_name.isprintable()
    digits = person.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)
    assert digits == re.sub("[ .-]", "", signed.fields[6].decode("utf-8", "replace").strip())
    assert person.given_name not in repr(person) or len(person.given_name) < 12


def person_seeds(cards: Cards) -> Iterable[bytes]:
    for identity in identities(cards):
        if identity[0]:
            elements = split_tlvs(identity.rstrip(b"\0"))
            yield tlvs(e for e in elements if e[0] in (3, 4, 6, 8, 15))
    yield tlvs([(4, b"28 FEV 2051"), (6, b"71.71.51-000.70"), (8, "Zo\u00eb".encode())])


def _always(check: Check) -> Callable[[Bench], Check]:
    return lambda _: check


def _texts(*texts: str) -> Callable[[Cards], Iterable[bytes]]:
    return lambda _: (text.encode() for text in texts)


TARGETS = (
    Target("tlv", _always(check_tlv), identities, 2_200_000, 2048),
    Target(
        "dates",
        _always(check_date),
        _texts("28.02.2051", "3 MEI 2001", "13.AUG. 1996", "05.M\u00c4R.1966", "JUIN 1971", "1962"),
        1_750_000,
        64,
    ),
    Target("der", _always(check_der), der_seeds, 1_000_000),
    Target(
        "number",
        _always(check_number),
        _texts("85.61.30-012.39", "85613001239", "71715100070", "71 71 71 000 52"),
        1_750_000,
        32,
    ),
    Target("card-data", _always(check_card_data), card_data_seeds, 500_000, 300),
    Target("person", _always(check_person), person_seeds, 600_000),
)
