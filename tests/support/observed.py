"""Runs the program with somebody inside who can tell all that its window holds.

    python -m tests.support.observed desk

Takes the arguments of ``kiosk``. Each line on standard input is answered by one line of JSON: every
text of every widget, shown or not, what each says to assistive technology, the clipboard. The
program itself has no such door; this one is put in by the test.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Final

from PySide6.QtCore import QObject, QSocketNotifier, Slot
from PySide6.QtGui import QAccessible, QAccessibleInterface, QClipboard, QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.__main__ import main

_PROPERTIES: Final = (
    *("objectName", "windowTitle", "windowFilePath", "windowIconText", "toolTip", "statusTip"),
    *("whatsThis", "accessibleName", "accessibleDescription", "accessibleIdentifier", "text"),
    *("plainText", "placeholderText", "title", "value"),
)
_SAID: Final = (
    QAccessible.Text.Name,
    QAccessible.Text.Description,
    QAccessible.Text.Value,
    QAccessible.Text.Help,
    QAccessible.Text.Accelerator,
)
_MODES: Final = (
    QClipboard.Mode.Clipboard,
    QClipboard.Mode.Selection,
    QClipboard.Mode.FindBuffer,
)


class Door(QObject):
    """Answers on standard output."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        notifier = QSocketNotifier(0, QSocketNotifier.Type.Read, self)
        notifier.activated.connect(self._answer)

    @Slot()
    def _answer(self) -> None:
        if os.read(0, 1):
            print(json.dumps([*of_widgets(), *of_clipboard()]), flush=True)


def of_widgets() -> Iterator[str]:
    for widget in QApplication.allWidgets():
        names = [bytes(name.data()).decode() for name in widget.dynamicPropertyNames()]
        for name in (*_PROPERTIES, *names):
            with contextlib.suppress(RuntimeError):  # a kind of value that Python does not know
                if value := widget.property(name):
                    yield str(value)
        yield from of_accessible(widget)


def of_accessible(widget: QWidget) -> Iterator[str]:
    said: QAccessibleInterface | None = QAccessible.queryAccessibleInterface(widget)
    if said is None:
        return
    yield from filter(None, map(said.text, _SAID))
    yield from of_interfaces(said)


def of_interfaces(said: QAccessibleInterface) -> Iterator[str]:
    text, value = said.textInterface(), said.valueInterface()
    if text is not None:
        yield text.text(0, text.characterCount())
    if value is not None:
        yield str(value.currentValue())


def of_clipboard() -> Iterator[str]:
    clipboard = QGuiApplication.clipboard()
    for mode in _MODES:
        if text := clipboard.text(mode):
            yield text


if __name__ == "__main__":
    qt = QApplication(["kiosk"])
    Door(qt)
    sys.exit(main(sys.argv[1:]))
