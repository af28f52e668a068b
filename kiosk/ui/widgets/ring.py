"""The countdown: how many seconds are left, as a number and as an arc that shrinks."""

from __future__ import annotations

import math
from typing import Final, final

from PySide6.QtCore import QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QWidget

from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.window import TimeSource

LAST_SECONDS: Final = 5
"""From here on the ring is twice as wide."""
_LOOKS_EVERY_MS: Final = 100
_WIDTH: Final = 1 / 12
_NUMBER: Final = 0.38
_LONG_NUMBER: Final = 0.33
_TRACK_ALPHA: Final = 0.25


@final
class CountdownRing(QWidget):
    """A ring with the seconds inside, redrawn when another second is left.

    ``diameter`` is a length of the design, ``ink`` the colour of ring and number.
    """

    changed = Signal(int)
    """How many seconds are left, when that is another number than before."""

    def __init__(self, times: TimeSource, style: Style, *, diameter: int, ink: str) -> None:
        super().__init__()
        self._times = times
        self._style = style
        self._diameter = diameter
        self._ink = ink
        self._seconds = self._left()
        self.setFixedSize(style.px(diameter), style.px(diameter))
        self._timer = QTimer(self)
        self._timer.setInterval(_LOOKS_EVERY_MS)
        self._timer.timeout.connect(self._look)
        self.setAccessibleName(str(self._seconds))

    @property
    def seconds(self) -> int:
        """The number inside."""
        return self._seconds

    @property
    def stroke(self) -> float:
        """How wide the ring is, in pixels."""
        width = self.width() * _WIDTH
        return 2 * width if self._seconds <= LAST_SECONDS else width

    def showEvent(self, event: QShowEvent) -> None:
        """Follow the time while somebody can see it."""
        super().showEvent(event)
        self._look()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody can see it."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the whole ring faintly, what is left of it strongly, and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        inset = self.stroke / 2
        ring = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        pen = QPen(colour(self._ink, _TRACK_ALPHA), self.stroke)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        painter.drawEllipse(ring)
        share = min(1.0, self._seconds / self._times.total()) if self._times.total() else 0.0
        pen.setColor(colour(self._ink))
        painter.setPen(pen)
        if share > 0:
            painter.drawArc(ring, 90 * 16, -round(share * 360 * 16))
        size = _NUMBER if self._seconds < 100 else _LONG_NUMBER
        painter.setFont(self._style.font(self._diameter * size, Weight.BOLD))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._seconds))
        painter.end()

    def _left(self) -> int:
        return max(0, math.ceil(self._times.left()))

    @Slot()
    def _look(self) -> None:
        seconds = self._left()
        if seconds != self._seconds:
            self._seconds = seconds
            self.setAccessibleName(str(seconds))
            self.changed.emit(seconds)
            self.update()
