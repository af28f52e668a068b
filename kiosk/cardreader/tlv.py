"""The tag-length-value layout of the identity file, parsed totally.

Source: Belgian eID card content 5.4, section 6.1. A tag is one byte. A length
is one byte, or a run of FF bytes and one more, all added up. Anything that does
not parse to the last byte is refused; nothing is guessed.
"""

from __future__ import annotations

from collections.abc import Iterator

_CONTINUES = 0xFF
_STRUCTURE_VERSION = 0x00
_INTEGER = b"\x02"


class TlvError(ValueError):
    """The bytes are not a well-formed file. They are never quoted."""


def parse(data: bytes) -> dict[int, bytes]:
    """Return the value of each tag; raise ``TlvError`` for anything malformed.

    Tag 00 is the structure version when it comes first; later it begins the
    padding, which must be zeros to the end. A tag that comes twice is refused:
    two programs could each believe another one of them.
    """
    fields: dict[int, bytes] = {}
    for tag, value in _elements(data):
        if tag in fields:
            raise TlvError("a tag comes twice")
        fields[tag] = value
    return fields


def is_complete(data: bytes) -> bool:
    """Whether the bytes hold something and reach exactly to the end of their last value.

    What they say may still be nonsense; only nothing of it is missing. A file
    of zeros holds nothing.
    """
    try:
        tags = [tag for tag, _ in _elements(data)]
    except TlvError:
        return False
    return any(tag != _STRUCTURE_VERSION for tag in tags)


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position < len(data):
        tag = data[position]
        if tag == _STRUCTURE_VERSION and position > 0:
            if any(data[position:]):
                raise TlvError("bytes after the padding")
            return
        length, start = _length(data, position + 1)
        position = start + length
        if position > len(data):
            raise TlvError("a value is cut")
        yield tag, data[start:position]


def _length(data: bytes, position: int) -> tuple[int, int]:
    total = 0
    while position < len(data):
        byte = data[position]
        total += byte
        position += 1
        if byte != _CONTINUES:
            return total, position
    raise TlvError("a length is cut")


def der_length(data: bytes) -> int | None:
    """Return the full length of the DER SEQUENCE that begins here.

    ``None`` when it does not begin with a definite-length SEQUENCE of at most
    65,535 bytes, or when too little of it is there to tell. Source: X.690, 8.1.3.
    """
    if len(data) < 2 or data[0] != 0x30:
        return None
    first = data[1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    if count not in (1, 2) or len(data) < 2 + count:
        return None
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def ecdsa_length(data: bytes) -> int | None:
    """Return the full length of the ECDSA signature that begins here: a SEQUENCE of two numbers.

    ``None`` where less than all of it is there, or anything else: what an RSA
    signature says by chance looks so once in 10^12. Source: RFC 3279, 2.2.3.
    """
    length = der_length(data)
    if length is None or length > len(data) or length != 2 + data[1]:
        return None
    position = 2
    for _ in range(2):
        if data[position : position + 1] != _INTEGER or position + 1 >= length:
            return None
        position += 2 + data[position + 1]
    return length if position == length else None
