"""What the commands share."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from kiosk import settings
from kiosk.domain.policy import Mode
from kiosk.layered import ConfigurationError, Resolved
from kiosk.settings import Settings


def printable(text: str) -> str:
    """Return a text that came from outside without what would steer a terminal."""
    return "".join(c for c in text if c.isprintable())


def load_settings(
    config: Path | None, command_line: Mapping[str, object] | None = None
) -> Resolved[Settings]:
    """Read the settings of this process; raise ``ConfigurationError``."""
    return settings.load(config, os.environ, command_line)


def settings_or_mistakes(config: Path | None) -> Resolved[Settings] | None:
    """Read the settings of this process; print the mistakes and return nothing if there are any."""
    try:
        return load_settings(config)
    except ConfigurationError as error:
        print(error, file=sys.stderr)
        return None


def usual_mode() -> str:
    """Return the command that opens the window in the mode of this machine's settings."""
    try:
        return load_settings(None).settings.mode.value
    except ConfigurationError:
        return Mode.DESK.value  # it will tell the same mistakes
