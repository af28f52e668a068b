"""Runs beside a PC/SC service: reads its card again and again, and prints how long each took.

    python -m tests.bench.timed_reads READER ROUNDS PIN

Three programs take turns, so that whatever else the machine does hits all of them: our read, our
read with the time limits of a visit around every call, and a bare loop that sends the very same
commands through ``smartcard.scard`` and looks at nothing. Each opens its own context and
connection. Prints one JSON object with nanoseconds.
"""

from __future__ import annotations

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from smartcard import scard

from kiosk.agent.watchdog import Watchdog, WatchedSlot
from kiosk.bootstrap.policy import now
from kiosk.cardreader.certificate_cache import CertificateCache
from kiosk.cardreader.identity_reader import EidReader
from kiosk.cardreader.pcsc import PcscSlot
from kiosk.cardreader.trust import TrustStore
from kiosk.domain.policy import CardPolicy
from kiosk.domain.visit import SlotName
from kiosk.ports import Card, CardSlot, Response


class _Heard:
    """A card whose commands are written down."""

    def __init__(self, card: Card, commands: list[bytes]) -> None:
        self._card = card
        self._commands = commands

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def transmit(self, command: bytes) -> Response:
        self._commands.append(command)
        return self._card.transmit(command)


class _HeardSlot:
    def __init__(self, slot: CardSlot) -> None:
        self._slot = slot
        self.commands: list[bytes] = []

    @property
    def name(self) -> SlotName:
        return self._slot.name

    @contextlib.contextmanager
    def open(self) -> Iterator[Card]:
        with self._slot.open() as card:
            yield _Heard(card, self.commands)


def _bare(reader: str, commands: list[list[int]]) -> None:
    """Send the commands; the check of each result is all there is."""
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    result, card, _ = scard.SCardConnect(
        context, reader, scard.SCARD_SHARE_SHARED, scard.SCARD_PROTOCOL_T0
    )
    _require(result)
    _require(scard.SCardBeginTransaction(card))
    for command in commands:
        result, _answer = scard.SCardTransmit(card, scard.SCARD_PCI_T0, command)
        _require(result)
    scard.SCardEndTransaction(card, scard.SCARD_LEAVE_CARD)
    scard.SCardDisconnect(card, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)


def _require(result: int) -> None:
    if result != scard.SCARD_S_SUCCESS:
        sys.exit(f"PC/SC said {result & 0xFFFFFFFF:08X}")


def _took(work: Callable[[], Any]) -> int:
    started = time.perf_counter_ns()
    work()
    return time.perf_counter_ns() - started


def main(reader: str, rounds: int, pin: str) -> None:
    """Measure and print."""
    trust = TrustStore.for_tests([pin])
    eid = EidReader(trust, CertificateCache(trust, None), CardPolicy(), now)
    slot = PcscSlot(SlotName(reader))
    watched = WatchedSlot(slot, Watchdog(lambda _: None), lambda: None)
    eid.read(slot)  # the first read takes the certificates, every later one is like the next
    heard = _HeardSlot(slot)
    eid.read(heard)
    commands = [list(command) for command in heard.commands]
    programs = {
        "ours": lambda: eid.read(slot),
        "watched": lambda: eid.read(watched),
        "bare": lambda: _bare(reader, commands),
    }
    times: dict[str, list[int]] = {name: [] for name in programs}
    order = list(programs)
    for _ in range(rounds):
        order.append(order.pop(0))  # nobody always comes after the same one
        for name in order:
            times[name].append(_took(programs[name]))
    print(json.dumps({"commands": len(commands), **times}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
