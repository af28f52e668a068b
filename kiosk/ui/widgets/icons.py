"""Icons: own drawings in one stroke on a grid of 24, in the colour of what they stand beside."""

from __future__ import annotations

from functools import cache
from typing import Final, final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.data import data_path
from kiosk.ui.theme import Style
from kiosk.ui.widgets.square import Square

_STROKE: Final = 'stroke-width="2"'
_INK: Final = "currentColor"
_DOWN: Final = 2


def paint_icon(painter: QPainter, name: str, rect: QRectF, ink: str, stroke: float = 2.0) -> None:
    """Draw an icon of ``resources/icons`` into a square; ``stroke`` in units of its grid.

    Raises ``FileNotFoundError`` for a name that has no drawing.
    """
    drawing = _drawing(name).replace(_INK, ink).replace(_STROKE, f'stroke-width="{stroke:g}"')
    QSvgRenderer(QByteArray(drawing.encode())).render(painter, rect)


@cache
def _drawing(name: str) -> str:
    return data_path("icons", f"{name}.svg").read_text("utf-8")


def beside_line(icon: QWidget, style: Style) -> QVBoxLayout:
    """Return an icon at the height of the first line of a text of 18 px beside it."""
    column = QVBoxLayout()
    column.setContentsMargins(0, style.px(_DOWN), 0, 0)
    column.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
    return column


@final
class Icon(Square):
    """An icon of a size of the design. It says nothing: the text beside it does.

    Raises ``FileNotFoundError`` for a name that has no drawing.
    """

    def __init__(self, name: str, style: Style, size: float, ink: str, stroke: float = 2.0) -> None:
        super().__init__(style, size)
        _drawing(name)  # a mistake in a name is found here, not while painting
        self._name = name
        self._ink = ink
        self._stroke = stroke

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_icon(painter, self._name, QRectF(self.rect()), self._ink, self._stroke)
