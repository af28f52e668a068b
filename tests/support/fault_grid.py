"""The fault grid: what may go wrong at which command of a read, and how the visit may end then.

The same grid stands over cards in this process and over cards in a real PC/SC service. Whatever
happens, a visit ends with the proven person or with one problem that fits, and nobody is accused
for what a reader, a service or a line did.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from kiosk.domain.problem import ProblemCode

APPLETS: Final = ("1.7", "1.8", "1.1")
SAMPLED: Final = {"1.1": 4}
"""Of the commands of this applet every so manieth."""
FIRST, LATER = "first", "later"
"""A read that has seen no certificates before, and one that has seen those of this card."""
NO_CACHE: Final = "no cache"
"""A first read that has nowhere to keep certificates."""

Outcome = ProblemCode | None
PERSON_PROVEN: Final = None
"""How a visit ends that ends well."""

ENDS: Final[Mapping[str, Outcome]] = {
    "pulled": ProblemCode.CARD_REMOVED_EARLY,
    "silence": ProblemCode.CARD_SILENT,
    "reader gone": ProblemCode.READER_LOST,
    "reader unknown": ProblemCode.READER_LOST,
    "service killed": ProblemCode.PCSC_DOWN,
    "reset by another program": PERSON_PROVEN,
}
"""Faults of which every one ends in one way, at whatever command."""
OF_THE_LINE: Final = ("line failed", "data lost", "one byte too many", "64 KB")
"""No chip says this: the read starts over, and at the challenge nothing is known of the chip."""
OF_A_MOMENT: Final = ("6C10", "6CFF", "6110", "6B00", "6986", "6282", "6700", "6F00")
"""Status words out of place; asked again, the card says what it should."""
OF_CONTENT: Final = ("short block", "empty", "garbage")
FAULTS: Final = (*ENDS, *OF_THE_LINE, *OF_A_MOMENT, *OF_CONTENT)

_ACCUSATIONS: Final = frozenset(
    {ProblemCode.SIGNATURE_WRONG, ProblemCode.CHIP_COPIED, ProblemCode.CERTIFICATE_WRONG}
)
_PUZZLES: Final = frozenset({ProblemCode.ROOT_UNKNOWN, ProblemCode.NOT_AN_EID})


class Cell(NamedTuple):
    """One fault at one command (from 1) of one kind of read."""

    applet: str
    memory: str
    fault: str
    at: int


def allowed(fault: str, sent: Sequence[bytes]) -> frozenset[Outcome]:
    """Return how a visit may end in which the last of these commands met a fault."""
    if fault in ENDS:
        return frozenset({ENDS[fault]})
    is_proof = any(command[1] == 0x88 for command in sent)
    if fault in OF_THE_LINE:
        return frozenset({ProblemCode.CARD_SILENT if is_proof else PERSON_PROVEN})
    if is_proof:  # a chip that does not sign is not proven, whatever it says instead
        return frozenset({PERSON_PROVEN, ProblemCode.CHIP_COPIED})
    if fault in OF_A_MOMENT or fault == "short block":
        return frozenset({PERSON_PROVEN})
    return _of_wrong_bytes(fault, sent)


def _of_wrong_bytes(fault: str, sent: Sequence[bytes]) -> frozenset[Outcome]:
    """Wrong bytes that look like an answer cannot be told from a forgery.

    Nor can a selection that is confirmed and was not made: the wrong file is read.
    """
    is_selection = sent[-1][1] == 0xA4
    if fault == "empty" and not is_selection:
        return frozenset({PERSON_PROVEN})
    return frozenset({PERSON_PROVEN, ProblemCode.CARD_UNREADABLE}) | _ACCUSATIONS | _PUZZLES


def whole(lengths: Mapping[tuple[str, str], int], faults: Iterable[str] = FAULTS) -> Iterator[Cell]:
    """Return all cells, given how many commands each kind of read takes."""
    for (applet, memory), commands in lengths.items():
        for fault in faults:
            for at in range(1, commands + 1, SAMPLED.get(applet, 1)):
                yield Cell(applet, memory, fault, at)


def sample(cells: Iterable[Cell], seed: int, of_each: Mapping[str, int], other: int) -> list[Cell]:
    """Return some cells of each fault, always the same ones, in the order of the grid."""
    by_fault: defaultdict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_fault[cell.fault].append(cell)
    dice = random.Random(seed)
    chosen = [
        cell
        for fault, some in by_fault.items()
        for cell in dice.sample(some, min(len(some), of_each.get(fault, other)))
    ]
    return sorted(chosen, key=lambda cell: APPLETS.index(cell.applet))
