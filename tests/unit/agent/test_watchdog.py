from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kiosk.agent import watchdog as module
from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, Response


class BlockingCard:
    """Answers when it is let go."""

    atr = b"atr"

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def transmit(self, command: bytes) -> Response:
        self.let_go.wait(10)
        return Response(b"", 0x9000)


class BlockingSlot:
    name = SlotName("slot")

    def __init__(self, card: BlockingCard, *, opens: bool) -> None:
        self._card = card
        self._opens = opens

    @contextmanager
    def open(self) -> Iterator[Card]:
        if not self._opens:
            self._card.let_go.wait(10)
        yield self._card


@pytest.fixture
def expired() -> queue.Queue[ProblemCode]:
    return queue.Queue()


def test_work_within_its_limit_is_left_alone(expired: queue.Queue[ProblemCode]) -> None:
    dog = Watchdog(expired.put)
    with dog.limit(30, ProblemCode.CARD_SILENT), dog.limit(60, ProblemCode.CARD_HELD):
        pass
    assert expired.empty()


def test_the_shortest_running_limit_counts(expired: queue.Queue[ProblemCode]) -> None:
    dog = Watchdog(expired.put)
    with dog.limit(30, ProblemCode.CARD_HELD), dog.limit(0.02, ProblemCode.CARD_SILENT):
        assert expired.get(timeout=5) is ProblemCode.CARD_SILENT


def test_a_slot_that_another_program_holds(
    expired: queue.Queue[ProblemCode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HOLD_SECONDS", 0.02)
    card = BlockingCard()
    slot = WatchedSlot(BlockingSlot(card, opens=False), Watchdog(expired.put), lambda: None)
    assert slot.name == "slot"
    opening = threading.Thread(target=lambda: slot.open().__enter__(), daemon=True)
    opening.start()
    assert expired.get(timeout=5) is ProblemCode.CARD_HELD
    card.let_go.set()
    opening.join(5)


def test_a_card_that_says_nothing(
    expired: queue.Queue[ProblemCode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "COMMAND_SECONDS", 0.02)
    card = BlockingCard()
    opened = threading.Event()
    slot = WatchedSlot(BlockingSlot(card, opens=True), Watchdog(expired.put), opened.set)
    with slot.open() as watched:
        assert opened.is_set()
        assert watched.atr == b"atr"
        talking = threading.Thread(target=watched.transmit, args=(b"",), daemon=True)
        talking.start()
        assert expired.get(timeout=5) is ProblemCode.CARD_SILENT
        card.let_go.set()
        talking.join(5)


def test_a_read_that_starts_over_has_no_more_time(
    expired: queue.Queue[ProblemCode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.2)
    card = BlockingCard()
    slot = WatchedSlot(BlockingSlot(card, opens=True), Watchdog(expired.put), lambda: None)
    with slot.open():
        pass
    with pytest.raises(queue.Empty):
        expired.get(timeout=0.3)
    with slot.open():
        assert expired.get(timeout=0.1) is ProblemCode.CARD_SILENT


def test_a_card_that_is_slow_all_the_way(
    expired: queue.Queue[ProblemCode], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "READ_SECONDS", 0.05)
    card = BlockingCard()
    card.let_go.set()
    slot = WatchedSlot(BlockingSlot(card, opens=True), Watchdog(expired.put), lambda: None)
    with slot.open() as watched:
        while expired.empty():
            watched.transmit(b"")
    assert expired.get_nowait() is ProblemCode.CARD_SILENT
