"""The pieces of a self-service screen: surface, header, the box with what to do, the last row."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final, final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QBoxLayout,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from kiosk.ui.screens.parts import Act, Action, Choices, Clock, Kind
from kiosk.ui.self_service.scene import SMALLEST_TEXT, Inks, Scene
from kiosk.ui.theme import Weight, colour
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.choices import ChoiceButton
from kiosk.ui.widgets.header import NAME, BrandMark
from kiosk.ui.widgets.icons import Icon
from kiosk.ui.widgets.keys import listen
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.ring import CountdownRing
from kiosk.ui.widgets.roles import give_role
from kiosk.ui.widgets.setting import Setting

RING: Final = 120
_RADIUS: Final = 8
_BESIDE_ANOTHER: Final = 320
_ICONS: Final = {Act.MORE_TIME: "plus", Act.AGAIN: "redo"}
_SENTENCE_END: Final = re.compile(r"(?<=[.?!]) ")


@final
class Surface(QWidget):
    """A plain area in one colour, with an outline or rounded corners when asked for (pixels)."""

    def __init__(self, fill: str, *, outline: int = 0, ink: str = "", radius: float = 0) -> None:
        super().__init__()
        self._fill = fill
        self._outline = outline
        self._ink = ink
        self._radius = radius

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Fill it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._fill))
        area = QRectF(self.rect())
        if self._outline:
            pen = QPen(colour(self._ink), self._outline)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            half = self._outline / 2
            area.adjust(half, half, -half, -half)
        painter.drawRoundedRect(area, self._radius, self._radius)
        painter.end()


def header(scene: Scene, inks: Inks, height: int) -> QWidget:
    """Return mark, name and subject around the header's axis; ``height`` of the design."""
    style, grid = scene.style, scene.grid
    widget = QWidget()
    widget.setFixedHeight(style.px(height))
    row = QHBoxLayout(widget)
    row.setSpacing(style.px(20))
    row.setContentsMargins(0, style.px(grid.axis - grid.logo / 2), 0, 0)
    tile = inks.field.text if inks.field else style.theme.accent
    ink = inks.field.fill if inks.field else style.theme.on_accent
    row.addWidget(BrandMark(style, grid.logo, tile, ink), 0, Qt.AlignmentFlag.AlignTop)
    words = QHBoxLayout()
    size, middle = 44 if scene.portrait else 40, Qt.AlignmentFlag.AlignVCenter
    words.addWidget(Text(NAME, style, size, Weight.BOLD, inks.text, wrap=False), 0, middle)
    words.addStretch(1)
    if scene.screen.kind is Kind.PROBLEM:
        words.addWidget(reference(scene, inks), 0, middle)
    elif scene.screen.subject and inks.field:
        subject = Text(scene.screen.subject, style, size, ink=inks.text, wrap=False)
        words.addWidget(subject, 0, middle)
    holder = QWidget()
    holder.setFixedHeight(style.px(grid.logo))
    words.setContentsMargins(0, 0, 0, 0)
    holder.setLayout(words)
    row.addWidget(holder, 1, Qt.AlignmentFlag.AlignTop)
    return widget


def do_now(scene: Scene, inks: Inks, *, alone: bool = False) -> QWidget:
    """Return the box with the one thing to do: the surface inside out."""
    style = scene.style
    box = Surface(inks.box, radius=style.px(_RADIUS))
    box.setObjectName("do-now")
    size = scene.text(56 if alone else scene.grid.do_now)
    row = QHBoxLayout(box)
    row.setContentsMargins(style.px(40), style.px(24), style.px(40), style.px(24))
    row.setSpacing(style.px(28))
    row.addWidget(Icon("pin", style, 64, inks.on_box), 0)
    text = Lead(scene.screen.do_now, style, size, Weight.BOLD, inks.on_box, 1.2)
    row.addWidget(text, 1, Qt.AlignmentFlag.AlignVCenter)
    box.setMinimumHeight(style.px(136 if alone else 120))
    return box


@final
class Lead(Text):
    """A text whose lines end where its sentences do, or else are about equally long."""

    def _set_to(self, width: int) -> Setting:
        font = self._look.font(self._size, self._weight)
        even = Setting(self._marked, font, self._line_height, balanced=True)
        sentences = _SENTENCE_END.sub("\n", self._marked)
        if sentences == self._marked:
            return even
        apart = Setting(sentences, font, self._line_height)
        return apart if apart.lines(width) <= even.lines(width) else even

    def _set(self, marked: str) -> Setting:
        self._marked = marked
        return super()._set(marked)


