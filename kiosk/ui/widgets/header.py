"""The row at the top: whose program this is, what it is asked, and at which counter."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.icons import paint_icon
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.square import Square

NAME: Final = "Tariefwijzer"
_MARK: Final = 36
_MARK_ICON: Final = 28
_MARK_RADIUS: Final = 8
_TEXT: Final = 22
_BETWEEN: Final = 12
_SUBJECT: Final = 20
_COUNTER: Final = 18
_SUBJECT_GAP: Final = 14


@final
class BrandMark(Square):
    """The mark: a gauge on a filled square."""

    def __init__(self, style: Style, size: float, fill: str, ink: str) -> None:
        super().__init__(style, size)
        self._fill = fill
        self._ink = ink

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw square and gauge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._fill))
        area = QRectF(self.rect())
        radius = self._side * _MARK_RADIUS / _MARK
        painter.drawRoundedRect(area, radius, radius)
        inside = self._side * (1 - _MARK_ICON / _MARK) / 2
        icon = area.adjusted(inside, inside, -inside, -inside)
        paint_icon(painter, "brand", icon, self._ink, 2.2)


@final
class Brand(QWidget):
    """Mark and name: ``ink`` for the name, ``fill`` and ``glyph`` for the mark."""

    def __init__(
        self, style: Style, *, ink: str, fill: str, glyph: str, size: float = _MARK
    ) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.px(_BETWEEN * size / _MARK))
        row.addWidget(BrandMark(style, size, fill, glyph))
        name = Text(NAME, style, _TEXT * size / _MARK, Weight.BOLD, ink, wrap=False)
        row.addWidget(name, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)


@final
class Subject(QWidget):
    """What is asked about, and the counter's name."""

    def __init__(self, subject: str, counter: str, style: Style) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.px(_SUBJECT_GAP))
        if subject:
            about = Text(subject, style, _SUBJECT, Weight.BOLD, wrap=False)
            row.addWidget(about, 0, Qt.AlignmentFlag.AlignVCenter)
        if counter:
            ink2 = style.theme.ink2
            place = Text(counter, style, _COUNTER, ink=ink2, wrap=False)
            row.addWidget(place, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addStretch(1)
