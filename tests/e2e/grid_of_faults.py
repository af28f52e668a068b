"""Runs inside a private stack: the cells of the fault grid, one after the other.

    python -m tests.e2e.grid_of_faults PKI FOLDER CONFIGURATION < cells

Plays the cards itself, has them read by ``grid_reader``, and kills and starts the service where a
cell wants that. Reads the cells as one line of JSON and prints one line for each.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.cardreader.simulator.plan import Forward
from kiosk.cardreader.simulator.vpcd import VpcdClient
from tests.e2e.reading_process import HANDS_SECONDS, ReadingProcess
from tests.support.cards import PERSON
from tests.support.fault_grid import LATER, NO_CACHE, Cell
from tests.support.pcsc_stack import READER, VPCD_PORT
from tests.support.trouble import HARM, Trouble

_READY_SECONDS = 10.0
_SOCKET = Path("/run/pcscd/pcscd.comm")


class Grid:
    """One reader with one card after the other."""

    def __init__(self, pki: TestPki, folder: Path, configuration: Path) -> None:
        self._pki = pki
        self._folder = folder
        self._configuration = configuration
        self._trouble = Trouble()
        self._client = VpcdClient()
        self._reader = ReadingProcess(pki.pins())
        self._cards: dict[str, SimulatedCard] = {}
        self._in: SimulatedCard | None = None
        self._service: subprocess.Popen[bytes] | None = None

    def run(self, cell: Cell) -> dict[str, Any]:
        """Have one disturbed visit, put right what a person or a supervisor would, and one more."""
        card = self._insert(cell.applet)
        cache = self._cache(cell)
        during = self._visit(cache, cell.fault, cell.at)
        self._put_right(card, cell.fault)
        after = self._visit(cache)
        return {"during": during, "after": after}

    def close(self) -> None:
        """Pull the card, end the readers."""
        self._client.close()
        self._reader.close()

    def _insert(self, applet: str) -> SimulatedCard:
        if applet not in self._cards:
            kind = Applet.of_version(applet)
            self._cards[applet] = self._trouble.card(person(PERSON), kind, self._pki)
        card = self._cards[applet]
        if self._in is not card:
            self._client.remove()
            time.sleep(HANDS_SECONDS)
            self._client.insert(card)
            self._in = card
            assert "person" in self._visit(self._folder / f"known-{applet}")
        return card

    def _cache(self, cell: Cell) -> Path | None:
        if cell.memory == NO_CACHE:
            return None
        if cell.memory == LATER:
            return self._folder / f"known-{cell.applet}"
        fresh = self._folder / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        return fresh

    def _visit(self, cache: Path | None, fault: str = "", at: int = 0) -> dict[str, Any]:
        if fault == "service killed" and self._service is not None:
            self._trouble.begin(self._kill_service, at)
        elif fault in HARM:
            self._trouble.begin(HARM[fault], at)
        else:
            self._trouble.begin()
        order = {"reader": READER, "fault": fault, "at": at}
        ended = self._reader.visit(cache=str(cache or ""), **order)
        sent = self._trouble.sent
        ended["sent"] = [command[:7].hex() for command in sent]
        return ended

    def _put_right(self, card: SimulatedCard, fault: str) -> None:
        if self._trouble.happened and fault == "service killed":
            self._start_service()
        if fault == "silence":
            self._client.remove()
            time.sleep(HANDS_SECONDS)
        if fault in ("pulled", "silence"):
            self._client.insert(card)

    def _kill_service(self, forward: Forward, command: bytes) -> bytes:
        """Kill the one that was started here: its file may still name the one before."""
        assert self._service
        self._service.kill()
        return forward(command)

    def _start_service(self) -> None:
        """Do as a supervisor does; the card stays in all the while."""
        _SOCKET.unlink()
        if self._service is not None:
            self._service.wait(_READY_SECONDS)
        command = ["pcscd", "--foreground", "--config", str(self._configuration)]
        nothing = subprocess.DEVNULL
        self._service = subprocess.Popen(command, stdout=nothing, stderr=nothing)
        give_up = time.monotonic() + _READY_SECONDS
        listening = f":{VPCD_PORT:04X} "
        while not _SOCKET.exists() or listening not in Path("/proc/net/tcp").read_text("ascii"):
            assert time.monotonic() < give_up, "no service"
            time.sleep(0.005)  # neither pcscd nor a port tells when it is there


def main(pki: Path, folder: Path, configuration: Path) -> None:
    """Run what stdin says."""
    grid = Grid(TestPki(pki), folder, configuration)
    for cell in json.loads(sys.stdin.readline()):
        print(json.dumps(grid.run(Cell(*cell))), flush=True)
    grid.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
