"""``make installer``: every package that can be built here, and why another one cannot.

``python -m installer programs`` only freezes the programs for this system.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from installer import freeze, linux, windows
from installer.bundle import ROOT
from installer.steps import Failed, say

_DIST: Final = ROOT / "dist"
_MILLION: Final = 1_000_000


class _Kind(NamedTuple):
    why_not: Callable[[], str]
    build: Callable[[], Iterable[Path]]


def main(words: list[str]) -> int:
    """Build; the exit status is 1 when something failed, or nothing could be built."""
    if words == ["programs"]:
        kinds = {"this system": _Kind(freeze.why_not, lambda: [freeze.programs()])}
    else:
        kinds = {
            "Debian": _Kind(linux.why_not, _debian),
            "Windows": _Kind(windows.why_not, lambda: [windows.build(_DIST)]),
        }
    built, failed = _build(kinds)
    for path in built:
        size = sum(file.stat().st_size for file in (path, *path.rglob("*")) if file.is_file())
        say(f"{path.relative_to(ROOT)}: {size / _MILLION:.1f} MB")
    return 1 if failed or not built else 0


def _build(kinds: dict[str, _Kind]) -> tuple[list[Path], bool]:
    built: list[Path] = []
    failed = False
    for name, kind in kinds.items():
        if reason := kind.why_not():
            say(f"nothing for {name}: {reason}")
            continue
        try:
            built += kind.build()
        except Failed as failure:
            say(f"nothing for {name}: {failure}")
            failed = True
    return built, failed


def _debian() -> list[Path]:
    freeze.with_demo()
    say("packing for Debian")
    return linux.build(freeze.TREES / "linux", _DIST, freeze.WORK / "debian")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