def last_row(scene: Scene, inks: Inks) -> QWidget:
    """Return what stands at the foot of an answer: the time that is left, code, buttons."""
    screen, style = scene.screen, scene.style
    widget = QWidget()
    rows = QVBoxLayout(widget)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(style.px(32))
    first = QHBoxLayout()
    first.setSpacing(style.px(32))
    rows.addLayout(first)
    _add_clock(scene, inks, first)
    if screen.reference and screen.kind is Kind.OUT_OF_SERVICE:
        first.addWidget(reference(scene, inks), 0, Qt.AlignmentFlag.AlignVCenter)
    buttons = first
    if scene.portrait and len(screen.actions) > 1:
        buttons = QHBoxLayout()
        buttons.setSpacing(style.px(24))
        rows.addLayout(buttons)
    for action in screen.actions:
        buttons.addWidget(_button(scene, inks, action))
    return widget


def reference(scene: Scene, inks: Inks) -> Text:
    """Return the code to quote to support."""
    return Text(scene.screen.reference, scene.style, SMALLEST_TEXT, ink=inks.soft, wrap=False)


def _add_clock(scene: Scene, inks: Inks, row: QBoxLayout) -> None:
    screen, style = scene.screen, scene.style
    stays = screen.clock is Clock.STAYS
    if stays:
        row.addWidget(CountdownRing(scene.times, style, diameter=RING, ink=inks.text))
    if screen.clock_text:
        text = Lead(screen.clock_text, style, SMALLEST_TEXT, ink=inks.soft, line_height=1.25)
        row.addWidget(text, 1, Qt.AlignmentFlag.AlignVCenter)
    if stays and not scene.portrait and len(screen.actions) == 1:
        row.addStretch(1)


def _button(scene: Scene, inks: Inks, action: Action) -> ActionButton:
    """Return a button without its key; Enter presses the first one wherever the focus is.

    More time is offered, not urged: it is never filled.
    """
    style = scene.style
    filled = action.first and action.act is not Act.MORE_TIME
    bare = replace(action, key="", first=filled)
    icon = _ICONS.get(action.act)
    button = ActionButton(bare, style, height=RING, on_field=inks.field, icon=icon)
    if action.first:
        listen(button, "Return", button.click)
    alone = len(scene.screen.actions) == 1
    if alone or not scene.portrait:
        wanted = style.px(scene.grid.button_width if alone else _BESIDE_ANOTHER)
        button.setFixedWidth(max(wanted, button.sizeHint().width()))
    return button


def language_bar(scene: Scene, languages: Choices) -> QWidget:
    """Return the buttons for the languages, all in one row or two by two."""
    style, grid = scene.style, scene.grid
    bar = Surface(style.theme.surface)
    bar.setAccessibleName(languages.title)
    give_role(bar, QAccessible.Role.Grouping)
    cells = QGridLayout(bar)
    side, above = style.px(grid.side), style.px(32)
    cells.setContentsMargins(side, above, side, style.px(56) if scene.portrait else above)
    cells.setSpacing(style.px(24))
    across = 2 if scene.portrait else len(languages.choices)
    for number, choice in enumerate(languages.choices):
        button = ChoiceButton(choice, style, height=grid.button, size=SMALLEST_TEXT, tick=True)
        button.stand_alone()
        cells.addWidget(button, *divmod(number, across))
        cells.setColumnStretch(number % across, 1)
    bar.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return bar


def hints(scene: Scene, inks: Inks) -> QWidget:
    """Return what else one may do while nobody has put a card in."""
    style = scene.style
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(style.px(16))
    for number, hint in enumerate(scene.screen.hints):
        row = QHBoxLayout()
        row.setSpacing(style.px(22))
        icon = "info" if number else "pin"
        beside = QVBoxLayout()
        beside.addSpacing(style.px(7))  # the middle of a first line
        beside.addWidget(Icon(icon, style, 44, style.theme.accent, 1.8))
        beside.addStretch(1)
        row.addLayout(beside)
        weight = Weight.REGULAR if number else Weight.BOLD
        text = Lead(hint, style, scene.text(scene.grid.body), weight, inks.text, 1.3)
        row.addWidget(text, 1, Qt.AlignmentFlag.AlignTop)
        column.addLayout(row)
    return widget
