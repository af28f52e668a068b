"""What is on the screen at once, while everything else still loads.

It is painted with as little as possible, before the settings are read. It
claims the place of the only instance first, so that a second start shows nothing.
"""

from __future__ import annotations

import importlib
import logging
import time
from typing import Final, final

from PySide6.QtCore import QEvent, QEventLoop, QObject, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from kiosk.ui.single_instance import SingleInstance
from kiosk.ui.theme import SYSTEM, Style, Theme, Weight, colour, load_fonts, theme_of

INTERNAL: Final = 70
_NAME: Final = "tariefwijzer"
_TITLE: Final = "Tariefwijzer"
_LONGEST_SECONDS: Final = 0.3
_WIDTH, _HEIGHT = 1280, 800
_STAGE: Final = 0.6
_MARGIN, _TOP, _LINE = 64, 22, 36
_SIZE: Final = 20

_log = logging.getLogger("kiosk.ui")


class AlreadyOpen(Exception):
    """Another instance is there; ``status`` is what this one ends with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@final
class Opening(QWidget):
    """The first picture of one instance: where things will be, and the name."""

    def __init__(self, only: SingleInstance, theme: Theme, *, whole: bool) -> None:
        """Make it; ``whole`` is all of the screen, as in self-service."""
        super().__init__()
        self.only = only
        self._is_painted = False
        self._theme = theme
        self._whole = whole
        self._next: QWidget | None = None
        if whole:
            self.setWindowFlags(Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(_TITLE)
        self.resize(_WIDTH, _HEIGHT)

    def appear(self) -> None:
        """Come up, and wait a moment for the first paint: nothing else runs meanwhile."""
        self.showFullScreen() if self._whole else self.show()
        until = time.monotonic() + _LONGEST_SECONDS
        while not self._is_painted and time.monotonic() < until:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def explain(self, text: str) -> None:
        """Say why there will be no window, until somebody closes the message."""
        QMessageBox.critical(self, _TITLE, text)

    def make_way(self, window: QWidget) -> None:
        """Go as soon as the window is painted; it takes this one's place."""
        if not self._whole:
            window.move(self.pos())
            window.resize(self.size())
        self._next = window
        window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Wait for the first paint of the window that comes next."""
        if watched is self._next and event.type() is QEvent.Type.Paint:
            watched.removeEventFilter(self)
            self._next = None
            self.close()
            self.deleteLater()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint stage and panel."""
        style = Style(self._theme, max(1.0, self.height() / _HEIGHT))
        stage = self.width() if self._whole else round(self.width() * _STAGE)
        painter = QPainter(self)
        painter.fillRect(self.rect(), colour(self._theme.bg))
        painter.fillRect(0, 0, stage, self.height(), colour(self._theme.stage))
        painter.setPen(colour(self._theme.ink))
        painter.setFont(style.font(_SIZE, Weight.BOLD))
        place = QRect(style.px(_MARGIN), style.px(_TOP), self.width(), style.px(_LINE))
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, _TITLE)
        painter.end()
        self._is_painted = True


def open_up(*, whole: bool) -> Opening:
    """Show the first picture; raise ``AlreadyOpen`` when there is another instance."""
    if QApplication.instance() is None:
        QApplication([_NAME])
    only = SingleInstance(_NAME)
    claim(only)
    load_fonts()
    opening = Opening(only, theme_of(SYSTEM), whole=whole)
    opening.appear()
    return opening


def claim(only: SingleInstance) -> None:
    """Become the only instance, or bring the other to the front and raise ``AlreadyOpen``.

    One that does not answer keeps its place as long as its process lives.
    """
    if only.claim():
        return
    if importlib.import_module("kiosk.ui.doorbell").ring(only.address):
        raise AlreadyOpen(0)
    if only.take_over():
        return
    _log.error("another instance is there and does not answer")
    raise AlreadyOpen(INTERNAL)
