"""The button for an action: filled when it is the first one, outlined when it is not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QStyle, QStyleOptionButton

from kiosk.ui.screens.parts import Action
from kiosk.ui.theme import Field, Style, Weight, colour
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.icons import paint_icon
from kiosk.ui.widgets.keys import KeyHint, key_name, listen
from kiosk.ui.window import act_name

RADIUS: Final = 8
_PADDING: Final = 16
_BETWEEN: Final = 12
_HIGH_BETWEEN: Final = 24
_LINE: Final = 1.5
_HIGH: Final = 72
_HIGH_LINE: Final = 2
_FIELD_LINE: Final = 3
_ICON: Final = 22
_HIGH_ICON: Final = 44
_TEXT: Final = 18
_HIGH_TEXT: Final = 40
_SMALLEST: Final = 0.8
_PALE: Final = 0.45
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


@dataclass(frozen=True, slots=True)
class Paint:
    """Fill, outline (colour and width) and text of a button in one of its states."""

    fill: str
    edge: str
    edge_width: float
    ink: str


def shrunk(text: str, font: QFont, width: float) -> tuple[QFont, str]:
    """Return type and text that fit a width: down to 80 %, and then cut short."""
    fits = QFont(font)
    smallest = round(font.pixelSize() * _SMALLEST)
    while QFontMetricsF(fits).horizontalAdvance(text) > width and fits.pixelSize() > smallest:
        fits.setPixelSize(fits.pixelSize() - 1)
    return fits, QFontMetricsF(fits).elidedText(text, Qt.TextElideMode.ElideRight, width + 1)


@final
class ActionButton(QPushButton):
    """A button with its key. ``clicked`` tells; Enter presses it when it has the focus.

    ``height`` is in pixels of the design; ``on_field`` is the verdict's surface
    when the button stands on one.
    """

    def __init__(
        self,
        action: Action,
        style: Style,
        *,
        height: float = 56,
        on_field: Field | None = None,
        icon: str | None = None,
    ) -> None:
        super().__init__(action.text)
        self.act = action.act
        self._look = style
        self._first = action.first
        self._tall = height >= _HIGH
        self._field = on_field
        self._icon = icon
        self._key = KeyHint(action.key, style)
        self._font = style.font(_HIGH_TEXT if self._tall else _TEXT, Weight.STRONG)
        self.setObjectName(act_name(action.act))
        self.setAccessibleName(action.text)
        self.setAccessibleDescription(key_name(action.key))
        self.setMinimumHeight(style.px(height))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        listen(self, action.key, self.click)
        ring_on_focus(self, style, on_field.text if on_field else "")

    def sizeHint(self) -> QSize:
        """Return the size at which the text stands at full size beside its key."""
        return QSize(round(self._taken() + self._text_width()) + 1, self.minimumHeight())

    def minimumSizeHint(self) -> QSize:
        """Return the size below which the text is cut short."""
        return QSize(
            round(self._taken() + _SMALLEST * self._text_width()) + 1, self.minimumHeight()
        )

    def event(self, event: QEvent) -> bool:
        """Keep Enter for itself while it has the focus, so that no other button takes it."""
        overrides = event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and event.key() in _ENTER:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter, but not again while the key is held from the screen before."""
        if event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw surface, icon, text and key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint = self._paint()
        if not self.isEnabled():
            painter.setOpacity(_PALE)
        half = paint.edge_width / 2
        painter.setPen(QPen(colour(paint.edge), paint.edge_width))
        painter.setBrush(colour(paint.fill))
        radius = self._look.px(RADIUS) - half
        area = QRectF(self.rect())
        painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
        self._paint_text(painter, area, paint.ink)

    def _paint_text(self, painter: QPainter, area: QRectF, ink: str) -> None:
        middle = area.center().y()
        left = area.left() + self._look.px(_PADDING)
        right = area.right() - self._look.px(_PADDING)
        self._key.paint(painter, QPointF(right, middle), ink)
        font, text = shrunk(self.text(), self._font, area.width() - self._taken())
        if self._tall and not self._key.width:
            set_width = self._icon_width() + QFontMetricsF(font).horizontalAdvance(text)
            left = area.center().x() - set_width / 2
        if self._icon is not None:
            side = self._look.px(_HIGH_ICON if self._tall else _ICON)
            paint_icon(painter, self._icon, QRectF(left, middle - side / 2, side, side), ink)
        painter.setFont(font)
        painter.setPen(colour(ink))
        box = QRectF(left + self._icon_width(), area.top(), area.width(), area.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint(self) -> Paint:
        theme, option = self._look.theme, QStyleOptionButton()
        self.initStyleOption(option)
        pressed = self.isDown()
        over = bool(option.state & QStyle.StateFlag.State_MouseOver)
        line = self._line()
        if self._field is not None:
            fill, ink = self._field.fill, self._field.text
            return Paint(ink, ink, line, fill) if self._first else Paint(fill, ink, line, ink)
        if self._first:
            fill = theme.pressed if pressed else theme.hover if over else theme.accent
            return Paint(fill, fill, line, theme.on_accent)
        fill = theme.tint if pressed else theme.surface if over else theme.bg
        heavier = theme.outlines and (pressed or over)
        return Paint(fill, theme.control, 2 * line if heavier else line, theme.ink)

    def _line(self) -> float:
        line = _FIELD_LINE if self._field else _HIGH_LINE if self._tall else _LINE
        return line * self._look.scale

    def _icon_width(self) -> int:
        if self._icon is None:
            return 0
        side, gap = (_HIGH_ICON, _HIGH_BETWEEN) if self._tall else (_ICON, _BETWEEN)
        return self._look.px(side) + self._look.px(gap)

    def _text_width(self) -> float:
        return QFontMetricsF(self._font).horizontalAdvance(self.text())

    def _taken(self) -> int:
        """Return what stands beside the text, in pixels."""
        key = self._key.width + self._look.px(_BETWEEN) if self._key.width else 0
        return 2 * self._look.px(_PADDING) + self._icon_width() + key
