"""The results of PC/SC functions, and the problem behind each.

Source: winscard.h and pcsclite.h, which agree on these numbers; plain Windows
errors (below 0x10000) come from drivers that pass them on. Written as pcsc-lite
and Windows print them: 32 bits, without sign.
"""

from __future__ import annotations

from typing import Final

from kiosk.domain.problem import ProblemCode

RESET_CARD: Final = 0x80100068
UNPOWERED_CARD: Final = 0x80100067

_SERVICE_GONE: Final = (
    0x8010001D,  # no service
    0x8010001E,  # stopped
    0x80100003,  # a handle of the service before this one
    0x80100012,  # cancelled by the system
    0x80100018,  # shutting down
    6,  # Windows: invalid handle
    109,  # Windows: broken pipe, no redirection of cards in this remote session
)
_READER_GONE: Final = (
    0x80100009,  # unknown reader
    0x80100017,  # unavailable
    1167,  # Windows: not connected
)
_CARD_GONE: Final = (
    0x8010000C,  # no card
    0x80100069,  # removed
    995,  # Windows: aborted
    1112,  # Windows: no medium
)
_MUTE: Final = (
    0x80100066,  # unresponsive
    0x80100065,  # unsupported
    UNPOWERED_CARD,
)
_HELD: Final = (
    0x8010000B,  # sharing violation
    0x80100010,  # not ready
    0x80100031,  # server too busy
)
_REFUSED: Final = (
    0x8010006A,  # security violation: polkit
    0x80100027,  # no access
    5,  # Windows: access denied
)
_LINE_FAILED: Final = (
    0x8010002F,  # communication data lost
    0x80100016,  # not transacted
)
PROBLEMS: Final = {
    **dict.fromkeys(_SERVICE_GONE, ProblemCode.PCSC_DOWN),
    **dict.fromkeys(_READER_GONE, ProblemCode.READER_LOST),
    **dict.fromkeys(_CARD_GONE, ProblemCode.CARD_REMOVED_EARLY),
    **dict.fromkeys(_MUTE, ProblemCode.CARD_MUTE),
    **dict.fromkeys(_HELD, ProblemCode.CARD_HELD),
    **dict.fromkeys(_REFUSED, ProblemCode.PCSC_REFUSED),
    0x8010002E: ProblemCode.NO_READER,
    0x8010000F: ProblemCode.NOT_AN_EID,  # another protocol than every Belgian eID
    121: ProblemCode.CARD_SILENT,  # Windows: timed out
}
"""All others are ``CARD_UNREADABLE``."""

PASSING: Final = frozenset((*_HELD, *_LINE_FAILED))
"""What opening a card may say for a moment: it is held, or was spoken to too soon."""
