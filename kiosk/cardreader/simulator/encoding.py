"""The two encodings on the card: DER for certificates' directories, short TLVs for the person."""

from __future__ import annotations

from collections.abc import Iterable


def der(tag: int, *contents: bytes) -> bytes:
    """Encode one DER element (X.690): tag, definite length, the contents in a row."""
    body = b"".join(contents)
    if len(body) < 0x80:
        return bytes((tag, len(body))) + body
    length = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def der_length(data: bytes) -> int:
    """Return how many bytes the DER element at the start of ``data`` has, header included.

    Raise ``ValueError`` when there is no room for its header.
    """
    if len(data) < 2:
        raise ValueError("no DER header")
    if data[1] < 0x80:
        return 2 + data[1]
    count = data[1] & 0x7F
    if len(data) < 2 + count:
        raise ValueError("no DER header")
    return 2 + count + int.from_bytes(data[2 : 2 + count], "big")


def tlv(tag: int, value: bytes = b"") -> bytes:
    """Encode one element of the identity or address file (card manual 4.1).

    A length of 255 or more is a row of ``FF`` bytes, each worth 255, and the rest.
    """
    full, rest = divmod(len(value), 0xFF)
    return bytes((tag,)) + b"\xff" * full + bytes((rest,)) + value


def tlvs(elements: Iterable[tuple[int, bytes]]) -> bytes:
    """Encode elements in the order they come."""
    return b"".join(tlv(tag, value) for tag, value in elements)


def split_tlvs(data: bytes) -> list[tuple[int, bytes]]:
    """Take well-formed elements apart, for faults that change one of them.

    Raise ``ValueError`` for anything else: this is no parser for cards of strangers.
    """
    elements = []
    at = 0
    while at < len(data):
        tag, at = data[at], at + 1
        length = 0
        while at < len(data) and data[at] == 0xFF:
            length, at = length + 0xFF, at + 1
        if at >= len(data) or at + 1 + length + data[at] > len(data):
            raise ValueError("cut TLV")
        length, at = length + data[at], at + 1
        elements.append((tag, data[at : at + length]))
        at += length
    return elements
