"""Keys of the keyboard: their names on a button, and what Qt calls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeySequence, QPainter, QPen, QShortcut
from PySide6.QtWidgets import QWidget

from kiosk.ui.theme import Style, Weight, colour

_SIZE: Final = 15
_HEIGHT: Final = 26
_PADDING: Final = 8
_RADIUS: Final = 5
_LINE: Final = 1.5
_EDGE: Final = 0.6
"""How strong the outline of a key is beside its letters."""
_ENTER: Final = {"return", "enter"}


def key_name(key: str) -> str:
    """Return what stands on the key: ``Ctrl P`` for ``Ctrl+P``, ``Enter`` for both of them."""
    return "Enter" if key.lower() in _ENTER else key.replace("+", " ")


def key_sequences(key: str) -> list[QKeySequence]:
    """Return the keys to listen to; there are two that are called Enter."""
    names = ("Return", "Enter") if key.lower() in _ENTER else (key,)
    return [QKeySequence(name) for name in names]


def listen(widget: QWidget, key: str, then: Callable[[], None]) -> None:
    """Do something whenever a key is pressed in the widget's window; holding it does it once."""
    for keys in key_sequences(key) if key else ():
        shortcut = QShortcut(keys, widget)
        shortcut.setAutoRepeat(False)
        shortcut.activated.connect(then)


@final
class KeyHint:
    """A small outlined key at the right end of what it works."""

    def __init__(self, key: str, style: Style) -> None:
        self._text = key_name(key)
        self._style = style
        self._font = style.font(_SIZE, Weight.STRONG)
        advance = QFontMetricsF(self._font).horizontalAdvance(self._text)
        self.width = round(advance) + 2 * style.px(_PADDING) if key else 0
        """In pixels; 0 without a key."""

    def paint(self, painter: QPainter, right_middle: QPointF, ink: str) -> None:
        """Draw the key so that the middle of its right side is at a point."""
        if not self.width:
            return
        height = self._style.px(_HEIGHT)
        half = _LINE * self._style.scale / 2
        box = QRectF(
            right_middle.x() - self.width, right_middle.y() - height / 2, self.width, height
        )
        edge = 1.0 if self._style.theme.outlines else _EDGE
        painter.setPen(QPen(colour(ink, edge), 2 * half))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        radius = self._style.px(_RADIUS)
        painter.drawRoundedRect(box.adjusted(half, half, -half, -half), radius, radius)
        painter.setPen(colour(ink))
        painter.setFont(self._font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._text)
