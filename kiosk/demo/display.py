"""Whether there is a display that Qt can open. Qt ends the process when there is none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from typing import Final

from PySide6.QtGui import QGuiApplication

from kiosk.agent.hardening import keep_memory_private
from kiosk.program import command_of

_LONGEST_SECONDS: Final = 20
_NAMES: Final = ("DISPLAY", "WAYLAND_DISPLAY")
PLATFORM: Final = "QT_QPA_PLATFORM"
"""Where Qt is told what to draw on."""
_NEEDS_NONE: Final = {"offscreen", "minimal", "vnc"}


def what_is_missing(environment: Mapping[str, str]) -> str:
    """Return why no window can be shown, in a few words; empty when one can."""
    platform = environment.get(PLATFORM, "")
    if sys.platform in {"win32", "darwin"} or platform.partition(":")[0] in _NEEDS_NONE:
        return ""
    named = [name for name in (*_NAMES, PLATFORM) if environment.get(name)]
    if not named:
        return "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if _opens(environment):
        return ""
    display = ", ".join(f"{name}={environment[name]}" for name in named)
    return f"the display cannot be opened ({display})"


def _opens(environment: Mapping[str, str]) -> bool:
    """Let another process try it: what Qt says of a display that is gone is not for people."""
    try:
        tried = subprocess.run(  # noqa: S603 - our own program, no words of others
            command_of("kiosk.demo.display"),
            env=environment,
            capture_output=True,
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return False
    return tried.returncode == 0


def main() -> int:
    """Open the display and go."""
    keep_memory_private()  # no core file of a Qt that gave up
    QGuiApplication(sys.argv[:1])
    return 0


if __name__ == "__main__":
    sys.exit(main())
