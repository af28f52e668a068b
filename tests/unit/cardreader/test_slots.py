from __future__ import annotations

import pytest

from kiosk.cardreader.slots import ReaderFilter
from kiosk.settings import CardSettings

NAMES = ["Windows Hello for Business 1", "ACS ACR38U 00 00", "Cherry TC 1300 01 00"]


def test_every_reader_counts_but_for_the_ignored() -> None:
    assert ReaderFilter(ignore=("windows hello",)).wanted(NAMES) == tuple(NAMES[1:])
    assert ReaderFilter().wanted(NAMES) == tuple(NAMES)


def test_only_the_named_readers_count_in_any_case() -> None:
    assert ReaderFilter(only=("acr38",)).wanted(NAMES) == (NAMES[1],)
    assert ReaderFilter(only=("TC 1300", "hello"), ignore=("Hello",)).wanted(NAMES) == (NAMES[2],)


@pytest.mark.parametrize(
    "name",
    [
        "Windows Hello for Business 1",
        "Microsoft UICC ISO Reader 0",
        "ACS ACR1281 1S Dual Reader SAM 0",
        "ACS ACR1252 Dual Reader [ACR1252 Dual Reader SAM] 01 00",
    ],
)
def test_what_is_no_reader_for_people_is_passed_over_from_the_start(name: str) -> None:
    usual = ReaderFilter(ignore=CardSettings().ignore_readers)
    assert usual.wanted([name]) == ()


@pytest.mark.parametrize(
    "name", ["ACS ACR38U-CCID 00 00", "Samsung Smart Reader 0", "SCM Microsystems SCR331 00 00"]
)
def test_readers_for_people_are_not(name: str) -> None:
    assert ReaderFilter(ignore=CardSettings().ignore_readers).wanted([name]) == (name,)
