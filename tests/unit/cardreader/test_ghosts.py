"""Readers that are listed and not there, beside one that is."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest

from kiosk.cardreader import ghosts
from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.slots import ReaderFilter
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotFilled
from tests.support.ghost_readers import WAYS, HauntedScard
from tests.unit.cardreader.test_monitor import quiet

ONE, GHOST = SlotName("Reader 00 00"), SlotName("Reader of a session that ended")
LONG = timedelta(seconds=20)
NO_READER = ReadersLost(Problem(ProblemCode.NO_READER))


@pytest.fixture(params=[False, True], ids=["pcsc-lite", "windows"])
def windows(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=WAYS)
def scard(
    request: pytest.FixtureRequest, windows: bool, monkeypatch: pytest.MonkeyPatch
) -> HauntedScard:
    scard = HauntedScard(ONE, way=request.param, windows=windows)
    scard.install(monkeypatch)
    return scard


@pytest.fixture
def monitor(scard: HauntedScard) -> PcscMonitor:
    return PcscMonitor(ReaderFilter())


@pytest.fixture
def _gone_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ghosts, "_GONE_AFTER", 0.0)


def test_a_card_in_another_reader_is_seen(scard: HauntedScard, monitor: PcscMonitor) -> None:
    scard.ghosts = [GHOST]
    quiet(monitor)
    scard.insert(ONE)
    assert monitor.wait(LONG) == [SlotFilled(ONE)]
    scard.remove(ONE)
    assert monitor.wait(LONG) == [SlotEmptied(ONE)]


@pytest.mark.usefixtures("_gone_at_once")
def test_it_is_told_as_no_reader(scard: HauntedScard, monitor: PcscMonitor) -> None:
    scard.ghosts = [GHOST]
    assert quiet(monitor)[-1] == ReadersReady((ONE,))
    scard.unplug(ONE)
    assert quiet(monitor) == [NO_READER]


@pytest.mark.usefixtures("_gone_at_once")
def test_one_whose_session_ends_takes_its_card_with_it(
    scard: HauntedScard, monitor: PcscMonitor
) -> None:
    scard.plug(GHOST, present=True)
    assert quiet(monitor) == [ReadersReady((ONE, GHOST)), SlotFilled(GHOST)]
    scard.unplug(GHOST)
    scard.ghosts = [GHOST]
    emptied, ready = quiet(monitor)
    assert (emptied, ready) == (SlotEmptied(GHOST), ReadersReady((ONE,)))
    assert isinstance(emptied, SlotEmptied)
    assert emptied.gone
    scard.ghosts = []
    scard.plug(GHOST)
    assert quiet(monitor) == [ReadersReady((ONE, GHOST))]
    scard.insert(GHOST)
    assert quiet(monitor) == [SlotFilled(GHOST)]


def test_one_that_refuses_for_a_moment_is_not_lost(
    scard: HauntedScard, monitor: PcscMonitor
) -> None:
    scard.insert(ONE)
    quiet(monitor)
    held = scard.readers.pop(ONE)
    scard.ghosts = [ONE]
    assert quiet(monitor) == []
    scard.ghosts, scard.readers[ONE] = [], held
    assert quiet(monitor) == []
    scard.remove(ONE)
    assert quiet(monitor) == [SlotEmptied(ONE)]


@pytest.mark.parametrize("others", [True, False], ids=["beside another", "alone"])
def test_it_costs_no_processor(scard: HauntedScard, monitor: PcscMonitor, others: bool) -> None:
    scard.ghosts = [GHOST]
    if not others:
        scard.unplug(ONE)
    quiet(monitor)
    asked, began = scard.count("SCardGetStatusChange"), time.monotonic()
    assert monitor.wait(timedelta(seconds=0.4)) == []
    assert time.monotonic() - began >= 0.39
    assert scard.count("SCardGetStatusChange") - asked <= 8
