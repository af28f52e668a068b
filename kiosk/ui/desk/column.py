"""A column of parts with its own margins: what stage and panel are made of."""

from __future__ import annotations

from typing import final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kiosk.ui.theme import Style


@final
class Column(QWidget):
    """Parts below each other. All lengths are those of the design."""

    def __init__(self, style: Style, margin: float, *, top: float = 0, bottom: float = 0) -> None:
        super().__init__()
        self._look = style
        self._margin = margin
        self._parts = QVBoxLayout(self)
        self._parts.setContentsMargins(0, style.px(top), 0, style.px(bottom))
        self._parts.setSpacing(0)
        self._is_empty = True

    def add(self, part: QWidget, *, after: float = 0, out: float = 0) -> None:
        """Put a part below the others, so far from them; ``out`` lets it reach into the margin."""
        self.space(0 if self._is_empty else after)
        self._is_empty = False
        row = QHBoxLayout()
        side = self._look.px(self._margin - out)
        row.setContentsMargins(side, 0, side, 0)
        fixed = part.sizePolicy().horizontalPolicy() is QSizePolicy.Policy.Fixed
        row.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft if fixed else Qt.AlignmentFlag(0))
        self._parts.addLayout(row)

    def space(self, length: float) -> None:
        """Keep some room."""
        self._parts.addSpacing(self._look.px(length))

    def stretch(self) -> None:
        """Keep all the room that nothing else needs."""
        self._parts.addStretch(1)
