"""What is too long scrolls: without a frame, with a thin bar, by keyboard too."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from kiosk.ui.theme import Style
from kiosk.ui.widgets.focus import ring_on_focus

_BAR: Final = 10
_HANDLE: Final = 44
_SHEET: Final = """
QScrollBar:vertical {{ background: transparent; border: none; width: {width}px; margin: 0; }}
QScrollBar::handle:vertical {{ background: {ink}; border-radius: {radius}px;
    margin: 0 {radius}px 0 0; min-height: {handle}px; }}
QScrollBar::add-line:vertical, QScrollBar::sub-line:vertical {{ height: 0; }}
QScrollBar::add-page:vertical, QScrollBar::sub-page:vertical {{ background: none; }}
"""


@final
class QuietScroll(QScrollArea):
    """Shows a widget at its own height. It takes the focus only when there is more to see."""

    def __init__(self, content: QWidget, style: Style, ink: str) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)
        bar = self.verticalScrollBar()
        width = style.px(_BAR)
        bar.setStyleSheet(
            _SHEET.format(width=width, radius=width // 3, handle=style.px(_HANDLE), ink=ink)
        )
        bar.setSingleStep(style.px(_HANDLE))
        # Later, when everything has its size: before that, each screen would show a bar at first.
        bar.rangeChanged.connect(self._range_changed, Qt.ConnectionType.QueuedConnection)
        ring_on_focus(self, style, ink, inside=True)
        self.setWidget(content)
        content.setAutoFillBackground(False)

    def page(self, pages: int) -> None:
        """Go so many pages down, or up when it is less than nothing."""
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + pages * bar.pageStep())

    @Slot()
    def _range_changed(self) -> None:
        if self.verticalScrollBar().maximum() > 0:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        else:
            self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
