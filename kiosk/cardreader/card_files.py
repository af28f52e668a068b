"""What reading and proving need of a card, whichever way its files come.

Two ways give them: our own commands (:mod:`kiosk.cardreader.eid`) and the module
of the official middleware (:mod:`kiosk.cardreader.pkcs11`). Neither believes or
proves anything: what they give are bytes for :mod:`kiosk.cardreader.verification`.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from kiosk.cardreader.files import CardFile
from kiosk.ports import CardSlot


class CardFiles(Protocol):
    """The few files of one card that is held, each read once, and its challenge."""

    @property
    def version(self) -> str:
        """What the card says of its applet, as in "1.8"; a hint, never a proof."""
        ...

    @property
    def commands(self) -> int:
        """How many commands this program sent to the card so far."""
        ...

    @property
    def bytes(self) -> int:
        """How many bytes went over the line for them, or came out of the module."""
        ...

    def read(self, file: CardFile) -> builtins.bytes:
        """Return a file's content, padding after a certificate left out.

        Raise ``CardError``: what kept the card from being read.
        """
        ...

    def challenge(self, digest: builtins.bytes) -> builtins.bytes | None:
        """Let the basic key sign 48 bytes; ``None`` when the card refuses in any way.

        Return r and s, 48 bytes each, big endian. Raise ``CardError`` when the
        card is gone or does not answer, and with ``CHIP_PROOF_MISSING`` when
        this way to the card offers no challenge.
        """
        ...


CardOpening = Callable[[CardSlot], AbstractContextManager[CardFiles]]
"""Hold the card in a slot and give its files; raises ``CardError`` and ``CardReset``."""
