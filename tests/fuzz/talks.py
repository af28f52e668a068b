"""Whole conversations: with a card that says what the input says, and over the agent's pipe."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

from kiosk.agent import messages
from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    CardHolder,
    Concluded,
    MessageError,
    Proceeding,
    Progress,
    Ready,
    Status,
    ToAgent,
    ToWindow,
    TypedReason,
)
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.domain.national_number import Purpose
from kiosk.domain.problem import KioskError, Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, SourceState, Tariff, UseCase, Verdict
from kiosk.domain.visit import SlotName, VisitId
from kiosk.ports import Card, CardError, CardReset, Reading, Response
from tests.fuzz.target import Bench, Check, Target, said
from tests.support.cards import Cards

KINDS: tuple[tuple[Applet, tuple[str, ...]], ...] = (
    (Applet.V1_1, ()),
    (Applet.V1_7, ()),
    (Applet.V1_7, ("rekeyed",)),
    (Applet.V1_8, ()),
)
OF_READERS = (
    ProblemCode.CARD_REMOVED_EARLY,
    ProblemCode.CARD_SILENT,
    ProblemCode.CARD_MUTE,
    ProblemCode.READER_LOST,
    ProblemCode.PCSC_DOWN,
    ProblemCode.CARD_UNREADABLE,
)
MOST_COMMANDS = 65
MOST_READS = 5
"""Two resets by others, or four failures of the line, end a visit."""


class Script:
    """An input, read byte by byte; at its end come zeros, which change nothing."""

    def __init__(self, data: bytes) -> None:
        self._rest = iter(data)

    def byte(self) -> int:
        return next(self._rest, 0)

    def bytes(self) -> bytes:
        return bytes(self.byte() for _ in range(self.byte()))


class Scripted:
    """A genuine card, and an input that says what becomes of each answer."""

    name = SlotName("scripted")

    def __init__(self, card: SimulatedCard, script: Script) -> None:
        self._card = card
        self._script = script
        self.sent: list[bytes] = []

    @property
    def atr(self) -> bytes:
        return self._card.atr

    @contextmanager
    def open(self) -> Iterator[Card]:
        self._card.reset()
        yield self

    def transmit(self, command: bytes) -> Response:
        self.sent.append(command)
        step = self._script.byte() % 24
        answer = self._card.exchange(command)
        data, status = answer[:-2], int.from_bytes(answer[-2:], "big")
        match step:
            case 1:
                raise (CardReset, LineFailed)[self._script.byte() % 2]
            case 2:
                raise CardError(OF_READERS[self._script.byte() % len(OF_READERS)])
            case 3:
                return Response(b"", self._word())
            case 4:
                return Response(data, self._word())
            case 5:
                return Response(self._script.bytes(), self._word())
        return Response(self._other(step, data), status)

    def _other(self, step: int, data: bytes) -> bytes:
        match step:
            case 6:
                return self._script.bytes()
            case 7:
                return data[: self._script.byte()]
            case 8:
                return data + self._script.bytes()
            case 9:
                return bytes(self._word())
            case 10 if data:
                at = self._script.byte() % len(data)
                changed = data[at] ^ (self._script.byte() or 1)
                return data[:at] + bytes((changed,)) + data[at + 1 :]
        return data

    def _word(self) -> int:
        return self._script.byte() << 8 | self._script.byte()


def prepare_conversations(bench: Bench) -> Check:
    cards = [bench.cards.card(applet, *faults) for applet, faults in KINDS]
    genuine = [told(bench.cards.reader().read(SimulatedSlot(card))) for card in cards]
    warm = bench.cards.reader()
    for card in cards:
        warm.read(SimulatedSlot(card))
    known = [signer.der for signer in warm._cache.signers]

    def check(data: bytes) -> None:
        """The first byte chooses the card, and whether its certificates were seen before."""
        first = data[0] if data else 0
        card = cards[first % len(cards)]
        card.log.clear()
        slot = Scripted(card, Script(data[1:]))
        reader = warm if first & 4 else bench.cards.reader()
        assert outcome(reader, slot) in (genuine[first % len(cards)], None)
        assert len(slot.sent) <= MOST_READS * MOST_COMMANDS
        assert sum(command[1] == 0x88 for command in slot.sent) <= 2
        assert [signer.der for signer in warm._cache.signers] == known

    return check


def outcome(reader: EidReader, slot: Scripted) -> tuple[object, ...] | None:
    try:
        return told(reader.read(slot))
    except KioskError:
        return None


def told(reading: Reading) -> tuple[object, ...]:
    """All that anybody is told of the person."""
    one = reading.identity
    number = one.national_number.disclose(Purpose.ELIGIBILITY_QUESTION)
    return number, one.given_name, one.card_valid_until, one.proof, one.capture, one.legacy


def conversation_seeds(_: Cards) -> Iterable[bytes]:
    for first in range(8):
        yield bytes((first,))
        for step in range(1, 11):
            for before in (0, 2, 4, 6, 9, 13):
                yield bytes((first, *bytes(before), step, 3, 0x90, 0, 1))


# The window and its agent.


def round_trip(
    data: bytes, read: Callable[[bytes], ToAgent | ToWindow]
) -> ToAgent | ToWindow | None:
    try:
        message = read(data)
    except MessageError as error:
        said(error, "not a message")
        return None
    try:
        line = messages.line_of(message)
    except MessageError:
        assert len(data) >= messages.LONGEST_LINE - 1
        return None
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert read(line) == message
    return message


def check_to_agent(data: bytes) -> None:
    message = round_trip(data, messages.for_agent)
    if isinstance(message, BeginTyped) and len(message.digits) > len(str(message.visit)) + 12:
        assert message.digits not in repr(message)


def check_to_window(data: bytes) -> None:
    message = round_trip(data, messages.for_window)
    if isinstance(message, Concluded):
        assert isinstance(message.outcome, Verdict | Problem)
    if isinstance(message, Status):
        assert len(message.sources) <= messages.MOST_SOURCES


VISIT = VisitId(7)
VERDICT = Verdict(
    check_id="c-1",
    use_case="uitpas",
    colour=Colour.ORANGE,
    determined=False,
    tariff=Tariff(code="kansentarief", pay_percent=20, label={"nl": "Kansentarief"}),
    valid_until=date(2027, 1, 1),
    guidance=(Guidance(code="UIT-G01", title={"nl": "Toekennen"}, steps={"nl": ("Doe",)}),),
    blocked_by=("income",),
    sources=(SourceState(group="income", state="down", reason="x", retry_after_seconds=3),),
    display_until=datetime(2026, 11, 22, 10, tzinfo=UTC),
)


def to_agent_seeds(_: Cards) -> Iterable[bytes]:
    yield messages.line_of(Begin(VISIT, SlotName("Reader 00 00"), UseCase.UITPAS))
    yield messages.line_of(
        BeginTyped(VISIT, "85613001239", TypedReason.CARD_FORGOTTEN, UseCase.LEZ)
    )
    yield messages.line_of(AskAgain())


def to_window_seeds(_: Cards) -> Iterable[bytes]:
    yield messages.line_of(Ready())
    yield messages.line_of(Status((SourceState(group="income", state="ok"),), "K401"))
    yield messages.line_of(Proceeding(VISIT, Progress.READING))
    yield messages.line_of(CardHolder(VISIT, "Zo\u00eb"))
    yield messages.line_of(Concluded(VISIT, verdict=VERDICT))
    yield messages.line_of(Concluded(VISIT, problem="K301"))


TARGETS = (
    Target("conversations", prepare_conversations, conversation_seeds, 250_000, 256),
    Target("to-agent", lambda _: check_to_agent, to_agent_seeds, 650_000),
    Target("to-window", lambda _: check_to_window, to_window_seeds, 650_000),
)
