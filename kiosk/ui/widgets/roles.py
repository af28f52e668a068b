"""What assistive technology takes our own widgets for, where Qt could not know."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAccessibleWidget, QWidget

_PROPERTY = "roleForEverybody"


def give_role(widget: QWidget, role: QAccessible.Role) -> None:
    """Make a widget known under a role, with its accessible name and description."""
    _install()
    widget.setProperty(_PROPERTY, role.value)


@cache
def _install() -> None:
    QAccessible.installFactory(_interface)


def _interface(_class_name: str, item: QObject | None) -> QAccessibleInterface | None:
    """Return the interface of a widget that was given a role; Qt makes all others."""
    role = item.property(_PROPERTY) if isinstance(item, QWidget) else None
    if role is None or not isinstance(item, QWidget):
        return None
    return QAccessibleWidget(item, QAccessible.Role(role))
