"""Codes that nobody knows are worth one line in a log, not one for each person who has them.

Beside the time of a question, a code of the person's own would tell more than a log may.
"""

from __future__ import annotations

from typing import Final

MOST: Final = 100
"""How many codes are remembered: a source that makes them up fills neither log nor memory."""


class Noticed:
    """Which codes this process has met."""

    def __init__(self) -> None:
        self._codes: set[str] = set()

    def is_first(self, code: str) -> bool:
        """Whether a code is met for the first time, and may be logged."""
        if code in self._codes or len(self._codes) == MOST:
            return False
        self._codes.add(code)
        return True
