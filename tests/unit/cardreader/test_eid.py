"""The applet's commands, with cards that play with lengths and status words."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import apdu, eid
from kiosk.cardreader.eid import Applet
from kiosk.cardreader.files import CardFile
from kiosk.cardreader.line import BlockSize, LineFailed
from kiosk.domain.problem import ProblemCode
from kiosk.ports import CardError, Response

OK, CARD_DATA = Response(b"", 0x9000), Response(bytes(21) + b"\x18" + bytes(6), 0x9000)
Answer = Callable[[bytes], Response]
EID_ATRS = [
    "3B9894400AA503010101AD1310",
    "3B989440FFA503010101AD1310",
    "3B9813400AA503010101AD1311",
    "3B9895400AA507010101AD1320",
    "3B7F96000080318065B085040120120FFF829000",
]


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses that take no time."""
    taken: list[float] = []
    monkeypatch.setattr(eid, "time", SimpleNamespace(sleep=taken.append))
    return taken


def elements(size: int) -> bytes:
    """The content of an identity file of so many bytes: whole elements to its end."""
    whole, rest = divmod(size, 100)
    sizes = [100] * whole + ([rest] if rest else [])
    if rest == 1:
        sizes[-2:] = [99, 2]
    return b"".join(bytes((7, one - 2)) + b"x" * (one - 2) for one in sizes)


class Scripted:
    """A card that is recognised and then answers as a test says."""

    atr = b""

    def __init__(self, answer: Answer, version: str = "18") -> None:
        self._answer = answer
        self._card_data = Response(bytes(21) + bytes.fromhex(version) + bytes(6), 0x9000)
        self.commands: list[bytes] = []

    def transmit(self, command: bytes) -> Response:
        self.commands.append(command)
        if command == apdu.select_applet():
            return OK
        return self._card_data if command == apdu.get_card_data() else self._answer(command)


