"""Remembering that a token refused a PIN: after a few wrong ones it locks.

Each visit has a process of its own, so a file has to remember. It says which version of the file
with the PIN was refused, and holds nothing of the PIN.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import final

from kiosk.token_uri import TokenUri

_IN_THE_SETTINGS = "the PIN stands in the settings"


@final
class RefusedPin:
    """The memory for one key, in a folder of this user's."""

    def __init__(self, folder: Path, uri: TokenUri) -> None:
        self._mark = folder / f"{uri.digest}.refused"
        self._pin_file = uri.pin_file

    @property
    def is_kept(self) -> bool:
        """Whether this PIN was refused, and its file is the same since."""
        try:
            return self._mark.read_text("utf-8") == self._version()
        except (OSError, UnicodeDecodeError):
            return False

    @property
    def can_be_kept(self) -> bool:
        """Whether a refusal could be remembered here."""
        with contextlib.suppress(OSError):
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            return os.access(self._mark.parent, os.W_OK | os.X_OK)
        return False

    def keep(self) -> None:
        """Remember that the PIN was refused, as far as that can be."""
        with contextlib.suppress(OSError):
            self._mark.parent.mkdir(parents=True, exist_ok=True)
            self._mark.write_text(self._version(), "utf-8")

    def forget(self) -> None:
        """The token took a PIN."""
        with contextlib.suppress(OSError):
            self._mark.unlink(missing_ok=True)

    def _version(self) -> str:
        if self._pin_file is None:
            return _IN_THE_SETTINGS
        found = self._pin_file.stat()
        return f"{found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"
