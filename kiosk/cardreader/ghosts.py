"""Readers that are listed and that nobody can ask about.

Remote desktops leave the readers of an ended session in the list (Windows, thin
clients). A question about all readers is refused, or answered at once, because of
one of them: whoever asks it again and again is deaf to every other reader.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Final, final

from kiosk.domain.visit import SlotName

_GONE_AFTER: Final = 1.0
"""Seconds. One that refuses for a moment is being unplugged, or has only just come."""


@final
class Ghosts:
    """Which listed readers refuse, and since when."""

    def __init__(self, is_there: Callable[[SlotName], bool]) -> None:
        """Ask about one reader alone with ``is_there``, which does not wait."""
        self._is_there = is_there
        self._since: dict[SlotName, float] = {}

    def look(self, listed: Sequence[SlotName]) -> None:
        """Forget those that left the list, or can be asked about after all."""
        self._since = {
            slot: since
            for slot, since in self._since.items()
            if slot in listed and not self._is_there(slot)
        }

    def suspect(self, asked: Iterable[SlotName]) -> bool:
        """Find those of a refused question that are to blame; whether there are any."""
        refusing = [slot for slot in asked if not self._is_there(slot)]
        for slot in refusing:
            self._since.setdefault(slot, time.monotonic())
        return bool(refusing)

    def there(self, listed: Iterable[SlotName]) -> tuple[SlotName, ...]:
        """Return the readers that count: all but those that have refused for a while."""
        lately = time.monotonic() - _GONE_AFTER
        return tuple(slot for slot in listed if self._since.get(slot, lately + 1) > lately)

    def askable(self, slots: Iterable[SlotName]) -> tuple[SlotName, ...]:
        """Return those that do not refuse now."""
        return tuple(slot for slot in slots if slot not in self._since)
