"""How text is set: lines, bold parts, balance. Never HTML: what looks like it is shown as it is."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QPointF
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)

from kiosk.ui.screens.parts import BOLD
from kiosk.ui.theme import Style, Weight

_UNBOUND: Final = 1_000_000.0
_LONG: Final = 300
"""Letters of a text whose last line nobody looks at."""
_NARROWER: Final = (0.94, 0.88, 0.82, 0.76, 0.7)
_LINE_SEPARATOR: Final = "\u2028"
_FIRST_STEP: Final = 0.88
_NEXT_STEP: Final = 0.94
_SMALLEST: Final = 0.4
"""Of a heading's size; a text that is still too long takes more lines."""


def parts_of(marked: str) -> tuple[str, tuple[tuple[int, int], ...]]:
    """Return a text without its marks, and start and length of what they make bold.

    An odd number of marks is no mark at all: the text stays as it is.
    """
    pieces = marked.split(BOLD)
    if len(pieces) % 2 == 0:
        return marked, ()
    bold: list[tuple[int, int]] = []
    text = ""
    for number, piece in enumerate(pieces):
        if number % 2 and piece:
            bold.append((len(text), len(piece)))
        text += piece
    return text, tuple(bold)


@final
class Setting:
    """One text in one type, set to any width. Widths and heights in pixels.

    ``line_height`` is a part of the type's size. ``balanced`` makes the lines
    about equally long without making more of them.
    """

    def __init__(
        self, marked: str, font: QFont, line_height: float, *, balanced: bool = False
    ) -> None:
        self.text, self._bold = parts_of(marked)
        self._font = font
        self._pitch = round(font.pixelSize() * line_height)
        self._balanced = balanced
        metrics = QFontMetricsF(font)
        self._lead = (self._pitch - metrics.ascent() - metrics.descent()) / 2
        self._width = -1.0
        self._layout = QTextLayout()

    def natural_width(self) -> float:
        """Return the width of the text when only its own ends of line end a line."""
        layout = self._broken(_UNBOUND)
        lines = (layout.lineAt(number) for number in range(layout.lineCount()))
        return max((line.naturalTextWidth() for line in lines), default=0.0)

    def height(self, width: float) -> int:
        """Return the height of the text at this width."""
        below = max(0, round(-self._lead))
        return self.lines(width) * self._pitch + below

    def lines(self, width: float) -> int:
        """Return the number of lines at this width."""
        return self._set(width).lineCount()

    def draw(self, painter: QPainter, at: QPointF, width: float, ink: QColor) -> None:
        """Draw the text with its upper left corner at a point."""
        painter.setPen(ink)
        self._set(width).draw(painter, at)

    def _set(self, width: float) -> QTextLayout:
        if width != self._width:
            self._width = width
            best = self._best_width(width) if self._balanced else self._unorphaned(width)
            self._layout = self._broken(best)
        return self._layout

    def _unorphaned(self, width: float) -> float:
        """Return a width at which no word stands alone on the last line, if there is one."""
        first = self._broken(width)
        if len(self.text) > _LONG or not self._ends_alone(first):
            return width
        for part in _NARROWER:
            layout = self._broken(width * part)
            if layout.lineCount() > first.lineCount():
                break
            if not self._ends_alone(layout):
                return width * part
        return width

    def _ends_alone(self, layout: QTextLayout) -> bool:
        if layout.lineCount() < 2:
            return False
        last = layout.lineAt(layout.lineCount() - 1)
        return " " not in self.text[last.textStart() :].strip()

    def _best_width(self, width: float) -> float:
        """Return the smallest width that needs no more lines than the one that there is."""
        wanted = self._broken(width).lineCount()
        if wanted == 1:
            return width
        low, high = width / 2, width
        while high - low > 1:
            middle = (low + high) / 2
            if self._broken(middle).lineCount() > wanted or not self.holds_words(middle):
                low = middle
            else:
                high = middle
        return high

    def holds_words(self, width: float) -> bool:
        """Return whether no word is wider than this."""
        metrics = QFontMetricsF(self._font)
        return all(metrics.horizontalAdvance(word) <= width for word in self.text.split(" "))

    def _broken(self, width: float) -> QTextLayout:
        layout = QTextLayout(self.text.replace("\n", _LINE_SEPARATOR), self._font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats([self._strong(start, length) for start, length in self._bold])
        layout.beginLayout()
        top = self._lead
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            top += self._pitch
        layout.endLayout()
        return layout

    def _strong(self, start: int, length: int) -> QTextLayout.FormatRange:
        strong = QTextLayout.FormatRange()
        strong.start = start
        strong.length = length
        form = QTextCharFormat()
        form.setFontWeight(Weight.BOLD.value)
        strong.format = form
        return strong


def fitted(text: str, style: Style, size: float, width: float, lines: int = 2) -> float:
    """Return the size, at most this one, at which a heading has no more lines and no broken word.

    First 88 % of it, then smaller by small steps, but never less than 40 %.
    """
    smaller = size * _FIRST_STEP
    fits = size
    while not _fits(text, style, fits, width, lines) and fits > size * _SMALLEST:
        fits, smaller = smaller, smaller * _NEXT_STEP
    return max(fits, size * _SMALLEST)


def _fits(text: str, style: Style, size: float, width: float, lines: int) -> bool:
    setting = Setting(text, style.font(size, Weight.HEAVY), 1.0)
    return setting.holds_words(width) and setting.lines(width) <= lines
