"""What happens to an error that nobody handled: one line without a person, and a fresh start.

The text of an exception and the values in its frames may hold what a person
typed or a name; so only its kind and its place are told, and nothing keeps it.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections import deque
from types import TracebackType
from typing import Final, final

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from kiosk.domain.problem import ProblemCode
from kiosk.report import where

_log = logging.getLogger("kiosk.ui")
_KEPT_BY_PYTHON: Final = ("last_exc", "last_type", "last_value", "last_traceback")
_SO_MANY: Final = 3
_WITHIN_SECONDS: Final = 60.0
_SEVERE: Final = (QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


@final
class LastResort(QObject):
    """Takes every error that reaches the top of a thread."""

    failed = Signal()
    """Something went wrong: whatever is on the screen cannot be trusted any more."""
    hopeless = Signal()
    """It goes wrong again and again: only a new process helps."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recent: deque[float] = deque(maxlen=_SO_MANY)
        self._happened.connect(self._count, Qt.ConnectionType.QueuedConnection)

    _happened = Signal()

    def install(self) -> None:
        """Take over from Python and Qt."""
        sys.excepthook = self._from_main
        threading.excepthook = self._from_thread
        sys.unraisablehook = self._from_nowhere
        qInstallMessageHandler(self._from_qt)

    def _from_main(
        self, kind: type[BaseException], error: BaseException, _: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self.hopeless.emit()
            return
        self._take(error)

    def _from_thread(self, told: threading.ExceptHookArgs) -> None:
        self._take(told.exc_value)

    def _from_nowhere(self, told: sys.UnraisableHookArgs) -> None:
        self._take(told.exc_value)

    def _take(self, error: BaseException | None) -> None:
        for name in _KEPT_BY_PYTHON:
            vars(sys).pop(name, None)
        place = where(error) if error is not None else "?"
        _log.error("%s %s", ProblemCode.INTERNAL.code, place)
        self._happened.emit()

    def _from_qt(self, kind: QtMsgType, context: QMessageLogContext, text: str) -> None:
        """Tell of Qt's own warnings by their category: their texts may quote what is shown."""
        del text
        level = logging.ERROR if kind in _SEVERE else logging.INFO
        _log.log(level, "Qt: %s %s:%s", context.category, context.file, context.line)

    def _count(self) -> None:
        self._recent.append(time.monotonic())
        self.failed.emit()
        if len(self._recent) == _SO_MANY and self._recent[-1] - self._recent[0] < _WITHIN_SECONDS:
            self.hopeless.emit()
