"""A simulated card that does harm at one command of a visit: what a virtual reader can be told."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.issue import Order, issue
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import Persona, person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.plan import Forward, Plan, Pulled, Silent
from kiosk.cardreader.simulator.slot import SimulatedSlot
from tests.support.cards import PERSON, Cards
from tests.support.fault_grid import APPLETS, FIRST, LATER, OF_A_MOMENT

_OK: Final = b"\x90\x00"
_LONGEST_FRAME: Final = 0xFFFF
"""Its length is two bytes: of 64 KB, a virtual reader carries all but one byte."""
_PID: Final = Path("/run/pcscd/pcscd.pid")

Harm = Callable[[Forward, bytes], bytes]


def _none(forward: Forward, command: bytes) -> bytes:
    return forward(command)


def _pulled(_forward: Forward, _command: bytes) -> bytes:
    raise Pulled


def _silent(_forward: Forward, _command: bytes) -> bytes:
    raise Silent


def _service_killed(forward: Forward, command: bytes) -> bytes:
    os.kill(int(_PID.read_text("ascii").rstrip("\n\0")), signal.SIGKILL)
    return forward(command)


def _short(forward: Forward, command: bytes) -> bytes:
    answer = forward(command)
    return answer[: (len(answer) - 2) // 3] + answer[-2:]


def garbage(command: bytes) -> bytes:
    """Return what looks like an answer to a command, and is none."""
    return bytes((i * 37 + 11) % 256 for i in range(command[-1] or 256))


def _says(answer: bytes) -> Harm:
    return lambda _forward, _command: answer


HARM: Final[Mapping[str, Harm]] = {
    "pulled": _pulled,
    "silence": _silent,
    "service killed": _service_killed,
    "line failed": lambda forward, command: forward(command)[:1],
    "short block": _short,
    "garbage": lambda _forward, command: garbage(command) + _OK,
    "empty": _says(_OK),
    "one byte too many": _says(bytes(257) + _OK),
    "64 KB": _says(b"\xa5" * (_LONGEST_FRAME - 2) + _OK),
    **{word: _says(bytes.fromhex(word)) for word in OF_A_MOMENT},
}
"""By the names of the grid; its other faults are no card's."""


class Trouble:
    """Stands between readers and chips, hears every command of a visit, and does its harm once."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, harm: Harm = _none, at: int = 0, *, lasts: bool = False) -> None:
        """Count the commands of a visit from here; harm the one of this number, or all from it."""
        self.sent: list[bytes] = []
        self._harm = harm
        self._at = at
        self._lasts = lasts

    @property
    def happened(self) -> bool:
        """Whether the command was heard that was to be harmed."""
        return 0 < self._at <= len(self.sent)

    def card(self, persona: Persona, applet: Applet, pki: TestPki) -> SimulatedCard:
        """Issue a card that this stands before."""
        plan = Plan(order=Order(persona=persona, applet=applet)).wrapped(self._wrap)
        return SimulatedCard(plan, issue(plan.order, pki), ExchangeLog())

    def _wrap(self, _number: int, forward: Forward, command: bytes) -> bytes:
        self.sent.append(command)
        number = len(self.sent)
        is_met = number == self._at or (self._lasts and number > self._at)
        return (self._harm if is_met else _none)(forward, command)


def undisturbed(cards: Cards) -> dict[tuple[str, str], list[bytes]]:
    """Return the commands of each kind of read, as a card in this process hears them."""
    found: dict[tuple[str, str], list[bytes]] = {}
    for version in APPLETS:
        trouble, reader = Trouble(), cards.reader()
        slot = SimulatedSlot(trouble.card(person(PERSON), Applet.of_version(version), cards.pki))
        for memory in (FIRST, LATER):
            trouble.begin()
            reader.read(slot)
            found[version, memory] = trouble.sent
    return found
