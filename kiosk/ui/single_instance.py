"""One window in a session: who has the place, and where to ring for it."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import final

from PySide6.QtCore import QLockFile


@final
class SingleInstance:
    """The place of the only instance of a name. ``address`` is where its doorbell is."""

    def __init__(self, name: str) -> None:
        folder = _runtime_folder()
        self.address = str(folder / f"{name}.socket")
        self._lock = QLockFile(str(folder / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # however old: it is stale when its process is gone

    def claim(self) -> bool:
        """Become the only instance; false when there is one."""
        return self._lock.tryLock(0)

    def release(self) -> None:
        """Let the next one in."""
        self._lock.unlock()


def _runtime_folder() -> Path:
    """Return a folder that only this user writes to."""
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given and os.access(given, os.W_OK):
        return Path(given)
    if sys.platform == "win32":
        return Path(tempfile.gettempdir())  # of this user
    folder = Path(tempfile.gettempdir()) / f"tariefwijzer-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    ours = found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
    return folder if ours else Path(tempfile.mkdtemp(prefix="tariefwijzer-"))
