"""Pictures of what the demo showed."""

from __future__ import annotations

from pathlib import Path
from typing import Final, final

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget

from kiosk.ui.screens.parts import Kind

_OLD: Final = "[0-9][0-9]-*.png"
_STEP: Final = {
    Kind.READING: 1,
    Kind.CHECKING: 2,
    Kind.VERDICT: 3,
    Kind.PROBLEM: 3,
    Kind.AWAITING_REMOVAL: 4,
}
"""The order in which a visit goes; a step that was too short for a picture has no number less."""


@final
class Album:
    """A folder of pictures, one for each step of each visit. Those of an earlier run go."""

    def __init__(self, folder: Path) -> None:
        """Make the folder; raise ``OSError``."""
        self.folder = folder
        self._visits = 0
        self._name = ""
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob(_OLD):
            old.unlink()

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(list(self.folder.glob(_OLD)))

    def begin(self, name: str) -> None:
        """Start a visit; its pictures are named after it."""
        self._visits += 1
        self._name = name

    def take(self, window: QWidget, kind: Kind) -> None:
        """Take a picture of a step, unless there is one; raise ``OSError``.

        Between two visits there is one kind of picture: the first of it stays.
        """
        visit = f"{self._visits:02}-{self._name}-{_STEP[kind]}" if kind in _STEP else "00"
        path = self.folder / f"{visit}-{kind.value}.png"
        if not path.exists() and not _picture(window).save(str(path)):
            raise OSError(f"{path} cannot be written")


def _picture(window: QWidget) -> QPixmap:
    """Paint a window whose new parts wait for their places, without letting anything else happen.

    Twice: what scrolls finds out only then whether it has to.
    """
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    window.grab()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    return window.grab()
