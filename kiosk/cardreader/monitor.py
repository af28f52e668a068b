"""Which reader has a card, told at once, whatever happens to the PC/SC service.

Own code on ``smartcard.scard``: the monitors of pyscard end for good when the
service restarts. This one asks for a new context as long as it takes.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final, final

from smartcard import scard

from kiosk.cardreader.ghosts import Ghosts
from kiosk.cardreader.pcsc import problem_of, state_change, unsigned
from kiosk.cardreader.slots import ReaderFilter
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled

_PLUG_AND_PLAY: Final = "\\\\?PnP?\\Notification"
_SLICE: Final = 1.0
"""Remote desktops do not tell of new readers: the list is read anew every second."""
_SERVICE_RETRY: Final = 0.1
_CANCEL_AGAIN: Final = 0.05
_CANCELS: Final = 20
_OCCUPIED: Final = scard.SCARD_STATE_PRESENT
_COUNTER: Final = 0xFFFF0000
_CONTACTLESS: Final = (0x3B, 0x80, 0x80, 0x01)
_OF_THE_SECOND: Final = 0xF0
"""How the answer begins that a reader makes up for a card without contacts (PC/SC, part 3)."""
_WELL: Final = frozenset({scard.SCARD_S_SUCCESS, unsigned(scard.SCARD_E_TIMEOUT)})
_NOT_A_STATE: Final = scard.SCARD_STATE_CHANGED | scard.SCARD_STATE_IGNORE
"""Bits not to hand back. Windows marks a reader that went with IGNORE, and would obey it."""
_NOT_THERE: Final = frozenset(
    map(unsigned, (scard.SCARD_E_UNKNOWN_READER, scard.SCARD_E_READER_UNAVAILABLE))
)
_LOOK_AGAIN: Final = _NOT_THERE | frozenset(
    map(unsigned, (scard.SCARD_E_NO_READERS_AVAILABLE, scard.SCARD_E_CANCELLED))
)
"""The list of readers is out of date, or somebody closes the monitor."""


class _Lost(Exception):
    def __init__(self, code: ProblemCode) -> None:
        self.problem = Problem(code)


@final
class PcscMonitor:
    """One thread waits here; another may close it."""

    def __init__(self, readers: ReaderFilter) -> None:
        self._readers = readers
        self._context: Any = None
        self._seen: dict[SlotName, int] = {}
        self._passed_over: set[SlotName] = set()
        self._ghosts = Ghosts(self._is_there)
        self._plugged = scard.SCARD_STATE_UNAWARE
        self._told: ReadersReady | ReadersLost | None = None
        self._closed = threading.Event()
        self._waiting = threading.Lock()

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        """Return what changed, as soon as something did; empty when time is over."""
        until = time.monotonic() + at_most.total_seconds()
        with self._waiting:
            while not self._closed.is_set():
                left = until - time.monotonic()
                try:
                    events = self._look(max(0.0, min(left, _SLICE)))
                except _Lost as lost:
                    events = self._lose(lost.problem)
                    if not events:
                        self._pause(left)
                if events or left <= 0:
                    return events
            self._release()
            return ()

    def close(self) -> None:
        """End a wait that another thread is in, and let go of PC/SC.

        A cancel that comes just before the other thread blocks is lost, hence
        the repeating; a thread that hangs in PC/SC lets go itself if it returns.
        """
        self._closed.set()
        for seconds in (0.0, *[_CANCEL_AGAIN] * _CANCELS):
            if self._waiting.acquire(timeout=seconds):
                self._release()
                self._waiting.release()
                return
            context = self._context
            if context is not None:
                scard.SCardCancel(context)

    def _pause(self, left: float) -> None:
        self._closed.wait(max(0.0, min(left, _SERVICE_RETRY)))

    def _look(self, seconds: float) -> list[SlotEvent]:
        """Tell nothing of a service that lists readers and cannot watch them."""
        self._ensure_context()
        listed = self._readers.wanted(self._list())
        self._ghosts.look(listed)
        slots = self._ghosts.there(listed)
        gone = [slot for slot in self._seen if slot not in slots]
        now = ReadersReady(slots) if slots else ReadersLost(Problem(ProblemCode.NO_READER))
        news = bool(gone) or self._told != now
        changes = self._changes(self._ghosts.askable(slots), 0 if news else seconds)
        events: list[SlotEvent] = []
        for slot in gone:
            events += self._forget(slot)
        if self._told != now:
            self._told = now
            events.append(now)
        return events + changes

    def _changes(self, slots: Sequence[SlotName], seconds: float) -> list[SlotEvent]:
        asked = {str(slot): self._seen.get(slot, scard.SCARD_STATE_UNAWARE) for slot in slots}
        # Windows answers at once, each time, to who does not hand back the number of readers.
        asked[_PLUG_AND_PLAY] = self._plugged
        milliseconds = math.ceil(seconds * 1000)
        result, states = state_change(self._context, milliseconds, [*asked.items()])
        if unsigned(result) in _LOOK_AGAIN:
            if not self._ghosts.suspect(slots):
                self._pause(seconds)
            return []
        if unsigned(result) not in _WELL:
            raise _Lost(self._reason(result))
        events: list[SlotEvent] = []
        for name, told, atr in states:
            if not told:
                continue  # no state at all: the time was over before anybody looked
            if name == _PLUG_AND_PLAY:
                self._plugged = told & ~_NOT_A_STATE
            elif told & scard.SCARD_STATE_UNKNOWN:
                self._ghosts.suspect([SlotName(name)])
            else:
                events += self._note(SlotName(name), told & ~_NOT_A_STATE, atr)
        return events

    def _is_there(self, slot: SlotName) -> bool:
        """Ask about one reader alone; a service that fails says so when all are asked about."""
        result, states = state_change(self._context, 0, [(slot, scard.SCARD_STATE_UNAWARE)])
        if unsigned(result) in _NOT_THERE:
            return False
        return not any(told & scard.SCARD_STATE_UNKNOWN for _, told, _ in states)

    def _note(self, slot: SlotName, state: int, atr: Sequence[int]) -> list[SlotEvent]:
        found = slot not in self._seen
        before, was = self._seen.get(slot, 0), self._is_filled(slot)
        self._seen[slot] = state
        # An eID laid on a reader with a second, contactless slot shows its travel document there:
        # no eID, and no broken one. The slot counts as empty.
        (self._passed_over.add if _is_contactless(atr) else self._passed_over.discard)(slot)
        now = self._is_filled(slot)
        if was and now and (before ^ state) & _COUNTER:
            return [SlotEmptied(slot), SlotFilled(slot)]  # out and in again between two looks
        if was == now:
            return []
        return [SlotFilled(slot, found=found) if now else SlotEmptied(slot)]

    def _is_filled(self, slot: SlotName) -> bool:
        occupied = bool(self._seen.get(slot, 0) & _OCCUPIED)
        return occupied and slot not in self._passed_over

    def _forget(self, slot: SlotName) -> list[SlotEvent]:
        filled = self._is_filled(slot)
        del self._seen[slot]
        self._passed_over.discard(slot)
        return [SlotEmptied(slot, gone=True)] if filled else []

    def _lose(self, problem: Problem) -> list[SlotEvent]:
        """Drop everything the old context told; say so once."""
        self._release()
        events: list[SlotEvent] = []
        for slot in list(self._seen):
            events += self._forget(slot)
        if self._told != (lost := ReadersLost(problem)):
            self._told = lost
            events.append(lost)
        return events

    def _release(self) -> None:
        if self._context is not None:
            scard.SCardReleaseContext(self._context)
            self._context = None
        self._plugged = scard.SCARD_STATE_UNAWARE

    def _ensure_context(self) -> None:
        if self._context is not None:
            return
        result, handle = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if result != scard.SCARD_S_SUCCESS:
            raise _Lost(self._reason(result))
        self._context = handle

    def _list(self) -> Sequence[str]:
        result, names = scard.SCardListReaders(self._context, [])
        if unsigned(result) == unsigned(scard.SCARD_E_NO_READERS_AVAILABLE):
            return ()
        if result != scard.SCARD_S_SUCCESS:
            raise _Lost(self._reason(result))
        return list(names)

    @staticmethod
    def _reason(result: int) -> ProblemCode:
        refused = problem_of(result) is ProblemCode.PCSC_REFUSED
        return ProblemCode.PCSC_REFUSED if refused else ProblemCode.PCSC_DOWN


def _is_contactless(atr: Sequence[int]) -> bool:
    first, second, *rest = (*atr[:4], 0, 0, 0, 0)[:4]
    return (first, second & _OF_THE_SECOND, *rest) == _CONTACTLESS
