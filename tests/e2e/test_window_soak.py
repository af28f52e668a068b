"""Long runs of a window: many visits, and an agent that dies at any moment of one."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Colour
from tests.privacy.test_canary import encodings
from tests.support.desk import Desk
from tests.support.memory import found_in_memory
from tests.support.patience import wait_until
from tests.support.terminal import Screen, Window, kill, screen

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

VISITS = 200
KILLS = 100
VISITORS = [
    people()[name]
    for name in ("an-peeters", "leen-regenboog", "karim-zonnedauw", "els-kiezel", "rosa-korenbloem")
]
"""They get the same colour at a desk and in self-service."""
LONGEST_VISIT = 0.25
"""Seconds from the card to the verdict, with something to spare."""


@pytest.fixture(params=Mode, ids=lambda mode: mode.value)
def shown(
    request: pytest.FixtureRequest, counter: Desk, tmp_path: Path
) -> Iterator[tuple[Screen, Mode]]:
    mode: Mode = request.param
    with screen(counter, tmp_path / "screen", mode) as one:
        yield one, mode


@pytest.fixture
def window(shown: tuple[Screen, Mode], pki: Path) -> Iterator[Window]:
    with shown[0].window(shown[1], pki=pki) as one:
        yield one


def test_an_agent_killed_at_any_moment(
    counter: Desk, shown: tuple[Screen, Mode], window: Window
) -> None:
    display, dice = shown[0].display, random.Random(61)
    for _ in range(KILLS):
        (agent,) = window.agents()
        with counter.card("--person", "els-kiezel") as card:
            time.sleep(dice.uniform(0, LONGEST_VISIT))
            kill(agent)
            wait_until(lambda: display.verdict() is Colour.RED or "K902" in window.said(), "an end")
            assert display.verdict() in {Colour.RED, None}
            card.remove()
            display.press("Escape")
            window.wait_for_idle()
            card.insert("els-kiezel")
            window.wait_for_verdict(Colour.RED)
        display.press("Escape")
        window.wait_for_idle()


def test_many_visits_leave_nobody_in_memory(
    counter: Desk, shown: tuple[Screen, Mode], window: Window
) -> None:
    sizes = []
    with counter.card() as card:
        window.wait_for_verdict(Colour.GREEN)
        for number in range(VISITS):
            person = VISITORS[number % len(VISITORS)]
            card.remove()
            shown[0].display.press("Escape")
            window.wait_for_idle()
            card.insert(person.id)
            window.wait_for_verdict(Colour(person.colour))
            sizes.append(resident_bytes(window.process.pid))
    shown[0].display.press("Escape")
    window.wait_for_idle()
    for person in VISITORS:
        assert found_in_memory(window.process.pid, encodings(person.number)) == {}, person.id
    settled, last = sizes[VISITS // 4], sizes[-1]
    assert last < 1.1 * settled, f"{settled} bytes became {last}"


def resident_bytes(pid: int) -> int:
    """How much memory a process has in use."""
    (row,) = [row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmRSS" in row]
    return 1024 * int(row.split()[1])
