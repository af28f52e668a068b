"""Everything that can go wrong at one command, at every command of a read.

A read ends with the proven person or with one problem, never in anything else;
nobody is accused for a fault of reader, service or line; and the next visit works.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader import eid
from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.domain.national_number import Purpose
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardReset, Reading, Response
from tests.support.cards import PERSON, Cards
from tests.support.fault_grid import (
    ENDS,
    FAULTS,
    LATER,
    OF_A_MOMENT,
    PERSON_PROVEN,
    Cell,
    Outcome,
    allowed,
    sample,
    whole,
)
from tests.support.trouble import garbage, undisturbed

Record = Callable[[str, object], None]
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


HERE: dict[str, Fault] = {
    **{fault: fails(end) for fault, end in ENDS.items() if end},
    "reset by another program": reset,
    "line failed": line_failed,
    "data lost": line_failed,
    "one byte too many": says(0x9000, bytes(257)),
    "64 KB": says(0x9000, b"\xa5" * 0x10000),
    **{word: says(int(word, 16)) for word in OF_A_MOMENT},
    "short block": short,
    "empty": says(0x9000),
    "garbage": lambda _card, command: Response(garbage(command), 0x9000),
}
SEED = 61
OF_EACH = 8


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


@pytest.fixture(scope="module")
def commands(cards: Cards) -> Mapping[tuple[str, str], Sequence[bytes]]:
    return undisturbed(cards)


@pytest.fixture
def grid(commands: Mapping[tuple[str, str], Sequence[bytes]]) -> list[Cell]:
    return list(whole({kind: len(sent) for kind, sent in commands.items()}))


@pytest.fixture
def judge(
    cards: Cards, commands: Mapping[tuple[str, str], Sequence[bytes]]
) -> Callable[[Sequence[Cell]], None]:
    """Run cells, and fail with all of them that ended in another way than they may."""
    kinds = {applet: Applet.of_version(applet) for applet, _ in commands}
    slots = {applet: SimulatedSlot(cards.card(kind)) for applet, kind in kinds.items()}

    def run(cells: Sequence[Cell]) -> None:
        ends = [(cell, disturbed(cards, slots[cell.applet], cell)) for cell in cells]
        wrong = [
            (cell, end)
            for cell, end in ends
            if end not in allowed(cell.fault, commands[cell.applet, cell.memory][: cell.at])
        ]
        assert not wrong, wrong

    return run


def test_a_sample_of_the_grid(
    grid: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record
) -> None:
    chosen = sample(grid, SEED, {}, OF_EACH)
    record_property("cells", f"{len(chosen)} of {len(grid)}")
    judge(chosen)


@pytest.mark.soak
def test_the_whole_grid(
    grid: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record
) -> None:
    record_property("cells", f"{len(grid)} of {len(grid)}")
    judge(grid)


def test_every_fault_of_the_grid_is_here() -> None:
    assert HERE.keys() == {*FAULTS}


def disturbed(cards: Cards, slot: SimulatedSlot, cell: Cell) -> Outcome:
    """Read in a disturbed visit, then in a quiet one; how the first ended."""
    reader = cards.reader()
    if cell.memory == LATER:
        reader.read(slot)
    visit = Slot(slot, cell.at, HERE[cell.fault])
    end: Outcome = PERSON_PROVEN
    try:
        assert number_of(reader.read(visit)) == person(PERSON).number
    except KioskError as error:
        end = error.problem.code
    assert len(visit.sent) <= 2 * 65
    challenges = sum(command[1] == 0x88 for command in visit.sent)
    assert challenges <= 1 + (cell.fault == "reset by another program")
    assert number_of(reader.read(Slot(slot, 0, reset))) == person(PERSON).number
    return end


def number_of(reading: Reading) -> str:
    return reading.identity.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)


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
