"""The drawing of card and reader, seen from above: the card is pushed away from the person.

It is drawn in units, 272 wide and 424 high. On the card are only its chip, an
arrow and two lines, so that it is right for a card of every kind.
"""

from __future__ import annotations

import math
from typing import Final, final

from PySide6.QtCore import QElapsedTimer, QLineF, QPointF, QRectF, QSizeF, Qt, QTimer, Slot
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QHideEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.ui.screens.parts import Drawing
from kiosk.ui.theme import Style, Theme, Weight, colour
from kiosk.ui.widgets.icons import paint_icon

UNITS: Final = QSizeF(272, 424)
READER_UNITS: Final = 112
"""The height of the reader alone."""
RISE_UNITS: Final = 36
"""How far the card moves towards the reader."""
_MOVE_SECONDS: Final = 2.4
_PAUSE_SECONDS: Final = 1.6
_EVERY_MS: Final = 40

_READER: Final = QRectF(0, 0, UNITS.width(), READER_UNITS)
_SLOT: Final = QRectF(32, 94, 208, 10)
_READER_ICON: Final = QRectF(107, 18, 58, 58)
_CARD: Final = QRectF(50, 148, 172, 273)
_CHIP: Final = QRectF(108, 176, 56, 48)
_CHIP_MIDDLE: Final = QRectF(125, 187, 22, 26)
_CARD_LINES: Final = (QRectF(82, 363, 108, 8), QRectF(82, 385, 80, 8))
_BADGE: Final = QRectF(102, 262, 68, 68)
_ARROW_TOP: Final = 258.0
_ARROW_BOTTOM: Final = 333.0
_ARROW_WING: Final = 27.0
_HINT_Y: Final = 200.0
_HINT_LINE_END: Final = 306.0
_HINT_TEXT: Final = 318.0
_HINT_PITCH: Final = 1.36
_PUSHED: Final = {Drawing.IN_READER: -116.0, Drawing.CARD_FAILED: -60.0}
"""How far the card is in the reader."""


def lift(seconds: float) -> float:
    """Return by how many units the card is up so long after the drawing came on screen."""
    phase = seconds % (_MOVE_SECONDS + _PAUSE_SECONDS)
    if phase >= _MOVE_SECONDS:
        return 0.0
    return RISE_UNITS * math.sin(math.pi * phase / _MOVE_SECONDS) ** 2


@final
class CardDrawing(QWidget):
    """Card and reader. ``width`` is that of the reader, ``hint_size`` the type of the hint.

    Both are lengths of the design. Only a card that should be put in moves, and
    only while somebody can see it.
    """

    def __init__(
        self,
        drawing: Drawing,
        hint: str,
        style: Style,
        width: int = 272,
        *,
        hint_size: float = 22,
        animated: bool = True,
    ) -> None:
        super().__init__()
        self._drawing = drawing
        self._hint = hint.split("\n") if hint else []
        self._style = style
        self._unit = style.px(width) / UNITS.width()
        self._hint_size = hint_size
        self._lift = 0.0
        self._clock = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._move)
        self._moves = animated and style.motion and drawing is Drawing.PUT_IN
        height = READER_UNITS if drawing is Drawing.NO_READER else UNITS.height()
        self.setFixedSize(self._full_width(), math.ceil(height * self._unit))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(hint.replace("\n", " "))

    @property
    def moving(self) -> bool:
        """Whether the card is being moved now."""
        return self._timer.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        """Move while somebody can see it."""
        super().showEvent(event)
        if self._moves:
            self._clock.start()
            self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody can see it."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the card, over it the reader that it goes into, and the hint."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(self._unit, self._unit)
        theme = self._style.theme
        shift = _PUSHED.get(self._drawing, -self._lift)
        if self._drawing is not Drawing.NO_READER:
            painter.save()
            painter.setClipRect(QRectF(0, READER_UNITS - 12, UNITS.width(), UNITS.height()))
            painter.translate(0, shift)
            _paint_card(painter, theme, self._drawing)
            painter.restore()
        _paint_reader(painter, theme, self._drawing)
        if self._hint:
            self._paint_hint(painter, shift)
        painter.end()

    def _full_width(self) -> int:
        if not self._hint:
            return math.ceil(UNITS.width() * self._unit)
        bold = QFontMetricsF(self._style.font(self._hint_size, Weight.BOLD))
        text = max(bold.horizontalAdvance(line) for line in self._hint)
        return math.ceil(_HINT_TEXT * self._unit + text) + 1

    def _paint_hint(self, painter: QPainter, shift: float) -> None:
        theme = self._style.theme
        chip = QPointF(_CHIP.right(), _CHIP.center().y() + shift)
        painter.setPen(_pen(theme.accent, 2.5))
        painter.drawLine(chip, QPointF(_HINT_LINE_END, _HINT_Y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.accent))
        painter.drawEllipse(chip, 5.5, 5.5)
        painter.resetTransform()
        pitch = self._style.px(self._hint_size * self._style.text_scale) * _HINT_PITCH
        for number, line in enumerate(self._hint):
            weight = Weight.REGULAR if number else Weight.BOLD
            painter.setFont(self._style.font(self._hint_size, weight))
            painter.setPen(colour(theme.ink2 if number else theme.ink))
            middle = _HINT_Y * self._unit + number * pitch
            place = QRectF(_HINT_TEXT * self._unit, middle - pitch / 2, self.width(), pitch)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, line
            )

    @Slot()
    def _move(self) -> None:
        now = lift(self._clock.elapsed() / 1000)
        if now != self._lift:
            self._lift = now
            self.update()


