"""Lists: numbered steps, lines with a mark, kinds of evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Line, Mark, Marked, plain
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.icons import Icon, beside_line
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.marks import MarkIcon
from kiosk.ui.widgets.roles import give_role
from kiosk.ui.widgets.square import Square

_TEXT: Final = 18
_BADGE: Final = 32
_BADGE_TEXT: Final = 16
_BADGE_GAP: Final = 14
_STEP_GAP: Final = 16
_STEP_TOP: Final = 3
_RADIUS: Final = 8
_DOC: Final = 22
_DOC_LEFT: Final = 5
_EVIDENCE_GAP: Final = 7
_TROUBLE: Final = {Mark.SILENT, Mark.BROKEN}


@final
class Badge(Square):
    """The number of a step, in a filled circle."""

    def __init__(self, number: int, style: Style) -> None:
        super().__init__(style, _BADGE)
        self._number = str(number)
        self._look = style

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw circle and number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._look.theme.ink))
        painter.drawEllipse(QRectF(self.rect()))
        painter.setPen(colour(self._look.theme.bg))
        painter.setFont(self._look.font(_BADGE_TEXT, Weight.BOLD))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._number)


@final
class Steps(QWidget):
    """What to do, in order. ``title`` is that of the list, for those who do not see it."""

    def __init__(self, steps: tuple[str, ...], style: Style, *, title: str) -> None:
        super().__init__()
        _make_list(self, title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(_STEP_GAP))
        for number, step in enumerate(steps, start=1):
            one = QWidget()
            _make_row(one, f"{number}. {plain(step)}")
            row = QHBoxLayout(one)
            row.setContentsMargins(0, 0, 0, 0)
            row.setSpacing(style.px(_BADGE_GAP))
            row.addWidget(Badge(number, style), 0, Qt.AlignmentFlag.AlignTop)
            text = Text(step, style, _TEXT)
            beside = QVBoxLayout()
            beside.setContentsMargins(0, style.px(_STEP_TOP), 0, 0)
            beside.addWidget(text)
            row.addLayout(beside, 1)
            column.addWidget(one)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLook:
    """How lines with marks look. Lengths are those of the design."""

    mark: float = 24
    text: float = _TEXT
    between: float = 12
    gap: float = 10
    ink: str
    quiet: str
    """The colour of states, and of what comes later."""
    mark_ink: str
    states: bool = True
    """Whether the state stands at the right; else only trouble has it, after a dash."""
    columns: int = 1
    lit: str = ""
    """The surface under a line in trouble; empty: none."""
    inset: float = 0
    """The room around a line."""


@final
class MarkedLine(QWidget):
    """One line: mark, text, state."""

    def __init__(self, line: Line, style: Style, look: ListLook) -> None:
        super().__init__()
        self._look = style
        _make_row(self, f"{line.text}, {line.state}" if line.state else line.text)
        trouble = line.mark in _TROUBLE
        self._fill = look.lit if trouble else ""
        row = QHBoxLayout(self)
        inset = style.px(look.inset)
        row.setContentsMargins(inset, round(inset * 0.75), inset, round(inset * 0.75))
        row.setSpacing(style.px(look.between))
        quiet_mark = look.quiet if line.mark is Mark.LATER else look.mark_ink
        mark = MarkIcon(line.mark, style, size=look.mark, ink=quiet_mark)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        beside = bool(line.state) and not look.states and trouble
        words = f"{line.text} – {line.state}" if beside else line.text
        weight = Weight.BOLD if trouble or line.mark is Mark.BUSY else Weight.REGULAR
        ink = look.quiet if line.mark is Mark.LATER else look.ink
        text = Text(words, style, look.text, weight, ink, look.mark / look.text)
        row.addWidget(text, 1, Qt.AlignmentFlag.AlignVCenter)
        if look.states and line.state:
            state_ink = look.ink if trouble else look.quiet
            size = min(look.text, 20)
            state = Text(line.state, style, size, weight, state_ink, wrap=False)
            row.addWidget(state, 0, Qt.AlignmentFlag.AlignVCenter)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the surface under a line in trouble."""
        if not self._fill:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        width = self._look.px(2) if theme.outlines else 0
        painter.setPen(QPen(colour(theme.line), width) if width else QPen(Qt.PenStyle.NoPen))
        painter.setBrush(colour(self._fill))
        radius, half = self._look.px(_RADIUS), width / 2
        area = QRectF(self.rect()).adjusted(half, half, -half, -half)
        painter.drawRoundedRect(area, radius, radius)


@final
class MarkedList(QWidget):
    """Lines with their marks, in one column or two.

    ``title`` is that of the list, for those who do not see it.
    """

    def __init__(
        self, lines: tuple[Line, ...], style: Style, look: ListLook, *, title: str
    ) -> None:
        super().__init__()
        _make_list(self, title)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(style.px(look.gap))
        grid.setHorizontalSpacing(0)
        for column in range(look.columns):
            grid.setColumnStretch(column, 9 if column == 0 else 11)
        for number, line in enumerate(lines):
            at = divmod(number, look.columns)
            grid.addWidget(MarkedLine(line, style, look), *at, Qt.AlignmentFlag.AlignTop)


@final
class Evidence(QWidget):
    """Kinds of papers, with its title."""

    def __init__(self, marked: Marked, style: Style) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(_EVIDENCE_GAP))
        column.addWidget(Text(marked.title, style, 20, Weight.BOLD))
        column.addSpacing(style.px(_EVIDENCE_GAP) // 2)
        column.addWidget(self._papers(marked, style))

    @staticmethod
    def _papers(marked: Marked, style: Style) -> QWidget:
        papers = QWidget()
        _make_list(papers, marked.title)
        column = QVBoxLayout(papers)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(_EVIDENCE_GAP))
        for line in marked.lines:
            paper = QWidget()
            _make_row(paper, line.text)
            row = QHBoxLayout(paper)
            row.setSpacing(style.px(_BADGE + _BADGE_GAP - _DOC - _DOC_LEFT))
            row.setContentsMargins(style.px(_DOC_LEFT), 0, 0, 0)
            row.addLayout(beside_line(Icon("doc", style, _DOC, style.theme.ink2), style))
            row.addWidget(Text(line.text, style, _TEXT), 1)
            column.addWidget(paper)
        return papers


def _make_list(widget: QWidget, title: str) -> None:
    widget.setAccessibleName(title)
    give_role(widget, QAccessible.Role.List)


def _make_row(widget: QWidget, name: str) -> None:
    widget.setAccessibleName(name)
    give_role(widget, QAccessible.Role.ListItem, whole=True)
