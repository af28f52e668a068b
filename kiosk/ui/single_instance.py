"""One window in a session: who has the place, and where to ring for it."""

from __future__ import annotations

import contextlib
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

    def take_over(self) -> bool:
        """Become the only instance in place of one that is gone; false while its process lives.

        What the file says of its process may be empty, garbled, or true of another
        program by now. What counts is the system's own lock on the file, which
        ends with the process that holds it.
        """
        return self.claim() or (self._lock.removeStaleLockFile() and self.claim())

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
    first = Path(tempfile.gettempdir()) / f"tariefwijzer-{os.getuid()}"
    # Every start must come to the same one, whoever took the first names.
    for folder in (first, *(first.with_name(f"{first.name}-{n}") for n in range(1, 10))):
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        if _is_ours(folder):
            return folder
    return Path(tempfile.mkdtemp(prefix="tariefwijzer-"))


def _is_ours(folder: Path) -> bool:
    found = folder.lstat()
    return found.st_uid == os.getuid() and stat.S_ISDIR(found.st_mode)
