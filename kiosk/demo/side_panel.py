"""The panel beside the window: who comes, the card in and out, the service on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.demo.guests import Guest
from kiosk.demo.people_list import RING, PeopleList
from kiosk.demo.service import Course
from kiosk.ui.screens.parts import Act, Action
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.labels import Text

WIDTH: Final = 320
_MARGIN: Final = 24
_TOP: Final = 26
_BOTTOM: Final = 24
_BETWEEN: Final = 12
_TITLE: Final = 24
_HINT: Final = 16
_SETTLED: Final = {Course.RUNNING, Course.STOPPED}
PUT_IN: Final = "put-in"
PULL_OUT: Final = "pull-out"
SERVICE: Final = "service"


@final
class SidePanel(QWidget):
    """Made anew for another language or another scale; it keeps nothing."""

    put_in = Signal()
    pull_out = Signal()
    service_switched = Signal()
    chosen = Signal(object)
    """Another ``Guest``."""

    def __init__(
        self, guests: Sequence[Guest], words: Words, language: Language, style: Style
    ) -> None:
        super().__init__()
        self._look = style
        self._words = words
        self.setFixedWidth(style.px(WIDTH))
        margin = style.px(_MARGIN)
        self.people = PeopleList(guests, words, language, style, style.px(WIDTH) - 2 * margin)
        self.people.chosen.connect(self.chosen)
        self.people.wanted.connect(self.put_in)
        put_in = self._button(PUT_IN, words.translate("Demo", "Kaart insteken"), "F7", first=True)
        put_in.clicked.connect(self.put_in)
        pull_out = self._button(PULL_OUT, words.translate("Demo", "Kaart uithalen"), "F8")
        pull_out.clicked.connect(self.pull_out)
        self._service = self._button(SERVICE, "", "F9")
        self._service.clicked.connect(self.service_switched)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, style.px(_TOP), 0, style.px(_BOTTOM))
        column.setSpacing(style.px(_BETWEEN))
        column.addLayout(_inside((margin, margin), self._title(), self._hint()))
        column.addLayout(_inside((margin - style.px(RING), 0), self.people), 1)
        column.addLayout(
            _inside((margin, margin), put_in, pull_out, self._service, gap=style.px(_BETWEEN))
        )

    @Slot(object)
    def show_course(self, course: Course) -> None:
        """Offer to stop the service, or to start it, once it has settled."""
        goes = course in {Course.RUNNING, Course.STARTING}
        text = (
            self._words.translate("Demo", "Dienst stoppen")
            if goes
            else self._words.translate("Demo", "Dienst starten")
        )
        self._service.setText(text)
        self._service.setAccessibleName(text)
        self._service.setEnabled(course in _SETTLED)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the surface, and where it ends when surfaces have no colours."""
        painter = QPainter(self)
        theme = self._look.theme
        painter.fillRect(self.rect(), colour(theme.surface))
        if theme.outlines:
            painter.fillRect(self.width() - 2, 0, 2, self.height(), colour(theme.line))

    def _title(self) -> Text:
        return Text(self._words.translate("Demo", "Personen"), self._look, _TITLE, Weight.BOLD)

    def _hint(self) -> Text:
        text = self._words.translate("Demo", "Kies iemand en steek de kaart in.")
        return Text(text, self._look, _HINT, ink=self._look.theme.ink2)

    def _button(self, name: str, text: str, key: str, *, first: bool = False) -> ActionButton:
        # The act is nobody's here: only ``clicked`` counts.
        button = ActionButton(Action(Act.TRY_NOW, text, key, first=first), self._look)
        button.setObjectName(name)
        return button


def _inside(margins: tuple[int, int], *widgets: QWidget, gap: int = 0) -> QVBoxLayout:
    left, right = margins
    column = QVBoxLayout()
    column.setContentsMargins(left, 0, right, 0)
    column.setSpacing(gap)
    for widget in widgets:
        column.addWidget(widget)
    return column
