"""A trial of the window after an installation: it opens, an agent answers, a picture is kept.

No visit is made and no card is read, so the picture shows nobody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final, final

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

from kiosk.domain.problem import Problem
from kiosk.domain.visit import Idle, OutOfService
from kiosk.ui.application import Application

_LONGEST: Final = 60_000
_SETTLED: Final = 300
"""In milliseconds; pictures may move for a moment before they stand still."""


@final
class Trial(QObject):
    """Ends a terminal as soon as it has shown that it works, or has not in time."""

    def __init__(self, application: Application, picture: Path) -> None:
        super().__init__(application)
        self.result = "no agent answered in time"
        """What went wrong; empty when nothing did."""
        self._application = application
        self._picture = picture
        self._agent_answered = False
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(_SETTLED)
        self._settle.timeout.connect(self._take_picture)
        application.pool.ready.connect(self._answered)
        application.pool.failing.connect(self._gave_up)
        application.controller.changed.connect(self._look)
        QTimer.singleShot(_LONGEST, self._end)

    @Slot()
    def _answered(self) -> None:
        self._agent_answered = True
        self.result = "the readers were not looked at in time"
        self._look()

    @Slot()
    def _look(self) -> None:
        if self._agent_answered and isinstance(
            self._application.controller.state, Idle | OutOfService
        ):
            self._settle.start()
        else:
            self._settle.stop()

    @Slot(object)
    def _gave_up(self, problem: Problem) -> None:
        self.result = f"agents end before they are of use ({problem.code.code})"
        self._end()

    @Slot()
    def _take_picture(self) -> None:
        saved = self._application.window.grab().save(str(self._picture), "PNG")
        self.result = "" if saved else f"{self._picture} cannot be written"
        self._end()

    @Slot()
    def _end(self) -> None:
        QApplication.exit()
