"""The buttons at the foot of the panel, each at a place that does not change."""

from __future__ import annotations

from typing import Final, final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kiosk.ui.screens.parts import Act, Action
from kiosk.ui.theme import Style
from kiosk.ui.widgets.buttons import ActionButton

_GAP: Final = 16
_ICONS: Final = {Act.TYPE_NUMBER: "keyboard"}
_VERDICT_PLACES: Final = (Act.DONE, Act.AGAIN)


def rows_of(actions: tuple[Action, ...], *, verdict: bool) -> list[list[Action | None]]:
    """Return which buttons stand beside each other, from top to bottom.

    On a verdict the two that are always used are at the bottom, at fixed
    places, and a place stays empty when there is nothing to do there. Elsewhere
    the first action has a row of its own and the others share the next ones.
    """
    if verdict:
        by_act = {action.act: action for action in actions}
        fixed = [by_act.get(act) for act in _VERDICT_PLACES]
        others: list[Action | None] = [a for a in actions if a.act not in _VERDICT_PLACES]
        return [*_pairs(others), fixed] if any(fixed) else _pairs(others)
    first: list[Action | None] = [action for action in actions if action.first]
    rest: list[Action | None] = [action for action in actions if not action.first]
    return [*([action] for action in first), *_pairs(rest)]


def _pairs(actions: list[Action | None]) -> list[list[Action | None]]:
    return [actions[at : at + 2] for at in range(0, len(actions), 2)]


def button_for(action: Action, style: Style, *, wide: bool) -> ActionButton:
    """Return the button for an action; one that has the room has its icon."""
    return ActionButton(action, style, icon=_ICONS.get(action.act) if wide else None)


@final
class Actions(QWidget):
    """Rows of buttons. ``width`` is what they have, in pixels."""

    pressed = Signal(object)
    """The ``Act`` of a button that was pressed."""

    def __init__(
        self, actions: tuple[Action, ...], style: Style, width: int, *, verdict: bool
    ) -> None:
        super().__init__()
        self.buttons: list[ActionButton] = []
        """From top to bottom and left to right."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(style.px(_GAP))
        for row in rows_of(actions, verdict=verdict):
            self._add_row(column, row, style, width, equal=verdict)

    def _add_row(
        self,
        column: QVBoxLayout,
        actions: list[Action | None],
        style: Style,
        width: int,
        *,
        equal: bool,
    ) -> None:
        wide = len(actions) == 1
        parts = [button_for(a, style, wide=wide) if a else None for a in actions]
        buttons = [button for button in parts if button is not None]
        for button in buttons:
            button.clicked.connect(self._clicked)
        self.buttons += buttons
        needed = sum(button.sizeHint().width() for button in buttons) + style.px(_GAP)
        if not equal and not wide and needed > width:
            for button in buttons:
                column.addWidget(button)
            return
        row = QHBoxLayout()
        row.setSpacing(style.px(_GAP))
        for part in parts:
            stretch = 1 if equal or part is None else part.sizeHint().width()
            row.addWidget(part or QWidget(), stretch)
        column.addLayout(row)

    @Slot()
    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, ActionButton):
            self.pressed.emit(button.act)
