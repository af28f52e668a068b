"""What the commands share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from kiosk import settings
from kiosk.layered import Resolved
from kiosk.settings import Settings


def printable(text: str) -> str:
    """Return a text that came from outside without what would steer a terminal."""
    return "".join(c for c in text if c.isprintable())


def load_settings(
    config: Path | None, command_line: Mapping[str, object] | None = None
) -> Resolved[Settings]:
    """Read the settings of this process; raise ``ConfigurationError``."""
    return settings.load(config, os.environ, command_line)
