"""A whole desk for tests: a real PC/SC service, a simulated card in it, and a service that runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.pcsc_stack import (
    SECOND_READER,
    VPCD_PORT,
    CardProcess,
    PcscStack,
    pcsc_stack,
)

KIOSK = [sys.executable, "-m", "kiosk"]
ELIGIBILITY = [sys.executable, "-m", "kiosk.service.central"]


class Card:
    """A simulated card in the reader, and what it was asked."""

    def __init__(self, stack: PcscStack, process: CardProcess, log: Path) -> None:
        self._stack = stack
        self._process = process
        self._log = log

    def remove(self) -> None:
        """Pull it out, and wait until PC/SC has noticed."""
        self._process.say("out")
        self._stack.wait_for_card(present=False)

    def insert(self, person: str = "") -> None:
        """Put it in, or the one of another person, and wait until PC/SC has noticed."""
        self._process.say(f"person {person}" if person else "in")
        self._stack.wait_for_card()

    @property
    def exchanges(self) -> list[dict[str, Any]]:
        """Header, file, sizes and status of each command so far."""
        return [json.loads(line) for line in self._log.read_text().splitlines()]


class Desk:
    """What stands on one counter."""

    def __init__(self, stack: PcscStack, folder: Path, pki: Path) -> None:
        self.stack = stack
        self.folder = folder
        self.pins: list[str] = []
        self.service_url = "http://127.0.0.1:9"
        self._pki = pki
        self._cards = 0

    def start_service(self, **environment: str) -> subprocess.Popen[str]:
        """Run the central service with its made-up registers on a free port."""
        state = self.folder / "service"
        state.mkdir(exist_ok=True)
        settings = {
            "ELIGIBILITY_ENVIRONMENT": "test",
            "ELIGIBILITY_AUTH": "none",
            "ELIGIBILITY_DATABASE__URL": f"sqlite:///{state}/audit.sqlite3",
            "ELIGIBILITY_PSEUDONYM__KEY_FILE": str(state / "pseudonym.key"),
        }
        with (self.folder / "service.log").open("a") as log:
            process: subprocess.Popen[str] = self.stack.popen(
                *ELIGIBILITY,
                *("serve", "--port", "0"),
                env={**os.environ, **settings, **environment},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert process.stdout
        line = process.stdout.readline()
        assert line.startswith("listening on "), (self.folder / "service.log").read_text()
        self.service_url = line.split()[-1]
        return process

    @contextmanager
    def bad_service(self, behaviour: str) -> Iterator[str]:
        """Run a service that breaks the contract in one way; give its address."""
        process = self.stack.popen(
            *(sys.executable, "-m", "tests.support.bad_service", behaviour),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    @contextmanager
    def card(self, *arguments: str) -> Iterator[Card]:
        """Put a card in."""
        self._cards += 1
        log = self.folder / f"card-{self._cards}.jsonl"
        process = self.stack.simulate_card("--log", str(log), *arguments, pki=self._pki)
        self.pins.append(process.pin)
        try:
            yield Card(self.stack, process, log)
        finally:
            process.close()
            self.stack.wait_for_card(present=False)

    @contextmanager
    def second_card(self, *arguments: str) -> Iterator[None]:
        """Put a card into the other slot of the reader."""
        process = self.stack.simulate_card(
            *("--port", str(VPCD_PORT + 1), *arguments), pki=self._pki, reader=SECOND_READER
        )
        self.pins.append(process.pin)
        try:
            yield
        finally:
            process.close()
            self.stack.wait_for_card(present=False, reader=SECOND_READER)

    def environment(self, **changes: str) -> Mapping[str, str]:
        """The settings of the terminal: a test one that knows the cards seen so far."""
        settings = {
            "KIOSK_ENVIRONMENT": "test",
            "KIOSK_SERVICE__URL": self.service_url,
            "KIOSK_SERVICE__CLIENT__AUTH": "none",
            "KIOSK_CARD__TEST_ROOTS": ",".join(sorted(set(self.pins))),
            "KIOSK_CARD__CACHE_FOLDER": str(self.folder / "cache"),
        }
        return {**os.environ, **settings, **changes}

    def kiosk(self, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run one ``kiosk`` command to its end."""
        return self.stack.run(*KIOSK, *arguments, env=self.environment(**changes))

    def check(self, *arguments: str, **changes: str) -> tuple[int, dict[str, Any]]:
        """Run ``kiosk check --json``; return its exit status and its one object."""
        done = self.kiosk("check", "--json", "--timeout", "10", *arguments, **changes)
        assert done.stdout.count("\n") == 1, done
        outcome: dict[str, Any] = json.loads(done.stdout)
        return done.returncode, outcome


@contextmanager
def hanging(process: subprocess.Popen[str]) -> Iterator[None]:
    """Let a process do nothing meanwhile."""
    process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.send_signal(signal.SIGCONT)


@contextmanager
def desk(folder: Path, pki: Path, *, reader: bool = True) -> Iterator[Desk]:
    """A desk of its own, gone with everything on it at the end."""
    with pcsc_stack(folder, reader=reader) as stack:
        yield Desk(stack, folder, pki)
