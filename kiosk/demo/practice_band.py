"""The band over the demo: nothing here is real, and how to leave."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from kiosk.ui.screens.words import Words
from kiosk.ui.theme import LIGHT, Style, Weight, colour
from kiosk.ui.widgets.band import Band
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.keys import KeyHint, key_name, listen

HEIGHT: Final = 40
_MARGIN: Final = 24
_BETWEEN: Final = 12
_TEXT: Final = 17.6
_TALL: Final = 30
_KEY: Final = "Ctrl+Q"


@final
class PracticeBand(QWidget):
    """What stands above everything in the demo."""

    def __init__(self, words: Words, style: Style) -> None:
        super().__init__()
        said = words.translate("Demo", "Oefenmodus: verzonnen personen, geen echte bronnen")
        band = Band(said, style, height=HEIGHT)
        self.leave = LeaveButton(words.translate("Demo", "Stoppen"), style)
        row = QHBoxLayout(band)
        row.setContentsMargins(0, 0, style.px(_MARGIN), 0)
        row.addStretch(1)
        row.addWidget(self.leave)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(band)


@final
class LeaveButton(QPushButton):
    """Ends the demo: a word and its key."""

    def __init__(self, text: str, style: Style) -> None:
        super().__init__(text)
        self._look = style
        self._key = KeyHint(_KEY, style)
        self._font = style.font(_TEXT, Weight.STRONG)
        self.setAccessibleName(text)
        self.setAccessibleDescription(key_name(_KEY))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        listen(self, _KEY, self.click)
        ring_on_focus(self, style, LIGHT.bg)

    def sizeHint(self) -> QSize:
        """Return the room of the word and its key."""
        word = round(QFontMetricsF(self._font).horizontalAdvance(self.text())) + 1
        return QSize(word + self._look.px(_BETWEEN) + self._key.width, self._look.px(_TALL))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw word and key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        self._key.paint(painter, QPointF(area.right(), area.center().y()), LIGHT.bg)
        painter.setPen(colour(LIGHT.bg))
        painter.setFont(self._font)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(area, left, self.text())
