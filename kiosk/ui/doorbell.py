"""A second start rings, and the first comes to the front."""

from __future__ import annotations

import time
from typing import Final, final

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

_PATIENCE_SECONDS: Final = 2.0
_ONE_TRY_MILLISECONDS: Final = 100
_CALL_MILLISECONDS: Final = 2000
_ANSWER: Final = b"!"


@final
class Doorbell(QObject):
    """Hangs at the address of the only instance, and answers as long as its window lives."""

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
            caller.disconnected.connect(caller.deleteLater)
            hang_up = QTimer(caller)
            hang_up.timeout.connect(caller.deleteLater)
            hang_up.start(_CALL_MILLISECONDS)
            caller.write(_ANSWER)
            caller.flush()
            self.rung.emit()


def ring(address: str) -> bool:
    """Bring the instance at an address to the front; false when it does not answer.

    A connection is no answer: the system makes it for a program that hangs, too.
    """
    until = time.monotonic() + _PATIENCE_SECONDS
    while (left := until - time.monotonic()) > 0:
        if _answers(address, round(left * 1000)):
            return True
        time.sleep(_ONE_TRY_MILLISECONDS / 1000)  # it starts just now, and hangs its bell soon
    return False


def _answers(address: str, milliseconds: int) -> bool:
    socket = QLocalSocket()
    listening = QEventLoop()
    socket.readyRead.connect(listening.quit)
    socket.errorOccurred.connect(listening.quit)
    socket.connectToServer(address)
    if socket.waitForConnected(_ONE_TRY_MILLISECONDS):
        QTimer.singleShot(milliseconds, listening.quit)
        listening.exec()
    answered = socket.bytesAvailable() > 0
    socket.abort()
    return answered
