"""The window at the desk: a stage that says what is so, a panel that says what one does."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, final

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from kiosk.ui.desk import measures
from kiosk.ui.desk.entry import EntryForm
from kiosk.ui.desk.measures import Measures
from kiosk.ui.desk.panel import Panel
from kiosk.ui.desk.stage import Stage
from kiosk.ui.screens.parts import Act, Choices, Kind, Screen
from kiosk.ui.theme import Style, Theme
from kiosk.ui.widgets.boxes import Words
from kiosk.ui.window import ScreenWindow, TimeSource, act_name

_CALM: Final = {Kind.IDLE, Kind.AWAITING_REMOVAL}
"""Nothing is to be done by key: a second Enter for the screen before must not do anything."""
_PAGES: Final = {Qt.Key.Key_PageDown.value: 1, Qt.Key.Key_PageUp.value: -1}


@final
class DeskWindow(ScreenWindow):
    """1280 × 800 and up; a smaller one, down to 1024 × 700, loses nothing.

    ``words`` says lengths of time in the language of the screens, ``counter``
    is the name of this place, as in "Balie 4".
    """

    def __init__(
        self,
        theme: Theme,
        times: TimeSource,
        words: Words,
        *,
        counter: str = "",
        band: QWidget | None = None,
    ) -> None:
        super().__init__(theme, times, band)
        self._words = words
        self._counter = counter
        self._band = band
        self._laid_out_for: Measures | None = None
        self._form: EntryForm | None = None
        self._of_choices: Choices | None = None
        self._reason = ""
        self.setMinimumSize(measures.LEAST_WIDTH, measures.LEAST_HEIGHT)
        self.resize(measures.WIDTH, measures.HEIGHT)

    def scale_for(self, width: int, height: int) -> float:
        """Return how large one pixel of the design is at this size of the window."""
        return measures.scale_for(width, height)

    def lay_out(self, screen: Screen, style: Style) -> QWidget:
        """Make stage and panel of a screen; what was typed on the same one goes along."""
        size = self._laid_out_for = self._measures()
        stage = Stage(screen, style, size, self.times)
        panel = Panel(
            screen, style, size, times=self.times, words=self._words, counter=self._counter
        )
        body = _Body(stage, panel, size)
        self._carry_over(screen, stage, panel)
        panel.foot.pressed.connect(self._pressed)
        if panel.entry_button is not None:
            panel.entry_button.clicked.connect(self._type_number)
        if panel.choices is not None:
            panel.choices.chosen.connect(self._chose)
        _order(stage, panel)
        return body

    def _carry_over(self, screen: Screen, stage: Stage, panel: Panel) -> None:
        before, self._form = self._form, stage.form
        if stage.form is None:
            self._of_choices = None
            return
        stage.form.said.connect(self._announce)
        stage.form.typed.connect(self._typed)
        if before is not None:
            stage.form.take_over(before)
        if panel.choices is None:
            self._reason = ""
        elif screen.choices == self._of_choices and self._reason:
            panel.choices.choose(self._reason)
        else:
            self._of_choices = screen.choices
            self._reason = panel.choices.value

    def first_focus(self, screen: Screen) -> str:
        """Return what has the focus first; where nothing is urged, the first button."""
        wanted = super().first_focus(screen)
        if wanted or screen.kind in _CALM or not screen.actions:
            return wanted
        return act_name(screen.actions[0].act)

    def _measures(self) -> Measures:
        band = self._band.height() if self._band is not None else 0
        return Measures(self.width(), self.height(), self.height() - band)

    def _needs_new_layout(self) -> bool:
        return self._measures() != self._laid_out_for

    @Slot(object)
    def _pressed(self, act: Act) -> None:
        if act is Act.CHECK_NUMBER and self._form is not None:
            self._form.submit()
        else:
            self.acted.emit(act)

    @Slot()
    def _type_number(self) -> None:
        self.acted.emit(Act.TYPE_NUMBER)

    @Slot(object)
    def _typed(self, digits: str) -> None:
        self.number_typed.emit(digits, self._reason)

    @Slot(str)
    def _chose(self, value: str) -> None:
        if self._form is not None:
            self._reason = value
        else:
            self.use_case_chosen.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Scroll what is too long from wherever the focus is."""
        pages = _PAGES.get(event.key())
        if pages is None or not isinstance(self._body, _Body):
            super().keyPressEvent(event)
            return
        for part in (self._body.panel, self._body.stage):
            part.scroller.page(pages)


@final
class _Body(QWidget):
    """Stage and panel beside each other; the cut follows from the window's size alone."""

    def __init__(self, stage: Stage, panel: Panel, size: Measures) -> None:
        super().__init__()
        self.stage = stage
        self.panel = panel
        self._size = size
        stage.setParent(self)
        panel.setParent(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut."""
        super().resizeEvent(event)
        cut = self._size.stage_width
        self.stage.setGeometry(0, 0, cut, self.height())
        self.panel.setGeometry(cut, 0, self.width() - cut, self.height())


def _order(stage: Stage, panel: Panel) -> None:
    """Let Tab go from the stage to the panel, and there from top to bottom."""
    parts: list[QWidget] = [stage.scroller]
    if stage.form is not None:
        parts.append(stage.form.field)
    parts.append(panel.scroller)
    if panel.choices is not None:
        parts += panel.choices.buttons
    if panel.entry_button is not None:
        parts.append(panel.entry_button)
    parts += panel.foot.buttons
    for before, after in pairwise(parts):
        QWidget.setTabOrder(before, after)
