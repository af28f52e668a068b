"""How much an agent may say."""

from __future__ import annotations

import time
from typing import Final, final

from kiosk.agent.messages import CardHolder, Status, ToWindow

_MOST_MESSAGES: Final = 1000
_MOST_STATUS: Final = 10
"""So many at once; from then on one a second."""


@final
class TalkLimit:
    """Counts what one agent says from its start to its end: a flood would stop the window."""

    def __init__(self) -> None:
        self._messages = 0
        self._names = 0
        self._status = float(_MOST_STATUS)
        self._at = time.monotonic()

    def takes(self, message: ToWindow) -> bool:
        """Count a message; say whether it is not one too many."""
        if isinstance(message, Status):
            now = time.monotonic()
            self._status = min(_MOST_STATUS, self._status + now - self._at) - 1
            self._at = now
        else:
            self._messages += 1
            self._names += isinstance(message, CardHolder)
        return self._messages <= _MOST_MESSAGES and self._names <= 1 and self._status >= 0
