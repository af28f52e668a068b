"""The demo's card reader: what agents read from, and what tells the window of its card."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Final, final

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.sockets import CardServer
from kiosk.ports import ReadersReady, SlotEmptied, SlotEvent, SlotFilled

_EMPTY: Final = 0


@final
class DemoReader(CardServer):
    """A reader on loopback that tells when a card comes in or goes out, whoever pulled it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.inside = _EMPTY
        """Which insertion the card in the reader came with, counted from 1; 0 without a card."""
        self._insertions = 0
        super().__init__()

    def insert(self, card: SimulatedCard) -> None:
        """Put a card in; one that is there comes out first."""
        super().insert(card)
        with self.changed:
            self._insertions += 1
            self.inside = self._insertions
            self.changed.notify_all()

    def remove(self) -> None:
        """Pull the card out: every conversation with it ends. Without a card, nothing happens."""
        super().remove()
        with self.changed:
            self.inside = _EMPTY
            self.changed.notify_all()

    def monitor(self) -> ReaderMonitor:
        """Return what tells of this reader, from the start."""
        return ReaderMonitor(self)


@final
class ReaderMonitor:
    """Tells of one reader what a monitor of PC/SC tells of all."""

    def __init__(self, reader: DemoReader) -> None:
        self._reader = reader
        self._is_new = True
        self._inside = _EMPTY
        self._closed = False

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        """Block until a card came or went, or the time is over."""
        with self._reader.changed:
            self._reader.changed.wait_for(self._is_over, at_most.total_seconds())
            return tuple(self._news())

    def close(self) -> None:
        """End a wait that another thread is in; from here on no wait lasts."""
        with self._reader.changed:
            self._closed = True
            self._reader.changed.notify_all()

    def _is_over(self) -> bool:
        return self._closed or self._is_new or self._inside != self._reader.inside

    def _news(self) -> list[SlotEvent]:
        slot = self._reader.name
        events: list[SlotEvent] = [ReadersReady((slot,))] if self._is_new else []
        before, self._inside = self._inside, self._reader.inside
        self._is_new = False
        if self._inside != before:
            events += [SlotEmptied(slot)] if before else []
            events += [SlotFilled(slot)] if self._inside else []
        return events
