"""Everything that can go wrong at one command, at every command of a read.

A read ends with the proven person or with one problem, never in anything else;
nobody is accused for a fault of reader, service or line; and the next visit works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import eid
from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.domain.national_number import Purpose
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardReset, Response
from tests.support.cards import Cards

Fault = Callable[[Card, bytes], Response]


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(eid, "_DOUBT_SECONDS", 0)
    monkeypatch.setattr(eid, "_OLD_CARD_SECONDS", 0)


def fails(code: ProblemCode) -> Fault:
    def fault(_card: Card, _command: bytes) -> Response:
        raise CardError(code)

    return fault


def reset(_card: Card, _command: bytes) -> Response:
    raise CardReset


def line_failed(_card: Card, _command: bytes) -> Response:
    raise LineFailed


def says(status: int, data: bytes = b"") -> Fault:
    return lambda _card, _command: Response(data, status)


def short(card: Card, command: bytes) -> Response:
    answer = card.transmit(command)
    return Response(answer.data[: len(answer.data) // 3], answer.status)


def garbage(_card: Card, command: bytes) -> Response:
    return Response(bytes((i * 37 + 11) % 256 for i in range(command[-1] or 256)), 0x9000)


FAULTS: dict[str, Fault] = {
    "pulled": fails(ProblemCode.CARD_REMOVED_EARLY),
    "reader gone": fails(ProblemCode.READER_LOST),
    "service killed": fails(ProblemCode.PCSC_DOWN),
    "silence": fails(ProblemCode.CARD_SILENT),
    "reset by another program": reset,
    "line failed": line_failed,
    "6C10": says(0x6C10),
    "6CFF": says(0x6CFF),
    "6110": says(0x6110),
    "short block": short,
    "6B00": says(0x6B00),
    "6986": says(0x6986),
    "6282": says(0x6282),
    "6700": says(0x6700),
    "6F00": says(0x6F00),
    "empty": says(0x9000),
    "garbage": garbage,
    "one byte too many": says(0x9000, bytes(257)),
    "64 KB": says(0x9000, b"\xa5" * 0x10000),
}
CARRIED_ON = {"reset by another program"}
ENDED = {
    "pulled": ProblemCode.CARD_REMOVED_EARLY,
    "reader gone": ProblemCode.READER_LOST,
    "service killed": ProblemCode.PCSC_DOWN,
    "silence": ProblemCode.CARD_SILENT,
}
ACCUSATIONS = {
    ProblemCode.SIGNATURE_WRONG,
    ProblemCode.CHIP_COPIED,
    ProblemCode.CERTIFICATE_WRONG,
}
BASIC_KEY = bytes.fromhex("4040")
"""From its selection on, whatever the card says wrongly is a proof that was not given."""
OF_CONTENT = {"garbage"}
"""Wrong bytes that look like an answer cannot be told from a forgery.

Nor can a selection that is confirmed and was not made: the wrong file is read.
"""


class Disturbed:
    """A card that is disturbed at one command, counted over the whole visit."""

    def __init__(self, slot: Slot, card: Card) -> None:
        self._slot = slot
        self._card = card
        self.atr = card.atr

    def transmit(self, command: bytes) -> Response:
        self._slot.sent.append(command)
        if len(self._slot.sent) == self._slot.at:
            return self._slot.fault(self._card, command)
        return self._card.transmit(command)


class Slot:
    name = SlotName("disturbed")

    def __init__(self, inner: SimulatedSlot, at: int, fault: Fault) -> None:
        self._inner = inner
        self.at = at
        self.fault = fault
        self.sent: list[bytes] = []

    @contextmanager
    def open(self) -> Iterator[Card]:
        self._inner.card.reset()
        with self._inner.open() as card:
            yield Disturbed(self, card)


def test_nothing_but_the_person_or_one_problem(cards: Cards) -> None:
    for applet, step in ((Applet.V1_1, 4), (Applet.V1_7, 1), (Applet.V1_8, 1)):
        whole = Slot(SimulatedSlot(cards.card(applet)), 0, reset)
        number = cards.reader().read(whole).identity.national_number
        expected = number.disclose(Purpose.ELIGIBILITY_QUESTION)
        for at in range(1, len(whole.sent) + 1, step):
            about_chip = any(sent.endswith(BASIC_KEY) for sent in whole.sent[:at])
            for name in FAULTS:
                outcome = disturbed(cards, applet, at, name)
                place = (applet.version, at, name, outcome)
                if isinstance(outcome, str):
                    assert outcome == expected, place
                    assert name not in ENDED, place
                    continue
                assert name not in CARRIED_ON, place
                assert outcome is ENDED.get(name, outcome), place
                if outcome in ACCUSATIONS:
                    not_selected = whole.sent[at - 1][1] == 0xA4 and name == "empty"
                    assert about_chip or not_selected or name in OF_CONTENT, place
                    assert name != "line failed", place


def disturbed(cards: Cards, applet: Applet, at: int, name: str) -> str | ProblemCode:
    """Read in a disturbed visit, then in a quiet one; how the first ended."""
    reader, slot = cards.reader(), SimulatedSlot(cards.card(applet))
    visit = Slot(slot, at, FAULTS[name])
    outcome: str | ProblemCode
    try:
        identity = reader.read(visit).identity
        outcome = identity.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)
    except KioskError as error:
        outcome = error.problem.code
    assert len(visit.sent) <= 2 * 65
    challenges = sum(command[1] == 0x88 for command in visit.sent)
    assert challenges <= 1 + (name == "reset by another program")
    assert reader.read(Slot(slot, 0, reset)).identity.given_name
    return outcome


STATUSES = [
    *(0x9000, 0x6282, 0x6283, 0x6700, 0x6982, 0x6985, 0x6986, 0x6A80, 0x6A82, 0x6B00, 0x6D00),
    *(0x6C00, 0x6C10, 0x6CFF, 0x6100, 0x6160, 0x6F00),
]
answers = st.builds(Response, st.binary(max_size=300), st.sampled_from(STATUSES))
interruptions = st.sampled_from([CardReset(), LineFailed(), CardError(ProblemCode.CARD_SILENT)])


class Talking:
    """A card that says anything, after it was recognised or not even that."""

    atr = bytes.fromhex("3B7F96000080318065B085040120120FFF829000")
    name = SlotName("talking")

    def __init__(self, script: list[Response | Exception], *, recognised: bool) -> None:
        self._script = script
        self._recognised = recognised
        self.sent = 0

    @contextmanager
    def open(self) -> Iterator[Card]:
        yield self

    def transmit(self, command: bytes) -> Response:
        self.sent += 1
        if self._recognised and command[:3] == b"\x00\xa4\x04":
            return Response(b"", 0x9000)
        if self._recognised and command[1] == 0xE4:
            return Response(bytes(28), 0x9000)
        said = self._script[self.sent % len(self._script)]
        if isinstance(said, Exception):
            raise said
        return said


@given(
    script=st.lists(answers | answers | answers | interruptions, min_size=1, max_size=30),
    recognised=st.booleans(),
)
def test_whatever_a_card_says_a_read_ends_in_one_problem(
    cards: Cards, script: list[Response | Exception], recognised: bool
) -> None:
    card = Talking(script, recognised=recognised)
    with pytest.raises(KioskError):
        cards.reader().read(card)
    assert card.sent <= 4 * 65
