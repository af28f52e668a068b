"""Readers and cards that are moved by a script, in the place of PC/SC.

Told by a real ``SlotWatch``; read by ``scripted_agent.py``, for which a card is a file.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.bootstrap import window
from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from kiosk.settings import ServiceSettings, Settings
from kiosk.ui.application import Terminal

SLOTS: Final = (SlotName("Reader A"), SlotName("Reader B"))
_AGENT: Final = Path(__file__).with_name("scripted_agent.py")


class World:
    """Two slots, and whether PC/SC works. Cards have serials that never come again."""

    def __init__(self, folder: Path, slots: tuple[SlotName, ...] = SLOTS) -> None:
        self._folder = folder
        self.slots = slots
        self._changing = threading.Lock()
        self._monitors: list[ScriptedMonitor] = []
        self._works = True
        self._serial = 100
        self.monitors_made = 0
        self.cards: dict[SlotName, str] = {}
        """The serial of the card in each slot that has one."""

    def agent(self, seed: str, manners: str) -> tuple[str, ...]:
        """The command that starts an agent for the cards of this world."""
        return (sys.executable, "-S", "-E", str(_AGENT), str(self._folder), seed, manners)

    def monitor(self) -> ScriptedMonitor:
        """What ``SlotWatch`` watches with; it tells all there is first."""
        with self._changing:
            one = ScriptedMonitor()
            self.monitors_made += 1
            self._monitors = [one]  # of an older one nobody hears any more
            for event in self._all():
                one.add(event)
        return one

    def put_in(self, slot: SlotName) -> None:
        """Put a new card into an empty slot."""
        with self._changing:
            self.cards[slot] = self.card_into(slot)
            self._tell(SlotFilled(slot))

    def take_out(self, slot: SlotName) -> None:
        """Take the card out of a slot."""
        with self._changing:
            del self.cards[slot]
            self.card_out_of(slot)
            self._tell(SlotEmptied(slot))

    def card_into(self, slot: SlotName) -> str:
        """Let agents find a card there; return its serial."""
        serial = str(self.next_serial())
        (self._folder / slot).write_text(serial)
        return serial

    def card_out_of(self, slot: SlotName) -> None:
        """Let agents find none there."""
        (self._folder / slot).unlink()

    def next_serial(self) -> int:
        """A number that no card has had."""
        self._serial += 1
        return self._serial

    def fail(self) -> None:
        """Let PC/SC go away; what it told of cards is over."""
        with self._changing:
            if self._works:
                self._works = False
                for slot in self.cards:
                    self._broadcast(SlotEmptied(slot))
                self._broadcast(ReadersLost(Problem(ProblemCode.PCSC_DOWN)))

    def recover(self) -> None:
        """Let PC/SC come back."""
        with self._changing:
            if not self._works:
                self._works = True
                for event in self._all():
                    self._broadcast(event)

    @property
    def is_told(self) -> bool:
        """Whether everything that happened was given on by the monitor there is now."""
        return all(monitor.is_done for monitor in self._monitors)

    def _all(self) -> list[SlotEvent]:
        if not self._works:
            return [ReadersLost(Problem(ProblemCode.PCSC_DOWN))]
        return [ReadersReady(self.slots), *map(SlotFilled, self.cards)]

    def _tell(self, event: SlotEvent) -> None:
        if self._works:
            self._broadcast(event)

    def _broadcast(self, event: SlotEvent) -> None:
        for monitor in self._monitors:
            monitor.add(event)


class ScriptedMonitor:
    """A ``SlotMonitor``."""

    def __init__(self) -> None:
        self._events: queue.SimpleQueue[SlotEvent] = queue.SimpleQueue()
        self._added = 0
        self._given = 0
        self._done = 0

    def add(self, event: SlotEvent) -> None:
        """Tell something at the next wait, or to the one that is going on."""
        self._added += 1
        self._events.put(event)

    @property
    def is_done(self) -> bool:
        """Whether what was added was given, and taken: its taker is back for more."""
        return self._done == self._added

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        self._done = self._given
        try:
            # Short, so that a watch that is renewed or stopped does so at once.
            event = self._events.get(timeout=min(at_most.total_seconds(), 0.01))
        except queue.Empty:
            return ()
        self._given += 1
        return (event,)

    def close(self) -> None:
        """Nothing waits for long."""


def scripted_terminal(mode: Mode, world: World, agent: tuple[str, ...]) -> Terminal:
    """The terminal as it is put together for people, but with the readers of a world."""
    service = ServiceSettings(use_cases=("uitpas", "school"))
    settings = Settings(environment="test", service=service)
    return replace(window.terminal(settings, mode, None), agent=agent, monitor=world.monitor)
