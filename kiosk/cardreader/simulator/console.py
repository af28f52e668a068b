"""What ``kiosk simulate-card`` does: a card in vsmartcard's reader, told what to do on stdin.

Lines understood: ``out``, ``in``, ``person NAME``, ``quit``. The first line that it
prints is the pin of its test root and nothing else, then one line for each change in the reader.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Final

from kiosk.cardreader.simulator.card import SimulatedCard, make_card
from kiosk.cardreader.simulator.exchange_log import ExchangeLog
from kiosk.cardreader.simulator.fault_kinds import WrongFault
from kiosk.cardreader.simulator.keystore import default_folder
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import UnknownPerson, people, person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.vpcd import VpcdClient

_QUIT: Final = "quit"


class CannotSimulate(Exception):
    """The card asked for cannot be made; the text says why, for people."""


class Console:
    """Makes cards of one kind and puts them into the virtual reader."""

    def __init__(
        self, applet: str, faults: Sequence[str], log: Path | None, folder: Path | None
    ) -> None:
        self._applet = Applet.of_version(applet)
        self._faults = faults
        self._log = ExchangeLog(log)
        self._pki = TestPki(folder or default_folder())
        self._orders: SimpleQueue[str] = SimpleQueue()

    def card(self, name: str) -> SimulatedCard:
        """Make the card of a person; raise ``CannotSimulate``."""
        try:
            return make_card(person(name), self._pki, self._applet, self._faults, self._log)
        except UnknownPerson:
            known = "\n".join(
                f"  {one.id:24} {one.story.get('en', '')}" for one in people().values()
            )
            raise CannotSimulate(f"there is nobody called {name!r}; there are:\n{known}") from None
        except WrongFault as wrong:
            raise CannotSimulate(str(wrong)) from None

    def run(self, name: str, host: str, port: int) -> None:
        """Hold the card in the reader until ``quit``, SIGTERM or SIGINT.

        Raises ``CannotSimulate``. For the main thread: it takes the signals.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._orders.put(_QUIT))
        card = self.card(name)
        say(self._pki.pin(self._applet, card.scheme))
        threading.Thread(target=self._listen, daemon=True).start()
        client = VpcdClient(host, port, _tell)
        try:
            client.insert(card)
            while (order := self._orders.get()) != _QUIT:
                card = self._obey(order, client, card)
        finally:
            client.close()

    def _obey(self, order: str, client: VpcdClient, card: SimulatedCard) -> SimulatedCard:
        """Do what one line says; return the card at hand."""
        match order.split():
            case ["out"]:
                client.remove()
            case ["in"]:
                client.insert(card)
            case ["person", name]:
                try:
                    card = self.card(name)
                except CannotSimulate as wrong:
                    say(str(wrong))
                else:
                    client.insert(card)
            case _:
                say("say: out, in, person NAME, or quit")
        return card

    def _listen(self) -> None:
        """Take lines until stdin ends; without a stdin the card just stays in."""
        for line in sys.stdin:
            if line.strip():
                self._orders.put(line.strip())


def say(text: str) -> None:
    """Print a line at once: another program may be waiting for it."""
    print(text, flush=True)


def _tell(card: SimulatedCard | None) -> None:
    say("no card in reader" if card is None else f"card in reader: {card.persona.id}")
