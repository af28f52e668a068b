"""What icons, marks and numbers are painted on."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.ui.theme import Style


class Square(QWidget):
    """A square of a size of the design, however much room there is."""

    def __init__(self, style: Style, size: float) -> None:
        super().__init__()
        self._side = style.px(size)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the square, in pixels."""
        return QSize(self._side, self._side)
