"""What an agent does while it waits: it asks how the sources fare. It has seen no number yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, final

from kiosk.agent.messages import Status
from kiosk.domain.problem import KioskError
from kiosk.ports import EligibilityClient

_PAUSE_SECONDS: Final = 60.0


@final
class QuietTraffic:
    """Asks for the lamps at once and then every minute, until it is stopped for good.

    The client renews its token when it asks, so the visit finds a fresh one.
    ``report`` gets what nobody foresaw; the lamps then stay as they were told last.
    """

    def __init__(
        self,
        client: EligibilityClient,
        tell: Callable[[Status], None],
        report: Callable[[Exception], None],
    ) -> None:
        self._client = client
        self._tell = tell
        self._report = report
        self._telling = threading.Lock()
        self._over = threading.Event()

    def start(self) -> None:
        """Begin, on a thread of its own."""
        threading.Thread(target=self._run, name="quiet", daemon=True).start()

    def stop(self) -> None:
        """Let nothing more be told from here on. Waits for a line, never for the service."""
        with self._telling:
            self._over.set()

    def _run(self) -> None:
        try:
            while self._told(self._ask()):
                if self._over.wait(_PAUSE_SECONDS):
                    return
        except Exception as error:  # noqa: BLE001 - a traceback may hold foreign text
            self._report(error)

    def _ask(self) -> Status:
        try:
            return Status(self._client.source_status(), None)
        except KioskError as error:
            return Status((), error.problem.code.code)

    def _told(self, status: Status) -> bool:
        with self._telling:
            if self._over.is_set():
                return False
            self._tell(status)
            return True
