"""Runs one target under libFuzzer, as a process of its own: it ends the process when it is done.

``python -m tests.fuzz TARGET PKI FOLDER [options of libFuzzer]``. What it finds
goes into the folder, which is not in this repository.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Final

import atheris
import pytest

with atheris.instrument_imports(include=["kiosk"]):
    from tests.fuzz.targets import ALL

from kiosk.cardreader.simulator.pki import TestPki
from tests.fuzz.target import Bench, Check, quicken
from tests.support.cards import Cards

MOST_SECONDS: Final = 1.0
"""Of the processor's time for one input; the slowest take some milliseconds."""


def in_time(check: Check) -> Check:
    def timed(data: bytes) -> None:
        begun = time.thread_time()
        check(data)
        assert time.thread_time() - begun < MOST_SECONDS, "an input that takes for ever"

    return timed


def main(name: str, pki: str, folder: str, *options: str) -> None:
    quicken(pytest.MonkeyPatch())
    target, place = ALL[name], Path(folder)
    cards = Cards(TestPki(Path(pki), root_bits=2048))
    corpus, bench = place / "corpus", place / "bench"
    for made in (corpus, bench):
        made.mkdir(parents=True)
    for number, seed in enumerate(target.seeds(cards)):
        (corpus / f"seed-{number}").write_bytes(seed[: target.longest])
    check = in_time(target.prepare(Bench(cards, bench)))
    own = (f"-max_len={target.longest}", f"-artifact_prefix={place}/", "-timeout=20")
    atheris.Setup([sys.argv[0], *own, "-print_final_stats=1", *options, str(corpus)], check)
    atheris.Fuzz()


main(*sys.argv[1:])
