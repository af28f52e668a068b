"""``smartcard.scard`` made of software: readers, cards and a service that do what a test says.

It behaves as pcsc-lite 1.9.9 does, or as Windows where the two differ: results below zero, a
pseudo-reader that counts readers, no states when the time is over. A waiting call ends when the
world changes; nothing here sleeps.
"""

from __future__ import annotations

import itertools
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from smartcard import scard as real

PLUG_AND_PLAY = "\\\\?PnP?\\Notification"
OK: int = real.SCARD_S_SUCCESS
ATR = bytes.fromhex("3B7F96000080318065B0850403")

Asked = Sequence[tuple[str, int]]
States = list[tuple[str, int, list[int]]]


@dataclass
class Reader:
    """One slot: whether a card is in, and how often that changed."""

    present: bool = False
    counter: int = 0
    extra: int = 0
    """More bits of its state, such as MUTE or INUSE."""
    atr: bytes = b""

    @property
    def state(self) -> int:
        held = real.SCARD_STATE_PRESENT if self.present else real.SCARD_STATE_EMPTY
        return int(self.counter << 16 | held | self.extra)


class FakeScard:
    """Stands in for the module; what it does not have comes from the real one."""

    def __init__(self, *names: str, windows: bool = False) -> None:
        self.readers = {name: Reader() for name in names}
        self.windows = windows
        self.service: int = OK
        """The result of every call; another one than success is a service that is away."""
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.answers: list[tuple[int, list[int]]] = []
        """What ``SCardTransmit`` returns, one after the other; 9000 when there is none left."""
        self.before: dict[str, Callable[[], None]] = {}
        """What happens in the world just before a function does its work."""
        self.waiting = threading.Event()
        """Set while a call waits for a change."""
        self.cancelled = threading.Event()
        """Set by a cancel, also by one that came too early."""
        self.contexts: set[int] = set()
        self.cards: set[int] = set()
        self.transactions: set[int] = set()
        self._scripts: dict[str, list[int]] = defaultdict(list)
        self._handles = itertools.count(1)
        self._changed = threading.Condition()
        self._cancelled: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("SCard"):
            raise AttributeError(name)
        value = getattr(real, name)
        return self._signed(value) if isinstance(value, int) else value

    def install(self, patch: pytest.MonkeyPatch) -> FakeScard:
        """Take the place of the module in both adapters."""
        patch.setattr("kiosk.cardreader.pcsc.scard", self)
        patch.setattr("kiosk.cardreader.monitor.scard", self)
        return self

    # The world, for tests.

    def plug(self, name: str, *, present: bool = False) -> None:
        with self._world():
            self.readers[name] = Reader(present)

    def unplug(self, name: str) -> None:
        with self._world():
            del self.readers[name]

    def insert(self, name: str) -> None:
        self._turn(name, True)

    def remove(self, name: str) -> None:
        self._turn(name, False)

    def stop(self, result: int = real.SCARD_E_NO_SERVICE) -> None:
        """The service goes; what it knew of its clients goes with it."""
        with self._world():
            self.service = result
            self.contexts.clear()

    def start(self) -> None:
        """It is back, and counts from the beginning."""
        with self._world():
            self.service = OK
            for reader in self.readers.values():
                reader.counter = 0

    def fail(self, function: str, result: int, *, at: int = 1) -> None:
        """Let the k-th call from now on have this result, and do nothing."""
        self._scripts[function] += [OK] * (at - 1 - len(self._scripts[function])) + [result]

    def heal(self) -> None:
        """Forget all failures that are still to come."""
        self._scripts.clear()

    def count(self, function: str) -> int:
        return len(self.arguments(function))

    def arguments(self, function: str) -> list[tuple[Any, ...]]:
        return [arguments for name, arguments in self.calls if name == function]

    def leftovers(self) -> tuple[int, int, int]:
        """How many contexts, cards and transactions nobody let go of."""
        return len(self.contexts), len(self.cards), len(self.transactions)

    # The module, for the adapters.

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:  # noqa: N802 – the module's own name
        result = self._enter("SCardEstablishContext", scope)
        handle = next(self._handles)
        if result == OK:
            self.contexts.add(handle)
        return self._signed(result), handle if result == OK else 0

    def SCardReleaseContext(self, context: int) -> int:  # noqa: N802 – the module's own name
        result = self._enter("SCardReleaseContext", context, of=context)
        self.contexts.discard(context)
        return self._signed(result)

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:  # noqa: N802 – the module's own name
        result = self._enter("SCardListReaders", context, of=context)
        if result == OK and not self.readers:
            result = real.SCARD_E_NO_READERS_AVAILABLE
        return self._signed(result), list(self.readers) if result == OK else []

    def SCardCancel(self, context: int) -> int:  # noqa: N802 – the module's own name
        with self._world():
            self.calls.append(("SCardCancel", (context,)))
            self.cancelled.set()
            if self.waiting.is_set():  # one that comes too early is lost
                self._cancelled.add(context)
        return OK

    def SCardGetStatusChange(  # noqa: N802 – the module's own name
        self, context: int, milliseconds: int, asked: Asked
    ) -> tuple[int, States]:
        result = self._enter("SCardGetStatusChange", context, milliseconds, list(asked), of=context)
        outcome = (result, self._nothing(asked))
        if result == OK:
            with self._changed:
                ended = self._ends(context, asked, len(self.readers))
                self.waiting.set()
                self._changed.wait_for(lambda: next(ended) is not None, milliseconds / 1000)
                self.waiting.clear()
                found = next(ended)
                outcome = found or self._time_is_over(asked)
        return self._signed(outcome[0]), outcome[1]

    def SCardConnect(self, context: int, name: str, mode: int, protocol: int) -> Any:  # noqa: N802 – the module's own name
        result = self._enter("SCardConnect", context, name, mode, protocol, of=context)
        reader = self.readers.get(name)
        if result == OK and reader is None:
            result = real.SCARD_E_UNKNOWN_READER
        elif result == OK and reader and not reader.present:
            result = real.SCARD_E_NO_SMARTCARD
        if result != OK:
            return self._signed(result), 0, 0
        handle = next(self._handles)
        self.cards.add(handle)
        return OK, handle, real.SCARD_PROTOCOL_T0

    def SCardReconnect(  # noqa: N802 - the module's own name
        self, card: int, mode: int, protocol: int, disposition: int
    ) -> tuple[int, int]:
        result = self._enter("SCardReconnect", card, mode, protocol, disposition)
        return self._signed(result), real.SCARD_PROTOCOL_T0

    def SCardDisconnect(self, card: int, disposition: int) -> int:  # noqa: N802 – the module's own name
        result = self._enter("SCardDisconnect", card, disposition)
        self.cards.discard(card)
        return self._signed(result)

    def SCardBeginTransaction(self, card: int) -> int:  # noqa: N802 – the module's own name
        result = self._enter("SCardBeginTransaction", card)
        if result == OK:
            self.transactions.add(card)
        return self._signed(result)

    def SCardEndTransaction(self, card: int, disposition: int) -> int:  # noqa: N802 – the module's own name
        result = self._enter("SCardEndTransaction", card, disposition)
        self.transactions.discard(card)
        return self._signed(result)

    def SCardTransmit(self, card: int, header: int, command: list[int]) -> tuple[int, list[int]]:  # noqa: N802 – the module's own name
        result = self._enter("SCardTransmit", card, header, command)
        if result != OK:
            return self._signed(result), []
        result, answer = self.answers.pop(0) if self.answers else (OK, [0x90, 0x00])
        return self._signed(result), answer

    def SCardStatus(self, card: int) -> tuple[int, str, int, int, list[int]]:  # noqa: N802 – the module's own name
        result = self._enter("SCardStatus", card)
        return self._signed(result), "", 0, 0, list(ATR) if result == OK else []

    # How it works.

    def _enter(self, function: str, *arguments: Any, of: int | None = None) -> int:
        self.calls.append((function, arguments))
        self.before.pop(function, lambda: None)()
        script = self._scripts[function]
        result = script.pop(0) if script else OK
        if result == OK:
            result = self.service
        if result == OK and of is not None and of not in self.contexts:
            result = real.SCARD_E_INVALID_HANDLE
        return result

    def _signed(self, value: int) -> int:
        return value - (1 << 32) if self.windows and value >= 1 << 31 else value

    def _world(self) -> _World:
        return _World(self._changed)

    def _turn(self, name: str, present: bool) -> None:
        with self._world():
            reader = self.readers[name]
            if reader.present is not present:
                reader.present = present
                reader.counter = (reader.counter + 1) & 0xFFFF

    def _ends(
        self, context: int, asked: Asked, readers: int
    ) -> Iterator[tuple[int, States] | None]:
        if any(name not in self.readers and name != PLUG_AND_PLAY for name, _ in asked):
            while True:
                yield real.SCARD_E_UNKNOWN_READER, self._nothing(asked)
        while True:
            states = [self._look(name, known, readers) for name, known in asked]
            if context in self._cancelled:
                yield real.SCARD_E_CANCELLED, self._nothing(asked)
            elif self.service != OK or context not in self.contexts:
                yield self.service or real.SCARD_E_NO_SERVICE, self._nothing(asked)
            elif any(state & real.SCARD_STATE_CHANGED for _, state, _ in states):
                yield OK, states
            else:
                yield None

    def _look(self, name: str, known: int, readers: int) -> tuple[str, int, list[int]]:
        if name == PLUG_AND_PLAY:
            count = len(self.readers)
            state, before = (count << 16, known) if self.windows else (0, (readers - count) << 16)
        elif reader := self.readers.get(name):
            state, before = reader.state, known
            if not self.windows and not known >> 16:  # pcsc-lite compares no counter with zero
                state, before = state & 0xFFFF, known & 0xFFFF
        else:
            state = real.SCARD_STATE_UNKNOWN | real.SCARD_STATE_UNAVAILABLE
            state |= real.SCARD_STATE_IGNORE if self.windows else 0
            before = known
        changed = state != before and not known & real.SCARD_STATE_IGNORE
        if name in self.readers:
            state = self.readers[name].state
        atr = self.readers[name].atr if name in self.readers else b""
        return name, state | (real.SCARD_STATE_CHANGED if changed else 0), list(atr)

    def _time_is_over(self, asked: Asked) -> tuple[int, States]:
        if self.windows:
            return real.SCARD_E_TIMEOUT, self._nothing(asked)
        states = [self._look(name, known, len(self.readers)) for name, known in asked]
        return real.SCARD_E_TIMEOUT, states

    @staticmethod
    def _nothing(asked: Asked) -> States:
        return [(name, 0, []) for name, _ in asked]


class _World:
    """A change of the world: one at a time, and all who wait look again."""

    def __init__(self, changed: threading.Condition) -> None:
        self._changed = changed

    def __enter__(self) -> None:
        self._changed.acquire()

    def __exit__(self, *_: object) -> None:
        self._changed.notify_all()
        self._changed.release()
