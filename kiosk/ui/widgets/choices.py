"""One of several: a use case, a reason, a language."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAccessible, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Choice
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.buttons import RADIUS, shrunk
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.icons import paint_icon
from kiosk.ui.widgets.keys import KeyHint, key_name, listen
from kiosk.ui.widgets.roles import give_role

_GAP: Final = 8
_CIRCLE: Final = 22
_DOT: Final = 10
_LINE: Final = 1.5
_CHOSEN_LINE: Final = 2
_TICK_PART: Final = 0.46
"""The size of a tick, of the height of its button."""


def choice_name(value: str) -> str:
    """Return the object name of the button for a choice."""
    return f"choice-{value}"


@final
class ChoiceButton(QRadioButton):
    """A choice: a circle with a dot, or with ``tick`` a tick, when it is chosen.

    ``height``, ``size`` (of the type) and ``padding`` are in pixels of the design.
    """

    def __init__(
        self,
        choice: Choice,
        style: Style,
        *,
        height: float = 52,
        size: float = 18,
        padding: float = 16,
        tick: bool = False,
    ) -> None:
        super().__init__(choice.text)
        self.value = choice.value
        self._look = style
        self._tick = tick
        self._alone = False
        self._padding = style.px(padding)
        self._key = KeyHint(choice.key, style)
        self._fonts = {
            chosen: style.font(size, Weight.STRONG if chosen else Weight.REGULAR)
            for chosen in (True, False)
        }
        self._mark = style.px(height * _TICK_PART if tick else _CIRCLE)
        self.setMinimumHeight(style.px(height))
        self._set_up(choice)
        listen(self, choice.key, self._take)
        ring_on_focus(self, style)

    def _set_up(self, choice: Choice) -> None:
        self.setObjectName(choice_name(choice.value))
        self.setAccessibleName(choice.text)
        self.setAccessibleDescription(key_name(choice.key))
        self.setChecked(choice.chosen)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def stand_alone(self) -> None:
        """Let Tab go to each choice, and no arrow key choose; the next screen shows what is chosen.

        Without it Tab goes to the chosen one only, and who moves on to another has chosen it.
        """
        self._alone = True
        self.setAutoExclusive(False)

    def nextCheckState(self) -> None:
        """Become the chosen one when it is pressed, unless the next screen says so."""
        if not self._alone:
            super().nextCheckState()

    @Slot()
    def _take(self) -> None:
        self.click()  # the focus stays: somebody may be typing a number

    def hitButton(self, pos: QPoint) -> bool:
        """Say that all of the button can be pressed, not just its circle."""
        return self.rect().contains(pos)

    def sizeHint(self) -> QSize:
        """Return the size at which the text stands at full size."""
        text = QFontMetricsF(self._fonts[True]).horizontalAdvance(self.text())
        return QSize(round(self._taken() + text) + 1, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """Return the size below which nothing can be read."""
        return QSize(self._taken(), self.minimumHeight())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw surface, mark, text and key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, chosen = self._look.theme, self.isChecked()
        width = (_CHOSEN_LINE if chosen else _LINE) * self._look.scale
        if theme.outlines and (chosen or self.underMouse()):
            width *= 2
        fill = theme.tint if chosen else theme.surface if self.underMouse() else theme.bg
        painter.setPen(QPen(colour(theme.accent if chosen else theme.control), width))
        painter.setBrush(colour(fill))
        half = width / 2
        radius = self._look.px(RADIUS) - half
        area = QRectF(self.rect())
        painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
        left = self._left(area.width())
        self._paint_mark(painter, QPointF(left, area.center().y()))
        right = area.right() - self._padding
        self._key.paint(painter, QPointF(right, area.center().y()), theme.ink2)
        self._paint_text(painter, area, left)

    def _paint_mark(self, painter: QPainter, left_middle: QPointF) -> None:
        theme, chosen = self._look.theme, self.isChecked()
        area = QRectF(left_middle.x(), left_middle.y() - self._mark / 2, self._mark, self._mark)
        ink = theme.accent if chosen else theme.control
        if self._tick:
            if chosen:
                paint_icon(painter, "check", area, ink, 2.5)
            return
        half = _CHOSEN_LINE * self._look.scale / 2
        painter.setPen(QPen(colour(ink), 2 * half))
        painter.setBrush(colour(theme.bg))
        painter.drawEllipse(area.adjusted(half, half, -half, -half))
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour(ink))
            dot = _DOT * self._look.scale / 2
            painter.drawEllipse(area.center(), dot, dot)

    def _left(self, width: float) -> float:
        """Return where mark and text begin; with a tick they stand in the middle."""
        if not self._tick:
            return self._padding
        chosen = self.isChecked()
        text = QFontMetricsF(self._fonts[chosen]).horizontalAdvance(self.text())
        mark = self._mark + self._padding if chosen else 0
        return max(float(self._padding), (width - mark - text) / 2)

    def _paint_text(self, painter: QPainter, area: QRectF, start: float) -> None:
        wanted = self._fonts[self.isChecked()]
        font, text = shrunk(self.text(), wanted, area.width() - self._taken())
        hidden = self._tick and not self.isChecked()
        left = start if hidden else start + self._mark + self._padding
        painter.setFont(font)
        painter.setPen(colour(self._look.theme.ink))
        box = QRectF(left, area.top(), area.width(), area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _taken(self) -> int:
        """Return what stands beside the text, in pixels."""
        key = self._key.width + self._look.px(_GAP) if self._key.width else 0
        return 2 * self._padding + self._mark + self._padding + key


@final
class ChoiceList(QWidget):
    """Choices below each other; the arrow keys go from one to the next."""

    chosen = Signal(str)
    """A person chose: the value. Not told for the one that is chosen already."""

    def __init__(
        self,
        choices: tuple[Choice, ...],
        style: Style,
        *,
        title: str,
        height: float = 52,
        padding: float = 16,
    ) -> None:
        super().__init__()
        self.setAccessibleName(title)
        give_role(self, QAccessible.Role.Grouping)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(_GAP))
        self._value = ""
        self.buttons: list[ChoiceButton] = []
        """From top to bottom."""
        for choice in choices:
            button = ChoiceButton(choice, style, height=height, padding=padding)
            button.toggled.connect(self._toggled)
            self.buttons.append(button)
            column.addWidget(button)
            if choice.chosen:
                self._value = choice.value

    @property
    def value(self) -> str:
        """What is chosen; empty when nothing is."""
        return self._value

    def choose(self, value: str) -> None:
        """Choose for the person; one that is not there changes nothing."""
        for button in self.buttons:
            if button.value == value:
                button.setChecked(True)

    @Slot(bool)
    def _toggled(self, is_chosen: bool) -> None:  # noqa: FBT001 - Qt says which of the two
        button = self.sender()
        if is_chosen and isinstance(button, ChoiceButton):
            self._value = button.value
            self.chosen.emit(button.value)
