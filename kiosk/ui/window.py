"""What both windows have in common: one screen at a time, and what people do on it."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Act, Screen
from kiosk.ui.theme import Style, Theme

TITLE: Final = "Tariefwijzer"
ENTRY_NAME: Final = "entry"
"""The object name of the field for a typed number."""


class TimeSource(Protocol):
    """Tells how time stands. All in seconds."""

    def left(self) -> float:
        """Return what is left of the clock that runs; 0 when none does."""
        ...

    def total(self) -> float:
        """Return for how long that clock was set; 0 when none runs."""
        ...

    def since_start(self) -> float:
        """Return how long this visit has been going on; 0 without one."""
        ...


class ScreenWindow(QWidget):
    """A window that shows one screen; a new screen is new widgets, and the old ones go at once.

    Nothing of an older screen stays: no widget is used for two people.
    """

    acted = Signal(object)
    """A button was pressed: its ``Act``."""
    number_typed = Signal(object, str)
    """Eleven digits, which never become Qt's own text, and the reason for typing them."""
    use_case_chosen = Signal(str)
    language_chosen = Signal(str)
    left = Signal()
    """Somebody who may left for good: the program ends."""

    def __init__(self, theme: Theme, times: TimeSource, band: QWidget | None = None) -> None:
        super().__init__()
        self.setWindowTitle(TITLE)
        self.theme = theme
        self.times = times
        self.motion = True
        """Whether pictures may move; the next screen keeps to it."""
        self._screen: Screen | None = None
        self._scale = 0.0
        self._body: QWidget | None = None
        self._stack = QVBoxLayout(self)
        self._stack.setContentsMargins(0, 0, 0, 0)
        self._stack.setSpacing(0)
        if band is not None:
            self._stack.addWidget(band)

    @property
    def screen_shown(self) -> Screen | None:
        """What is on the window now."""
        return self._screen

    def show_screen(self, screen: Screen) -> None:
        """Show a screen instead of the one before, and announce it."""
        if screen == self._screen:
            return
        said_before = self._screen.announcement if self._screen else ""
        same_kind = self._screen is not None and self._screen.kind is screen.kind
        self._screen = screen
        self._build(screen, keep_focus=same_kind)
        if screen.announcement != said_before:
            self._announce(screen.announcement)

    def forget_screen(self) -> None:
        """Build the next screen anew, also when it is the one that is shown."""
        self._screen = None

    def present(self) -> None:
        """Come up, in the way of this kind of window."""
        self.show()

    def scale_for(self, width: int, height: int) -> float:
        """Return how large one pixel of the design is at this size of the window."""
        raise NotImplementedError

    def lay_out(self, screen: Screen, style: Style) -> QWidget:
        """Make the widgets of a screen."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the same screen out anew when its scale changes."""
        super().resizeEvent(event)
        if self._screen is not None and self._needs_new_layout():
            self._build(self._screen, keep_focus=True)

    def _needs_new_layout(self) -> bool:
        return self.scale_for(self.width(), self.height()) != self._scale

    def _style(self) -> Style:
        return Style(self.theme, self._scale, motion=self.motion)

    def _build(self, screen: Screen, *, keep_focus: bool) -> None:
        self._scale = self.scale_for(self.width(), self.height())
        focused = self.focusWidget() if keep_focus else None
        name = focused.objectName() if focused is not None else ""
        old, self._body = self._body, self.lay_out(screen, self._style())
        self._stack.addWidget(self._body, 1)
        if old is not None:
            self._stack.removeWidget(old)
            holder = old.focusWidget()
            if holder is not None:
                holder.clearFocus()  # or it would go to whatever comes next, outside this window
            old.hide()
            old.deleteLater()
        self._body.show()
        for wanted in (name, self.first_focus(screen)):
            found = self._body.findChild(QWidget, wanted) if wanted else None
            if found is not None:
                found.setFocus()
                return

    def first_focus(self, screen: Screen) -> str:
        """Return the object name of what has the focus when a screen comes up; empty: nothing."""
        if screen.entry is not None:
            return ENTRY_NAME
        return next((act_name(action.act) for action in screen.actions if action.first), "")

    def _announce(self, text: str) -> None:
        event = QAccessibleAnnouncementEvent(self, text)
        event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)


def act_name(act: Act) -> str:
    """Return the object name of the button for something."""
    return f"act-{act.value}"
