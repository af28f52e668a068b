"""The fault grid over a real PC/SC service: every fault at every command of a read.

The cards are played beside pcscd, the reads are those of an agent, each call of them limited in
time. After each fault there is one more visit, without anybody having touched the machine; only a
card that was pulled or fell silent is put in again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from kiosk.agent.watchdog import COMMAND_SECONDS
from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from tests.support.cards import PERSON, Cards
from tests.support.cells import Visit, outcome, run_cells
from tests.support.fault_grid import FAULTS, FIRST, NO_CACHE, Cell, allowed, sample, whole
from tests.support.trouble import HARM, undisturbed

pytestmark = pytest.mark.e2e

SEED = 61
OF_EACH = {"pulled": 2, "silence": 2, "service killed": 2, "line failed": 1, "data lost": 1}
"""These wait: for the reader, the watchdog, a service that starts, a card that may have gone."""
OTHERS = 5
SLACK_SECONDS = 1.0
"""What a busy machine may add to a limit."""

Record = Callable[[str, object], None]


@pytest.fixture(scope="module")
def commands(pki: Path) -> Mapping[tuple[str, str], Sequence[bytes]]:
    """What each kind of read sends; with nowhere to keep certificates it is a first read."""
    found = undisturbed(Cards(TestPki(pki)))
    without = {(applet, NO_CACHE): sent for (applet, kind), sent in found.items() if kind == FIRST}
    return found | without


@pytest.fixture
def grid(commands: Mapping[tuple[str, str], Sequence[bytes]]) -> list[Cell]:
    return list(whole({kind: len(sent) for kind, sent in commands.items()}))


@pytest.fixture
def judge(
    commands: Mapping[tuple[str, str], Sequence[bytes]], pki: Path, tmp_path: Path
) -> Callable[[Sequence[Cell]], None]:
    """Run cells, and fail with all of them that ended in another way than they may."""

    def run(cells: Sequence[Cell]) -> None:
        program, conf = "tests.e2e.grid_of_faults", tmp_path / "vpcd.conf"
        wrong = [
            (cell, broken, visits)
            for cell, visits in run_cells(program, cells, tmp_path, pki, tmp_path, conf)
            if (broken := complaints(cell, visits, commands[cell.applet, cell.memory]))
        ]
        assert not wrong, wrong

    return run


def test_a_sample_of_the_grid(
    grid: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record
) -> None:
    chosen = sample(grid, SEED, OF_EACH, OTHERS)
    record_property("cells", f"{len(chosen)} of {len(grid)}")
    judge(chosen)


@pytest.mark.soak
@pytest.mark.parametrize("fault", FAULTS)
def test_the_whole_grid(
    grid: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record, fault: str
) -> None:
    cells = [cell for cell in grid if cell.fault == fault]
    record_property("cells", f"{len(cells)} of {len(grid)}")
    judge(cells)


def complaints(cell: Cell, visits: Mapping[str, Visit], sent: Sequence[bytes]) -> list[str]:
    """What is wrong with a disturbed visit and with the one after it; in the best case nothing."""
    during, after = visits["during"], visits["after"]
    holder = person(PERSON)
    ends = {
        name: None if (end := outcome(visit)) == (holder.given_names, holder.number) else end
        for name, visit in visits.items()
    }
    of_the_card = len(during["sent"]) >= cell.at
    challenges = sum(command.startswith("0088") for command in during["sent"])
    rules = {
        "whether it happened": of_the_card if cell.fault in HARM else during["interrupted"] == 1,
        "how it ended": ends["during"] in allowed(cell.fault, sent[: cell.at]),
        "the next visit": ends["after"] is None,
        "commands of the next visit": len(after["sent"]) <= len(sent),
        "time": max(during["seconds"], after["seconds"]) < COMMAND_SECONDS + SLACK_SECONDS,
        "challenges": challenges <= 1 + (cell.fault == "reset by another program"),
        "left open": not during["left open"] and not after["left open"],
        "held by somebody": after["alone"] == "0x0",
    }
    return [rule for rule, is_kept in rules.items() if not is_kept]