class File:
    """Answers like a file of these bytes, as a raw T=0 card does."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __call__(self, command: bytes) -> Response:
        if command[1] == 0xA4:
            return OK
        offset, wanted = int.from_bytes(command[2:4], "big"), command[4] or 256
        rest = self.content[offset:]
        if not rest:
            return Response(b"", 0x6B00)
        if wanted > len(rest):
            return Response(b"", 0x6C00 | len(rest))
        return Response(rest[:wanted], 0x9000)


def problem_with(answer: Answer, file: CardFile = CardFile.IDENTITY) -> ProblemCode:
    applet = Applet(Scripted(answer))
    with pytest.raises(CardError) as caught:
        applet.read(file)
    return caught.value.problem.code


@pytest.mark.parametrize("largest", [252, 256])
@given(size=st.integers(2, 2000))
def test_a_file_of_any_length_is_read_whole_and_once(largest: int, size: int) -> None:
    content = elements(size)
    assert len(content) == size
    card = Scripted(File(content))
    block_size = BlockSize()
    if largest == 252:
        block_size.shrink()
    applet = Applet(card, block_size)
    assert applet.read(CardFile.IDENTITY) == content
    assert applet.commands == len(card.commands)
    offsets = [command[2:4] for command in card.commands if command[1] == 0xB0]
    assert len(set(offsets)) == size // largest + 1
    assert len(offsets) <= size // largest + 2


@pytest.mark.parametrize("version", ["11", "17", "18"])
@pytest.mark.parametrize("size", [128, 256])
def test_an_rsa_signature_has_one_of_two_lengths(size: int, version: str) -> None:
    card = Scripted(File(b"s" * size), version)
    assert Applet(card).read(CardFile.IDENTITY_SIGNATURE) == b"s" * size
    old = version == "11"
    assert len(card.commands) == (4 if size == 256 else 5) + (0 if old else 1)


@pytest.mark.parametrize("version", ["11", "17", "18"])
@pytest.mark.parametrize("padding", [0, 1, 30, 152, 154])
@pytest.mark.parametrize("sizes", [(48, 48), (49, 49), (49, 48), (47, 49), (1, 1)])
def test_an_elliptic_signature_ends_itself(
    sizes: tuple[int, int], padding: int, version: str
) -> None:
    numbers = b"".join(bytes((2, size)) + b"s" * size for size in sizes)
    signature = bytes((0x30, len(numbers))) + numbers
    card = Scripted(File(signature + bytes(padding)), version)
    read = Applet(card).read(CardFile.IDENTITY_SIGNATURE)
    assert read[: len(signature)] == signature
    assert not any(read[len(signature) :])
    if version != "11":
        assert len(read) <= 105, "nothing of the padding is read"
        assert len(card.commands) <= 5


@pytest.mark.parametrize("size", [1, 64, 127, 129, 200, 248, 252, 255])
def test_a_signature_of_another_length_was_cut(size: int) -> None:
    assert problem_with(File(b"s" * size), CardFile.IDENTITY_SIGNATURE) is (
        ProblemCode.CARD_UNREADABLE
    )


def test_a_signature_is_at_most_one_block() -> None:
    card = Scripted(File(b"s" * 300))
    assert Applet(card).read(CardFile.IDENTITY_SIGNATURE) == b"s" * 256
    assert len(card.commands) == 5


@pytest.mark.parametrize("padding", [0, 1, 300, 1100])
def test_a_certificate_is_read_to_its_own_end(padding: int) -> None:
    der = b"\x30\x82\x02\x83" + bytes(0x283)
    card = Scripted(File(der + bytes(padding)))
    assert Applet(card).read(CardFile.RRN_CERTIFICATE) == der
    assert [command[4] for command in card.commands if command[1] == 0xB0] == [0, 0, 0x87]


@pytest.mark.parametrize("file", [CardFile.RRN_CERTIFICATE, CardFile.ROOT_CERTIFICATE])
def test_a_file_of_zeros_holds_no_certificate_and_is_not_read_to_its_end(file: CardFile) -> None:
    card = Scripted(File(bytes(2500)))
    assert not any(Applet(card).read(file))
    assert len(card.commands) == 4


def test_a_file_that_never_ends_is_cut_off() -> None:
    card = Scripted(lambda c: OK if c[1] == 0xA4 else Response(elements(256), 0x9000))
    assert len(Applet(card).read(CardFile.IDENTITY)) == 2048


class Lying:
    """A reader that ends a file too early, so many times."""

    def __init__(self, content: bytes, answer: Response, times: int, offset: int = 256) -> None:
        self._file = File(content)
        self._lies = [answer] * times
        self._offset = offset

    def __call__(self, command: bytes) -> Response:
        at = command[1] == 0xB0 and int.from_bytes(command[2:4], "big") == self._offset
        return self._lies.pop() if at and self._lies else self._file(command)


SPURIOUS = [Response(b"", 0x6B00), Response(b"", 0x6986), Response(b"", 0x9000)]


@pytest.mark.parametrize("answer", SPURIOUS, ids=["6B00", "6986", "empty"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("offset", [0, 256, 512])
def test_a_spurious_end_of_file_is_not_believed(
    answer: Response, times: int, offset: int, naps: list[float]
) -> None:
    content = b"\x07\xff\xff\x00" + b"x" * 510 + b"\x0f\x011"
    card = Scripted(Lying(content, answer, times, offset))
    assert Applet(card).read(CardFile.IDENTITY) == content
    selected = [number for number, sent in enumerate(card.commands) if sent[1] == 0xA4]
    assert len(selected) == 2 + times, "the file is selected again each time"
    assert len(naps) == times
    assert all(0.02 <= nap <= 0.05 for nap in naps)


@pytest.mark.parametrize("answer", SPURIOUS, ids=["6B00", "6986", "empty"])
def test_even_where_the_content_seems_whole_an_end_must_repeat(answer: Response) -> None:
    """The first block ends with an element: what was cut off would not be missed."""
    content = elements(256) + b"\x0f\x011"
    card = Scripted(Lying(content, answer, 1))
    assert Applet(card).read(CardFile.IDENTITY) == content


@pytest.mark.parametrize("answer", SPURIOUS, ids=["6B00", "6986", "empty"])
def test_an_end_of_file_that_repeats_is_one(answer: Response) -> None:
    card = Scripted(Lying(elements(512), answer, 99, offset=512))
    assert Applet(card).read(CardFile.IDENTITY) == elements(512)
    assert len(card.commands) == 8


@pytest.mark.parametrize("answer", SPURIOUS, ids=["6B00", "6986", "empty"])
def test_a_file_that_is_cut_is_read_once_more_from_its_beginning(answer: Response) -> None:
    """Three ends in a row are believed; the content is not, and the next try is whole."""
    content = elements(300)
    card = Scripted(Lying(content, answer, 3))
    assert Applet(card).read(CardFile.IDENTITY) == content
    assert [c[2:4] for c in card.commands].count(b"\0\0") == 1 + 2  # card data, and two readings


@pytest.mark.parametrize("answer", SPURIOUS, ids=["6B00", "6986", "empty"])
@pytest.mark.parametrize("file", [CardFile.IDENTITY, CardFile.RRN_CERTIFICATE])
def test_a_file_that_stays_cut_is_unreadable(file: CardFile, answer: Response) -> None:
    content = elements(300) if file is CardFile.IDENTITY else b"\x30\x82\x02\x83" + bytes(0x283)
    assert problem_with(Lying(content, answer, 99), file) is ProblemCode.CARD_UNREADABLE


@pytest.mark.parametrize("file", [CardFile.IDENTITY, CardFile.IDENTITY_SIGNATURE])
def test_a_short_block_that_lies_is_noticed_by_the_content(file: CardFile) -> None:
    content = elements(200) if file is CardFile.IDENTITY else b"s" * 256
    truth = File(content)
    lies = [True]

    def answer(command: bytes) -> Response:
        if command[1] == 0xB0 and lies:
            lies.pop()
            return Response(content[:90], 0x9000)
        return truth(command)

    assert Applet(Scripted(answer)).read(file) == content


def test_a_reader_that_resolves_the_length() -> None:
    def answer(command: bytes) -> Response:
        return OK if command[1] == 0xA4 else Response(elements(200), 0x9000)

    card = Scripted(answer)
    assert Applet(card).read(CardFile.IDENTITY) == elements(200)
    assert len(card.commands) == 4


def test_a_warning_at_the_end_of_file_is_data() -> None:
    def answer(command: bytes) -> Response:
        return OK if command[1] == 0xA4 else Response(elements(50), 0x6282)

    assert Applet(Scripted(answer)).read(CardFile.IDENTITY) == elements(50)


@pytest.mark.parametrize(("version", "waits"), [(0x10, 1), (0x11, 1), (0x17, 0), (0x18, 0)])
def test_an_old_card_gets_a_moment_before_it_repeats_itself(
    version: int, waits: int, naps: list[float]
) -> None:
    class Aged(Scripted):
        def transmit(self, command: bytes) -> Response:
            if command == apdu.get_card_data():
                return Response(bytes(21) + bytes((version,)) + bytes(6), 0x9000)
            return super().transmit(command)

    applet = Applet(Aged(File(elements(100))))
    assert applet.version == f"1.{version & 15}"
    assert applet.read(CardFile.IDENTITY)
    assert naps == [0.01] * waits


class Unable:
    """A reader that cannot carry full blocks: it fails, or has the card say so."""

    def __init__(self, content: bytes, status: int | None) -> None:
        self._file = File(content)
        self._status = status

    def __call__(self, command: bytes) -> Response:
        if command[1] == 0xB0 and command[4] == 0:
            if self._status is None:
                raise LineFailed
            return Response(b"", self._status)
        return self._file(command)


def test_a_reader_that_fails_on_a_full_block_gets_smaller_ones_in_the_next_read() -> None:
    size = BlockSize()
    answer = Unable(elements(600), None)
    with pytest.raises(LineFailed):
        Applet(Scripted(answer), size).read(CardFile.IDENTITY)
    card = Scripted(answer)
    assert Applet(card, size).read(CardFile.IDENTITY) == elements(600)
    assert {command[4] for command in card.commands if command[1] == 0xB0} == {252, 96}


def test_a_full_block_that_is_refused_is_asked_for_in_parts_at_once() -> None:
    size = BlockSize()
    card = Scripted(Unable(elements(600), 0x6700))
    assert Applet(card, size).read(CardFile.IDENTITY) == elements(600)
    assert size.bytes == 252


def test_a_smaller_block_that_fails_is_no_matter_of_size() -> None:
    size = BlockSize()

    def answer(command: bytes) -> Response:
        if command[1] == 0xB0:
            raise LineFailed
        return OK

    applet = Applet(Scripted(answer), size)
    with pytest.raises(LineFailed):
        applet.read(CardFile.BASIC_KEY)
    assert size.bytes == 256
    trouble = problem_with(lambda c: OK if c[1] == 0xA4 else Response(b"", 0x6700))
    assert trouble is ProblemCode.CARD_UNREADABLE


TRICKS: dict[str, Answer] = {
    "announces for ever": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x6110),
    "corrects for ever": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x6C10),
    "says something odd": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x1234),
    "knows no file": lambda _: Response(b"", 0x6A82),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_card_that_plays_is_unreadable(trick: str) -> None:
    assert problem_with(TRICKS[trick]) is ProblemCode.CARD_UNREADABLE


@pytest.mark.parametrize("length", [257, 65533])
def test_an_answer_that_no_card_can_give_is_the_lines(length: int) -> None:
    card = Scripted(lambda c: OK if c[1] == 0xA4 else Response(bytes(length), 0x9000))
    with pytest.raises(LineFailed):
        Applet(card).read(CardFile.IDENTITY)
    with pytest.raises(CardError) as caught:
        Applet(card).challenge(bytes(48))
    assert caught.value.problem.code is ProblemCode.CARD_SILENT


_SELECTING = [0x6282, 0x6700, 0x6986, 0x6B00, 0x6C10, 0x6110, 0x6F00, 0x6D00]
_READING = [0x6C00, 0x6C78, 0x6CFF, 0x6110, 0x6F00, 0x6A80, 0x6D00]


@pytest.mark.parametrize(
    ("instruction", "status"),
    [*((0xA4, status) for status in _SELECTING), *((0xB0, status) for status in _READING)],
)
def test_what_does_not_concern_a_command_is_asked_once_more(instruction: int, status: int) -> None:
    """Of a moment, it ends nothing; of a card that stays so, it is the answer."""
    moments = iter([Response(b"", status)])

    def answer(command: bytes) -> Response:
        if command[1] == 0xC0:
            return Response(b"", 0x6985)
        if command[1] == instruction and (said := next(moments, None)):
            return said
        return OK if command[1] == 0xA4 else Response(bytes(120), 0x9000)

    card = Scripted(answer)
    assert Applet(card).read(CardFile.BASIC_KEY) == bytes(120)
    assert [c[1] for c in card.commands[2:]].count(instruction) == 2
    for_good = {instruction: Response(b"", status), 0xC0: Response(b"", 0x6985)}
    stays = problem_with(lambda c: for_good.get(c[1], OK), CardFile.BASIC_KEY)
    waits = status == 0x6D00
    assert stays is (ProblemCode.CARD_NOT_ACTIVATED if waits else ProblemCode.CARD_UNREADABLE)


@pytest.mark.parametrize("at", [1, 2])
@pytest.mark.parametrize(
    "moment", [*(Response(b"", status) for status in (0x6986, 0x6700, 0x6F00)), OK], ids=range(4)
)
def test_a_moment_at_the_recognition_makes_no_stranger(at: int, moment: Response) -> None:
    class Hasty(Scripted):
        def transmit(self, command: bytes) -> Response:
            answer = super().transmit(command)
            return moment if len(self.commands) == at else answer

    card = Hasty(File(elements(100)))
    assert Applet(card).version == "1.8"
    again = 0 if at == 1 and moment is OK else 1
    assert len(card.commands) == 2 + again


def test_what_is_announced_and_not_given_does_not_call_a_card_not_activated() -> None:
    refused = {0xA4: OK, 0xB0: Response(b"", 0x6110), 0xC0: Response(b"", 0x6985)}
    assert problem_with(lambda c: refused[c[1]]) is ProblemCode.CARD_UNREADABLE


def test_more_than_was_asked_for_at_the_end_is_unreadable() -> None:
    def answer(command: bytes) -> Response:
        if command[1] == 0xA4:
            return OK
        return Response(b"x" * 256, 0x9000) if command[4] == 0 else Response(b"x" * 200, 0x9000)

    der = Response(b"\x30\x82\x01\x10" + bytes(252), 0x9000)
    first = iter([der])
    trick: Answer = lambda c: next(first, None) or answer(c) if c[1] == 0xB0 else OK  # noqa: E731 - a table entry
    assert problem_with(trick, CardFile.RRN_CERTIFICATE) is ProblemCode.CARD_UNREADABLE


def test_a_card_may_not_keep_us_busy() -> None:
    card = Scripted(lambda c: OK if c[1] == 0xA4 else Response(b"x", 0x6101))
    applet = Applet(card)
    for _ in range(20):
        with pytest.raises(CardError):
            applet.read(CardFile.IDENTITY)
    assert len(card.commands) == applet.commands == 65


@pytest.mark.parametrize("status", [0x6985, 0x6D00, 0x6283])
@pytest.mark.parametrize("instruction", [0xA4, 0xB0])
def test_a_recognised_applet_that_refuses_its_files_waits_for_activation(
    status: int, instruction: int
) -> None:
    refusing = lambda c: Response(b"", status) if c[1] == instruction else OK  # noqa: E731 - a table entry
    assert problem_with(refusing) is ProblemCode.CARD_NOT_ACTIVATED


def test_a_command_unknown_for_a_moment_is_sent_once_more(naps: list[float]) -> None:
    file, said = File(elements(100)), set[bytes]()

    def answer(command: bytes) -> Response:
        if command not in said:
            said.add(command)
            return Response(b"", 0x6D00)
        return file(command)

    assert Applet(Scripted(answer)).read(CardFile.IDENTITY) == elements(100)
    assert len(naps) == 3


def refusal_of(atr: str, status: int, command: bytes) -> ProblemCode:
    class Refusing(Scripted):
        def transmit(self, sent: bytes) -> Response:
            return Response(b"", status) if sent == command else super().transmit(sent)

    card = Refusing(File(b""))
    card.atr = bytes.fromhex(atr)
    with pytest.raises(CardError) as caught:
        Applet(card)
    return caught.value.problem.code


@pytest.mark.parametrize("command", [apdu.select_applet(), apdu.get_card_data()])
@pytest.mark.parametrize("atr", EID_ATRS)
def test_what_keeps_a_card_that_looks_belgian_from_being_recognised(
    atr: str, command: bytes
) -> None:
    for status in (0x6985, 0x6D00, 0x6283):
        assert refusal_of(atr, status, command) is ProblemCode.CARD_NOT_ACTIVATED
    for status in (0x6400, 0x6581, 0x6999, 0x6F00):
        assert refusal_of(atr, status, command) is ProblemCode.CARD_UNREADABLE
    for status in (0x6A82, 0x6E00, 0x6C1B, 0x6A86):
        assert refusal_of(atr, status, command) is ProblemCode.NOT_AN_EID


@pytest.mark.parametrize("command", [apdu.select_applet(), apdu.get_card_data()])
@pytest.mark.parametrize(
    "atr",
    ["", "3B6500002063CB6800", "3B7F96000080318065B085040120120FFF8290", "3B9813400AA503010101AD"],
)
def test_any_other_card_is_no_eid_whatever_it_says(atr: str, command: bytes) -> None:
    for status in (0x6985, 0x6D00, 0x6283, 0x6400, 0x6A82, 0x6E00):
        assert refusal_of(atr, status, command) is ProblemCode.NOT_AN_EID


@pytest.mark.parametrize(
    "first",
    [
        (Response(b"", 0x6A82), CARD_DATA),
        (Response(b"", 0x6D00), CARD_DATA),
        (OK, Response(b"", 0x6D00)),
        (OK, Response(bytes(27), 0x9000)),
        (OK, Response(bytes(29), 0x9000)),
        (OK, Response(b"", 0x6C1C)),
    ],
    ids=range(6),
)
def test_anything_else_is_not_an_eid(first: tuple[Response, Response]) -> None:
    class Other(Scripted):
        def transmit(self, command: bytes) -> Response:
            return first[0] if command == apdu.select_applet() else first[1]

    with pytest.raises(CardError) as caught:
        Applet(Other(File(b"")))
    assert caught.value.problem.code is ProblemCode.NOT_AN_EID


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Response(bytes(96), 0x9000), bytes(96)),
        (Response(bytes(95), 0x9000), None),
        (Response(bytes(97), 0x9000), None),
        (Response(b"", 0x6985), None),
        (Response(bytes(96), 0x6282), None),
    ],
    ids=range(5),
)
def test_a_challenge_has_96_bytes_or_no_answer(answer: Response, expected: bytes | None) -> None:
    assert Applet(Scripted(lambda _: answer)).challenge(bytes(48)) == expected


def test_a_challenge_in_parts_is_put_together() -> None:
    parts = iter([Response(b"", 0x6160), Response(b"r" * 48, 0x6130), Response(b"s" * 48, 0x9000)])
    card = Scripted(lambda _: next(parts))
    assert Applet(card).challenge(bytes(48)) == b"r" * 48 + b"s" * 48
    assert [command.hex() for command in card.commands[-2:]] == ["00c0000060", "00c0000030"]


@pytest.mark.parametrize("status", [0x6700, 0x6982, 0x6985, 0x6A80, 0x6A88, 0x6B00, 0x6D00])
def test_a_challenge_is_sent_once_whatever_comes_back(status: int) -> None:
    card = Scripted(lambda _: Response(b"", status))
    assert Applet(card).challenge(bytes(48)) is None
    assert len(card.commands) == 3


def test_a_line_that_fails_at_the_challenge_accuses_nobody_and_is_not_tried_again() -> None:
    def fail(_: bytes) -> Response:
        raise LineFailed

    card = Scripted(fail)
    with pytest.raises(CardError) as caught:
        Applet(card).challenge(bytes(48))
    assert caught.value.problem.code is ProblemCode.CARD_SILENT
    assert len(card.commands) == 3
