"""What an exchange costs on the contacts of a card: characters, and the time they take.

In T=0 a command is a header of five characters, which the card answers with a procedure byte
before any data moves in either direction; two status characters end it. A character takes twelve
elementary time units (start, eight bits, parity, two of guard). A unit is Fi / Di clocks long, and
the card's answer to reset says in TA1 which two numbers it takes (ISO/IEC 7816-3, tables 7 and 8).

    milliseconds = characters x 12 x (Fi / Di) / clock x 1000
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from kiosk.cardreader.simulator.exchange_log import Exchange

CLOCK_HERTZ: Final = 4_000_000
"""The most usual clock among readers on the market."""
UNITS_PER_CHARACTER: Final = 12

_DEFAULT_TA1: Final = 0x11
_HAS_TA1: Final = 0x10
_STATUS: Final = 2
_FI: Final = dict(zip(range(7), (372, 372, 558, 744, 1116, 1488, 1860), strict=True)) | dict(
    zip(range(9, 14), (512, 768, 1024, 1536, 2048), strict=True)
)
_DI: Final = dict(zip(range(1, 10), (1, 2, 4, 8, 16, 32, 64, 12, 20), strict=True))


@dataclass(frozen=True, slots=True)
class LineSpeed:
    """The speed that a card offers in its answer to reset."""

    fi: int
    di: int

    @classmethod
    def of(cls, atr: bytes) -> Self:
        """Take it from TA1; raise ``ValueError`` for a value that is reserved."""
        ta1 = atr[2] if atr[1] & _HAS_TA1 else _DEFAULT_TA1
        try:
            return cls(_FI[ta1 >> 4], _DI[ta1 & 0x0F])
        except KeyError:
            raise ValueError(f"TA1 = {ta1:02X} is reserved") from None

    @property
    def clocks_per_unit(self) -> float:
        """Clocks in one elementary time unit."""
        return self.fi / self.di

    @property
    def characters_per_second(self) -> float:
        """How many characters a second has room for."""
        return CLOCK_HERTZ / (self.clocks_per_unit * UNITS_PER_CHARACTER)

    def milliseconds(self, characters: int) -> float:
        """How long so many characters occupy the line."""
        return characters / self.characters_per_second * 1000


@dataclass(frozen=True, slots=True)
class Cost:
    """What a conversation took: 6Cxx and 61xx rounds count like any other command."""

    commands: int
    bytes: int
    """Commands and answers as a program sees them, status words included."""
    answered: int
    """The answers alone, status words left out."""
    characters: int
    """Characters on the T=0 line."""

    @classmethod
    def of(cls, exchanges: Iterable[Exchange]) -> Self:
        """Add the exchanges up."""
        all_of_them = list(exchanges)
        return cls(
            commands=len(all_of_them),
            bytes=sum(one.sent + one.received for one in all_of_them),
            answered=sum(one.received - _STATUS for one in all_of_them),
            characters=sum(one.line_bytes for one in all_of_them),
        )
