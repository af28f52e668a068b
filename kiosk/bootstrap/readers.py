"""Which readers count, and what tells of their cards."""

from __future__ import annotations

from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.slots import ReaderFilter
from kiosk.ports import SlotMonitor
from kiosk.settings import CardSettings


def slot_monitor(card: CardSettings) -> SlotMonitor:
    """What tells which reader has a card."""
    return PcscMonitor(reader_filter(card))


def reader_filter(card: CardSettings) -> ReaderFilter:
    """Which reader names count."""
    return ReaderFilter(only=card.readers, ignore=card.ignore_readers)
