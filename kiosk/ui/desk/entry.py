"""Typing a number: the field, what is said of it, and what it does not prove."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Mark, NumberEntry
from kiosk.ui.theme import Style, Weight
from kiosk.ui.widgets.boxes import note_box
from kiosk.ui.widgets.icons import beside_line
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.marks import MarkIcon
from kiosk.ui.widgets.number_field import LENGTH, NumberField

_LABEL: Final = 20
_MARK: Final = 24
_LEFT: Final = "{left}"


@final
class EntryForm(QWidget):
    """The part of the stage where a number is typed."""

    said = Signal(str)
    """What has just been shown of the number, for those who do not see it."""
    typed = Signal(object)
    """A number that holds: its eleven digits. Not as Qt's own text, which is not overwritten."""

    def __init__(self, entry: NumberEntry, style: Style, *, tight: bool) -> None:
        super().__init__()
        self._entry = entry
        self.field = NumberField(style, label=entry.label, so_far=entry.so_far)
        self.field.changed.connect(self._changed)
        self.field.submitted.connect(self.submit)
        self._mark = MarkIcon(Mark.WELL, style, size=_MARK, ink=style.theme.accent)
        self._wrong = MarkIcon(Mark.BROKEN, style, size=_MARK)
        self._status = Text("", style, _LABEL, Weight.STRONG)
        self._status.setMinimumHeight(style.px(28))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(16))
        label = QVBoxLayout()
        label.setSpacing(style.px(12))
        label.addWidget(Text(entry.label, style, _LABEL, Weight.BOLD))
        label.addWidget(self.field)
        column.addLayout(label)
        column.addLayout(self._status_row(style))
        if entry.note:
            column.addSpacing(style.px(0 if tight else 16))
            fill = style.theme.bg
            column.addWidget(note_box(entry.note, style, icon="info", fill=fill))
        self._show(None, "")

    def _status_row(self, style: Style) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(style.px(12))
        for mark in (self._mark, self._wrong):
            row.addLayout(beside_line(mark, style))
        row.addWidget(self._status, 1)
        return row

    def take_over(self, other: EntryForm) -> None:
        """Take number and words of the form that this one stands in for."""
        self.field.take_over(other.field)
        self._show(other._shown, other._status.text())

    @Slot()
    def submit(self) -> None:
        """Send the number when it holds; else say why not, and go back to the field."""
        if self.field.is_valid:
            self.typed.emit(self.field.digits())
            return
        if self.field.is_complete:
            self._tell(Mark.BROKEN, self._entry.wrong)
        else:
            left = str(LENGTH - self.field.count)
            self._tell(Mark.BROKEN, self._entry.missing.replace(_LEFT, left))
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _changed(self) -> None:
        if not self.field.is_complete:
            self._show(None, "")
        elif self.field.is_valid:
            self._tell(Mark.WELL, self._entry.well)
        else:
            self._tell(Mark.BROKEN, self._entry.wrong)

    def _tell(self, mark: Mark, text: str) -> None:
        self._show(mark, text)
        self.said.emit(text)

    def _show(self, mark: Mark | None, text: str) -> None:
        self._shown = mark
        self._mark.setVisible(mark is Mark.WELL)
        self._wrong.setVisible(mark is Mark.BROKEN)
        self._status.say(text)
