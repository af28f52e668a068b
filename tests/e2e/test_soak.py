"""The long runs: many visits, and a fault at every command of a first read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.desk import Desk

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

FIRST_READ = 20


@pytest.mark.parametrize("applet", ["1.7", "1.8"])
@pytest.mark.parametrize(("fault", "code"), [("pull", "K201"), ("silence", "K207")])
def test_a_fault_at_every_command_of_a_first_read(
    counter: Desk, tmp_path: Path, applet: str, fault: str, code: str
) -> None:
    for command in range(1, FIRST_READ + 1):
        fresh = {"KIOSK_CARD__CACHE_FOLDER": str(tmp_path / str(command))}
        with counter.card("--applet", applet, "--fault", f"{fault}:{command}"):
            status, outcome = counter.check(**fresh)
            assert (status, outcome["code"]) == (14, code), command
        with counter.card("--applet", applet):
            assert counter.check(**fresh)[0] == 0


def test_five_hundred_visits(counter: Desk) -> None:
    with counter.card() as card:
        for _ in range(500):
            card.remove()
            card.insert()
            status, outcome = counter.check()
            assert (status, outcome["verdict"]) == (0, "green")
