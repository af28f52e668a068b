"""What the line between a reader and its card can carry, and how it fails.

Most readers carry a full block of 256 bytes and its status. The few that do not
fail in the middle of it; which ones is remembered from visit to visit in files
without content, beside the certificates. They name no person and no card, and
may be deleted at any time.
"""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Final, final

from kiosk.cardreader.apdu import FULL_BLOCK, SMALLER_BLOCK
from kiosk.domain.visit import SlotName
from kiosk.ports import CardReset

_MOST_NOTES: Final = 32
_SUFFIX: Final = ".small"


class LineFailed(CardReset):
    """An exchange failed with the card still in, and the card was reset since.

    As after a reset by another program, what was read so far counts for nothing.
    """


@final
class BlockSize:
    """How much one reader carries at once; it only ever shrinks."""

    def __init__(self, note: Path | None = None) -> None:
        """Take the size from a note of an earlier visit, if there is one."""
        self._note = note
        self.bytes = FULL_BLOCK
        with contextlib.suppress(OSError):
            if note is not None and note.is_file():
                self.bytes = SMALLER_BLOCK

    def shrink(self) -> None:
        """Read smaller blocks from now on; a note that cannot be kept costs time later."""
        self.bytes = SMALLER_BLOCK
        if self._note is None:
            return
        with contextlib.suppress(OSError):
            folder = self._note.parent
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if len(list(folder.glob(f"*{_SUFFIX}"))) < _MOST_NOTES:
                self._note.touch(mode=0o600)


@final
class BlockSizes:
    """The block sizes of all readers; without a folder they last for one process only."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[SlotName, BlockSize] = {}

    def of(self, slot: SlotName) -> BlockSize:
        """Return the size for a slot: one object, so that what it learns is kept."""
        if slot not in self._known:
            self._known[slot] = BlockSize(self._note(slot))
        return self._known[slot]

    def _note(self, slot: SlotName) -> Path | None:
        """A name that any file system takes, whatever the reader calls itself."""
        if self._folder is None:
            return None
        name = hashlib.sha256(slot.encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / f"{name[:32]}{_SUFFIX}"
