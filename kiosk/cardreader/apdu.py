"""The few commands that are sent to the card, and what its status words mean.

Source: Public BELPIC applet reference manuals 1.7 and 1.8; ISO/IEC 7816-4.
No command here writes, verifies a PIN or signs a document.
"""

from __future__ import annotations

from typing import Final

FULL_BLOCK: Final = 256
"""Largest short-APDU answer; on the line it is asked for as Le = 00."""

SMALLER_BLOCK: Final = 252
"""What readers that cannot carry 256 bytes and a status can."""

APPLET_AID: Final = bytes.fromhex("A00000003029057000AD13100101FF")
CARD_DATA_LENGTH: Final = 28

OK: Final = 0x9000
END_OF_FILE_WARNING: Final = 0x6282
WRONG_LENGTH: Final = 0x6700
OFFSET_BEYOND_END: Final = 0x6B00
NO_CURRENT_FILE: Final = 0x6986
FILE_NOT_FOUND: Final = 0x6A82
NO_DIAGNOSIS: Final = 0x6F00
CONDITIONS_NOT_SATISFIED: Final = 0x6985
INSTRUCTION_UNKNOWN: Final = 0x6D00
FILE_DEACTIVATED: Final = 0x6283

NOT_ACTIVATED: Final = frozenset(
    {CONDITIONS_NOT_SATISFIED, INSTRUCTION_UNKNOWN, FILE_DEACTIVATED},
)
"""What a recognised applet says about its files before the municipality activated it."""

INTERNAL_FAULT: Final = frozenset({0x6400, 0x6581, 0x6999, NO_DIAGNOSIS})
"""What a card says that has the applet and cannot use it."""

_SAID_BY_ANY_CARD: Final = NOT_ACTIVATED | {OK, FILE_NOT_FOUND, 0x6A81, 0x6A86, 0x6E00}
_SAID_TO_SELECT: Final = frozenset(
    {OK, FILE_NOT_FOUND, CONDITIONS_NOT_SATISFIED, FILE_DEACTIVATED},
)
_SAID_TO_READ: Final = frozenset(
    {
        *(OK, END_OF_FILE_WARNING, OFFSET_BEYOND_END, NO_CURRENT_FILE),
        *(CONDITIONS_NOT_SATISFIED, FILE_DEACTIVATED),
    },
)

_NEW_ATR: Final = bytes.fromhex("3B7F96000080318065B085040120120FFF829000")
"""Of applet 1.8; the same platform carries cards of other countries."""


def is_answer(command: bytes, status: int) -> bool:
    """Whether a status word concerns the command: a card may say it, to this one.

    What is none comes from a reader, or from a card that is not ready yet.
    """
    match command[1], command[2]:
        case 0xB0, _:
            left, wanted = announced(status, 0x6C), command[-1] or FULL_BLOCK
            if status == WRONG_LENGTH:
                return wanted > SMALLER_BLOCK
            return status in _SAID_TO_READ or (left is not None and left < wanted)
        case 0xA4, 0x08:
            return status in _SAID_TO_SELECT
        case _:
            return status in _SAID_BY_ANY_CARD


def has_eid_atr(atr: bytes) -> bool:
    """Whether an answer to reset is one that Belgian cards give.

    A hint that chooses between error texts, and nothing else: no card is taken
    for an eID, or refused, by it (manual 1.7 and 1.8, section 6.1; specimens).
    """
    old = len(atr) == 13 and atr[:2] == b"\x3b\x98" and atr[3] == 0x40
    return atr == _NEW_ATR or (old and atr[8:12] == b"\x01\x01\xad\x13")


def select_applet() -> bytes:
    """SELECT the BELPIC applet by its identifier (manual 1.8, section 6.2)."""
    return bytes([0x00, 0xA4, 0x04, 0x00, len(APPLET_AID)]) + APPLET_AID


def get_card_data() -> bytes:
    """GET CARD DATA: 28 bytes of serial number and versions (manual 1.8, 6.9)."""
    return bytes([0x80, 0xE4, 0x00, 0x00, CARD_DATA_LENGTH])


def select_path(path: bytes) -> bytes:
    """SELECT a file by its absolute path; one command whatever was selected before."""
    return bytes([0x00, 0xA4, 0x08, 0x0C, len(path)]) + path


def read_binary(offset: int, length: int) -> bytes:
    """READ BINARY of 1 to 256 bytes at an offset of at most 0x7FFF."""
    if not (0 <= offset <= 0x7FFF and 1 <= length <= FULL_BLOCK):
        raise ValueError("outside what READ BINARY can address")
    return bytes([0x00, 0xB0, offset >> 8, offset & 0xFF, length % FULL_BLOCK])


def internal_authenticate(digest: bytes) -> bytes:
    """INTERNAL AUTHENTICATE with the basic key over 48 bytes (manual 1.8, 6.11).

    The card signs the bytes as they are, as if they were a SHA-384 digest. It
    allows 5000 such calls in its life, so one visit sends one.
    """
    return bytes([0x00, 0x88, 0x02, 0x81, len(digest) + 2, 0x94, len(digest)]) + digest


def get_response(length: int) -> bytes:
    """GET RESPONSE: fetch what a T=0 card announced with 61xx."""
    return bytes([0x00, 0xC0, 0x00, 0x00, length % FULL_BLOCK])


def announced(status: int, high: int) -> int | None:
    """Return how many bytes a 61xx or 6Cxx status announces, ``None`` for another one."""
    if status >> 8 != high:
        return None
    return status & 0xFF or FULL_BLOCK
