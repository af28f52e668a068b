"""The left part of the window: what is so. On a verdict all of it is the colour."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kiosk.ui.desk.column import Column
from kiosk.ui.desk.entry import EntryForm
from kiosk.ui.desk.measures import HEADER, ROOM, TOP, Measures
from kiosk.ui.screens.parts import Backdrop, Clock, Marked, Screen
from kiosk.ui.theme import Field, Style, Weight, colour
from kiosk.ui.widgets.drawing import CardDrawing
from kiosk.ui.widgets.header import Brand
from kiosk.ui.widgets.labels import Heading, Text
from kiosk.ui.widgets.lamps import LampRow
from kiosk.ui.widgets.lists import ListLook, MarkedList
from kiosk.ui.widgets.progress import TimeBar
from kiosk.ui.widgets.scroll import QuietScroll
from kiosk.ui.window import TimeSource

_CUT_LINE: Final = 2
_LAYER_INSET: Final = 16
_LINES_OF_A_COLUMN: Final = 2
_ABOVE_LETTERS: Final = 4
"""What a line has above its letters, so that these stand at the top."""


@final
class Stage(QWidget):
    """One screen's stage. ``form`` is there while a number is typed."""

    def __init__(self, screen: Screen, style: Style, measures: Measures, times: TimeSource) -> None:
        super().__init__()
        self._look = style
        self._screen = screen
        self._measures = measures
        self._times = times
        self._field: Field | None = None
        if screen.backdrop is Backdrop.VERDICT and screen.colour is not None:
            self._field = style.field(screen.colour)
        self._ink = self._field.text if self._field else style.theme.ink
        self._ink2 = self._field.text if self._field else style.theme.ink2
        self.form: EntryForm | None = None
        self.scroller = QuietScroll(self._body(), style, self._ink)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, style.px(TOP), 0, 0)
        column.setSpacing(0)
        header = Column(style, measures.stage_margin)
        header.add(self._brand())
        header.setFixedHeight(style.px(HEADER))
        column.addWidget(header)
        column.addSpacing(style.px((24 if measures.tight else 38) - ROOM))
        outline = self._outline()
        bottom = QVBoxLayout()
        bottom.setContentsMargins(outline, 0, outline, outline)
        bottom.addWidget(self.scroller)
        column.addLayout(bottom, 1)

    def _brand(self) -> Brand:
        theme = self._look.theme
        if self._field is not None:
            text, fill = self._field.text, self._field.fill
            return Brand(self._look, ink=text, fill=text, glyph=fill)
        return Brand(self._look, ink=theme.ink, fill=theme.accent, glyph=theme.on_accent)

    def _body(self) -> Column:
        measures, screen = self._measures, self._screen
        margin = measures.stage_margin - self._outline() / self._look.scale
        bottom = measures.bottom - self._outline() / self._look.scale
        heading_first = screen.entry is not None or self._has_layers()
        top = ROOM - (_ABOVE_LETTERS if heading_first else 0)
        body = Column(self._look, margin, top=top, bottom=bottom)
        if self._field is not None and screen.colour is not None:
            self._verdict(body)
        elif screen.entry is not None:
            self._typing(body)
        elif self._has_layers() and screen.stage_list is not None:
            self._layers(body, screen.stage_list)
        else:
            self._picture(body)
        return body

    def _has_layers(self) -> bool:
        return self._field is None and self._screen.stage_list is not None

    def _verdict(self, body: Column) -> None:
        screen, style, tight = self._screen, self._look, self._measures.tight
        if screen.colour is not None:
            lit, unlit, gap = (120, 40, 20) if tight else (168, 56, 24)
            body.space(0 if tight else 2)
            label = screen.colour_name
            body.add(LampRow(screen.colour, style, lit=lit, unlit=unlit, gap=gap, label=label))
        size = 88 if tight else 96
        heading = Heading(screen.heading, style, size, ink=self._ink, line_height=1.0)
        body.add(heading, after=16 if tight else 28)
        if screen.fact:
            fact = Text(screen.fact, style, 34, Weight.BOLD, self._ink, 1.2)
            body.add(fact, after=4 if tight else 13)
        if screen.sentence:
            body.add(Text(screen.sentence, style, 24, ink=self._ink, line_height=1.32), after=9)
        body.space(16)
        body.stretch()
        if screen.stage_list is not None:
            self._behind_verdict(body, screen.stage_list)

    def _behind_verdict(self, body: Column, marked: Marked) -> None:
        style, ink = self._look, self._ink
        if marked.title:
            body.add(Text(marked.title, style, 18, Weight.STRONG, ink))
        columns = 2 if len(marked.lines) > _LINES_OF_A_COLUMN else 1
        look = ListLook(ink=ink, quiet=ink, mark_ink=ink, states=False, columns=columns, gap=11)
        title = marked.title or self._screen.heading
        body.add(MarkedList(marked.lines, style, look, title=title), after=12)

    def _typing(self, body: Column) -> None:
        tight = self._measures.tight
        self._top_heading(body, 60 if tight else 72)
        if self._screen.entry is not None:
            self.form = EntryForm(self._screen.entry, self._look, tight=tight)
            body.add(self.form, after=24 if tight else 40)
        body.stretch()

    def _layers(self, body: Column, layers: Marked) -> None:
        theme = self._look.theme
        self._top_heading(body, 60 if self._measures.tight else 64)
        body.space(20 if self._measures.tight else 40)
        if layers.title:
            body.add(Text(layers.title, self._look, 20, Weight.BOLD))
        look = ListLook(
            mark=32,
            text=22,
            between=16,
            gap=0,
            ink=theme.ink,
            quiet=theme.ink2,
            mark_ink=theme.ink,
            lit=theme.bg,
            inset=_LAYER_INSET,
        )  # fmt: skip - measures beside each other
        title = layers.title or self._screen.heading
        body.add(MarkedList(layers.lines, self._look, look, title=title), out=_LAYER_INSET)
        body.stretch()

    def _top_heading(self, body: Column, size: float) -> None:
        body.add(Heading(self._screen.heading, self._look, size, ink=self._ink))
        self._lead(body, after=18)

    def _picture(self, body: Column) -> None:
        """Put the heading at the same place on all screens with a drawing, and on those without."""
        screen, style, tight = self._screen, self._look, self._measures.tight
        if screen.drawing is not None:
            width = 200 if tight else 248
            drawing = CardDrawing(screen.drawing, screen.drawing_hint, style, width)
            body.add(drawing)
        body.stretch()
        body.add(Heading(screen.heading, style, 64 if tight else 72), after=12)
        below = Column(style, 0)
        if screen.clock is Clock.PROGRESS:
            below.space(7)
            below.add(TimeBar(self._times, style, label=screen.heading))
        self._lead(below, after=14)
        below.stretch()
        below.setMinimumHeight(style.px(72))
        body.add(below, after=14)

    def _lead(self, column: Column, *, after: float) -> None:
        if self._screen.fact:
            column.add(Text(self._screen.fact, self._look, 24, Weight.BOLD), after=after)
            after = 6
        if self._screen.sentence:
            column.add(Text(self._screen.sentence, self._look, 22, ink=self._ink2), after=after)

    def _outline(self) -> int:
        return self._look.px(self._field.outline) if self._field else 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground, and the field's outline or the cut where fills tell nothing."""
        painter = QPainter(self)
        theme = self._look.theme
        grounds = {Backdrop.CALM: theme.stage, Backdrop.NEUTRAL: theme.neutral}
        fill = (
            self._field.fill if self._field else grounds.get(self._screen.backdrop, theme.neutral)
        )
        painter.fillRect(self.rect(), colour(fill))
        outline = self._outline()
        if outline and self._field:
            pen = QPen(colour(self._field.text), outline)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            half = outline / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))
        elif theme.outlines:
            width = self._look.px(_CUT_LINE)
            painter.fillRect(self.width() - width, 0, width, self.height(), colour(theme.line))
