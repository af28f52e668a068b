"""The lamps of a verdict: one slot each, in a fixed order, so that place and shape tell the colour.

Shapes are given in a unit square and painted at the size of their slot.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final, final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible, QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.verdict import Colour
from kiosk.ui.theme import Style
from kiosk.ui.theme import colour as token
from kiosk.ui.widgets.roles import give_role

ORDER: Final = (Colour.GREEN, Colour.ORANGE, Colour.RED)
"""From left to right, and from top to bottom."""
_UNLIT_STROKE: Final = 0.055
_UNLIT_LEAST: Final = 3
_UNLIT_ALPHA: Final = 0.55
_GLYPH_STROKE: Final = 0.098
_DOT: Final = (0.5, 0.765)
_DOT_RADIUS: Final = 0.062
_TRIANGLE: Final = ((0.5, 0.03), (1.01, 0.93), (-0.01, 0.93))
_CUT: Final = 0.293
_OCTAGON: Final = (
    (_CUT, 0.0),
    (1 - _CUT, 0.0),
    (1.0, _CUT),
    (1.0, 1 - _CUT),
    (1 - _CUT, 1.0),
    (_CUT, 1.0),
    (0.0, 1 - _CUT),
    (0.0, _CUT),
)
_STROKES: Final[Mapping[Colour, tuple[tuple[tuple[float, float], ...], ...]]] = MappingProxyType(
    {
        Colour.GREEN: (((0.29, 0.52), (0.44, 0.67), (0.72, 0.36)),),
        Colour.ORANGE: (((0.5, 0.37), (0.5, 0.60)),),
        Colour.RED: (((0.34, 0.34), (0.66, 0.66)), ((0.66, 0.34), (0.34, 0.66))),
    }
)


def shape(colour: Colour) -> QPainterPath:
    """Return the outline of a verdict's shape in the unit square."""
    if colour is Colour.GREEN:
        path = QPainterPath()
        path.addEllipse(QRectF(0, 0, 1, 1))
        return path
    if colour is Colour.ORANGE:
        return _rounded(_TRIANGLE, 0.09)
    return _rounded(_OCTAGON, 0.05)


def paint_lit(
    painter: QPainter, colour: Colour, square: QRectF, *, fill: QColor, glyph: QColor
) -> None:
    """Paint a filled shape with its tick, exclamation mark or cross."""
    painter.save()
    _into(painter, square)
    painter.fillPath(shape(colour), fill)
    pen = QPen(glyph, _GLYPH_STROKE)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for stroke in _STROKES[colour]:
        painter.drawPolyline([QPointF(x, y) for x, y in stroke])
    if colour is Colour.ORANGE:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(glyph)
        painter.drawEllipse(QPointF(*_DOT), _DOT_RADIUS, _DOT_RADIUS)
    painter.restore()


def paint_unlit(
    painter: QPainter, colour: Colour, square: QRectF, *, ink: QColor, stroke: float
) -> None:
    """Paint the outline of a shape, all of it within the square."""
    painter.save()
    inset = stroke / 2
    inner = square.adjusted(inset, inset, -inset, -inset)
    _into(painter, inner)
    pen = QPen(ink, stroke / inner.width())
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(shape(colour), pen)
    painter.restore()


@final
class LampRow(QWidget):
    """Three lamps; the one of the verdict is large and filled, the other two are outlines.

    ``lit``, ``unlit`` and ``gap`` are lengths of the design. ``label`` is what
    assistive technology calls the colour.
    """

    def __init__(  # noqa: PLR0913 - measures by name, all of them optional at no caller
        self,
        colour: Colour,
        style: Style,
        *,
        lit: int,
        unlit: int,
        gap: int,
        vertical: bool = False,
        label: str,
    ) -> None:
        super().__init__()
        self._colour = colour
        self._style = style
        self._sizes = {each: style.px(lit if each is colour else unlit) for each in ORDER}
        self._gap = style.px(gap)
        self._vertical = vertical
        long = sum(self._sizes.values()) + 2 * self._gap
        across = self._sizes[colour]
        self.setFixedSize(*((across, long) if vertical else (long, across)))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)
        give_role(self, QAccessible.Role.Graphic)

    def slot(self, colour: Colour) -> QRectF:
        """Return the square of one lamp, in pixels of this widget."""
        before = ORDER[: ORDER.index(colour)]
        along = float(sum(self._sizes[each] + self._gap for each in before))
        size = float(self._sizes[colour])
        across = (self._sizes[self._colour] - size) / 2
        x, y = (across, along) if self._vertical else (along, across)
        return QRectF(x, y, size, size)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the three lamps in the colours of the verdict's field."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        field = self._style.field(self._colour)
        alpha = 1.0 if self._style.theme.outlines else _UNLIT_ALPHA
        for each in ORDER:
            square = self.slot(each)
            if each is self._colour:
                fill, glyph = token(field.text), token(field.fill)
                paint_lit(painter, each, square, fill=fill, glyph=glyph)
            else:
                stroke = max(self._style.px(_UNLIT_LEAST), square.width() * _UNLIT_STROKE)
                paint_unlit(painter, each, square, ink=token(field.text, alpha), stroke=stroke)
        painter.end()


def _into(painter: QPainter, square: QRectF) -> None:
    """Make the unit square of the painter this square."""
    painter.translate(square.topLeft())
    painter.scale(square.width(), square.height())


def _rounded(corners: Sequence[tuple[float, float]], cut: float) -> QPainterPath:
    """Return a closed polygon whose corners are rounded over this length of each side."""
    path = QPainterPath()
    around = (corners[-1], *corners, corners[0])
    for index, (before, corner) in enumerate(pairwise(around[:-1])):
        start = _towards(corner, before, cut)
        if index:
            path.lineTo(start)
        else:
            path.moveTo(start)
        path.quadTo(QPointF(*corner), _towards(corner, around[index + 2], cut))
    path.closeSubpath()
    return path


def _towards(corner: tuple[float, float], other: tuple[float, float], length: float) -> QPointF:
    share = length / math.dist(corner, other)
    return QPointF(
        corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share
    )
