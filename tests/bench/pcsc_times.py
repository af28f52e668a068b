"""Topics 2 and 3: how much of the time at a real PC/SC service is ours."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from tests.bench.card_cost import why_no_eidenv
from tests.bench.results import SPREAD, Spread, Table, ratio, say, spread
from tests.support.desk import Card, Desk
from tests.support.pcsc_stack import READER

_ROUNDS: Final = 150
_PROCESSES: Final = 8
_INSERTIONS: Final = 12
_WHO: Final = {
    "ours": "our read",
    "watched": "our read, each call limited in time",
    "bare": "bare scard, same commands",
}


def read_tables(desk: Desk) -> list[Table]:
    """Time reads of a card that answers at once."""
    loop = Table(
        "A later read through pcscd and vpcd",
        ("card", "program", "commands", *SPREAD, "median ms a command", "× bare", "fastest × bare"),
    )
    whole = Table("Whole programs", ("card", "program", *SPREAD, "eidenv / this"))
    for applet in ("1.7", "1.8"):
        with desk.card("--applet", applet):
            say(f"   {applet}: {_ROUNDS} reads by each of three programs in turn")
            _loops(desk, applet, loop)
            if not why_no_eidenv():
                say(f"   {applet}: {_PROCESSES} times eidenv and kiosk check in turn")
                _programs(desk, applet, whole)
    loop.notes.append(
        "Nobody computes on a line here: what remains is pcscd, the virtual reader and the "
        "simulator, which the bare loop waits for as well; × bare is what our code adds, the "
        "check of the signature and of the chip's answer included. Where the medians contradict "
        "the fastest, other programs were using the machine."
    )
    whole.notes.append(
        "eidenv is timed from its start to its end and proves nothing; `kiosk check` says itself "
        "how long card and service took, and its whole process is beside it (Python starts, "
        "modules load: what a waiting agent has done before the card comes)."
    )
    return [loop, whole] if whole.rows else [loop]


def _loops(desk: Desk, applet: str, table: Table) -> None:
    script = ("-m", "tests.bench.timed_reads", READER, str(_ROUNDS), desk.pins[-1])
    done = desk.stack.python(*script, timeout=60)
    if done.returncode:
        raise RuntimeError(done.stderr)
    measured: dict[str, Any] = json.loads(done.stdout)
    commands: int = measured["commands"]
    spreads = {name: spread(measured[name]) for name in _WHO}
    for name, words in _WHO.items():
        taken = spreads[name]
        times = ratio(taken.median, spreads["bare"].median)
        fastest = ratio(taken.fastest, spreads["bare"].fastest)
        a_command = taken.median / commands
        table.add(applet, words, commands, *taken.columns(), a_command, times, fastest)


def _programs(desk: Desk, applet: str, table: Table) -> None:
    times: dict[str, list[int]] = {
        name: [] for name in ("eidenv", "check: card", "check: service", "check: process")
    }
    desk.check()  # certificates and bytecode are there afterwards
    for _ in range(_PROCESSES):
        started = time.perf_counter_ns()
        desk.stack.run("eidenv")
        between = time.perf_counter_ns()
        status, outcome = desk.check()
        ended = time.perf_counter_ns()
        if status:
            raise RuntimeError(f"kiosk check ended with {status}: {outcome}")
        times["eidenv"].append(between - started)
        times["check: process"].append(ended - between)
        for part in ("card", "service"):
            times[f"check: {part}"].append(outcome["milliseconds"][part] * 1_000_000)
    theirs = spread(times["eidenv"]).median
    for name, samples in times.items():
        taken = spread(samples)
        table.add(applet, name, *taken.columns(), ratio(theirs, taken.median))


def insertion_tables(desk: Desk) -> list[Table]:
    """Time how soon a card is noticed that is put in."""
    say(f"   {_INSERTIONS} insertions, watched by our monitor and by a bare waiter")
    with desk.card() as card, _watcher(desk, "ours") as ours, _watcher(desk, "bare") as bare:
        seen = {"our monitor": ours, "bare SCardGetStatusChange": bare}
        times: dict[str, list[int]] = {name: [] for name in seen}
        behind: list[int] = []
        for number in range(_INSERTIONS):
            _change(card, "out", [ours, bare])
            time.sleep(number * 0.037)  # the reader is polled: meet it at different moments
            started = time.monotonic_ns()
            moments = _change(card, "in", [ours, bare])
            for name, moment in zip(seen, moments, strict=True):
                times[name].append(moment - started)
            behind.append(moments[0] - moments[1])
    return [_noticed({name: spread(samples) for name, samples in times.items()}, spread(behind))]


def _noticed(spreads: dict[str, Spread], behind: Spread) -> Table:
    table = Table("From the insertion to the program that waits", ("program", *SPREAD, "× bare"))
    bare = spreads["bare SCardGetStatusChange"].median
    for name, taken in spreads.items():
        table.add(name, *taken.columns(), ratio(taken.median, bare))
    table.add("our monitor behind the bare waiter", *behind.columns(), ratio(behind.median, bare))
    table.notes.append(
        "pcscd polls the virtual reader every 400 ms, which is nearly all of these times; a USB "
        "reader tells at once. What our monitor adds is the last row; below zero it was first."
    )
    return table


def _change(card: Card, where: str, watchers: Sequence[subprocess.Popen[str]]) -> list[int]:
    """Put the card in or pull it out; return when each watcher noticed."""
    card._process.say(where)
    moments = []
    for watcher in watchers:
        assert watcher.stdout
        said, moment = watcher.stdout.readline().split()
        if said != where:
            raise RuntimeError(f"a watcher saw {said}, not {where}")
        moments.append(int(moment))
    return moments


@contextmanager
def _watcher(desk: Desk, which: str) -> Iterator[subprocess.Popen[str]]:
    process: subprocess.Popen[str] = desk.stack.popen(
        *(sys.executable, "-m", "tests.bench.watcher", which, READER),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    try:
        if not process.stdout.readline().startswith("ready"):
            raise RuntimeError(f"the {which} watcher did not start")
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
