"""Topics 6 and 7: how soon the window is there, and how soon it shows what happened."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.policy import Mode
from tests.bench.results import SPREAD, Table, ratio, say, spread
from tests.support.desk import Desk
from tests.support.display import display, why_no_display

_RUNS: Final = 12
_VISITS: Final = 220
_GOALS: Final = {"painted": 1.5, "ready": 4.0}
_BARE: Final = ("bare", "painted")
_PROGRAMS: Final = {"bare": ("bare",), "desk": ("kiosk", "desk")}
_SHOWS: Final = {"card": "card noticed → on the window", "verdict": "agent's answer → verdict"}
_ABOUT_START: Final = (
    "From the start of the process. The bare window is Qt, a widget and a word, under the same "
    "watch and in the same run; both programs take turns. Painted: the first picture is out. "
    "Ready: a reader is known and an agent waits. Goals: painted ≤ 1.5 ×, ready ≤ 4 × the bare "
    "window's first picture."
)
_ABOUT_SHOWING: Final = (
    "Without a screen, with agents that answer at once: what our own process takes between "
    "hearing of something and the whole picture of it."
)

Moments = dict[tuple[str, str], list[int]]


def start_tables(desk: Desk, pki: Path) -> list[Table]:
    """Start both programs in turn, without a screen and, where one can be had, on one."""
    desk.start_service()
    environment = {**desk.environment(), "KIOSK_CARD__TEST_ROOTS": ",".join(TestPki(pki).pins())}
    tables = [_starts("offscreen", desk, {**environment, "QT_QPA_PLATFORM": "offscreen"})]
    reason = why_no_display()
    if reason:
        tables[0].notes.append(f"Not measured on a screen: {reason}.")
        return tables
    with display(desk.folder / "display") as shown:
        tables.append(_starts("xcb", desk, {**environment, **shown.environment}))
    return tables


def _starts(platform: str, desk: Desk, environment: Mapping[str, str]) -> Table:
    say(f"   {_RUNS} starts of each, {platform}")
    moments: Moments = {}
    for number in range(_RUNS + 1):
        folder = desk.folder / f"{platform}-{number}"
        folder.mkdir(mode=0o700)
        own = {**environment, "XDG_RUNTIME_DIR": str(folder)}
        for name, arguments in _PROGRAMS.items():
            for what, took in _start(desk, arguments, own).items():
                if number:  # the first brings the files into the system's cache
                    moments.setdefault((name, what), []).append(took)
    return _start_table(platform, moments)


def _start(desk: Desk, arguments: Sequence[str], environment: Mapping[str, str]) -> dict[str, int]:
    wanted = 1 if arguments == _PROGRAMS["bare"] else 2
    started = time.monotonic_ns()
    with desk.stack.popen(
        *(sys.executable, "-m", "tests.bench.started_window", *arguments),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout
        try:
            told = [process.stdout.readline().split() for _ in range(wanted)]
            return {what: int(moment) - started for what, moment in told}
        finally:
            process.kill()


def _start_table(platform: str, moments: Moments) -> Table:
    table = Table(
        f"Start of the window, {platform}", ("program", "what", *SPREAD, "× bare", "goal ×")
    )
    bare = spread(moments[_BARE]).median
    for (name, what), samples in moments.items():
        taken = spread(samples)
        goal = _GOALS[what] if name != "bare" else 1.0
        table.add(name, what, *taken.columns(), ratio(taken.median, bare), goal)
    table.notes.append(_ABOUT_START)
    return table


def visit_tables(folder: Path) -> list[Table]:
    """Make visits on both windows."""
    table = Table("Until it is on the window", ("window", "what", *SPREAD))
    for mode in Mode:
        say(f"   {_VISITS} visits, {mode.value}")
        cards = folder / mode.value
        cards.mkdir()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.bench.painted_visits"),
                mode.value,
                str(_VISITS),
                cards,
            ],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(cards)},
            capture_output=True,
            check=True,
        )
        for what, samples in json.loads(done.stdout).items():
            table.add(mode.value, _SHOWS[what], *spread(samples).columns())
    table.notes.append(_ABOUT_SHOWING)
    return [table]
