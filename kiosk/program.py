"""How the programs of the product start each other, in a checkout and in a frozen bundle."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Final

_FOREIGN: Final = (
    "QT_PLUGIN_PATH",
    "QT_QPA_GENERIC_PLUGINS",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
    "SBK_EMBED",
)
"""Where Qt and its bridge to Python would look for code besides their own folders."""


def command_of(module: str) -> tuple[str, ...]:
    """Return the command that runs a package or module of ours as a process of its own.

    In a bundle ``kiosk.agent`` is the program ``kiosk-agent`` beside this one.
    """
    if not is_frozen():
        return (sys.executable, "-m", module)
    suffix = ".exe" if sys.platform == "win32" else ""
    own = Path(sys.executable).resolve()
    return (str(own.with_name(module.replace(".", "-") + suffix)),)


def is_frozen() -> bool:
    """Whether this is a program of a bundle, without an interpreter of its own."""
    return bool(getattr(sys, "frozen", False))


def forget_foreign_plugins() -> None:
    """Load Qt's plugins from the product's own folder only, whatever the environment says."""
    for name in _FOREIGN:
        os.environ.pop(name, None)
