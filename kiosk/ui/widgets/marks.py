"""State marks: shapes in the colour of the text, never in the colour of a verdict."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPainterPathStroker, QPaintEvent, QPen, QPolygonF

from kiosk.ui.screens.parts import Mark
from kiosk.ui.theme import Style, colour
from kiosk.ui.widgets.square import Square

_LINE: Final = 0.085
"""The stroke, of the size of the mark."""
_PALE: Final = 0.28
_LATER: Final = 0.6
_TURN_MS: Final = 1200
_FRAME_MS: Final = 40
_ARC: Final = 0.3
_ARC_ALONE: Final = 0.7
"""Of a turn; longer where no faint circle stands behind it."""
_CORNER: Final = 0.07


@final
class MarkIcon(Square):
    """The mark before a line. ``size`` in pixels of the design, ``ink`` a colour."""

    def __init__(self, mark: Mark, style: Style, *, size: float = 24, ink: str = "") -> None:
        super().__init__(style, size)
        self._mark = mark
        self._ink = ink or style.theme.ink
        self._solid = style.theme.outlines
        self._turned = 0.0
        if mark is Mark.BUSY and style.motion:
            timer = QTimer(self)
            timer.timeout.connect(self._turn)
            timer.start(_FRAME_MS)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the mark."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, 0, self._side, self._side)
        if self._mark in {Mark.SILENT, Mark.BROKEN}:
            shape = _silent(area) if self._mark is Mark.SILENT else _broken(area)
            painter.fillPath(shape, colour(self._ink))
            return
        line = max(2.0, _LINE * self._side)
        inside = area.adjusted(line / 2, line / 2, -line / 2, -line / 2)
        faint = {Mark.BUSY: _PALE, Mark.LATER: _LATER}.get(self._mark, 1.0)
        pen = QPen(colour(self._ink, 1.0 if self._solid else faint), line)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        if self._mark is not Mark.BUSY or not self._solid:
            painter.drawEllipse(inside)
        pen.setColor(colour(self._ink))
        painter.setPen(pen)
        if self._mark is Mark.WELL:
            painter.drawPolyline(_points(area, (0.33, 0.52), (0.45, 0.64), (0.67, 0.38)))
        elif self._mark is Mark.BUSY:
            start = 90 - 360 * self._turned
            arc = _ARC_ALONE if self._solid else _ARC
            painter.drawArc(inside, round(start * 16), round(-360 * arc * 16))

    @Slot()
    def _turn(self) -> None:
        self._turned = (self._turned + _FRAME_MS / _TURN_MS) % 1
        self.update()


def _points(area: QRectF, *at: tuple[float, float]) -> QPolygonF:
    side = area.width()
    return QPolygonF([QPointF(area.left() + x * side, area.top() + y * side) for x, y in at])


def _stroked(path: QPainterPath, width: float) -> QPainterPath:
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return stroker.createStroke(path)


def _lines(area: QRectF, *ends: tuple[float, float, float, float]) -> QPainterPath:
    path = QPainterPath()
    for x1, y1, x2, y2 in ends:
        first, last = _points(area, (x1, y1), (x2, y2)).toList()
        path.moveTo(first)
        path.lineTo(last)
    return path


def _silent(area: QRectF) -> QPainterPath:
    """Return a filled triangle with an exclamation mark cut out."""
    side = area.width()
    bare = QPainterPath()
    bare.addPolygon(_points(area, (0.5, 0.14), (0.93, 0.86), (0.07, 0.86)))
    bare.closeSubpath()
    triangle = bare.united(_stroked(bare, 2 * _CORNER * side))
    glyph = _stroked(_lines(area, (0.5, 0.36, 0.5, 0.58)), 0.1 * side)
    dot = _points(area, (0.5, 0.75)).first()
    glyph.addEllipse(dot, 0.06 * side, 0.06 * side)
    return triangle.subtracted(glyph)


def _broken(area: QRectF) -> QPainterPath:
    """Return a filled rounded square with a cross cut out."""
    side = area.width()
    square = QPainterPath()
    square.addRoundedRect(area, 0.22 * side, 0.22 * side)
    cross = _lines(area, (0.35, 0.35, 0.65, 0.65), (0.65, 0.35, 0.35, 0.65))
    return square.subtracted(_stroked(cross, 0.1 * side))
