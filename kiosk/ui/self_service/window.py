"""The window of self-service: all of the screen, and no way out but the one for staff."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, final

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLayout, QWidget

from kiosk.ui.screens.parts import Kind, Screen
from kiosk.ui.self_service.corner import CORNER, Corner
from kiosk.ui.self_service.layouts import lay_out
from kiosk.ui.self_service.pad import Pad
from kiosk.ui.self_service.pin_check import PinCheck
from kiosk.ui.self_service.scene import Scene
from kiosk.ui.self_service.words import PadWords
from kiosk.ui.staff import StaffLock
from kiosk.ui.theme import Style, Theme
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.choices import ChoiceButton
from kiosk.ui.window import ScreenWindow, TimeSource

SHORT_SIDE: Final = 1080
LONG_SIDE: Final = 1920


def sound_removal() -> None:
    """Call the person back who forgot a card."""
    QApplication.beep()


@final
class SelfServiceWindow(ScreenWindow):
    """Full screen, above everything; keys, mouse and window manager cannot close it.

    ``staff_pin_hash`` is what :func:`kiosk.ui.staff.hash_pin` returned; without
    one the corner does nothing. ``now`` is a clock in seconds that never goes back.
    """

    def __init__(
        self,
        theme: Theme,
        times: TimeSource,
        *,
        staff_pin_hash: str = "",
        pad_words: PadWords | None = None,
        band: QWidget | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(theme, times, band)
        self._band = band
        self._check = PinCheck(StaffLock(staff_pin_hash, now), self)
        self._pad_words = pad_words or PadWords()
        self._pad: Pad | None = None
        self._leaving = False
        self._made_for = QSize()
        self._stack.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        self._corner = Corner(self)
        self._corner.held.connect(self.open_pad)
        hint = Qt.WindowType
        self.setWindowFlags(
            hint.Window
            | hint.CustomizeWindowHint
            | hint.FramelessWindowHint
            | hint.WindowStaysOnTopHint
        )
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    # What is on it ----------------------------------------------------------

    def present(self) -> None:
        """Take the whole screen, and take it again whenever it becomes another one."""
        self.showFullScreen()
        self.screen().geometryChanged.connect(self._fill)

    @Slot(QRect)
    def _fill(self, screen: QRect) -> None:
        handle = self.windowHandle()
        if handle is not None:
            handle.setGeometry(screen)

    def show_screen(self, screen: Screen) -> None:
        """Show a screen; the pad gives way as soon as it is one of another kind."""
        before = self.screen_shown
        changed = before is None or before.kind is not screen.kind
        if changed:
            self.close_pad()
        super().show_screen(screen)
        if changed:
            self.setFocus()
        self._keep_pad_above()
        if changed and screen.kind is Kind.AWAITING_REMOVAL:
            sound_removal()

    def scale_for(self, width: int, height: int) -> float:
        """Return the scale at which both sides of the design fit."""
        short, long = sorted((width, height))
        return min(short / SHORT_SIDE, long / LONG_SIDE)

    def lay_out(self, screen: Screen, style: Style) -> QWidget:
        """Make the widgets of a screen, and listen to its buttons."""
        self._made_for = self.size()
        scene = Scene(screen=screen, style=style, times=self.times, portrait=self._portrait())
        body = lay_out(scene, self._below_band().size())
        for button in body.findChildren(ActionButton):
            button.clicked.connect(self._act)
        for choice in body.findChildren(ChoiceButton):
            choice.clicked.connect(self._choose)
        return body

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay everything out anew: the screen, the corner, the pad."""
        super().resizeEvent(event)
        side = self._style().px(CORNER)
        self._corner.setGeometry(0, 0, side, side)
        if self._pad is not None:
            self.open_pad()

    def _needs_new_layout(self) -> bool:
        return self.size() != self._made_for

    def _below_band(self) -> QRect:
        taken = self._band.height() if self._band is not None else 0
        return self.rect().adjusted(0, taken, 0, 0)

    def _portrait(self) -> bool:
        return self.height() > self.width()

    @Slot()
    def _act(self) -> None:
        button = self.sender()
        if isinstance(button, ActionButton):
            self.acted.emit(button.act)

    @Slot()
    def _choose(self) -> None:
        button = self.sender()
        if isinstance(button, ChoiceButton):
            self.language_chosen.emit(button.value)

    # The way out ------------------------------------------------------------

    @Slot()
    def open_pad(self) -> None:
        """Ask for the PIN, above the screen that goes on beneath."""
        self.close_pad()
        if not self._check.lock.has_key:
            return
        style = self._style()
        self._pad = Pad(self, self._check, self._pad_words, style, portrait=self._portrait())
        self._pad.closed.connect(self.close_pad)
        self._pad.opened.connect(self._leave)
        self._keep_pad_above()

    @Slot()
    def close_pad(self) -> None:
        """Put the pad away, and what was typed with it."""
        pad, self._pad = self._pad, None
        if pad is not None:
            pad.hide()
            pad.deleteLater()
            if self._body is not None:
                self._body.show()

    def _keep_pad_above(self) -> None:
        self._corner.raise_()
        if self._pad is None:
            return
        if self._body is not None:
            self._body.hide()
        self._pad.setGeometry(self._below_band())
        self._pad.raise_()
        self._pad.show()
        self._pad.setFocus()

    @Slot()
    def _leave(self) -> None:
        self._leaving = True
        self._check.lock.report_exit()
        self.close_pad()
        self.left.emit()

    # What does nothing here -------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay, unless staff left or the machine is going down."""
        app = QApplication.instance()
        going_down = isinstance(app, QGuiApplication) and app.isSavingSession()
        event.setAccepted(self._leaving or going_down)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take every key that nobody wanted, so that the system does nothing with it either."""
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        """Come back at once when something made the window small."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange and self.isMinimized():
            self.showFullScreen()
