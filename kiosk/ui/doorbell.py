"""A second start rings, and the first comes to the front."""

from __future__ import annotations

import time
from typing import Final, final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_SECONDS: Final = 2.0
_ONE_TRY_MILLISECONDS: Final = 100


@final
class Doorbell(QObject):
    """Hangs at the address of the only instance."""

    rung = Signal()

    def __init__(self, address: str, parent: QObject | None = None) -> None:
        """Hang it; nobody else has the address, so what is there is of one that was killed."""
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._answer)
        QLocalServer.removeServer(address)
        self._server.listen(address)

    def take_down(self) -> None:
        """Hear nobody any more."""
        self._server.close()

    @Slot()
    def _answer(self) -> None:
        while (caller := self._server.nextPendingConnection()) is not None:
            caller.abort()
            caller.deleteLater()
            self.rung.emit()


def ring(address: str) -> bool:
    """Bring the instance at an address to the front; false when it does not answer."""
    until = time.monotonic() + _PATIENCE_SECONDS
    socket = QLocalSocket()
    while time.monotonic() < until:
        socket.connectToServer(address)
        if socket.waitForConnected(_ONE_TRY_MILLISECONDS):
            socket.abort()
            return True
        socket.abort()
        time.sleep(_ONE_TRY_MILLISECONDS / 1000)  # it starts just now, and hangs its bell soon
    return False
