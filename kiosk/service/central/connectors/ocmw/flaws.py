"""What is wrong with a list, told by row and column and never with a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MOST_TOLD: Final = 50


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing wrong; ``row`` counts the heading of a CSV file as the first, as sheets do."""

    message: str
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        """Say where and what in one line."""
        places = [f"row {self.row}" if self.row else "", self.column]
        place = ", ".join(filter(None, places))
        return f"{place}: {self.message}" if place else self.message


class Flaws:
    """All that is wrong; the first ones are told, the rest is counted."""

    def __init__(self) -> None:
        self.told: list[Flaw] = []
        self.count = 0

    def add(self, message: str, row: int | None = None, column: str = "") -> None:
        """Note one."""
        self.count += 1
        if len(self.told) < MOST_TOLD:
            self.told.append(Flaw(message, row, column))


class ListWrong(Exception):
    """The list may not be used; what was imported before stays. Its text holds no values."""

    def __init__(self, flaws: Flaws) -> None:
        self.flaws = tuple(flaws.told)
        self.count = flaws.count
        super().__init__("\n".join(map(str, self.flaws)))
