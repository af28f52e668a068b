"""A photo file without a person: a small, valid JPEG of an even grey."""

from __future__ import annotations

from typing import Final

_WIDTH: Final = 140
_HEIGHT: Final = 200
_SIZE: Final = 3028
"""As the photo of a public specimen has (card manual 3)."""
_ONE_CODE: Final = bytes((1,)) + bytes(15) + bytes(1)
"""A Huffman table with the single code 0, for "no difference" or "end of block"."""


def grey_photo() -> bytes:
    """Return 140 x 200 pixels in JPEG (ITU T.81), filled up with a comment to a usual size."""
    header = b"\xff\xd8" + _segment(0xE0, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0")
    tables = (
        _segment(0xDB, bytes(1) + b"\x01" * 64)
        + _segment(0xC0, bytes((8, 0, _HEIGHT, 0, _WIDTH, 1, 1, 0x11, 0)))
        + _segment(0xC4, b"\x00" + _ONE_CODE)
        + _segment(0xC4, b"\x10" + _ONE_CODE)
    )
    blocks = -(-_WIDTH // 8) * -(-_HEIGHT // 8)
    picture = _segment(0xDA, bytes((1, 1, 0, 0, 63, 0))) + _bits_of_zero(2 * blocks) + b"\xff\xd9"
    missing = _SIZE - len(header) - len(tables) - len(picture) - 4
    comment = b"made up: a photo of nobody. " * (missing // 28 + 1)
    return header + _segment(0xFE, comment[:missing]) + tables + picture


def _segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def _bits_of_zero(count: int) -> bytes:
    """Return so many zero bits, the last byte filled with ones as JPEG wants it."""
    return bytes(count // 8) + (bytes((0xFF >> count % 8,)) if count % 8 else b"")
