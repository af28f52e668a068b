"""``python -m installer.windows``: the MSI in ``dist/``."""

from __future__ import annotations

import sys

from installer.bundle import ROOT
from installer.steps import Failed, say
from installer.windows.package import build, why_not


def main() -> int:
    """Build, and say where the MSI is; return the exit status."""
    if reason := why_not():
        print(reason, file=sys.stderr)  # noqa: T201 - a command prints
        return 1
    try:
        made = build(ROOT / "dist")
    except Failed as failure:
        print(failure, file=sys.stderr)  # noqa: T201 - a command prints
        return 1
    say(f"{made.relative_to(ROOT)}: {made.stat().st_size / 1_000_000:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
