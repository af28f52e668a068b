"""Which readers count: some names are looked for, some are passed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kiosk.domain.visit import SlotName


@dataclass(frozen=True, slots=True)
class ReaderFilter:
    """Parts of reader names, in any case. No part in ``only`` means every reader.

    Virtual readers ("Windows Hello for Business") list first and can hang.
    """

    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def wanted(self, names: Iterable[str]) -> tuple[SlotName, ...]:
        """Return the names to use, in the order they came."""
        return tuple(SlotName(name) for name in names if self._is_wanted(name.casefold()))

    def _is_wanted(self, name: str) -> bool:
        asked = not self.only or any(part.casefold() in name for part in self.only)
        return asked and not any(part.casefold() in name for part in self.ignore)
