"""``kiosk check`` beside other programs that use the same card, and a service that dies."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import KIOSK, Card, Desk, desk
from tests.support.pcsc_stack import READER

pytestmark = pytest.mark.e2e

HERE = Path(__file__).parent
HOLD_SECONDS = 5.0
START_SECONDS = 2.5
"""What a process may need to start, on a busy machine."""

Order = Callable[[str], str]


@pytest.fixture(scope="module")
def slow(counter: Desk) -> Iterator[Card]:
    """A card that takes its time for each answer."""
    with counter.card("--fault", "delay:0.05") as card:
        assert counter.check()[0] == 0  # its certificates become known
        yield card


@contextmanager
def other_program(one: Desk, mode: str = "shared") -> Iterator[Order]:
    """Another program, connected to the card."""
    process: subprocess.Popen[str] = one.stack.popen(
        *(sys.executable, str(HERE / "other_program.py"), READER, mode),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def order(what: str) -> str:
        assert process.stdin
        assert process.stdout
        process.stdin.write(what + "\n")
        process.stdin.flush()
        return process.stdout.readline().strip()

    assert order("connect") == "0x0"
    try:
        yield order
    finally:
        process.kill()
        process.wait()


@contextmanager
def check_under_way(one: Desk, card: Card, after: int) -> Iterator[Callable[[], tuple[int, Any]]]:
    """A ``kiosk check`` that has sent so many commands; gives its exit status and outcome."""
    before = len(card.exchanges)
    process: subprocess.Popen[str] = one.stack.popen(
        *(*KIOSK, "check", "--json"), env=one.environment(), stdout=subprocess.PIPE, text=True
    )
    one.stack.wait_until(lambda: len(card.exchanges) >= before + after)

    def result() -> tuple[int, Any]:
        out, _ = process.communicate(timeout=20)
        return process.returncode, json.loads(out)

    yield result


def test_another_program_holds_a_transaction(counter: Desk, slow: Card) -> None:
    with other_program(counter) as order:
        assert order("begin") == "0x0"
        began = time.monotonic()
        status, outcome = counter.check()
        took = time.monotonic() - began
        assert (status, outcome["code"]) == (14, "K208")
        assert HOLD_SECONDS <= took < HOLD_SECONDS + START_SECONDS
        assert order("end") == "0x0"
        assert counter.check()[0] == 0


def test_another_program_has_the_card_to_itself(counter: Desk, slow: Card) -> None:
    with other_program(counter, "exclusive") as order:
        began = time.monotonic()
        status, outcome = counter.check()
        took = time.monotonic() - began
        assert (status, outcome["code"]) == (14, "K208")
        assert 4 <= took < HOLD_SECONDS + START_SECONDS
        assert order("disconnect") == "0x0"
        assert counter.check()[0] == 0


@pytest.mark.parametrize(("take", "give"), [("begin", "end"), ("begin", "end-reset")])
def test_a_short_hold_is_waited_for(counter: Desk, slow: Card, take: str, give: str) -> None:
    with other_program(counter) as order:
        assert order(take) == "0x0"
        with check_under_way(counter, slow, after=0) as result:
            with pytest.raises(subprocess.TimeoutExpired):
                counter.stack.run("sleep", "60", timeout=1.0)
            assert order(give) == "0x0"
            assert result()[0] == 0


@pytest.mark.parametrize("reset", ["reconnect-reset", "disconnect-reset"])
def test_a_reset_by_another_program_waits_for_our_transaction(
    counter: Desk, slow: Card, reset: str
) -> None:
    before = len(slow.exchanges)
    with other_program(counter) as order, check_under_way(counter, slow, after=4) as result:
        assert order(reset) == "0x0"
        assert len(slow.exchanges) == before + 12, "the read was over before the reset"
        status, outcome = result()
    assert (status, outcome["card"]["apdus"]) == (0, 12)


@pytest.mark.parametrize(
    ("function", "call"),
    [("SCardBeginTransaction", 1), ("SCardTransmit", 5), ("SCardTransmit", 12)],
)
def test_a_reset_in_the_middle_starts_the_read_over(
    counter: Desk, slow: Card, function: str, call: int
) -> None:
    status, outcome, resets = check_with_resets(counter, function, str(call))
    assert (status, resets) == (0, 1), outcome
    assert outcome["card"]["apdus"] == 12


def test_a_second_reset_ends_the_read(counter: Desk, slow: Card) -> None:
    status, outcome, resets = check_with_resets(counter, "SCardTransmit", "3,6")
    assert (status, outcome["code"], resets) == (14, "K202", 2)
    assert counter.check()[0] == 0


def check_with_resets(one: Desk, function: str, calls: str) -> tuple[int, Any, int]:
    script = str(HERE / "reset_during_read.py")
    environment = {**one.environment(), "PYTHONPATH": str(HERE.parents[1])}
    done = one.stack.python(script, READER, function, calls, env=environment)
    return done.returncode, json.loads(done.stdout), done.stderr.count("reset 0x0")


def test_pcscd_is_killed_during_a_read(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki) as one:
        one.start_service()
        with one.card("--fault", "delay:0.05") as card:
            assert one.check()[0] == 0
            for after in (4, 10):
                with check_under_way(one, card, after=after) as result:
                    one.stack.kill_pcscd()
                    status, outcome = result()
                # A dying pcscd may also refuse a new context (K102) to a read that starts over.
                assert (status, outcome["code"]) in {(10, "K101"), (10, "K102"), (14, "K201")}
                one.stack._file("run/pcscd/pcscd.comm").unlink()
                one.stack.start_pcscd()
                one.stack.wait_for_card()
                assert one.check()[0] == 0


def test_pcscd_hangs(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki) as one:
        one.stack.stop_pcscd()
        began = time.monotonic()
        status, outcome = one.check("--timeout", "1")
        took = time.monotonic() - began
        one.stack.continue_pcscd()
        assert (status, outcome["code"]) == (10, "K101")
        assert took < 1 + 2 + START_SECONDS
