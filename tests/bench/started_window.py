"""Runs a program with a window and prints when it painted first, and when it can take a card.

    python -m tests.bench.started_window bare
    python -m tests.bench.started_window kiosk desk

``bare`` is the least that Qt has: a widget with a word on it. Moments are nanoseconds of the
monotonic clock, which all processes share. Both programs are watched in the same way.
"""

from __future__ import annotations

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget


def tell(what: str) -> None:
    print(what, time.monotonic_ns(), flush=True)


class FirstPaint(QObject):
    """Tells when the first window has been painted; looks at nothing after that."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it by this name
        if event.type() is QEvent.Type.Paint and isinstance(watched, QWidget):
            self._app.removeEventFilter(self)
            QTimer.singleShot(0, lambda: tell("painted"))  # after this picture is out
        return False


def bare(app: QApplication) -> int:
    window = QWidget()
    QVBoxLayout(window).addWidget(QLabel("one moment"))
    window.resize(1280, 800)
    window.show()
    return app.exec()


def kiosk(arguments: list[str]) -> int:
    from kiosk.__main__ import main
    from kiosk.domain.visit import Idle
    from kiosk.ui.application import Application

    start = Application.start

    def watched_start(self: Application) -> None:
        told = False

        def look() -> None:
            nonlocal told
            if not told and self.pool.is_ready and isinstance(self.controller.state, Idle):
                told = True
                tell("ready")

        self.pool.ready.connect(look)
        self.controller.changed.connect(look)
        start(self)

    Application.start = watched_start  # type: ignore[method-assign]  # the bench looks in
    return main(arguments)


def run() -> int:
    app = QApplication(["window"])
    FirstPaint(app)
    if sys.argv[1] == "bare":
        return bare(app)
    return kiosk(sys.argv[2:])


if __name__ == "__main__":
    sys.exit(run())
