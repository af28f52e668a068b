"""Cards that are changed for another person's in the middle of a read, and readers side by side.

A visit ends with one whole proven person or with a problem; never with one's name and another's
number, and never with a person whose card was not in the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from kiosk.cardreader.simulator.persona import person
from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.problem import ProblemCode
from tests.e2e.changing_cards import OTHER_PERSON, WAYS
from tests.support.cards import PERSON, Cards
from tests.support.cells import Visit, outcome, run_cells
from tests.support.fault_grid import Cell, sample, whole
from tests.support.trouble import undisturbed

pytestmark = pytest.mark.e2e

SEED = 61
MINE, OTHERS = ((one.given_names, one.number) for one in map(person, (PERSON, OTHER_PERSON)))
EITHER: Final[set[object]] = {MINE, OTHERS, *ProblemCode}
ENDS: Final[Mapping[str, set[object]]] = {
    "another chip after a reset": {OTHERS},
    "pulled": {ProblemCode.CARD_REMOVED_EARLY},
    "silent": {ProblemCode.CARD_SILENT},
    "pulled beside": {OTHERS},
}
"""How the disturbed visit ends where there is one way only."""

Record = Callable[[str, object], None]


@pytest.fixture
def changes(pki: Path) -> list[Cell]:
    reads = undisturbed(Cards(TestPki(pki)))
    lengths = {kind: len(sent) for kind, sent in reads.items() if "1.1" not in kind}
    return list(whole(lengths, WAYS))


@pytest.fixture
def judge(pki: Path, tmp_path: Path) -> Callable[[Sequence[Cell]], None]:
    """Have it all happen, and fail with all that ended as it must not."""

    def run(some: Sequence[Cell]) -> None:
        ran = run_cells("tests.e2e.changing_cards", some, tmp_path, pki, tmp_path)
        wrong = [(cell, visits) for cell, visits in ran if not is_right(cell, visits)]
        assert not wrong, wrong

    return run


def test_two_people_are_never_mixed_in_a_sample(
    changes: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record
) -> None:
    chosen = sample(changes, SEED, {"two chips": 2, "silent": 0}, 1)
    record_property("cells", f"{len(chosen)} of {len(changes)}")
    judge(chosen)


@pytest.mark.soak
def test_two_people_are_never_mixed(
    changes: list[Cell], judge: Callable[[Sequence[Cell]], None], record_property: Record
) -> None:
    record_property("cells", f"{len(changes)} of {len(changes)}")
    judge(changes)


def is_right(cell: Cell, visits: Mapping[str, Visit]) -> bool:
    """Whether both visits ended as they may, the second one with the card that is in then."""
    during, after = outcome(visits["during"]), outcome(visits["after"])
    nothing_open = not any(visit["left open"] for visit in visits.values())
    holder = MINE if "chip" in cell.fault else OTHERS
    return during in ENDS.get(cell.fault, EITHER) and after == holder and nothing_open
