"""Topic 8: the packages, their sizes, and whether a frozen program starts sooner."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from installer.bundle import ROOT
from installer.freeze import TREES
from tests.bench.results import SPREAD, Skipped, Table, ratio, say, spread
from tests.support.display import Display, display, why_no_display

_RUNS: Final = 15
_LONGEST_START_SECONDS: Final = 30
_DIST: Final = ROOT / "dist"
_BUNDLE: Final = TREES / "linux" / "kiosk"
_GOALS_MB: Final = {".deb": 40, ".msi": 50}
_GOAL_START: Final = 0.6
_SETTINGS: Final = """
environment = "test"
[service]
url = "http://127.0.0.1:9/"
client.auth = "none"
"""
_ABOUT_SIZES: Final = "In millions of bytes. `make installer` makes the packages."
_ABOUT_STARTS: Final = (
    "From the start of the process until a pixel of the screen has changed, seen from outside: "
    "the X server's own picture is watched. Both are the same commit; they take turns. The "
    "unfrozen one is the checkout with its virtual environment."
)


def tables(folder: Path) -> Sequence[Table]:
    """Measure what has been built, and start it."""
    if not (_BUNDLE / "kiosk").exists():
        raise Skipped("nothing is frozen; `make installer` does that")
    reason = why_no_display()
    if reason:
        return [_sizes()]
    (folder / "kiosk.toml").write_text(_SETTINGS, encoding="utf-8")
    with display(folder / "display") as shown:
        return [_sizes(), _starts(folder, shown)]


def _sizes() -> Table:
    table = Table("Sizes", ("what", "MB", "goal MB"))
    files = [path for path in _BUNDLE.rglob("*") if path.is_file() and not path.is_symlink()]
    table.add(
        f"the bundle, {len(files)} files", sum(path.stat().st_size for path in files) / 1e6, ""
    )
    for path in sorted(_DIST.glob("*")):
        if path.suffix in _GOALS_MB:
            table.add(path.name, path.stat().st_size / 1e6, _GOALS_MB[path.suffix])
    table.notes.append(_ABOUT_SIZES)
    return table


def _starts(folder: Path, shown: Display) -> Table:
    say(f"   {_RUNS} starts of each")
    programs = {
        "unfrozen": (sys.executable, "-m", "kiosk"),
        "frozen": (str(_BUNDLE / "kiosk"),),
    }
    taken: dict[str, list[int]] = {name: [] for name in programs}
    for number in range(_RUNS + 1):
        for name, command in programs.items():
            runtime = folder / f"{name}-{number}"
            runtime.mkdir(mode=0o700)
            settings = ("--config", str(folder / "kiosk.toml"), "desk")
            environment = {**os.environ, **shown.environment, "XDG_RUNTIME_DIR": str(runtime)}
            took = _first_pixel((*command, *settings), environment, shown)
            if number:  # the first brings the files into the system's cache
                taken[name].append(took)
    table = Table("Start of the window until its first pixel", ("program", *SPREAD, "×", "goal ×"))
    base = spread(taken["unfrozen"]).median
    for name, samples in taken.items():
        times = spread(samples)
        goal = _GOAL_START if name == "frozen" else 1.0
        table.add(name, *times.columns(), ratio(times.median, base), goal)
    table.notes.append(_ABOUT_STARTS)
    return table


def _first_pixel(command: Sequence[str], environment: Mapping[str, str], shown: Display) -> int:
    """Return after how many nanoseconds something of the program is on the screen."""
    shown.clear()
    before = shown.glimpse()
    started = time.monotonic_ns()
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while shown.glimpse() == before:
            if time.monotonic_ns() - started > _LONGEST_START_SECONDS * 1e9:
                raise TimeoutError("no window came up")
            time.sleep(0.0005)
        return time.monotonic_ns() - started
    finally:
        process.kill()
        process.wait()
