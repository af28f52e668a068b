"""The way out for staff: the pad for their PIN."""

from __future__ import annotations

import math
from typing import Final, final

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QPushButton, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Act, Action
from kiosk.ui.self_service.pin_check import PinCheck
from kiosk.ui.self_service.words import PadWords
from kiosk.ui.staff import LONGEST_PIN, wipe
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.labels import Heading, Text

STAYS_MS: Final = 30_000
_KEY: Final = 200
_WIDE_KEY: Final = 296
_KEY_HEIGHT: Final = 120
_GAP: Final = 24
_ERASE: Final = "erase"
_TRY: Final = "try"
_KEYS: Final = ("1", "2", "3", "4", "5", "6", "7", "8", "9", _ERASE, "0", _TRY)
_LOOKS_EVERY_MS: Final = 250
_DOT: Final = 28
_BUSY_OPACITY: Final = 0.4
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter}


@final
class Pad(QWidget):
    """Takes a PIN, by touch or from a keyboard; it closes by itself after a while."""

    closed = Signal()
    opened = Signal()
    """The PIN was right."""

    def __init__(
        self, parent: QWidget, check: PinCheck, words: PadWords, style: Style, *, portrait: bool
    ) -> None:
        super().__init__(parent)
        self._check = check
        self._question: int | None = None
        check.judged.connect(self._hear, Qt.ConnectionType.QueuedConnection)
        self._words = words
        self._style = style
        self._pin = bytearray()
        self._said = ""
        self._dots = _Dots(style)
        self._message = Text("", style, 44, ink=style.theme.ink2)
        self._lay_out(portrait)
        self._closing = QTimer(self)
        self._closing.setSingleShot(True)
        self._closing.setInterval(STAYS_MS)
        self._closing.timeout.connect(self.closed)
        self._waiting = QTimer(self)
        self._waiting.setInterval(_LOOKS_EVERY_MS)
        self._waiting.timeout.connect(self._say)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(words.heading)
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to count until it closes."""
        super().showEvent(event)
        self._closing.start()
        self._waiting.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget what was typed."""
        super().hideEvent(event)
        self._closing.stop()
        self._waiting.stop()
        wipe(self._pin)
        self._question = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take digits, Backspace, Enter and Escape; nothing else, and nothing that is held."""
        event.accept()
        text = event.text()
        if event.isAutoRepeat():
            return
        if event.key() in _ENTER:
            self._try()
        elif event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        elif event.key() == Qt.Key.Key_Backspace:
            self.press(_ERASE)
        elif text.isascii() and text.isdigit():
            self.press(text)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cover what is beneath."""
        QPainter(self).fillRect(self.rect(), colour(self._style.theme.bg))

    def press(self, key: str) -> None:
        """Take a digit, or take the last one away; nothing while a PIN is looked at."""
        if self._question is not None:
            return
        if key == _ERASE:
            self._pin[-1:] = b""
        elif len(self._pin) < LONGEST_PIN:
            self._pin += key.encode("ascii")
        self._said = ""
        self._show_typed()

    def _show_typed(self) -> None:
        self._dots.show_count(len(self._pin))
        self._closing.start()
        self._say()

    @Slot()
    def _pressed(self) -> None:
        key = self.sender()
        if isinstance(key, _Key):
            self.press(key.name)

    @Slot()
    def _try(self) -> None:
        if self._question is not None or not self._pin or self._check.lock.wait() > 0:
            return
        pin, self._pin = self._pin, bytearray()
        self._question = self._check.ask(pin)
        self._show_busy(busy=True)

    @Slot(int, bool)
    def _hear(self, question: int, opens: bool) -> None:  # noqa: FBT001 - Qt calls it
        if question != self._question:
            return  # it was asked before this pad came, or this one is closed
        self._question = None
        self._show_busy(busy=False)
        if opens:
            self.opened.emit()
            return
        self._said = self._words.wrong
        self._show_typed()

    def _show_busy(self, *, busy: bool) -> None:
        self._dots.show_busy(busy=busy)
        for key in self.findChildren(_Key):
            key.show_busy(busy=busy)

    @Slot()
    def _say(self) -> None:
        left = math.ceil(self._check.lock.wait())
        wait = self._words.wait.replace("{left}", str(left)) if left else ""
        self._message.say(" ".join(filter(None, (self._said, wait))) or self._words.hint)

    def _lay_out(self, portrait: bool) -> None:  # noqa: FBT001 - private, and named by its only caller
        style = self._style
        direction = QBoxLayout.Direction
        halves = QBoxLayout(direction.TopToBottom if portrait else direction.LeftToRight, self)
        side = style.px(72 if portrait else 96)
        halves.setContentsMargins(side, style.px(160), side, style.px(64))
        halves.setSpacing(style.px(80))
        words = QVBoxLayout()
        words.setSpacing(style.px(32))
        words.addWidget(Heading(self._words.heading, style, 96))
        words.addWidget(self._message)
        words.addWidget(self._dots)
        words.addStretch(1)
        halves.addLayout(words, 1)
        halves.addLayout(self._keys(_WIDE_KEY if portrait else _KEY))
        back = ActionButton(Action(Act.BACK, self._words.back, ""), style, height=120)
        back.setFixedWidth(style.px(400))
        back.clicked.connect(self.closed)
        (halves if portrait else words).addWidget(back, 0, Qt.AlignmentFlag.AlignLeft)

    def _keys(self, width: int) -> QVBoxLayout:
        style = self._style
        keys = QGridLayout()
        keys.setSpacing(style.px(_GAP))
        named = {_ERASE: self._words.erase, _TRY: self._words.enter}
        for number, name in enumerate(_KEYS):
            key = _Key(name, named.get(name, name), style, width)
            key.clicked.connect(self._try if name == _TRY else self._pressed)
            keys.addWidget(key, *divmod(number, 3))
        column = QVBoxLayout()
        column.addLayout(keys)
        column.addStretch(1)
        return column


