"""The slot monitor against readers, cards and a service that come and go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from smartcard import scard as real

from kiosk.cardreader.monitor import PcscMonitor
from kiosk.cardreader.slots import ReaderFilter
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from tests.support.fake_scard import PLUG_AND_PLAY, FakeScard

ONE, TWO = SlotName("Reader 00 00"), SlotName("Reader 01 00")
NOW = timedelta(0)
LONG = timedelta(seconds=20)
DOWN = ReadersLost(Problem(ProblemCode.PCSC_DOWN))
NO_READER = ReadersLost(Problem(ProblemCode.NO_READER))


@pytest.fixture(params=[False, True], ids=["pcsc-lite", "windows"])
def scard(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    """One reader without a card."""
    return FakeScard(ONE, windows=request.param).install(monkeypatch)


@pytest.fixture
def monitor(scard: FakeScard) -> PcscMonitor:
    return PcscMonitor(ReaderFilter())


@pytest.fixture
def meanwhile(scard: FakeScard) -> Iterator[Callable[[PcscMonitor], Callable[[], object]]]:
    """Start a wait of another thread; return what gives its result."""
    with ThreadPoolExecutor(1) as pool:

        def start(monitor: PcscMonitor) -> Callable[[], object]:
            scard.waiting.clear()
            future = pool.submit(monitor.wait, LONG)
            assert scard.waiting.wait(10)
            return lambda: future.result(10)

        yield start


Meanwhile = Callable[[PcscMonitor], Callable[[], Sequence[SlotEvent]]]


def quiet(monitor: PcscMonitor) -> list[SlotEvent]:
    """Look until two looks in a row tell nothing."""
    events: list[SlotEvent] = []
    silent = 0
    for _ in range(20):
        new = monitor.wait(NOW)
        silent = 0 if new else silent + 1
        events += new
        if silent == 2:
            return events
    raise AssertionError(events)


class TestCards:
    def test_a_card_that_is_in_at_the_start(self, scard: FakeScard, monitor: PcscMonitor) -> None:
        scard.insert(ONE)
        assert quiet(monitor) == [ReadersReady((ONE,)), SlotFilled(ONE)]

    @pytest.mark.parametrize("atr", ["3b80800101", "3b8f8001804f0ca000000306030001000000006a"])
    def test_a_card_without_contacts_is_none_of_ours(
        self, scard: FakeScard, monitor: PcscMonitor, atr: str
    ) -> None:
        """An eID on a reader with two slots shows its travel document in the second one."""
        scard.readers[ONE].atr = bytes.fromhex(atr)
        scard.insert(ONE)
        assert quiet(monitor) == [ReadersReady((ONE,))]
        scard.remove(ONE)
        assert quiet(monitor) == []
        scard.readers[ONE].atr = bytes.fromhex("3b9813400aa503010101ad1311")
        scard.insert(ONE)
        assert quiet(monitor) == [SlotFilled(ONE)]
        scard.unplug(ONE)
        assert quiet(monitor) == [SlotEmptied(ONE), NO_READER]

    def test_a_reader_that_goes_with_such_a_card_had_none(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.readers[ONE].atr = bytes.fromhex("3b80800101")
        scard.insert(ONE)
        quiet(monitor)
        scard.unplug(ONE)
        assert quiet(monitor) == [NO_READER]

    @pytest.mark.parametrize("atr", ["", "3b", "3b7f96000080318065b0850401", "3b9894400aa5"])
    def test_every_other_card_is_told(
        self, scard: FakeScard, monitor: PcscMonitor, atr: str
    ) -> None:
        scard.readers[ONE].atr = bytes.fromhex(atr)
        scard.insert(ONE)
        assert quiet(monitor) == [ReadersReady((ONE,)), SlotFilled(ONE)]

    def test_a_card_that_nobody_was_seen_putting_in_is_told_as_found(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.insert(ONE)
        assert [event.found for event in quiet(monitor) if isinstance(event, SlotFilled)] == [True]
        scard.remove(ONE)
        scard.insert(ONE)
        out, into = quiet(monitor)
        assert isinstance(out, SlotEmptied)
        assert isinstance(into, SlotFilled)
        assert (out.gone, into.found) == (False, False)

    def test_a_card_whose_reader_goes_may_still_be_in_it(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        scard.unplug(ONE)
        assert [event.gone for event in quiet(monitor) if isinstance(event, SlotEmptied)] == [True]

    def test_in_and_out(self, scard: FakeScard, monitor: PcscMonitor) -> None:
        quiet(monitor)
        scard.insert(ONE)
        assert monitor.wait(LONG) == [SlotFilled(ONE)]
        scard.remove(ONE)
        assert monitor.wait(LONG) == [SlotEmptied(ONE)]
        assert quiet(monitor) == []

    def test_a_wait_ends_when_a_card_comes(
        self, scard: FakeScard, monitor: PcscMonitor, meanwhile: Meanwhile
    ) -> None:
        quiet(monitor)
        result = meanwhile(monitor)
        began = time.monotonic()
        scard.insert(ONE)
        assert result() == [SlotFilled(ONE)]
        assert time.monotonic() - began < 0.5

    @pytest.mark.parametrize("times", [1, 2, 5])
    def test_out_and_in_again_between_two_looks(
        self, scard: FakeScard, monitor: PcscMonitor, times: int
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        for _ in range(times):
            scard.remove(ONE)
            scard.insert(ONE)
        assert quiet(monitor) == [SlotEmptied(ONE), SlotFilled(ONE)]

    def test_so_for_a_card_that_was_in_before_the_service_counted(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.readers[ONE].present = True
        quiet(monitor)
        scard.remove(ONE)
        scard.insert(ONE)
        assert quiet(monitor) == [SlotEmptied(ONE), SlotFilled(ONE)]

    def test_in_and_out_again_between_two_looks_is_nothing(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        quiet(monitor)
        scard.insert(ONE)
        scard.remove(ONE)
        assert quiet(monitor) == []

    def test_two_slots(self, scard: FakeScard, monitor: PcscMonitor) -> None:
        scard.plug(TWO)
        scard.insert(TWO)
        assert quiet(monitor) == [ReadersReady((ONE, TWO)), SlotFilled(TWO)]
        scard.insert(ONE)
        scard.remove(TWO)
        assert quiet(monitor) == [SlotFilled(ONE), SlotEmptied(TWO)]

    @pytest.mark.parametrize(
        "extra", [real.SCARD_STATE_MUTE, real.SCARD_STATE_INUSE, real.SCARD_STATE_UNPOWERED]
    )
    def test_what_else_is_true_of_a_card_changes_nothing(
        self, scard: FakeScard, monitor: PcscMonitor, extra: int
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        scard.readers[ONE].extra = extra
        assert quiet(monitor) == []
        scard.readers[ONE].extra = 0
        assert quiet(monitor) == []


class TestReaders:
    def test_plugged_unplugged_and_plugged_under_another_name(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        quiet(monitor)
        scard.plug(TWO, present=True)
        assert quiet(monitor) == [ReadersReady((ONE, TWO)), SlotFilled(TWO)]
        scard.unplug(TWO)
        assert quiet(monitor) == [SlotEmptied(TWO), ReadersReady((ONE,))]
        scard.unplug(ONE)
        scard.plug(TWO, present=True)
        assert quiet(monitor) == [ReadersReady((TWO,)), SlotFilled(TWO)]

    def test_the_last_one_goes_with_its_card_and_comes_back(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        scard.unplug(ONE)
        assert quiet(monitor) == [SlotEmptied(ONE), NO_READER]
        scard.plug(ONE)
        assert quiet(monitor) == [ReadersReady((ONE,))]
        scard.insert(ONE)
        assert quiet(monitor) == [SlotFilled(ONE)]

    def test_a_wait_ends_when_a_reader_comes_or_goes(
        self, scard: FakeScard, monitor: PcscMonitor, meanwhile: Meanwhile
    ) -> None:
        quiet(monitor)
        result = meanwhile(monitor)
        scard.plug(TWO)
        assert result() == [ReadersReady((ONE, TWO))]
        result = meanwhile(monitor)
        scard.unplug(ONE)
        assert result() == [ReadersReady((TWO,))]

    def test_unplugged_and_plugged_between_two_looks(
        self, scard: FakeScard, monitor: PcscMonitor, meanwhile: Meanwhile
    ) -> None:
        """Windows says IGNORE of a reader that went; handed back, it would be deaf for ever."""
        quiet(monitor)
        result = meanwhile(monitor)
        scard.before["SCardListReaders"] = lambda: scard.plug(ONE)
        scard.unplug(ONE)
        quick = threading.Timer(0.05, scard.insert, [ONE])
        quick.start()
        assert result() == [SlotFilled(ONE)]
        quick.join()

    def test_readers_by_name(self, scard: FakeScard) -> None:
        scard.plug(SlotName("Windows Hello for Business 1"), present=True)
        scard.plug(TWO, present=True)
        monitor = PcscMonitor(ReaderFilter(only=("reader", "hello"), ignore=("hello",)))
        assert quiet(monitor) == [ReadersReady((ONE, TWO)), SlotFilled(TWO)]
        asked = [name for _, _, rows in scard.arguments("SCardGetStatusChange") for name, _ in rows]
        assert set(asked) == {ONE, TWO, PLUG_AND_PLAY}

    def test_only_readers_that_do_not_count(self, scard: FakeScard) -> None:
        scard.insert(ONE)
        assert quiet(PcscMonitor(ReaderFilter(only=("other",)))) == [NO_READER]

    def test_a_listed_reader_that_is_not_there_costs_no_processor(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        quiet(monitor)
        for _ in range(1000):
            scard.fail("SCardGetStatusChange", real.SCARD_E_READER_UNAVAILABLE)
        looks = scard.count("SCardGetStatusChange")
        assert monitor.wait(timedelta(seconds=0.35)) == []
        assert scard.count("SCardGetStatusChange") - looks < 15

    @pytest.mark.parametrize("readers", [0, 1, 2])
    def test_waiting_costs_no_processor(
        self, scard: FakeScard, monitor: PcscMonitor, readers: int
    ) -> None:
        """Windows answers at once, again and again, unless told how many readers we know."""
        if readers == 0:
            scard.unplug(ONE)
        elif readers == 2:
            scard.plug(TWO)
        quiet(monitor)
        looks = scard.count("SCardGetStatusChange")
        assert monitor.wait(timedelta(seconds=0.3)) == []
        assert scard.count("SCardGetStatusChange") - looks <= 3


AWAY = [
    real.SCARD_E_NO_SERVICE,
    real.SCARD_E_SERVICE_STOPPED,
    real.SCARD_E_INVALID_HANDLE,
    real.SCARD_F_INTERNAL_ERROR,
    6,
]
FUNCTIONS = ["SCardEstablishContext", "SCardListReaders", "SCardGetStatusChange"]


class TestTheService:
    def test_missing_at_the_start_and_started_later(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.stop()
        assert quiet(monitor) == [DOWN]
        scard.start()
        assert quiet(monitor) == [ReadersReady((ONE,))]

    @pytest.mark.parametrize("result", AWAY)
    def test_killed_while_waiting_and_started_again(
        self, scard: FakeScard, monitor: PcscMonitor, meanwhile: Meanwhile, result: int
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        ended = meanwhile(monitor)
        scard.stop(result)
        assert ended() == [SlotEmptied(ONE), DOWN]
        assert quiet(monitor) == []
        back = threading.Timer(0.05, scard.start)
        back.start()
        began = time.monotonic()
        assert monitor.wait(LONG) == [ReadersReady((ONE,)), SlotFilled(ONE)]
        assert time.monotonic() - began < 1
        back.join()

    @pytest.mark.parametrize("result", AWAY)
    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_lost_at_each_function(
        self, scard: FakeScard, monitor: PcscMonitor, function: str, result: int
    ) -> None:
        scard.insert(ONE)
        scard.fail(function, result)
        assert quiet(monitor) == [DOWN, ReadersReady((ONE,)), SlotFilled(ONE)]
        if function != "SCardEstablishContext":
            scard.fail(function, result)
            expected = [SlotEmptied(ONE), DOWN, ReadersReady((ONE,)), SlotFilled(ONE)]
            assert quiet(monitor) == expected
        assert len(scard.contexts) == 1

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_told_once_however_long_it_lasts(
        self, scard: FakeScard, monitor: PcscMonitor, function: str
    ) -> None:
        for _ in range(50):
            scard.fail(function, real.SCARD_E_NO_SERVICE)
        assert quiet(monitor) == [DOWN]
        assert quiet(monitor) == []
        asked = len(scard.calls)
        assert monitor.wait(timedelta(seconds=0.25)) == []
        assert len(scard.calls) - asked < 20
        scard.heal()
        assert quiet(monitor) == [ReadersReady((ONE,))]

    @pytest.mark.parametrize("function", FUNCTIONS)
    def test_access_refused(self, scard: FakeScard, monitor: PcscMonitor, function: str) -> None:
        for _ in range(8):
            scard.fail(function, real.SCARD_W_SECURITY_VIOLATION)
        assert quiet(monitor) == [ReadersLost(Problem(ProblemCode.PCSC_REFUSED))]
        scard.heal()
        assert quiet(monitor) == [ReadersReady((ONE,))]

    def test_readers_that_appear_late_after_a_restart(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        quiet(monitor)
        scard.stop()
        assert quiet(monitor) == [DOWN]
        scard.unplug(ONE)
        scard.start()
        assert quiet(monitor) == [NO_READER]
        scard.plug(ONE, present=True)
        assert quiet(monitor) == [ReadersReady((ONE,)), SlotFilled(ONE)]

    def test_no_readers_said_by_another_function(
        self, scard: FakeScard, monitor: PcscMonitor
    ) -> None:
        scard.unplug(ONE)
        for _ in range(9):
            scard.fail("SCardGetStatusChange", real.SCARD_E_NO_READERS_AVAILABLE)
        assert quiet(monitor) == [NO_READER]


class TestTimeAndClosing:
    @pytest.mark.parametrize("seconds", [0.0, 0.05, 0.3])
    @pytest.mark.parametrize("service", [True, False], ids=["up", "down"])
    def test_a_wait_keeps_its_limit(
        self, scard: FakeScard, monitor: PcscMonitor, seconds: float, service: bool
    ) -> None:
        if not service:
            scard.stop()
        quiet(monitor)
        began = time.monotonic()
        assert monitor.wait(timedelta(seconds=seconds)) == []
        assert seconds - 0.01 <= time.monotonic() - began < seconds + 0.5

    def test_a_limit_below_zero_is_none(self, monitor: PcscMonitor) -> None:
        assert monitor.wait(timedelta(seconds=-5)) == [ReadersReady((ONE,))]
        assert monitor.wait(timedelta(seconds=-5)) == []

    @pytest.mark.parametrize("service", [True, False], ids=["up", "down"])
    def test_close_ends_the_wait_of_another_thread(
        self, scard: FakeScard, monitor: PcscMonitor, service: bool
    ) -> None:
        scard.insert(ONE)
        quiet(monitor)
        if not service:
            scard.stop()
            quiet(monitor)
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(monitor.wait, LONG)
            if service:
                assert scard.waiting.wait(10)
            began = time.monotonic()
            monitor.close()
            assert waiting.result(10) == ()
        assert time.monotonic() - began < 0.5
        assert scard.leftovers() == (0, 0, 0)

    def test_a_cancel_that_came_too_early_is_repeated(
        self, scard: FakeScard, monitor: PcscMonitor, meanwhile: Meanwhile
    ) -> None:
        """The other thread is on its way into PC/SC while close cancels nothing there."""
        quiet(monitor)
        entering, go = threading.Event(), threading.Event()

        def stay() -> None:
            entering.set()
            assert go.wait(10)

        scard.before["SCardGetStatusChange"] = stay
        with ThreadPoolExecutor(2) as pool:
            waiting = pool.submit(monitor.wait, LONG)
            assert entering.wait(10)
            closing = pool.submit(monitor.close)
            assert scard.cancelled.wait(10)
            go.set()
            began = time.monotonic()
            closing.result(10)
            assert waiting.result(10) == ()
        assert time.monotonic() - began < 0.5
        assert scard.leftovers() == (0, 0, 0)

    def test_close_lets_go_when_nobody_waits(self, scard: FakeScard, monitor: PcscMonitor) -> None:
        quiet(monitor)
        assert scard.leftovers() == (1, 0, 0)
        monitor.close()
        assert scard.leftovers() == (0, 0, 0)
        assert scard.count("SCardCancel") == 0
        assert monitor.wait(LONG) == ()
        monitor.close()

    def test_close_before_the_first_wait(self, scard: FakeScard, monitor: PcscMonitor) -> None:
        monitor.close()
        assert monitor.wait(LONG) == ()
        assert scard.calls == []

    def test_close_gives_up_on_a_service_that_hangs(
        self, scard: FakeScard, monitor: PcscMonitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kiosk.cardreader.monitor._CANCEL_AGAIN", 0.001)
        entering, go = threading.Event(), threading.Event()

        def hang() -> None:
            entering.set()
            assert go.wait(10)

        scard.before["SCardListReaders"] = hang
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(monitor.wait, LONG)
            assert entering.wait(10)
            monitor.close()
            assert not waiting.done()
            go.set()
            assert waiting.result(10)[0] == ReadersReady((ONE,))
        monitor.close()
        assert scard.leftovers() == (0, 0, 0)


class Replay:
    """What somebody believes who was told these events, and whether the order made sense."""

    def __init__(self) -> None:
        self.filled: set[SlotName] = set()
        self.ready: tuple[SlotName, ...] = ()
        self.lost: ReadersLost | None = None
        self.emptied: set[SlotName] = set()

    def take(self, events: Sequence[SlotEvent]) -> None:
        for event in events:
            match event:
                case SlotFilled(slot):
                    assert slot in self.ready
                    assert slot not in self.filled
                    self.filled.add(slot)
                case SlotEmptied(slot):
                    assert slot in self.filled
                    self.filled.discard(slot)
                    self.emptied.add(slot)
                case ReadersReady(slots):
                    assert slots != self.ready
                    assert self.filled <= set(slots)
                    self.ready, self.lost = slots, None
                case ReadersLost():
                    assert event != self.lost
                    assert not self.filled
                    self.ready, self.lost = (), event


NAMES = [ONE, TWO, SlotName("Reader 02 00")]
ERRORS = [*AWAY, real.SCARD_E_UNKNOWN_READER, real.SCARD_E_READER_UNAVAILABLE, 0x80100099]


class World(RuleBasedStateMachine):
    """Anything may happen to readers, cards and service; what was told is true in the end."""

    windows = False

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.scard = FakeScard(ONE, windows=self.windows).install(self.patch)
        self.monitor = PcscMonitor(ReaderFilter())
        self.told = Replay()
        self.changed_cards: set[SlotName] = set()

    @rule(name=st.sampled_from(NAMES), present=st.booleans())
    def plug(self, name: SlotName, present: bool) -> None:
        if name not in self.scard.readers:
            self.scard.plug(name, present=present)

    @rule(name=st.sampled_from(NAMES))
    def unplug(self, name: SlotName) -> None:
        if name in self.scard.readers:
            self.scard.unplug(name)
            self.changed_cards.discard(name)

    @rule(name=st.sampled_from(NAMES))
    def insert(self, name: SlotName) -> None:
        if name in self.scard.readers:
            self.scard.insert(name)

    @rule(name=st.sampled_from(NAMES))
    def remove(self, name: SlotName) -> None:
        if name in self.scard.readers:
            self.scard.remove(name)

    @rule(name=st.sampled_from(NAMES))
    def swap(self, name: SlotName) -> None:
        reader = self.scard.readers.get(name)
        if reader and reader.present and name in self.told.filled:
            self.scard.remove(name)
            self.scard.insert(name)
            self.changed_cards.add(name)

    @precondition(lambda self: self.scard.service == 0)
    @rule(result=st.sampled_from(AWAY))
    def stop(self, result: int) -> None:
        self.scard.stop(result)

    @precondition(lambda self: self.scard.service != 0)
    @rule()
    def start(self) -> None:
        self.scard.start()

    @rule(
        function=st.sampled_from(FUNCTIONS),
        result=st.sampled_from(ERRORS),
        at=st.integers(1, 3),
    )
    def fail(self, function: str, result: int, at: int) -> None:
        self.scard.fail(function, result, at=at)

    @rule()
    def look(self) -> None:
        self.told.take(self.monitor.wait(NOW))

    @rule()
    def become_quiet(self) -> None:
        self.scard.heal()
        self.told.take(quiet(self.monitor))
        readers = self.scard.readers
        if self.scard.service != 0:
            assert self.told.lost == DOWN
        elif not readers:
            assert self.told.lost == NO_READER
        else:
            assert self.told.lost is None
            assert self.told.ready == tuple(readers)
            assert self.told.filled == {name for name in readers if readers[name].present}
            assert self.changed_cards <= self.told.emptied
        self.changed_cards.clear()
        self.told.emptied.clear()

    def teardown(self) -> None:
        try:
            self.become_quiet()
            self.monitor.close()
            assert self.scard.leftovers() == (0, 0, 0)
        finally:
            self.patch.undo()


class WindowsWorld(World):
    windows = True


LONG_RUNS = settings(max_examples=150, stateful_step_count=40, deadline=None)
TestWorld = World.TestCase
TestWorld.settings = LONG_RUNS
TestWindowsWorld = WindowsWorld.TestCase
TestWindowsWorld.settings = LONG_RUNS


def test_the_model_notices_what_is_not_told() -> None:
    world = World()
    try:
        world.insert(ONE)
        world.monitor = PcscMonitor(ReaderFilter(only=("other",)))
        with pytest.raises(AssertionError):
            world.become_quiet()
        world.monitor.close()
        world.monitor, world.told = PcscMonitor(ReaderFilter()), Replay()
    finally:
        world.teardown()
