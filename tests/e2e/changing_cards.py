"""Runs inside a private stack: two readers, two people, and somebody with quick hands.

    python -m tests.e2e.changing_cards PKI FOLDER < cells

Reads the cells as one line of JSON, each an applet, ``first`` or ``later``, what is done, and the
command at which it is done; prints one line for each: how that visit and the one after it ended.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from kiosk.cardreader.simulator.applet import BelpicApplet
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.plan import Forward
from kiosk.cardreader.simulator.vpcd import VpcdClient
from tests.e2e.reading_process import HANDS_SECONDS, ReadingProcess
from tests.support.cards import PERSON
from tests.support.fault_grid import LATER
from tests.support.pcsc_stack import READER, SECOND_READER, VPCD_PORT
from tests.support.trouble import HARM, Harm, Trouble

OTHER_PERSON: Final = "karim-zonnedauw"

Visit = dict[str, Any]


class Desk:
    """A reader with two slots, each with a card, and what happens to them."""

    def __init__(self, pki: TestPki, folder: Path) -> None:
        self._pki = pki
        self._folder = folder
        self._trouble, self._beside = Trouble(), Trouble()
        self._first, self._second = VpcdClient(), VpcdClient(port=VPCD_PORT + 1)
        self._process = ReadingProcess(pki.pins())
        self._was_silent = False

    def put_in(self, applet: str, memory: str) -> None:
        """Have both cards in, and their certificates known if they are to be."""
        kind = Applet.of_version(applet)
        self._mine = self._trouble.card(person(PERSON), kind, self._pki)
        self._other = self._beside.card(person(OTHER_PERSON), kind, self._pki)
        self._trouble.begin()
        self._beside.begin()
        self._first.remove()
        time.sleep(HANDS_SECONDS if self._was_silent else 0)
        self._was_silent = False
        self._first.insert(self._mine)
        self._second.insert(self._other)
        self._cache = str(self._folder / applet) if memory == LATER else ""
        self.visit(READER)
        self.visit(SECOND_READER)

    def visit(self, reader: str, fault: str = "", at: int = 0) -> Visit:
        """Have one visit."""
        order = {"reader": reader, "fault": fault, "at": at}
        return self._process.visit(cache=self._cache, **order)

    def close(self) -> None:
        """Pull the cards, end the readers."""
        self._first.close()
        self._second.close()
        self._process.close()

    def two_chips(self, at: int, fault: str = "") -> tuple[Visit, Visit]:
        """From one command on another person's chip answers, which has heard all before it."""
        harm = _two_chips(BelpicApplet(self._other.image), at, broken=fault == "line failed")
        self._trouble.begin(harm, 1, lasts=True)
        during = self.visit(READER, fault, at)
        self._trouble.begin()
        return during, self.visit(READER)

    def quick_hands(self, at: int) -> tuple[Visit, Visit]:
        """Pulled, and another person's card put in before anybody has looked."""
        is_out = threading.Event()

        def pull(forward: Forward, command: bytes) -> bytes:
            is_out.set()
            return HARM["pulled"](forward, command)

        def swap() -> None:
            is_out.wait()
            self._first.insert(self._other)

        hands = threading.Thread(target=swap)
        hands.start()
        self._second.remove()
        self._trouble.begin(pull, at)
        during = self.visit(READER)
        hands.join()
        return during, self.visit(READER)

    def pulled(self, at: int, fault: str = "pulled") -> tuple[Visit, Visit]:
        """Pulled while it is read; the next visit is that of the card beside it."""
        self._trouble.begin(HARM[fault], at)
        self._was_silent = fault == "silence"
        return self.visit(READER), self.visit(SECOND_READER)

    def pulled_beside(self, at: int) -> tuple[Visit, Visit]:
        """The card beside the one that is read is pulled."""

        def pull(forward: Forward, command: bytes) -> bytes:
            self._first.remove()
            return forward(command)

        self._beside.begin(pull, at)
        return self.visit(SECOND_READER), self.visit(SECOND_READER)


def _two_chips(other: BelpicApplet, since: int, *, broken: bool) -> Harm:
    heard = 0

    def harm(forward: Forward, command: bytes) -> bytes:
        nonlocal heard
        heard += 1
        answers = forward(command), other.transmit(command)
        if heard == since and broken:
            return answers[0][:1]
        return answers[heard >= since]

    return harm


WAYS: Final[Mapping[str, Callable[[Desk, int], tuple[Visit, Visit]]]] = {
    "two chips": Desk.two_chips,
    "another chip after a reset": lambda desk, at: desk.two_chips(at, "reset by another program"),
    "another chip after a broken line": lambda desk, at: desk.two_chips(at, "line failed"),
    "quick hands": Desk.quick_hands,
    "pulled": Desk.pulled,
    "silent": lambda desk, at: desk.pulled(at, "silence"),
    "pulled beside": Desk.pulled_beside,
}


def main(pki: Path, folder: Path) -> None:
    """Do what stdin says."""
    desk = Desk(TestPki(pki), folder)
    for applet, memory, way, at in json.loads(sys.stdin.readline()):
        desk.put_in(applet, memory)
        during, after = WAYS[way](desk, at)
        print(json.dumps({"during": during, "after": after}), flush=True)
    desk.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
