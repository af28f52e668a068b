"""The family income as a band. The amount lives in one function here and is dropped at its end.

Source of the form: answers of MAGDA's own simulator. A code is that of the form with the letter of
the person before it (A, B); the value is in cents (assumption, to be confirmed with MAGDA).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import IncomeBand

_CENTS: Final = re.compile(r"-?\d{1,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Bands:
    """The two limits, in euro a year, both included; and the codes whose values are added up."""

    limit_a: int
    limit_b: int
    codes: Sequence[str]


def income_band(assessment: Node, bands: Bands) -> IncomeBand | None:
    """Return the band of everybody on the assessment together, ``None`` when one is missing."""
    people = [person for kind in _PEOPLE if (person := assessment.find(kind)) is not None]
    letters = {person.text("FiscaleStatus/Code") for person in people}
    cents = _cents(assessment, letters, bands.codes)
    if len(letters) != len(people) or cents is None:
        return None
    if cents <= bands.limit_a * 100:
        return IncomeBand.UP_TO_A
    return IncomeBand.UP_TO_B if cents <= bands.limit_b * 100 else IncomeBand.ABOVE


_PEOPLE: Final = ("GevraagdePersoon", "GerelateerdePersoon")


def _cents(assessment: Node, letters: set[str], codes: Sequence[str]) -> int | None:
    """Add up; ``None`` when a person has no item, or an item no number or told twice."""
    seen: dict[str, int] = {}
    for item in assessment.all("Items/Item"):
        code, value = item.text("Code"), item.text("Waarde")
        if code[1:] not in codes:
            continue
        if code in seen or code[:1] not in letters or not _CENTS.fullmatch(value):
            return None
        seen[code] = int(value)
    return sum(seen.values()) if {code[:1] for code in seen} == letters else None
