"""Tables of which `make test` runs a part, always the same one; the rest is in `make soak`."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any, Final

import pytest

SEED: Final = 61


def sampled(rows: Iterable[tuple[Any, ...]], count: int) -> list[Any]:
    """Return the rows as parameters, all but so many of them marked as a long run."""
    table = list(rows)
    chosen = set(random.Random(SEED).sample(range(len(table)), count))
    return [
        pytest.param(*row, marks=() if number in chosen else pytest.mark.soak)
        for number, row in enumerate(table)
    ]
