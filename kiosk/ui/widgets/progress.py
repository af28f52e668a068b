"""The bar while a card is read and checked: it runs on time, never on who answered."""

from __future__ import annotations

import math
from typing import Final, final

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy

from kiosk.ui.theme import Style, colour
from kiosk.ui.window import TimeSource

_EVERY_MS: Final = 40
_TIME_CONSTANT: Final = 4.0
"""Seconds until some two thirds of the bar are full."""
_STEPS: Final = 4
_TRACK_ALPHA: Final = 0.2


def fullness(seconds: float, *, in_steps: bool) -> float:
    """Return how full the bar is after so many seconds: ever fuller, and never full."""
    share = 1 - math.exp(-max(0.0, seconds) / _TIME_CONSTANT)
    if not in_steps:
        return share
    return (1 + min(_STEPS - 1, math.floor(share * _STEPS))) / (_STEPS + 1)


@final
class TimeBar(QProgressBar):
    """A bar as wide as its place. ``height`` is a length of the design.

    To assistive technology it is a progress bar without a value, for that is
    what it is: only what is on the screen pretends to know how far things are.
    """

    def __init__(
        self, times: TimeSource, style: Style, *, height: int = 12, label: str = ""
    ) -> None:
        super().__init__()
        self._times = times
        self._style = style
        self._painted_to = -1
        self.setRange(0, 0)
        self.setTextVisible(False)
        self.setFixedHeight(style.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(label)
        self._timer = QTimer(self)
        self._timer.setInterval(_EVERY_MS)
        self._timer.timeout.connect(self._grow)

    def showEvent(self, event: QShowEvent) -> None:
        """Grow while somebody can see it."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Rest while nobody can see it."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the track, and on it what is full."""
        self._painted_to = self._length()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme = self._style.theme
        track = QRectF(self.rect())
        if theme.outlines:
            line = self._style.px(2)
            painter.setPen(QPen(colour(theme.line), line))
            track.adjust(line / 2, line / 2, -line / 2, -line / 2)
        else:
            painter.setBrush(colour(theme.accent, _TRACK_ALPHA))
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        full = QRectF(0, 0, self._painted_to, self.height())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.accent))
        painter.drawRoundedRect(full, full.height() / 2, full.height() / 2)
        painter.end()

    def _length(self) -> int:
        """Return how many pixels are full; at least a round dot."""
        share = fullness(self._times.since_start(), in_steps=not self._style.motion)
        return max(self.height(), round(share * self.width()))

    @Slot()
    def _grow(self) -> None:
        if self._length() != self._painted_to:
            self.update()
