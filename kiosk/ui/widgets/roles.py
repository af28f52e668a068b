"""What assistive technology takes our own widgets for, where Qt could not know."""

from __future__ import annotations

from functools import cache
from typing import Final, final

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_PROPERTY: Final = "roleForEverybody"
_WHOLE: Final = "isTheWholeForEverybody"


def give_role(widget: QWidget, role: QAccessible.Role, *, whole: bool = False) -> None:
    """Make a widget known under a role, with its accessible name and description.

    ``whole``: its name says everything; what lies in it is not told once more.
    """
    _install()
    widget.setProperty(_PROPERTY, role.value)
    widget.setProperty(_WHOLE, whole)


@final
class _Whole(QAccessibleWidget):
    """A widget with nothing in it."""

    def childCount(self) -> int:
        """Return that there is nothing in it."""
        return 0


@cache
def _install() -> None:
    QAccessible.installFactory(_interface)


def _interface(_class_name: str, item: QObject | None) -> QAccessibleInterface | None:
    """Return the interface of a widget that was given a role; Qt makes all others."""
    role = item.property(_PROPERTY) if isinstance(item, QWidget) else None
    if role is None or not isinstance(item, QWidget):
        return None
    kind = _Whole if item.property(_WHOLE) else QAccessibleWidget
    return kind(item, QAccessible.Role(role))
