from __future__ import annotations

from kiosk.cardreader.slots import ReaderFilter

NAMES = ["Windows Hello for Business 1", "ACS ACR38U 00 00", "Cherry TC 1300 01 00"]


def test_every_reader_counts_but_for_the_ignored() -> None:
    assert ReaderFilter(ignore=("windows hello",)).wanted(NAMES) == tuple(NAMES[1:])
    assert ReaderFilter().wanted(NAMES) == tuple(NAMES)


def test_only_the_named_readers_count_in_any_case() -> None:
    assert ReaderFilter(only=("acr38",)).wanted(NAMES) == (NAMES[1],)
    assert ReaderFilter(only=("TC 1300", "hello"), ignore=("Hello",)).wanted(NAMES) == (NAMES[2],)
