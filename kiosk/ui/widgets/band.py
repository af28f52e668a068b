"""The striped band over every screen that is not real: practice, test environment."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPolygon
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.ui.theme import LIGHT, Style, Weight, colour

_HEIGHT: Final = 40
_STRIPE: Final = 14
_STRIPE_ALPHA: Final = 0.1
_TEXT: Final = 0.44
_MARGIN: Final = 24


@final
class Band(QWidget):
    """One line of text on stripes, the same in every theme. ``height`` is a length of the design.

    What somebody lays on it (a button at its end) is laid out over the stripes.
    """

    def __init__(self, text: str, style: Style, *, height: int = _HEIGHT) -> None:
        super().__init__()
        self._text = text
        self._style = style
        self._size = height * _TEXT
        self.setFixedHeight(style.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint ground, stripes and text in the fixed colours of the band."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), colour(LIGHT.ink))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(LIGHT.bg, _STRIPE_ALPHA))
        width, high = self._style.px(_STRIPE), self.height()
        for left in range(-high, self.width(), 2 * width):
            feet, heads = (left, left + width), (left + high, left + width + high)
            stripe = [QPoint(feet[0], high), QPoint(feet[1], high)]
            painter.drawPolygon(QPolygon([*stripe, QPoint(heads[1], 0), QPoint(heads[0], 0)]))
        margin = self._style.px(_MARGIN)
        painter.setPen(colour(LIGHT.bg))
        painter.setFont(self._style.font(self._size, Weight.BOLD))
        place = QRect(margin, 0, self.width() - 2 * margin, high)
        painter.drawText(
            place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text
        )
        painter.end()
