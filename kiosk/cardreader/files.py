"""The only files this program reads from a card.

What is not listed here cannot be asked for: the address and the photo are not.
Source: Belgian eID card content 5.4; sizes as measured on specimens.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from kiosk.cardreader import tlv
from kiosk.cardreader.apdu import FULL_BLOCK

_LARGEST_CERTIFICATE = 4096
_LARGEST_IDENTITY = 2048
"""The sum of all fields the specification envisions is 815 bytes."""
_RSA_SIGNATURES = (128, 256)
"""Of RSA-1024 and RSA-2048; an elliptic one in a file of 256 bytes is padded with zeros."""
ELLIPTIC_AND_MORE: Final = 105
"""A byte more than a signature with P-384 can have: a card always has to say how much there is."""


class Ending(Enum):
    """How the end of a file is known, since a card has no way to ask its length."""

    CARD_TELLS = "card-tells"
    EXACT = "exact"
    DER = "der"


@dataclass(frozen=True, slots=True)
class FileLayout:
    """Where a file is, how its end is known, and the most that is believed of it."""

    path: bytes
    ending: Ending
    limit: int


class CardFile(Enum):
    """A file on the card that may be read."""

    IDENTITY = FileLayout(bytes.fromhex("3F00DF014031"), Ending.CARD_TELLS, _LARGEST_IDENTITY)
    IDENTITY_SIGNATURE = FileLayout(bytes.fromhex("3F00DF014032"), Ending.CARD_TELLS, FULL_BLOCK)
    RRN_CERTIFICATE = FileLayout(bytes.fromhex("3F00DF00503C"), Ending.DER, _LARGEST_CERTIFICATE)
    ROOT_CERTIFICATE = FileLayout(bytes.fromhex("3F00DF00503B"), Ending.DER, _LARGEST_CERTIFICATE)
    BASIC_KEY = FileLayout(bytes.fromhex("3F00DF014040"), Ending.EXACT, 120)

    def expected_length(self, beginning: bytes) -> int | None:
        """Return the full length as far as it is known from the first bytes."""
        if self.value.ending is Ending.EXACT:
            return self.value.limit
        return tlv.der_length(beginning) if self.value.ending is Ending.DER else None

    def goal(self, so_far: bytes) -> int:
        """Return how many bytes are wanted, given those that are there.

        A certificate file whose first byte is no beginning of one holds none:
        nothing more of it is asked for, be it 2,500 zeros. Nor are the zeros
        behind an elliptic signature: 150 of them on re-keyed cards.
        """
        expected = self.expected_length(so_far)
        if self is CardFile.IDENTITY_SIGNATURE:
            expected = tlv.ecdsa_length(so_far)
        if expected is not None:
            return min(expected, self.value.limit)
        is_no_certificate = self.value.ending is Ending.DER and so_far
        return len(so_far) if is_no_certificate else self.value.limit

    def is_whole(self, data: bytes) -> bool:
        """Whether the content itself says that nothing is missing at its end."""
        if self is CardFile.IDENTITY:
            return tlv.is_complete(data)
        if self is CardFile.IDENTITY_SIGNATURE:
            return len(data) in _RSA_SIGNATURES or _holds_der(data)
        expected = self.expected_length(data)
        return bool(data) and (expected is None or len(data) >= expected)


def _holds_der(data: bytes) -> bool:
    length = tlv.der_length(data)
    return length is not None and len(data) >= length