@final
class _Key(QPushButton):
    """One key of the pad."""

    def __init__(self, name: str, text: str, style: Style, width: int) -> None:
        super().__init__(text)
        self.name = name
        self._style = style
        self._first = name == _TRY
        self._busy = False
        self.setObjectName(f"key-{name}")
        self.setFixedSize(style.px(width), style.px(_KEY_HEIGHT))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        ring_on_focus(self, style)

    def show_busy(self, *, busy: bool) -> None:
        """Look as if it cannot be pressed. It keeps the focus, unlike one that is disabled."""
        self._busy = busy
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press on Enter too; what it does not know goes to the pad."""
        if event.key() in _ENTER and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the key."""
        theme = self._style.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_BUSY_OPACITY if self._busy else 1.0)
        line = self._style.px(2)
        fill = theme.accent if self._first else theme.bg
        painter.setBrush(colour(theme.pressed if self._first and self.isDown() else fill))
        if self.isDown() and not self._first:
            painter.setBrush(colour(theme.tint))
        painter.setPen(QPen(colour(fill if self._first else theme.control), line))
        area = QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2)
        radius = self._style.px(8)
        painter.drawRoundedRect(area, radius, radius)
        painter.setPen(colour(theme.on_accent if self._first else theme.ink))
        painter.setFont(self._style.font(48 if len(self.name) == 1 else 40, Weight.STRONG))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()


@final
class _Dots(QWidget):
    """As many dots as there are digits; never the digits."""

    def __init__(self, style: Style) -> None:
        super().__init__()
        self._style = style
        self._count = 0
        self._busy = False
        self.setFixedHeight(style.px(72))

    def show_count(self, count: int) -> None:
        """Show how many digits there are."""
        self._count = count
        self.update()

    def show_busy(self, *, busy: bool) -> None:
        """Show that they are looked at."""
        self._busy = busy
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the dots above a line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(_BUSY_OPACITY if self._busy else 1.0)
        theme, dot = self._style.theme, self._style.px(_DOT)
        line = self._style.px(3)
        width = self._style.px(LONGEST_PIN * 44)
        painter.fillRect(0, self.height() - line, width, line, colour(theme.control))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(theme.ink))
        for number in range(self._count):
            x = self._style.px(44) * number + dot / 2 + self._style.px(8)
            painter.drawEllipse(QPointF(x, self.height() / 2 - line), dot / 2, dot / 2)
        painter.end()
