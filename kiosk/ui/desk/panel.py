"""The right part of the window: what one does now."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, final

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.ui.desk.actions import Actions, button_for
from kiosk.ui.desk.column import Column
from kiosk.ui.desk.measures import HEADER, ROOM, TOP, Measures
from kiosk.ui.screens.parts import Act, Backdrop, Choices, Clock, Kind, Marked, Screen
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.boxes import Remaining, Words, note_box, retry_box
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.choices import ChoiceList
from kiosk.ui.widgets.header import Subject
from kiosk.ui.widgets.icons import Icon
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.lists import Evidence, ListLook, MarkedList, Steps
from kiosk.ui.widgets.scroll import QuietScroll
from kiosk.ui.window import TimeSource

_TITLE: Final = 24
_SMALL_TITLE: Final = 20
_TEXT: Final = 18
_WORKING: Final = {Kind.READING, Kind.CHECKING, Kind.STARTING}


@final
class Panel(QWidget):
    """One screen's panel. ``counter`` is the name of this place, as in "Balie 4"."""

    def __init__(
        self,
        screen: Screen,
        style: Style,
        measures: Measures,
        *,
        times: TimeSource,
        words: Words,
        counter: str,
    ) -> None:
        super().__init__()
        self._look, self._screen, self._measures = style, screen, measures
        self._times, self._words = times, words
        self.choices: ChoiceList | None = None
        self.entry_button: ActionButton | None = None
        """The button for typing a number when it stands below its own heading."""
        self.scroller = QuietScroll(self._body(), style, style.theme.control)
        self.foot = self._actions()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, style.px(TOP), 0, style.px(measures.bottom))
        column.setSpacing(0)
        header = Column(style, measures.panel_margin)
        header.add(Subject(screen.subject, counter, style))
        header.setFixedHeight(style.px(HEADER))
        column.addWidget(header)
        column.addSpacing(style.px((20 if measures.tight else 33) - ROOM))
        column.addWidget(self.scroller, 1)
        column.addWidget(self._foot())

    def _actions(self) -> Actions:
        """Return the buttons of the foot. While the program works, none of them is filled."""
        screen, style = self._screen, self._look
        calm = screen.kind in _WORKING
        actions = tuple(
            replace(action, first=action.first and not calm)
            for action in screen.actions
            if not self._stands_above(action.act)
        )
        verdict = screen.backdrop is Backdrop.VERDICT
        return Actions(actions, style, self._width(), verdict=verdict)

    def _width(self) -> int:
        """Return the room between the margins, in pixels."""
        return self._measures.panel_width - 2 * self._look.px(self._measures.panel_margin)

    def _stands_above(self, act: Act) -> bool:
        return act is Act.TYPE_NUMBER and bool(self._screen.entry_heading)

    def _foot(self) -> Column:
        line = self._time_and_reference()
        is_empty = line is None and not self.foot.buttons
        foot = Column(self._look, self._measures.panel_margin, top=0 if is_empty else ROOM)
        if line is not None:
            foot.add(line)
        if self.foot.buttons:
            foot.add(self.foot, after=16)
        return foot

    def _time_and_reference(self) -> QWidget | None:
        """Return what stays for how long, and what to quote: one row, or two when it is narrow."""
        screen, style, ink2 = self._screen, self._look, self._look.theme.ink2
        parts: list[QWidget] = []
        if screen.clock is Clock.STAYS and screen.clock_text:
            parts.append(self._stays())
        if screen.reference:
            parts.append(Text(screen.reference, style, _TEXT, ink=ink2))
        if not parts:
            return None
        line = QWidget()
        needed = sum(part.sizeHint().width() for part in parts) + style.px(12)
        narrow = needed > self._width()
        row = QVBoxLayout(line) if narrow or len(parts) == 1 else QHBoxLayout(line)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.px(4))
        for part in parts:
            row.addWidget(part)
        if isinstance(row, QHBoxLayout):
            row.insertStretch(1, 1)
            parts[1].setMinimumWidth(parts[1].sizeHint().width())
        return line

    def _stays(self) -> QWidget:
        style, ink2 = self._look, self._look.theme.ink2
        part = QWidget()
        row = QHBoxLayout(part)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(style.px(8))
        row.addWidget(Icon("clock", style, 20, ink2), 0, Qt.AlignmentFlag.AlignVCenter)
        left = Remaining(
            self._screen.clock_text, self._times, self._words, style, _TEXT, ink2, wrap=False
        )
        row.addWidget(left, 1)
        return part

    def _body(self) -> Column:
        screen, style, tight = self._screen, self._look, self._measures.tight
        group = 20 if tight else 30
        body = Column(style, self._measures.panel_margin, top=ROOM)
        if screen.panel_heading:
            body.add(Text(screen.panel_heading, style, _TITLE, Weight.BOLD, line_height=1.2))
        at_top = screen.choices is None
        if screen.panel_list is not None and at_top:
            self._marked(body, screen.panel_list, working=screen.kind in _WORKING)
        if screen.steps:
            body.add(
                Steps(screen.steps, style, title=screen.panel_heading), after=14 if tight else 22
            )
        if screen.choices is not None:
            self._choose(body, screen.choices)
        if screen.evidence is not None:
            body.add(Evidence(screen.evidence, style), after=group)
        if screen.clock is Clock.RETRIES and screen.clock_text:
            box = retry_box(screen.clock_text, self._times, self._words, style)
            body.add(box, after=group)
        if screen.note:
            icon = "card" if screen.kind in _WORKING else "info"
            fill = style.theme.surface
            body.add(note_box(screen.note, style, icon=icon, fill=fill), after=group)
        self._entry(body, group)
        body.stretch()
        if screen.panel_list is not None and not at_top:
            body.space(group)
            self._marked(body, screen.panel_list, working=False)
        return body

    def _choose(self, body: Column, choices: Choices) -> None:
        style, tight = self._look, self._measures.tight
        if choices.title:
            title = Text(choices.title, style, _TITLE, Weight.BOLD, line_height=1.2)
            body.add(title, after=14)
        if choices.help:
            body.add(Text(choices.help, style, _TEXT, ink=style.theme.ink2), after=10)
        self.choices = ChoiceList(
            choices.choices,
            style,
            title=choices.title or self._screen.heading,
            height=46 if tight else 52,
            padding=11 if self._measures.narrow else 16,
        )
        body.add(self.choices, after=12 if tight else 18)

    def _entry(self, body: Column, group: int) -> None:
        action = self._screen.action(Act.TYPE_NUMBER)
        if action is None or not self._stands_above(action.act):
            return
        title = Text(self._screen.entry_heading, self._look, _TITLE, Weight.BOLD, line_height=1.2)
        body.add(title, after=group)
        self.entry_button = button_for(action, self._look, wide=True)
        body.add(self.entry_button, after=12 if self._measures.tight else 18)

    def _marked(self, body: Column, marked: Marked, *, working: bool) -> None:
        theme, style, tight = self._look.theme, self._look, self._measures.tight
        if marked.title:
            size = _TITLE if working and not self._screen.panel_heading else _SMALL_TITLE
            body.add(Text(marked.title, style, size, Weight.BOLD, line_height=1.2), after=14)
        if working:
            look = ListLook(
                mark=28,
                text=20,
                between=16,
                gap=16,
                ink=theme.ink,
                quiet=theme.ink2,
                mark_ink=theme.accent,
                states=False,
            )  # fmt: skip - measures beside each other
        else:
            gap = 6 if tight else 11
            look = ListLook(ink=theme.ink, quiet=theme.ink2, mark_ink=theme.ink2, gap=gap)
        title = marked.title or self._screen.panel_heading
        body.add(MarkedList(marked.lines, style, look, title=title), after=26 if working else 14)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground."""
        QPainter(self).fillRect(self.rect(), colour(self._look.theme.bg))
