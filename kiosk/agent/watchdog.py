"""A time limit for calls that cannot be interrupted.

A silent card blocks PC/SC for minutes, and no thread can be stopped from
outside. So when a limit passes, the outcome is told and the whole process ends:
whatever it was waiting for is gone with it.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import final

from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardSlot, Response

COMMAND_SECONDS = 2.0
READ_SECONDS = 10.0
HOLD_SECONDS = 5.0


@final
class Watchdog:
    """Calls ``expire`` from its own thread when a running limit passes; once."""

    def __init__(self, expire: Callable[[ProblemCode], None]) -> None:
        self._expire = expire
        self._limits: dict[int, tuple[float, ProblemCode]] = {}
        self._next = 0
        self._changed = threading.Condition()
        threading.Thread(target=self._watch, name="watchdog", daemon=True).start()

    def limit(self, seconds: float, code: ProblemCode) -> contextlib.AbstractContextManager[None]:
        """Let the enclosed work take this long, or end as this problem."""
        return self.until(time.monotonic() + seconds, code)

    @contextlib.contextmanager
    def until(self, moment: float, code: ProblemCode) -> Iterator[None]:
        """Let the enclosed work last to this moment of the steady clock."""
        with self._changed:
            self._next += 1
            ticket = self._next
            self._limits[ticket] = (moment, code)
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                del self._limits[ticket]

    def _watch(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                due = min(self._limits.values(), key=lambda item: item[0], default=None)
                if due is not None and due[0] <= now:
                    break
                self._changed.wait(None if due is None else due[0] - now)
        self._expire(due[1])


@final
class WatchedSlot:
    """A slot whose every blocking call has a limit."""

    def __init__(self, slot: CardSlot, watchdog: Watchdog, opened: Callable[[], None]) -> None:
        self._slot = slot
        self._watchdog = watchdog
        self._opened = opened
        self._deadline: float | None = None

    @property
    def name(self) -> SlotName:
        """The name of the slot behind."""
        return self._slot.name

    @contextlib.contextmanager
    def open(self) -> Iterator[Card]:
        """Open the slot; another program's hold counts apart from the read.

        A second opening, after a reset, has what is left of the first one's time.
        """
        with contextlib.ExitStack() as stack:
            with self._watchdog.limit(HOLD_SECONDS, ProblemCode.CARD_HELD):
                card = stack.enter_context(self._slot.open())
            self._opened()
            self._deadline = self._deadline or time.monotonic() + READ_SECONDS
            stack.enter_context(self._watchdog.until(self._deadline, ProblemCode.CARD_SILENT))
            yield WatchedCard(card, self._watchdog)


@final
class WatchedCard:
    """A card each of whose answers has a limit."""

    def __init__(self, card: Card, watchdog: Watchdog) -> None:
        self._card = card
        self._watchdog = watchdog

    @property
    def atr(self) -> bytes:
        """The answer to reset of the card behind."""
        return self._card.atr

    def transmit(self, command: bytes) -> Response:
        """Exchange one APDU within its limit."""
        with self._watchdog.limit(COMMAND_SECONDS, ProblemCode.CARD_SILENT):
            return self._card.transmit(command)
