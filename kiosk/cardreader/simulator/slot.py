"""A reader in this process: the simulated card behind the same port as a real one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kiosk.cardreader.line import LineFailed
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.plan import Pulled, ResetElsewhere, Silent
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardError, CardReset, Response

LONGEST_ATR = 33
"""Bytes; more is no answer to reset (ISO/IEC 7816-3)."""


def response(answer: bytes) -> Response:
    """Take an answer apart; raise ``LineFailed`` when it has no status word."""
    if len(answer) < 2:
        raise LineFailed
    return Response(answer[:-2], int.from_bytes(answer[-2:], "big"))


def check_atr(atr: bytes) -> bytes:
    """Return an answer to reset; raise ``CARD_MUTE`` when it is none."""
    if not 2 <= len(atr) <= LONGEST_ATR:
        raise CardError(ProblemCode.CARD_MUTE)
    return atr


class SimulatedSlot:
    """A reader with a simulated card, or without one.

    A silent card raises ``CARD_SILENT`` at once: there is nobody to wait for.
    """

    def __init__(self, card: SimulatedCard | None = None, name: str = "Simulated 00 00") -> None:
        self._name = SlotName(name)
        self._card: SimulatedCard | None = None
        if card is not None:
            self.insert(card)

    @property
    def name(self) -> SlotName:
        """The slot's name."""
        return self._name

    def insert(self, card: SimulatedCard) -> None:
        """Put a card in, in place of the one that was there."""
        card.insert()
        self._card = card

    def remove(self) -> None:
        """Pull the card out; also in the middle of a conversation."""
        self._card = None

    @property
    def card(self) -> SimulatedCard:
        """The card that is in; raise ``CARD_REMOVED_EARLY`` when none is."""
        if self._card is None:
            raise CardError(ProblemCode.CARD_REMOVED_EARLY)
        return self._card

    @contextmanager
    def open(self) -> Iterator[Card]:
        """Talk to the card. Raise ``CARD_REMOVED_EARLY`` without one, ``CARD_MUTE``."""
        check_atr(self.card.atr)
        yield _Conversation(self)


class _Conversation:
    """A card connected in process."""

    def __init__(self, slot: SimulatedSlot) -> None:
        self._slot = slot

    @property
    def atr(self) -> bytes:
        """The answer to reset."""
        return self._slot.card.atr

    def transmit(self, command: bytes) -> Response:
        """Exchange one APDU; faults come out as the errors of a real reader."""
        card = self._slot.card
        try:
            return response(card.exchange(command))
        except Pulled:
            self._slot.remove()
            raise CardError(ProblemCode.CARD_REMOVED_EARLY) from None
        except Silent:
            raise CardError(ProblemCode.CARD_SILENT) from None
        except ResetElsewhere:
            card.reset()
            raise CardReset from None
        except LineFailed:
            card.reset()
            raise
