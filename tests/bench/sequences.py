"""Conversations to compare ours with: the official middleware's, and the shortest possible one.

Both are really held with the simulated card, so a command that a card would refuse shows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kiosk.cardreader import apdu, tlv
from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.layout import Applet, File

Send = Callable[[bytes], bytes]

_MIDDLEWARE_BLOCK: Final = 252
_MASTER_FILE: Final = b"\x3f\x00"
_NO_SUCH_FILE: Final = (0x6A82, 0x6A86)
_CHALLENGE: Final = bytes(range(48))

MIDDLEWARE_FILES: Final = (
    File.IDENTITY,
    File.ADDRESS,
    File.PHOTO,
    File.RRN_CERTIFICATE,
    File.IDENTITY_SIGNATURE,
    File.ADDRESS_SIGNATURE,
    File.BASIC_KEY,
    File.TOKEN_INFO,
)


class Unexpected(Exception):
    """The card did not answer as the conversation needs it."""


def middleware_reads(size: int) -> int:
    """How many READ BINARY the middleware needs for a file of this size.

    Full blocks, then a short one that is announced by 6Cxx and asked for again, or 6B00 where
    the file ends with its last full block.
    """
    return size // _MIDDLEWARE_BLOCK + (2 if size % _MIDDLEWARE_BLOCK else 1)


def play_middleware(card: SimulatedCard) -> None:
    """Read all identity data in the order in which the official middleware's module does."""
    send = _checked(card)
    card.insert()
    send(apdu.select_applet())
    send(apdu.get_card_data())
    if card.image.applet is Applet.V1_8:
        send(bytes.fromhex("80E400011F"))
    for file in MIDDLEWARE_FILES:
        if file is File.BASIC_KEY and not card.image.applet.has_basic_key:
            continue
        _select_by_number(card, file)
        _read_to_end(card)


def _select_by_number(card: SimulatedCard, file: File) -> None:
    """Try in the current folder first; walk there from the top when it is not in it."""
    *_, folder, number = _pairs(file.path)
    if _status(card.exchange(_select_number(number))) not in _NO_SUCH_FILE:
        return
    for step in (_MASTER_FILE, folder, number):
        _checked(card)(_select_number(step))


def _read_to_end(card: SimulatedCard) -> None:
    offset = 0
    while True:
        answer = card.exchange(apdu.read_binary(offset, _MIDDLEWARE_BLOCK))
        left = apdu.announced(_status(answer), 0x6C)
        if left is not None:
            _checked(card)(apdu.read_binary(offset, left))
            return
        if _status(answer) == apdu.OFFSET_BEYOND_END:
            return
        if _status(answer) != apdu.OK:
            raise Unexpected(f"{_status(answer):04X}")
        offset += len(answer) - 2


def play_minimum(card: SimulatedCard, *, certificates: bool) -> None:
    """Hold the shortest conversation that proves a person, every length known beforehand.

    Recognition, one SELECT by path a file and only the bytes that mean something in it, the
    chip's challenge where there is one. ``certificates`` are those of a first read.
    """
    send = _checked(card)
    card.insert()
    send(apdu.select_applet())
    send(apdu.get_card_data())
    files = [File.IDENTITY, File.IDENTITY_SIGNATURE]
    files += [File.RRN_CERTIFICATE, File.ROOT_CERTIFICATE] if certificates else []
    files += [File.BASIC_KEY] if card.image.applet.has_basic_key else []
    for file in files:
        send(apdu.select_path(file.path))
        size = meaningful(card.image.file(file))
        for offset in range(0, size, apdu.FULL_BLOCK):
            send(apdu.read_binary(offset, min(apdu.FULL_BLOCK, size - offset)))
    if card.image.applet.has_basic_key:
        waiting = apdu.announced(_status(card.exchange(_challenge())), 0x61)
        if waiting is None:
            raise Unexpected("no signature")
        send(apdu.get_response(waiting))


def meaningful(content: bytes) -> int:
    """How long the content of a file is without the zeros behind its DER structure."""
    length = tlv.der_length(content)
    padded = length is not None and not any(content[length:])
    return length if length is not None and padded else len(content)


def _challenge() -> bytes:
    return apdu.internal_authenticate(_CHALLENGE)


def _select_number(number: bytes) -> bytes:
    return bytes([0x00, 0xA4, 0x02, 0x0C, len(number)]) + number


def _pairs(path: bytes) -> list[bytes]:
    return [path[at : at + 2] for at in range(0, len(path), 2)]


def _status(answer: bytes) -> int:
    return int.from_bytes(answer[-2:], "big")


def _checked(card: SimulatedCard) -> Send:
    def send(command: bytes) -> bytes:
        answer = card.exchange(command)
        if _status(answer) != apdu.OK:
            raise Unexpected(f"{command[:5].hex()}: {_status(answer):04X}")
        return answer

    return send
