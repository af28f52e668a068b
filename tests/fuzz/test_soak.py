"""Ten million inputs, in two processes, led by what they reach in the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby, repeat
from pathlib import Path
from typing import Final

import pytest

from tests.fuzz.targets import ALL

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(sys.platform != "linux", reason="libFuzzer comes for Linux"),
]

INPUTS: Final = int(os.environ.get("FUZZ_INPUTS", "10_000_000"))
PROCESSES: Final = 2
WORDS: Final = 1500
"""Characters of what libFuzzer said that a failure shows."""


@dataclass(frozen=True, slots=True)
class Run:
    """One process: half of a target's inputs, with a seed of its own."""

    target: str
    seed: int
    inputs: int
    seconds: float
    places: int
    """Of the code, that were reached."""


def run(target: str, seed: int, pki: Path, folder: Path) -> Run:
    inputs = ALL[target].runs * INPUTS // 10_000_000 // PROCESSES
    options = (f"-runs={inputs}", f"-seed={seed}")
    command = (sys.executable, "-m", "tests.fuzz", target, str(pki), str(folder), *options)
    begun = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = done.stderr + done.stdout
    assert done.returncode == 0, f"{target}: {said[-WORDS:]}"
    assert not list(folder.glob("*-*")), f"{target}: {said[-WORDS:]}"
    executed = re.search(r"number_of_executed_units: (\d+)", said)
    places = re.findall(r"cov: (\d+)", said)
    assert executed, said[-WORDS:]
    return Run(target, seed, int(executed[1]), time.monotonic() - begun, int(places[-1]))


def test_ten_million_inputs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jobs = [(name, seed) for seed in range(1, PROCESSES + 1) for name in ALL]
    folders = [tmp_path / f"{name}{seed}" for name, seed in jobs]
    names, seeds = zip(*jobs, strict=True)
    begun = time.monotonic()
    with ThreadPoolExecutor(PROCESSES) as pool:
        runs = list(pool.map(run, names, seeds, repeat(tmp_path / "pki"), folders))
    with capsys.disabled():
        report(runs, time.monotonic() - begun)
    assert sum(one.inputs for one in runs) >= INPUTS - len(jobs)


def report(runs: Iterable[Run], seconds: float) -> None:
    total = 0
    print(f"\n{'target':22}{'inputs':>12}{'a second':>10}{'places':>8}")
    for name, group in groupby(sorted(runs, key=lambda one: one.target), lambda one: one.target):
        both = list(group)
        inputs, spent = sum(one.inputs for one in both), sum(one.seconds for one in both)
        places = max(one.places for one in both)
        print(f"{name:22}{inputs:12,}{inputs / spent:10,.0f}{places:8,}")
        total += inputs
    print(f"{'all':22}{total:12,}{total / seconds:10,.0f}   in {seconds:,.0f} s, nothing found")
