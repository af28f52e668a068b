"""Looking at a PIN beside the window's thread, which it would hold up."""

from __future__ import annotations

import contextlib
import threading
from typing import final

from PySide6.QtCore import QObject, Signal

from kiosk.ui.staff import StaffLock


@final
class PinCheck(QObject):
    """Asks ``lock`` about PINs; lives as long as the window, longer than any pad."""

    judged = Signal(int, bool)
    """What :meth:`ask` returned, and whether that PIN opens the lock. From a thread of its own."""

    def __init__(self, lock: StaffLock, parent: QObject) -> None:
        super().__init__(parent)
        self.lock = lock
        self._asked = 0

    def ask(self, pin: bytearray) -> int:
        """Begin to look at a PIN, which is wiped afterwards; return the number of the question."""
        self._asked += 1
        arguments = (self._asked, pin)
        threading.Thread(target=self._look, args=arguments, name="pin", daemon=True).start()
        return self._asked

    def _look(self, question: int, pin: bytearray) -> None:
        opens = False
        try:
            opens = self.lock.opens(pin)
        finally:
            with contextlib.suppress(RuntimeError):  # the window is gone
                self.judged.emit(question, opens)
