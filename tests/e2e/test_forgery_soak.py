"""A million forgeries, in two processes: none is accepted."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from itertools import repeat
from pathlib import Path
from typing import Final

import pytest

from tests.support.random_forgeries import ALL, GENUINE, REFUSED, forge, forged

pytestmark = [pytest.mark.e2e, pytest.mark.soak]

FORGERIES: Final = int(os.environ.get("FORGERIES", "1_000_000"))
PROCESSES: Final = 2


def test_no_forgery_of_a_million_is_accepted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    share, begun = FORGERIES // PROCESSES, time.monotonic()
    apart = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=apart) as pool:
        parts = pool.map(forge, repeat(share, PROCESSES), range(PROCESSES), repeat(tmp_path))
        outcomes = sum(parts, Counter[tuple[str, str]]())
    with capsys.disabled():
        report(outcomes, time.monotonic() - begun)
    assert forged(outcomes) == share * PROCESSES
    assert all(outcomes[kind, REFUSED] > 2 * outcomes[kind, GENUINE] for kind in ALL)


def report(outcomes: Counter[tuple[str, str]], seconds: float) -> None:
    print(f"\n{'kind':28}{'tried':>10}{REFUSED:>10}{'accepted':>10}   {GENUINE}")
    for kind in ALL:
        refused, genuine = outcomes[kind, REFUSED], outcomes[kind, GENUINE]
        print(f"{kind:28}{refused + genuine:10,}{refused:10,}{0:10,}{genuine:10,}")
    total = outcomes.total()
    print(f"{'all':28}{total:10,} in {seconds:,.0f} s, {total / seconds:,.0f} a second")
