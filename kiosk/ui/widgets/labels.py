"""Texts on a window: always plain, never a link, never more lines than they need."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QAccessible, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from kiosk.ui.theme import Style, Weight, colour
from kiosk.ui.widgets.roles import give_role
from kiosk.ui.widgets.setting import Setting, fitted, parts_of

__all__ = ["Heading", "Text", "fitted"]

_NARROWEST: Final = 40


class Text(QLabel):
    """A text that is shown as it is, ``<b>`` as three characters.

    What stands between two ``**`` is set in bold. Assistive technology reads
    the same text without the marks. ``size`` is in pixels of the design,
    ``line_height`` a part of it; without ``wrap`` the text is one line.
    """

    def __init__(  # noqa: PLR0913 - what a text looks like, each with its usual value
        self,
        text: str,
        style: Style,
        size: float,
        weight: Weight = Weight.REGULAR,
        ink: str | None = None,
        line_height: float = 1.4,
        *,
        wrap: bool = True,
    ) -> None:
        super().__init__()
        self._look = style
        self._size = size
        self._weight = weight
        self._ink = ink or style.theme.ink
        self._line_height = line_height
        self._setting = self._set(text)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setWordWrap(wrap)
        self.setText(self._setting.text)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(wrap)
        self.setSizePolicy(policy)

    def say(self, marked: str) -> None:
        """Show another text in the same type."""
        if parts_of(marked)[0] != self.text():
            self._setting = self._set(marked)
            self.setText(self._setting.text)
            self.updateGeometry()

    def _set(self, marked: str) -> Setting:
        return Setting(marked, self._look.font(self._size, self._weight), self._line_height)

    def _set_to(self, width: int) -> Setting:
        """Return the setting for a width of the widget."""
        del width
        return self._setting

    def heightForWidth(self, width: int) -> int:
        """Return the height of the text at a width, both in pixels."""
        return self._set_to(width).height(width)

    def hasHeightForWidth(self) -> bool:
        """Say that a narrower text is a higher one, unless it is one line."""
        return self.wordWrap()

    def sizeHint(self) -> QSize:
        """Return the size of the text on one line."""
        width = int(self._setting.natural_width()) + 1
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the least that the text can do with."""
        hint = self.sizeHint()
        return QSize(min(_NARROWEST, hint.width()), hint.height()) if self.wordWrap() else hint

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Set the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        setting = self._set_to(self.width())
        setting.draw(painter, QPointF(0, 0), self.width(), colour(self._ink))


@final
class Heading(Text):
    """The one heading of a screen: balanced, and smaller rather than on more lines."""

    def __init__(
        self,
        text: str,
        style: Style,
        size: float,
        *,
        ink: str | None = None,
        line_height: float = 1.04,
        lines: int = 2,
    ) -> None:
        self._most_lines = lines
        self._fitted_to = -1
        self._fitting: Setting | None = None
        super().__init__(text, style, size, Weight.HEAVY, ink, line_height)
        self.setAccessibleName(self.text())
        give_role(self, QAccessible.Role.Heading)

    def _set_to(self, width: int) -> Setting:
        fitting = self._fitting
        if fitting is None or fitting.text != self.text() or width != self._fitted_to:
            size = fitted(self.text(), self._look, self._size, width, self._most_lines)
            font = self._look.font(size, self._weight)
            fitting = Setting(self.text(), font, self._line_height, balanced=True)
            self._fitting, self._fitted_to = fitting, width
        return fitting
