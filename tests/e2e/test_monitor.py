"""The slot monitor beside a real pcscd that is killed, stopped, and started late."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.pcsc_stack import READER, CardProcess, PcscStack, pcsc_stack

pytestmark = pytest.mark.e2e

SCRIPT = Path(__file__).with_name("monitor_events.py")
RESTARTS = 5
SOON = 3.0
"""What each event has to come within; most come in a hundredth of it."""


class Told:
    """The events of a monitor that runs in a stack, as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def next(self, seconds: float = 10.0) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self._lines.get(timeout=seconds))
        return event

    def wait_for(self, name: str, seconds: float = SOON) -> float:
        """Pass events over until this one, within the time; return when it was told."""
        until = time.monotonic() + seconds
        while True:
            event = self.next(max(0.01, until - time.monotonic()))
            if event["event"] == name:
                return float(event["at"])

    def nothing(self, seconds: float) -> bool:
        """Whether nothing is told for so long."""
        try:
            self._lines.get(timeout=seconds)
        except queue.Empty:
            return self.process.poll() is None
        return False

    def rest(self, quiet_seconds: float = 1.2) -> list[str]:
        """The names of all events until none comes for a while."""
        names = []
        while True:
            try:
                names.append(json.loads(self._lines.get(timeout=quiet_seconds))["event"])
            except queue.Empty:
                return names

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line)


@contextmanager
def monitor(stack: PcscStack) -> Iterator[Told]:
    root = str(SCRIPT.parents[2])
    process: subprocess.Popen[str] = stack.popen(
        *(sys.executable, str(SCRIPT)),
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Told(process)
        assert process.poll() is None, "the monitor ended"
    finally:
        process.kill()
        process.wait()


Seconds = Callable[[str, float], None]


@pytest.fixture
def seconds(record_property: Callable[[str, object], None]) -> Seconds:
    """Note how long something took, for who reads the report."""

    def note(what: str, took: float) -> None:
        record_property(what, round(took, 4))
        print(f"{what}: {took * 1000:.1f} ms")

    return note


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[PcscStack]:
    with pcsc_stack(tmp_path) as running:
        yield running


def put_in(card: CardProcess) -> float:
    began = time.monotonic()
    card.say("in")
    return began


def take_out(card: CardProcess) -> float:
    began = time.monotonic()
    card.say("out")
    return began


def test_cards_that_come_and_go(stack: PcscStack, pki: Path, seconds: Seconds) -> None:
    card = stack.simulate_card(pki=pki)
    with monitor(stack) as told:
        assert told.next()["slots"] == [READER]
        assert told.next()["slot"] == READER
        for _ in range(3):
            out = take_out(card)
            seconds("removal to event", told.wait_for("SlotEmptied") - out)
            back = put_in(card)
            seconds("insertion to event", told.wait_for("SlotFilled") - back)
        assert told.nothing(0.3)


def test_ten_insertions_in_quick_succession(stack: PcscStack, pki: Path) -> None:
    card = stack.simulate_card(pki=pki)
    with monitor(stack) as told:
        told.wait_for("SlotFilled")
        for _ in range(10):
            card.say("out")
            card.say("in")
        # pcscd looks into this reader every 400 ms, so it may see few of them, or none.
        names = told.rest()
        if names[-1:] == ["SlotEmptied"]:
            told.wait_for("SlotFilled")  # it looks again later on a busy machine, but it does
            names.append("SlotFilled")
        assert names == ["SlotEmptied", "SlotFilled"] * (len(names) // 2)
        for _ in range(10):
            card.say("out")
            card.say("in")
        card.say("out")
        assert told.rest()[-1] == "SlotEmptied"


def test_killed_and_restarted_again_and_again(
    stack: PcscStack, pki: Path, seconds: Seconds
) -> None:
    card = stack.simulate_card(pki=pki)
    with monitor(stack) as told:
        told.wait_for("SlotFilled")
        for _ in range(RESTARTS):
            killed = time.monotonic()
            stack.kill_pcscd()
            assert [told.next()["event"], told.next()["event"]] == ["SlotEmptied", "ReadersLost"]
            seconds("kill to event", time.monotonic() - killed)
            stack._file("run/pcscd/pcscd.comm").unlink()
            card.say("out")
            stack.start_pcscd()
            started = time.monotonic()
            seconds("ready service to event", told.wait_for("ReadersReady") - started)
            back = put_in(card)
            seconds("first card after a restart", told.wait_for("SlotFilled") - back)
        assert told.nothing(0.3)


def test_a_service_that_hangs_and_goes_on(stack: PcscStack, pki: Path) -> None:
    card = stack.simulate_card(pki=pki)
    with monitor(stack) as told:
        told.wait_for("SlotFilled")
        stack.stop_pcscd()
        card.say("out")
        assert told.nothing(1.5)
        stack.continue_pcscd()
        told.wait_for("SlotEmptied")
        card.say("in")
        told.wait_for("SlotFilled")


def test_the_service_starts_after_the_monitor(
    stack: PcscStack, pki: Path, seconds: Seconds
) -> None:
    stack.kill_pcscd()
    stack._file("run/pcscd/pcscd.comm").unlink()
    with monitor(stack) as told:
        assert told.next()["problem"] == {"code": "K101"}
        assert told.nothing(0.5)
        stack.start_pcscd()
        started = time.monotonic()
        seconds("ready service to event", told.wait_for("ReadersReady") - started)
        stack.simulate_card(pki=pki)
        told.wait_for("SlotFilled")


def test_a_socket_that_nobody_listens_to(stack: PcscStack) -> None:
    stack.kill_pcscd()
    with monitor(stack) as told:
        assert told.next()["problem"] == {"code": "K101"}
        assert told.nothing(0.5)


def test_no_reader_and_one_after_a_restart(tmp_path: Path, pki: Path) -> None:
    with pcsc_stack(tmp_path, reader=False) as bare, monitor(bare) as told:
        assert told.next()["problem"] == {"code": "K103"}
        assert told.nothing(1.2)
        bare.restart_pcscd()
        assert told.next()["problem"] == {"code": "K101"}
        told.wait_for("ReadersReady")
        bare.simulate_card(pki=pki)
        told.wait_for("SlotFilled")
