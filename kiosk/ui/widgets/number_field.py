"""The field for a typed national number: eleven bytes that are overwritten, nothing else.

Qt's own line edit keeps what is typed in its document, its undo history and
the interface for assistive technology. This one paints digit by digit and has
none of them: no selection, no copying, no dragging, no menu.
"""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.focus import ring_on_focus
from kiosk.ui.widgets.roles import give_role
from kiosk.ui.window import ENTRY_NAME

LENGTH: Final = 11
_HEIGHT: Final = 88
_PADDING: Final = 24
_TEXT: Final = 44
_TRACK: Final = 2
_LINE: Final = 1.5
_RADIUS: Final = 8
_CARET: Final = 3
_SEPARATORS: Final = {2: ".", 4: ".", 6: "-", 9: "."}
"""What stands before the digit at a place, as the number is printed on the card."""
_ENTER: Final = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
_BETWEEN_DIGITS: Final = " .-"
_LONGEST_PASTED: Final = 40


@final
class NumberField(QWidget):
    """Takes digits at its end and removes them there. ``label`` names it for everybody.

    ``so_far`` is what assistive technology says of it, with ``{typed}`` for how
    many digits there are; never which.
    """

    changed = Signal()
    """Digits were added, removed or forgotten."""
    submitted = Signal()
    """Enter was pressed."""

    def __init__(self, style: Style, *, label: str, so_far: str) -> None:
        super().__init__()
        self._look = style
        self._so_far = so_far
        self._typed = bytearray(LENGTH)
        self._count = 0
        self._font = style.font(_TEXT, Weight.STRONG)
        self.setObjectName(ENTRY_NAME)
        self.setAccessibleName(label)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on=False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        give_role(self, QAccessible.Role.EditableText)
        ring_on_focus(self, style)
        self._describe()

    @property
    def count(self) -> int:
        """How many digits there are, 0 to 11."""
        return self._count

    @property
    def is_complete(self) -> bool:
        """Whether all eleven digits are there."""
        return self._count == LENGTH

    @property
    def is_valid(self) -> bool:
        """Whether the digits are a national number."""
        if not self.is_complete:
            return False
        try:
            NationalNumber(self.digits()).wipe()
        except InvalidNationalNumber:
            return False
        return True

    def digits(self) -> str:
        """Return what was typed. Ask once, and only to send it on."""
        return self._typed[: self._count].decode("ascii")

    def wipe(self) -> None:
        """Overwrite the digits. Safe to call twice."""
        self._typed[:] = bytes(LENGTH)
        self._set_count(0)

    def take_over(self, other: NumberField) -> None:
        """Take the digits of a field that goes, and overwrite them there."""
        self._typed[:] = other._typed
        self._set_count(other.count)
        other.wipe()

    def sizeHint(self) -> QSize:
        """Return the size that holds a whole number."""
        digit = QFontMetricsF(self._font).horizontalAdvance("0")
        width = round(digit * (LENGTH + 3)) + 2 * self._look.px(_PADDING)
        return QSize(width, self._look.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Return the same: a number is never cut."""
        return self.sizeHint()

    def event(self, event: QEvent) -> bool:
        """Keep digits, Enter and the keys that remove, whatever shortcuts the window has."""
        overrides = event.type() is QEvent.Type.ShortcutOverride
        if overrides and isinstance(event, QKeyEvent) and self._is_ours(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Add or remove digits; what is no digit is not taken."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self._paste()
        elif event.key() in _ENTER:
            if not event.isAutoRepeat():
                self.submitted.emit()
        elif event.key() == Qt.Key.Key_Backspace and not _with_control(event):
            self._remove_last()
        elif event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}:
            self.wipe()
            self.changed.emit()
        elif _is_digit(event):
            self._add(event.text())
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the focus."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the next digit comes."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the caret away."""
        super().focusOutEvent(event)
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Forget the digits: what cannot be seen is not kept."""
        had_digits = self.count > 0
        self.wipe()
        super().hideEvent(event)
        if had_digits:
            self.changed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the box, the digits one by one, and the caret."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        width = _LINE * self._look.scale
        painter.setPen(QPen(colour(theme.control), width))
        painter.setBrush(colour(theme.bg))
        area = QRectF(self.rect()).adjusted(width / 2, width / 2, -width / 2, -width / 2)
        radius = self._look.px(_RADIUS)
        painter.drawRoundedRect(area, radius, radius)
        end = self._paint_digits(painter)
        if self.hasFocus():
            height = QFontMetricsF(self._font).height() * 0.86
            caret = QRectF(end, area.center().y() - height / 2, self._look.px(_CARET), height)
            painter.fillRect(caret, colour(theme.accent))

    def _paint_digits(self, painter: QPainter) -> float:
        """Return where the next digit comes."""
        metrics = QFontMetricsF(self._font)
        painter.setFont(self._font)
        painter.setPen(colour(self._look.theme.ink))
        baseline = self.height() / 2 + metrics.capHeight() / 2
        left = float(self._look.px(_PADDING))
        track = self._look.px(_TRACK)
        for place in range(self._count):
            if place in _SEPARATORS:
                separator = _SEPARATORS[place]
                painter.drawText(QPointF(left, baseline), separator)
                left += metrics.horizontalAdvance(separator) + track
            digit = chr(self._typed[place])
            painter.drawText(QPointF(left, baseline), digit)
            left += metrics.horizontalAdvance(digit) + track
        return left

    def _is_ours(self, event: QKeyEvent) -> bool:
        removes = event.key() in {Qt.Key.Key_Backspace, Qt.Key.Key_Delete}
        pastes = event.matches(QKeySequence.StandardKey.Paste)
        return removes or pastes or event.key() in _ENTER or _is_digit(event)

    def _add(self, digit: str) -> None:
        if not self.is_complete:
            self._typed[self._count] = ord(digit)
            self._set_count(self._count + 1)
            self.changed.emit()

    def _remove_last(self) -> None:
        if self._count:
            self._typed[self._count - 1] = 0
            self._set_count(self._count - 1)
            self.changed.emit()

    def _paste(self) -> None:
        """Take the clipboard when it holds eleven digits and what stands between them."""
        text = QGuiApplication.clipboard().text()
        if len(text) > _LONGEST_PASTED:
            return
        digits = [sign for sign in text.strip() if sign not in _BETWEEN_DIGITS]
        if len(digits) == LENGTH and all("0" <= sign <= "9" for sign in digits):
            self._typed[:] = "".join(digits).encode("ascii")
            self._set_count(LENGTH)
            self.changed.emit()

    def _set_count(self, count: int) -> None:
        self._count = count
        self._describe()
        self.update()

    def _describe(self) -> None:
        self.setAccessibleDescription(self._so_far.replace("{typed}", str(self._count)))


def _with_control(event: QKeyEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)


def _is_digit(event: QKeyEvent) -> bool:
    """Return whether a key is a digit, of the row or of the pad, and no shortcut."""
    held = event.modifiers() & ~(
        Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
    )
    return held == Qt.KeyboardModifier.NoModifier and event.text() in set("0123456789")
