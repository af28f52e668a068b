"""The ring around what has the focus: 3 px, 3 px off, whatever gave the focus."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QWidget

from kiosk.ui.theme import Style, colour

_GAP: Final = 3
_WIDTH: Final = 3
_RADIUS: Final = 8
_MOVING: Final = {QEvent.Type.Move, QEvent.Type.Resize}


def ring_on_focus(widget: QWidget, style: Style, ink: str = "", *, inside: bool = False) -> None:
    """Give a widget its ring: around it, so keep 6 px free there, or just inside its edges."""
    _Watch(widget, style, ink or style.theme.focus, inside=inside)


@final
class _Watch(QObject):
    """Puts a ring around its parent when that has the focus."""

    def __init__(self, widget: QWidget, style: Style, ink: str, *, inside: bool) -> None:
        super().__init__(widget)
        self._inside = inside
        self._style = style
        self._ink = ink
        self._ring: _Ring | None = None
        widget.installEventFilter(self)

    @property
    def _widget(self) -> QWidget:
        # Not an attribute: a child that keeps its parent lets it be deleted twice.
        widget = self.parent()
        if not isinstance(widget, QWidget):
            raise TypeError("what has a ring is a widget")
        return widget

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the focus, and every move of the widget and of what it lies in."""
        kind = event.type()
        if kind in _MOVING:
            self._follow()
        elif watched is self._widget:
            if kind is QEvent.Type.FocusIn:
                self._put_on()
            elif kind in {QEvent.Type.FocusOut, QEvent.Type.Hide}:
                self._take_off()
        return False

    def _put_on(self) -> None:
        if self._ring is None:
            host = _host(self._widget)
            self._ring = _Ring(host, self._style, self._ink)
            self._between(host, install=True)
            self._follow()
            self._ring.show()

    def _take_off(self) -> None:
        ring, self._ring = self._ring, None
        if ring is not None:
            self._between(ring.parentWidget(), install=False)
            ring.hide()
            ring.deleteLater()

    def _between(self, host: QWidget | None, *, install: bool) -> None:
        lies_in = self._widget.parentWidget()
        while lies_in is not None and lies_in is not host:
            if install:
                lies_in.installEventFilter(self)
            else:
                lies_in.removeEventFilter(self)
            lies_in = lies_in.parentWidget()

    def _follow(self) -> None:
        host = self._ring.parentWidget() if self._ring is not None else None
        if self._ring is not None and host is not None:
            corner = self._widget.mapTo(host, QPoint(0, 0))
            out = 0 if self._inside else self._style.px(_GAP) + self._style.px(_WIDTH)
            area = QRect(corner, self._widget.size())
            self._ring.setGeometry(area.adjusted(-out, -out, out, out))
            self._ring.raise_()


@final
class _Ring(QWidget):
    """The ring itself; a mouse does not notice it."""

    def __init__(self, host: QWidget, style: Style, ink: str) -> None:
        super().__init__(host)
        self._look = style
        self._ink = ink
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ring."""
        width = self._look.px(_WIDTH)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour(self._ink), width))
        half = width / 2
        radius = self._look.px(_RADIUS) + self._look.px(_GAP) + half
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(half, half, -half, -half), radius, radius
        )


def _host(widget: QWidget) -> QWidget:
    """Return what the ring lies in: the part that scrolls, or else the window."""
    inside = widget
    around = widget.parentWidget()
    while around is not None and not around.isWindow():
        outside = around.parentWidget()
        if isinstance(outside, QAbstractScrollArea):
            return inside
        inside, around = around, outside
    return widget.window()
