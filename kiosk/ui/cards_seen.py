"""Which cards are in which slots, and which of them had their visit.

A card whose visit is over is read again only when it was taken out, or when
somebody asks: after a hiccup of PC/SC it looks as if it were put in anew, and
its answer would come up before whoever stands there by then.
"""

from __future__ import annotations

from typing import final

from kiosk.domain.visit import SlotName


@final
class CardsSeen:
    """The slots of one terminal, in the order in which cards came."""

    def __init__(self, *, reads_found: bool) -> None:
        """``reads_found``: whether a card that nobody was seen putting in is read."""
        self._reads_found = reads_found
        self._in: dict[SlotName, None] = {}
        self._had_visit: set[SlotName] = set()

    def came(self, slot: SlotName, *, found: bool) -> None:
        """A card is in a slot."""
        self._in[slot] = None
        if found and not self._reads_found:
            self._had_visit.add(slot)
        elif not found:
            self._had_visit.discard(slot)  # it was out, or nobody could have put it in

    def went(self, slot: SlotName, *, gone: bool) -> None:
        """A card left its slot, or the slot is gone and the card may still be in it."""
        self._in.pop(slot, None)
        if not gone:
            self._had_visit.discard(slot)

    def used(self, slot: SlotName) -> None:
        """The card in this slot has its visit now."""
        self._had_visit.add(slot)

    def unread(self) -> SlotName | None:
        """Return the slot whose card came first and had no visit yet."""
        return next((slot for slot in self._in if slot not in self._had_visit), None)

    def forgotten(self) -> SlotName | None:
        """Return a slot with a card that had its visit."""
        return next((slot for slot in self._in if slot in self._had_visit), None)
