"""Boxes on a panel or a stage: a note, and what counts down to the next attempt."""

from __future__ import annotations

import math
from typing import Final, Protocol, final

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QWidget

from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.icons import Icon, beside_line
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.ring import CountdownRing
from kiosk.ui.window import TimeSource

_RADIUS: Final = 8
_PADDING: Final = 20
_BETWEEN: Final = 16
_ICON: Final = 22
_TEXT: Final = 18
_RING: Final = 72
_OUTLINE: Final = 2
_LOOKS_EVERY_MS: Final = 200
_LEFT: Final = "{left}"


class Words(Protocol):
    """Says lengths of time in the language of the screen."""

    def duration(self, seconds: int) -> str:
        """Return so many seconds in words, as in "58 seconden"."""
        ...


@final
class Remaining(Text):
    """A text in which the time that is left goes on counting; ``{left}`` stands for it."""

    def __init__(  # noqa: PLR0913 - what is counted, in which words, and how it looks
        self,
        text: str,
        times: TimeSource,
        words: Words,
        style: Style,
        size: float,
        ink: str | None = None,
        *,
        wrap: bool = True,
    ) -> None:
        self._pattern = text
        self._times = times
        self._words = words
        super().__init__(self._now(), style, size, Weight.REGULAR, ink, wrap=wrap)
        timer = QTimer(self)
        timer.timeout.connect(self._tick)
        timer.start(_LOOKS_EVERY_MS)

    def _now(self) -> str:
        seconds = max(0, math.ceil(self._times.left()))
        return self._pattern.replace(_LEFT, self._words.duration(seconds))

    @Slot()
    def _tick(self) -> None:
        self.say(self._now())


@final
class Box(QWidget):
    """A quiet surface with something at its left and a text beside it."""

    def __init__(self, left: QWidget, text: Text, style: Style, fill: str) -> None:
        super().__init__()
        self._look = style
        self._fill = fill
        row = QHBoxLayout(self)
        padding = style.px(_PADDING)
        row.setContentsMargins(padding, padding - style.px(4), padding, padding - style.px(4))
        row.setSpacing(style.px(_BETWEEN))
        middle = Qt.AlignmentFlag.AlignVCenter
        if isinstance(left, Icon):
            row.addLayout(beside_line(left, style))
        else:
            row.addWidget(left, 0, middle)
        row.addWidget(text, 1, middle)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface; where fills tell nothing apart, its outline too."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        width = self._look.px(_OUTLINE) if theme.outlines else 0
        painter.setPen(QPen(colour(theme.line), width) if width else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(colour(self._fill))
        radius = self._look.px(_RADIUS)
        half = width / 2
        area = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, radius, radius)


def note_box(text: str, style: Style, *, icon: str, fill: str) -> Box:
    """Return a note with an icon before it."""
    ink = style.theme.accent if icon == "info" else style.theme.ink2
    return Box(Icon(icon, style, _ICON, ink), Text(text, style, _TEXT), style, fill)


def retry_box(text: str, times: TimeSource, words: Words, style: Style) -> Box:
    """Return what says when the program tries again by itself."""
    ring = CountdownRing(times, style, diameter=_RING, ink=style.theme.accent)
    remaining = Remaining(text, times, words, style, _TEXT)
    return Box(ring, remaining, style, style.theme.surface)
