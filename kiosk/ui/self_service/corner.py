"""The way out for staff: the corner to hold."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

CORNER: Final = 96
HOLD_MS: Final = 5000
_LETS_GO: Final = {
    QEvent.Type.Hide,
    QEvent.Type.UngrabMouse,
    QEvent.Type.FocusOut,
    QEvent.Type.WindowDeactivate,
    QEvent.Type.TouchCancel,
}
"""After these the release of a finger may never be told."""


@final
class Corner(QWidget):
    """Invisible; tells when somebody held it for five seconds without leaving it."""

    held = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(HOLD_MS)
        self._timer.timeout.connect(self.held)

    def event(self, event: QEvent) -> bool:
        """Stop when a release may be lost: nobody may come in by a touch that ended long ago."""
        if event.type() in _LETS_GO:
            self._timer.stop()
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to count."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._timer.start()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Stop when the finger slips out."""
        if not self.rect().contains(event.position().toPoint()):
            self._timer.stop()

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        """Stop when the finger goes up too early."""
        self._timer.stop()
