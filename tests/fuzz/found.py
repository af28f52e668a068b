"""Inputs that broke something once, or nearly, by the name of their target."""

from __future__ import annotations

from typing import Final

from tests.fuzz.proofs import LIST

FOUND: Final = {
    "card-data": (b"a\x10",),  # announces more for ever
    "trust-list": (
        b"\x01root = " + b"[" * 5_000,  # deeper than the stack
        b"\x01" + LIST.replace(b"= 5", b"= 0x" + b"f" * 5_000),  # a number nobody can print
    ),
}
