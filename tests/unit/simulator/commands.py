"""Commands as a reader of the card sends them, built here and not by the code under test."""

from kiosk.cardreader.simulator.card import SimulatedCard
from kiosk.cardreader.simulator.layout import File

SELECT_APPLET = bytes.fromhex("00A404000FA00000003029057000AD13100101FF")
CARD_DATA = bytes.fromhex("80E400001C")
OK = b"\x90\x00"


def select(file: File) -> bytes:
    return bytes.fromhex("00A4080C06") + file.path


def read(offset: int, length: int = 0) -> bytes:
    return b"\x00\xb0" + offset.to_bytes(2, "big") + bytes((length % 256,))


def challenge(digest: bytes) -> bytes:
    return bytes.fromhex("0088028132") + b"\x94\x30" + digest


def read_file(card: SimulatedCard, file: File, at_most: int = 4096) -> bytes:
    """Read a file to its end, as a raw T=0 card wants it."""
    assert card.exchange(select(file)) == OK
    content = b""
    while len(content) < at_most:
        answer = card.exchange(read(len(content)))
        if answer[-2:] == b"\x6b\x00":
            break
        if answer[0] == 0x6C and len(answer) == 2:
            last = card.exchange(read(len(content), answer[1]))
            return content + last[:-2]
        assert answer[-2:] == OK
        content += answer[:-2]
        if len(answer) < 258:
            break
    return content
