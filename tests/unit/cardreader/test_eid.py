"""The applet's commands, with cards that play with lengths and status words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import apdu
from kiosk.cardreader.eid import Applet
from kiosk.cardreader.files import CardFile
from kiosk.domain.problem import ProblemCode
from kiosk.ports import CardError, Response

OK, CARD_DATA = Response(b"", 0x9000), Response(bytes(21) + b"\x18" + bytes(6), 0x9000)
Answer = Callable[[bytes], Response]


class Scripted:
    """A card that is recognised and then answers as a test says."""

    atr = b""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.commands: list[bytes] = []

    def transmit(self, command: bytes) -> Response:
        self.commands.append(command)
        if command == apdu.select_applet():
            return OK
        return CARD_DATA if command == apdu.get_card_data() else self._answer(command)


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


@given(st.integers(0, 2048))
def test_a_file_of_any_length_is_read_whole_and_once(size: int) -> None:
    content = bytes(range(1, 252)) * 9
    card = Scripted(File(content[:size]))
    applet = Applet(card)
    assert applet.read(CardFile.IDENTITY) == content[:size]
    assert applet.commands == len(card.commands)
    blocks = [command for command in card.commands if command[1] == 0xB0]
    assert len(blocks) <= size // 256 + 4


@given(st.integers(1, 300))
def test_a_signature_is_at_most_one_block(size: int) -> None:
    card = Scripted(File(b"s" * size))
    assert Applet(card).read(CardFile.IDENTITY_SIGNATURE) == b"s" * min(size, 256)
    assert len(card.commands) <= 5


@pytest.mark.parametrize("padding", [0, 1, 300, 1100])
def test_a_certificate_is_read_to_its_own_end(padding: int) -> None:
    der = b"\x30\x82\x02\x83" + bytes(0x283)
    card = Scripted(File(der + bytes(padding)))
    assert Applet(card).read(CardFile.RRN_CERTIFICATE) == der
    assert [command[4] for command in card.commands if command[1] == 0xB0] == [0, 0, 0x87]


def test_a_file_that_never_ends_is_cut_off() -> None:
    applet = Applet(Scripted(lambda c: OK if c[1] == 0xA4 else Response(b"x" * 256, 0x9000)))
    assert len(applet.read(CardFile.IDENTITY)) == 2048


def test_a_spurious_end_of_file_is_not_believed_at_once() -> None:
    content = b"\x07\xff\xff\x00" + b"x" * 510 + b"\x0f\x011"
    file = File(content)
    lies = iter([Response(b"", 0x6B00)])

    def answer(command: bytes) -> Response:
        at_256 = command[1] == 0xB0 and command[2:4] == b"\x01\x00"
        return next(lies, None) or file(command) if at_256 else file(command)

    assert Applet(Scripted(answer)).read(CardFile.IDENTITY) == content


@pytest.mark.parametrize("status", [0x6B00, 0x6986])
def test_an_end_of_file_that_repeats_is_one(status: int) -> None:
    content = b"\x07\xff\xff\x00" + b"x" * 508
    file = File(content)

    def answer(command: bytes) -> Response:
        return Response(b"", status) if command[2:4] == b"\x02\x00" else file(command)

    assert Applet(Scripted(answer)).read(CardFile.IDENTITY) == content


def test_a_warning_at_the_end_of_file_is_data() -> None:
    def answer(command: bytes) -> Response:
        return OK if command[1] == 0xA4 else Response(b"abc", 0x6282)

    assert Applet(Scripted(answer)).read(CardFile.IDENTITY) == b"abc"


TRICKS: dict[str, Answer] = {
    "announces for ever": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x6110),
    "corrects for ever": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x6C10),
    "gives more than asked": lambda c: OK if c[1] == 0xA4 else Response(b"x" * 257, 0x9000),
    "gives 64 kB": lambda c: OK if c[1] == 0xA4 else Response(b"x" * 65536, 0x9000),
    "says something odd": lambda c: OK if c[1] == 0xA4 else Response(b"", 0x1234),
    "knows no file": lambda _: Response(b"", 0x6A82),
}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_card_that_plays_is_unreadable(trick: str) -> None:
    assert problem_with(TRICKS[trick]) is ProblemCode.CARD_UNREADABLE


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
def test_a_recognised_applet_that_refuses_its_files_waits_for_activation(status: int) -> None:
    assert problem_with(lambda _: Response(b"", status)) is ProblemCode.CARD_NOT_ACTIVATED


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
