"""One window on a machine's session: a second start brings the first to the front."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final, final

from PySide6.QtCore import QLockFile, QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_MILLISECONDS: Final = 2000


@final
class SingleInstance(QObject):
    """Holds the place of the only instance of this name, or knows that somebody else does."""

    raised = Signal()
    """Somebody started the program a second time."""

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        folder = _runtime_folder()
        self._address = str(folder / f"{name}.socket")
        self._lock = QLockFile(str(folder / f"{name}.lock"))
        self._lock.setStaleLockTime(0)  # however old: it is stale when its process is gone
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greeted)

    def claim(self) -> bool:
        """Become the only instance; false when there is one."""
        if not self._lock.tryLock(0):
            return False
        QLocalServer.removeServer(self._address)  # of one that was killed
        self._server.listen(self._address)
        return True

    def raise_other(self) -> bool:
        """Bring the other instance to the front; false when it does not answer."""
        socket = QLocalSocket()
        socket.connectToServer(self._address)
        answered = socket.waitForConnected(_PATIENCE_MILLISECONDS)
        socket.abort()
        return answered

    def release(self) -> None:
        """Let the next one in."""
        self._server.close()
        self._lock.unlock()

    @Slot()
    def _greeted(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.abort()
            caller.deleteLater()
            self.raised.emit()


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