def _paint_reader(painter: QPainter, theme: Theme, drawing: Drawing) -> None:
    ink = theme.card_line if theme.outlines else theme.card
    painter.setPen(_pen(theme.line, 4) if theme.outlines else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(colour(theme.reader))
    inset = 2 if theme.outlines else 0
    painter.drawRoundedRect(_READER.adjusted(inset, inset, -inset, -inset), 24, 24)
    painter.setPen(_pen(theme.line, 2) if theme.outlines else QPen(Qt.PenStyle.NoPen))
    painter.setBrush(_darker(theme.reader))
    painter.drawRoundedRect(_SLOT, 5, 5)
    if drawing is Drawing.NO_READER:
        painter.setPen(_pen(ink, 8))
        painter.drawLine(QLineF(118, 49, 154, 49))
        return
    paint_icon(painter, "card", _READER_ICON, ink, 1.6)
    if drawing is Drawing.IN_READER:
        painter.setPen(Qt.PenStyle.NoPen)
        for x, alpha in ((120, 1.0), (136, 0.65), (152, 0.35)):
            painter.setBrush(colour(ink, alpha))
            painter.drawEllipse(QPointF(x, 79), 4, 4)


def _paint_card(painter: QPainter, theme: Theme, drawing: Drawing) -> None:
    painter.setPen(_pen(theme.card_line, 2))
    painter.setBrush(colour(theme.card))
    painter.drawRoundedRect(_CARD, 14, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.card_line))
    for line in _CARD_LINES:
        painter.drawRoundedRect(line, 4, 4)
    if drawing is Drawing.IN_READER:
        return
    _paint_chip(painter, theme)
    if drawing is Drawing.CARD_FAILED:
        _paint_badge(painter, theme)
    else:
        _paint_arrow(painter, theme, upwards=drawing is Drawing.PUT_IN)


def _paint_chip(painter: QPainter, theme: Theme) -> None:
    """Paint the contacts: a frame, a middle, and what joins the two."""
    painter.setPen(_pen(theme.card_line if theme.outlines else theme.reader, 2.5))
    painter.setBrush(colour(theme.chip))
    painter.drawRoundedRect(_CHIP, 8, 8)
    painter.drawRoundedRect(_CHIP_MIDDLE, 5, 5)
    outer, inner = _CHIP, _CHIP_MIDDLE
    x, y = outer.center().x(), outer.center().y()
    painter.drawLine(QPointF(outer.left(), y), QPointF(inner.left(), y))
    painter.drawLine(QPointF(inner.right(), y), QPointF(outer.right(), y))
    painter.drawLine(QPointF(x, outer.top()), QPointF(x, inner.top()))
    painter.drawLine(QPointF(x, inner.bottom()), QPointF(x, outer.bottom()))


def _paint_arrow(painter: QPainter, theme: Theme, *, upwards: bool) -> None:
    tip, tail = (_ARROW_TOP, _ARROW_BOTTOM) if upwards else (_ARROW_BOTTOM, _ARROW_TOP)
    x = _CARD.center().x()
    back = tip + math.copysign(_ARROW_WING, tail - tip)
    arrow = QPainterPath(QPointF(x, tail))
    arrow.lineTo(x, tip)
    arrow.moveTo(x - _ARROW_WING, back)
    arrow.lineTo(x, tip)
    arrow.lineTo(x + _ARROW_WING, back)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.strokePath(arrow, _pen(theme.card_accent, 11))


def _paint_badge(painter: QPainter, theme: Theme) -> None:
    """Paint the mark of what does not work: no verdict has this shape."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour(theme.ink))
    painter.drawRoundedRect(_BADGE, 16, 16)
    painter.setPen(_pen(theme.bg, 6))
    arm = 11.0
    centre = _BADGE.center()
    painter.drawLine(centre + QPointF(-arm, -arm), centre + QPointF(arm, arm))
    painter.drawLine(centre + QPointF(arm, -arm), centre + QPointF(-arm, arm))


def _pen(token: str, width: float) -> QPen:
    pen = QPen(colour(token), width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _darker(token: str) -> QColor:
    return colour(token).darker(165)
