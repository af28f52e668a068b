"""The list of those who may come: a mark for what comes of it, the name, the story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QRadioButton, QVBoxLayout, QWidget

from kiosk.demo.guests import Guest
from kiosk.domain.verdict import Colour
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.lamps import paint_lit
from kiosk.ui.widgets.scroll import QuietScroll
from kiosk.ui.widgets.setting import Setting

_PADDING: Final = 12
_TOP: Final = 8
_MARK: Final = 28
_BETWEEN: Final = 14
_GAP: Final = 4
_NAME: Final = 18
_STORY: Final = 16
_LINE: Final = 2
_RADIUS: Final = 8
RING: Final = 6
"""Left of the rows and above, for the ring of the focus."""
_CROSS: Final = (0.35, 0.65)
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


def row_name(guest: Guest) -> str:
    """Return the object name of the row of somebody."""
    return f"guest-{guest.id}"


def outcome_in_words(guest: Guest, words: Words) -> str:
    """Say what the mark before a name says."""
    match guest.colour:
        case Colour.GREEN:
            return words.translate("Demo", "groen")
        case Colour.ORANGE:
            return words.translate("Demo", "oranje")
        case Colour.RED:
            return words.translate("Demo", "rood")
        case None:
            return words.translate("Demo", "geen uitkomst")


@final
class GuestRow(QRadioButton):
    """One of them. ``width`` is in pixels."""

    wanted = Signal()
    """Enter, or a double click: this person's card, now."""

    def __init__(
        self, guest: Guest, words: Words, language: Language, style: Style, width: int
    ) -> None:
        super().__init__(guest.name)
        self.guest = guest
        self._look = style
        story = guest.story[language.value]
        self._name = Setting(guest.name, style.font(_NAME, Weight.STRONG), 1.25)
        self._story = Setting(story, style.font(_STORY), 1.25)
        self._left = style.px(_PADDING + _MARK + _BETWEEN)
        self._room = width - self._left - style.px(_PADDING)
        text = self._name.height(self._room) + self._story.height(self._room)
        self.setFixedSize(width, text + 2 * style.px(_TOP))
        self.setObjectName(row_name(guest))
        self.setAccessibleName(guest.name)
        self.setAccessibleDescription(f"{story} ({outcome_in_words(guest, words)})")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        ring_on_focus(self, style)

    def hitButton(self, pos: QPoint) -> bool:
        """Say that all of the row can be pressed."""
        return self.rect().contains(pos)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Put the card in on Enter."""
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.wanted.emit()
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the card in."""
        super().mouseDoubleClickEvent(event)
        self.wanted.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose whoever the focus comes to."""
        super().focusInEvent(event)
        self.setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw surface, mark and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, chosen = self._look.theme, self.isChecked()
        if chosen or self.underMouse():
            half = _LINE * self._look.scale / 2
            edge = colour(theme.accent if chosen else theme.line)
            painter.setPen(QPen(edge, 2 * half))
            painter.setBrush(colour(theme.tint if chosen else theme.bg))
            radius = self._look.px(_RADIUS)
            area = QRectF(self.rect()).adjusted(half, half, -half, -half)
            painter.drawRoundedRect(area, radius, radius)
        side = self._look.px(_MARK)
        place = QRectF(self._look.px(_PADDING), (self.height() - side) / 2, side, side)
        self._paint_mark(painter, place)
        top = self._look.px(_TOP)
        self._name.draw(painter, QPointF(self._left, top), self._room, colour(theme.ink))
        below = top + self._name.height(self._room)
        self._story.draw(painter, QPointF(self._left, below), self._room, colour(theme.ink2))

    def _paint_mark(self, painter: QPainter, place: QRectF) -> None:
        theme = self._look.theme
        if self.guest.colour is not None:
            field = self._look.field(self.guest.colour)
            fill, glyph = (field.text, field.fill) if field.outline else (field.fill, field.text)
            paint_lit(painter, self.guest.colour, place, fill=colour(fill), glyph=colour(glyph))
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.control))
        painter.drawRoundedRect(place, 0.22 * place.width(), 0.22 * place.width())
        pen = QPen(colour(theme.surface), 0.1 * place.width())
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        near, far = _CROSS
        for begin, end in ((near, far), (far, near)):
            painter.drawLine(_at(place, near, begin), _at(place, far, end))


def _at(place: QRectF, x: float, y: float) -> QPointF:
    return place.topLeft() + QPointF(x * place.width(), y * place.height())


@final
class PeopleList(QWidget):
    """All of them; one is chosen. ``width`` is that of a row, in pixels; the bar is beside it."""

    chosen = Signal(object)
    """Another ``Guest``."""
    wanted = Signal()
    """The card of the chosen one, now."""

    def __init__(
        self, guests: Sequence[Guest], words: Words, language: Language, style: Style, width: int
    ) -> None:
        super().__init__()
        content = QWidget()
        column = QVBoxLayout(content)
        ring = style.px(RING)
        column.setContentsMargins(ring, ring, 0, ring)
        column.setSpacing(style.px(_GAP))
        self._rows = [GuestRow(guest, words, language, style, width) for guest in guests]
        self._row = self._rows[0]
        for row in self._rows:
            row.toggled.connect(self._toggled)
            row.wanted.connect(self.wanted)
            column.addWidget(row)
        column.addStretch(1)
        self._scroll = QuietScroll(content, style, style.theme.control)
        around = QVBoxLayout(self)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self._scroll)

    def choose(self, guest: Guest) -> None:
        """Choose somebody, in sight."""
        next(row for row in self._rows if row.guest == guest).setChecked(True)

    def take_focus(self) -> None:
        """Let the arrow keys choose from here on."""
        self._row.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chosen one in sight."""
        super().resizeEvent(event)
        QTimer.singleShot(0, self, self._scroll_to_chosen)  # by then the rows have their places

    @Slot(bool)
    def _toggled(self, checked: bool) -> None:  # noqa: FBT001 - Qt's own signal
        row = self.sender()
        if checked and isinstance(row, GuestRow):
            self._row = row
            self._scroll_to_chosen()
            self.chosen.emit(row.guest)

    @Slot()
    def _scroll_to_chosen(self) -> None:
        self._scroll.ensureWidgetVisible(self._row, 0, self._row.height())
