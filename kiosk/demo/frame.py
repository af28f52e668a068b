"""The demo's window: the band that says so, those who may come, and the real window beside them."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.demo.guests import Guest
from kiosk.demo.practice import Practice
from kiosk.demo.practice_band import HEIGHT as BAND_HEIGHT
from kiosk.demo.practice_band import PracticeBand
from kiosk.demo.service import Course
from kiosk.demo.side_panel import WIDTH as PANEL_WIDTH
from kiosk.demo.side_panel import SidePanel
from kiosk.domain.policy import Mode
from kiosk.domain.visit import Idle, State
from kiosk.ui.application import Application
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from kiosk.ui.theme import Style

TITLE: Final = "Tariefwijzer – oefenmodus"
_SIZE: Final = {Mode.DESK: QSize(1280, 800), Mode.SELF_SERVICE: QSize(1280, 720)}
"""Of the window inside."""
_LARGEST: Final = 1.6


@final
class Frame(QWidget):
    """Puts a terminal's window beside what a card and a reader do in life."""

    def __init__(self, application: Application, practice: Practice) -> None:
        super().__init__()
        self._application = application
        self._practice = practice
        self._controller = application.controller
        self._guest = practice.guests[0]
        self._language = self._controller.view.language
        self._words: dict[Language, Words] = {}
        self._state: State = self._controller.state
        self._scale = 0.0
        self._band: PracticeBand | None = None
        self._panel: SidePanel | None = None
        self._beside = QHBoxLayout()
        self._beside.setSpacing(0)
        self._beside.addWidget(application.window, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addLayout(self._beside, 1)
        self.setWindowTitle(TITLE)
        self.resize(self.full_size.boundedTo(self.screen().availableGeometry().size()))
        self._controller.changed.connect(self._follow)
        practice.service.changed.connect(self._show_course)
        self._build()

    @property
    def guest(self) -> Guest:
        """Who is chosen."""
        return self._guest

    def choose(self, guest: Guest) -> None:
        """Choose somebody."""
        if self._panel is not None:
            self._panel.people.choose(guest)

    @Slot()
    def put_in(self) -> None:
        """Put the card of whoever is chosen into the reader."""
        self._practice.put_in(self._guest)

    @Slot()
    def put_in_soon(self) -> None:
        """Put that card in as soon as an agent can read it; once."""
        self._application.pool.ready.connect(self.put_in, Qt.ConnectionType.SingleShotConnection)

    @Slot()
    def pull_out(self) -> None:
        """Pull the card out."""
        self._practice.pull_out()

    @Slot()
    def switch_service(self) -> None:
        """Stop the central service, or start it."""
        service = self._practice.service
        service.stop() if service.course is Course.RUNNING else service.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay band and panel out anew when the scale changes."""
        super().resizeEvent(event)
        if self._scale_now() != self._scale:
            self._build()

    @property
    def full_size(self) -> QSize:
        """The size at which the window inside is as it was designed."""
        return _SIZE[self._practice.mode] + QSize(PANEL_WIDTH, BAND_HEIGHT)

    def _scale_now(self) -> float:
        full = self.full_size
        whole = min(self.width() / full.width(), self.height() / full.height())
        return max(1.0, min(whole, _LARGEST))

    def _build(self) -> None:
        self._scale = self._scale_now()
        style = Style(self._application.window.theme, self._scale)
        if self._language not in self._words:
            self._words[self._language] = Words(self._language)
        words = self._words[self._language]
        for old in (self._band, self._panel):
            if old is not None:
                old.hide()
                old.deleteLater()
        self._band = PracticeBand(words, style)
        self._band.leave.clicked.connect(self.close)
        self._column.insertWidget(0, self._band)
        self._panel = SidePanel(self._practice.guests, words, self._language, style)
        self._panel.people.choose(self._guest)
        self._panel.chosen.connect(self._chosen)
        self._panel.put_in.connect(self.put_in)
        self._panel.pull_out.connect(self.pull_out)
        self._panel.service_switched.connect(self.switch_service)
        self._beside.insertWidget(0, self._panel)
        self._band.show()  # now: a layout would do it a moment later, and all would jump
        self._panel.show()
        self._show_course()

    @Slot(object)
    def _chosen(self, guest: Guest) -> None:
        self._guest = guest

    @Slot()
    def _show_course(self) -> None:
        if self._panel is not None:
            self._panel.show_course(self._practice.service.course)

    @Slot()
    def _follow(self) -> None:
        """Speak the window's language; between two visits the keyboard chooses who comes next."""
        language = self._controller.view.language
        if language is not self._language:
            self._language = language
            self._build()
        before, self._state = self._state, self._controller.state
        if isinstance(self._state, Idle) and not isinstance(before, Idle) and self._panel:
            self._panel.people.take_focus()
