"""Where the pieces of a self-service screen go, in landscape and in portrait.

There are three ways to divide a screen: an answer (lamps or drawing beside
words, on one ground), an invitation (a stage with the drawing, a panel with
words), and words alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Backdrop, Clock, Drawing, Kind
from kiosk.ui.self_service.pieces import (
    Lead,
    Surface,
    do_now,
    header,
    hints,
    language_bar,
    last_row,
)
from kiosk.ui.self_service.scene import Inks, Scene
from kiosk.ui.widgets.drawing import CardDrawing
from kiosk.ui.widgets.labels import Heading
from kiosk.ui.widgets.lamps import LampRow
from kiosk.ui.widgets.progress import TimeBar

_SHRINKING: Final = (0.94, 0.88, 0.82, 0.76, 0.70, 0.64, 0.58, 0.52, 0.46, 0.40)
_LARGE_DRAWING: Final = 480
_DRAWING: Final = 400
_SMALL_DRAWING: Final = 376
_BETWEEN: Final = 104
_RAISED: Final = 14
"""The letters of a heading begin below the top of its line, those of a drawing do not."""


def lay_out(scene: Scene, room: QSize) -> QWidget:
    """Return the widgets of a screen, set as large as the room (in pixels) allows."""
    body = _make(scene)
    for shrink in _SHRINKING:
        layout = body.layout()
        if layout is None or layout.totalHeightForWidth(room.width()) <= room.height():
            break
        body = _make(replace(scene, shrink=shrink))
    return body


def _make(scene: Scene) -> QWidget:
    screen = scene.screen
    if screen.backdrop is not Backdrop.CALM:
        return _answer(scene)
    return _words_alone(scene) if screen.drawing is None else _invitation(scene)


def _answer(scene: Scene) -> QWidget:
    style, grid, inks = scene.style, scene.grid, scene.inks()
    outline = style.px(inks.field.outline) if inks.field else 0
    ground = Surface(inks.ground, outline=outline, ink=inks.text)
    page = _column(ground)
    side = style.px(grid.side)
    page.setContentsMargins(side, 0, side, style.px(grid.bottom))
    raised = 0 if scene.portrait else _RAISED
    page.addWidget(header(scene, inks, grid.content - raised))
    picture = _picture(scene)
    words = _words_of_answer(scene, inks)
    if scene.portrait:
        if picture is not None:
            page.addWidget(picture, 0, Qt.AlignmentFlag.AlignLeft)
            page.addSpacing(style.px(max(48, 96 * scene.shrink)))
        page.addLayout(words, 1)
        return ground
    row = QHBoxLayout()
    row.setSpacing(style.px(_BETWEEN))
    if picture is not None:
        left = QVBoxLayout()
        left.addSpacing(style.px(raised))
        left.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        left.addStretch(1)
        row.addLayout(left)
    row.addLayout(words, 1)
    page.addLayout(row, 1)
    return ground


def _picture(scene: Scene) -> QWidget | None:
    screen, style = scene.screen, scene.style
    if screen.colour is not None:
        lit, unlit, gap = scene.grid.lamps
        return LampRow(
            screen.colour,
            style,
            lit=lit,
            unlit=unlit,
            gap=gap,
            vertical=not scene.portrait,
            label=screen.colour_name,
        )
    if screen.drawing is None:
        return None
    return CardDrawing(screen.drawing, screen.drawing_hint, style, _SMALL_DRAWING)


def _words_of_answer(scene: Scene, inks: Inks) -> QBoxLayout:
    style, screen, grid = scene.style, scene.screen, scene.grid
    column = QVBoxLayout()
    column.setSpacing(0)
    is_verdict = inks.field is not None
    size = (grid.verdict if is_verdict else grid.heading) * scene.shrink
    column.addWidget(Heading(screen.heading, style, size, ink=inks.text, line_height=1.0))
    column.addSpacing(style.px(56 if scene.portrait else 32))
    lead = scene.text(grid.lead if is_verdict else 52)
    for text in filter(None, (screen.fact, screen.sentence)):
        column.addWidget(Lead(text, style, lead, ink=inks.soft, line_height=1.24))
    column.addStretch(1)
    column.addSpacing(style.px(24))
    if screen.do_now:
        column.addWidget(do_now(scene, inks, alone=not is_verdict))
    if screen.clock_text or screen.reference or screen.actions:
        column.addSpacing(style.px(64 if scene.portrait else 40))
        column.addWidget(last_row(scene, inks))
    return column


def _invitation(scene: Scene) -> QWidget:
    page = QWidget()
    column = _column(page)
    halves = QVBoxLayout() if scene.portrait else QHBoxLayout()
    halves.setSpacing(0)
    halves.addWidget(_stage(scene))
    halves.addWidget(_panel(scene), 1)
    column.addLayout(halves, 1)
    if scene.screen.languages is not None:
        column.addWidget(language_bar(scene, scene.screen.languages))
    return page


def _stage(scene: Scene) -> QWidget:
    style, grid, screen, inks = scene.style, scene.grid, scene.screen, scene.inks()
    stage = Surface(inks.ground)
    column = _column(stage)
    column.setContentsMargins(style.px(grid.side), 0, 0, 0)
    column.addWidget(header(scene, inks, grid.drawing_top))
    if screen.drawing is not None:
        large = not scene.portrait and screen.drawing is not Drawing.PUT_IN
        width = _LARGE_DRAWING if large else _DRAWING
        hint_size = scene.text(grid.body if scene.portrait else 0)
        column.addWidget(
            CardDrawing(screen.drawing, screen.drawing_hint, style, width, hint_size=hint_size)
        )
    column.addStretch(1)
    if scene.portrait:
        stage.setFixedHeight(style.px(grid.stage))
    else:
        stage.setFixedWidth(style.px(grid.stage))
    return stage


def _panel(scene: Scene) -> QWidget:
    style, grid, screen = scene.style, scene.grid, scene.screen
    panel = Surface(style.theme.bg)
    column = _column(panel)
    left = grid.side if scene.portrait else 80
    foot = 40 if screen.languages else grid.bottom
    top = 56 if scene.portrait else 148
    column.setContentsMargins(style.px(left), style.px(top), style.px(grid.side), style.px(foot))
    idle = screen.kind is Kind.IDLE
    centred = not idle and not scene.portrait
    if centred:
        column.addStretch(1)
    _words_of_panel(scene, column, idle=idle)
    column.addStretch(1)
    if centred:
        column.addSpacing(style.px(top - foot))
    if screen.hints:
        column.addSpacing(style.px(32))
        column.addWidget(hints(scene, scene.inks()))
    return panel


def _words_of_panel(scene: Scene, column: QBoxLayout, *, idle: bool) -> None:
    style, grid, screen = scene.style, scene.grid, scene.screen
    size = (grid.invitation if idle else grid.heading) * scene.shrink
    column.addWidget(Heading(screen.heading, style, size))
    if screen.clock is Clock.PROGRESS:
        column.addSpacing(style.px(56))
        column.addWidget(TimeBar(scene.times, style, height=24, label=screen.heading))
    ink = style.theme.ink if idle else style.theme.ink2
    column.addSpacing(style.px(48))
    for text in filter(None, (screen.fact, screen.sentence)):
        body = scene.text(grid.body if idle else 52)
        column.addWidget(Lead(text, style, body, ink=ink, line_height=1.45 if idle else 1.3))


def _words_alone(scene: Scene) -> QWidget:
    style, grid, screen, inks = scene.style, scene.grid, scene.screen, scene.inks()
    ground = Surface(inks.ground)
    column = _column(ground)
    side = style.px(grid.side)
    column.setContentsMargins(side, 0, side, style.px(grid.content))
    column.addWidget(header(scene, inks, grid.content))
    column.addStretch(1)
    column.addWidget(Heading(screen.heading, style, grid.heading * scene.shrink))
    if screen.sentence:
        column.addSpacing(style.px(40))
        column.addWidget(Lead(screen.sentence, style, scene.text(52), ink=inks.soft))
    column.addStretch(1)
    return ground


def _column(widget: QWidget) -> QBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    widget.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    return column
