"""``kiosk check`` waits: how long, for what, and what it says when nothing comes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest

from kiosk.__main__ import main
from kiosk.commands import check
from kiosk.commands.check import wait_for_card
from kiosk.domain.problem import KioskError, Problem, ProblemCode
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled

ONE, TWO = SlotName("Reader 00 00"), SlotName("Reader 01 00")
READY = ReadersReady((ONE, TWO))
DOWN = ReadersLost(Problem(ProblemCode.PCSC_DOWN))
NO_READER = ReadersLost(Problem(ProblemCode.NO_READER))
IN = SlotFilled(ONE)


class Script:
    """A monitor on a clock of its own: at each second of the script something happens."""

    def __init__(self, *happenings: tuple[float, Sequence[SlotEvent]]) -> None:
        self.now = 1024.0
        self.closed = 0
        self.looks = 0
        self._happenings = [(self.now + after, events) for after, events in happenings]

    def monotonic(self) -> float:
        return self.now

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        assert not self.closed
        assert at_most >= timedelta(0)
        self.looks += 1
        assert self.looks < 1000
        until = self.now + at_most.total_seconds()
        if self._happenings and self._happenings[0][0] <= until:
            at, events = self._happenings.pop(0)
            self.now = max(self.now, at)
            return events
        self.now = until
        return ()

    def close(self) -> None:
        self.closed += 1


@pytest.fixture(autouse=True)
def started(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting on the real clock."""
    monkeypatch.setattr(check, "time", SimpleNamespace())


def run(script: Script, seconds: float = 30.0) -> tuple[SlotName | ProblemCode, float]:
    """Return what came of it, and when."""
    began = script.now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "time", SimpleNamespace(monotonic=script.monotonic))
        try:
            outcome: SlotName | ProblemCode = wait_for_card(script, seconds)[0]
        except KioskError as error:
            outcome = error.problem.code
    assert script.closed == 1
    return outcome, round(script.now - began, 3)


@pytest.mark.parametrize(
    "happenings",
    [
        [(0, [READY, IN])],
        [(0, [READY]), (0, [IN])],
        [(0, [READY]), (29.9, [IN])],
        [(1.9, [READY]), (25, [IN])],
        [(0, [DOWN]), (1.9, [READY, IN])],
        [(0, [NO_READER]), (1, [READY]), (20, [IN])],
    ],
)
def test_a_card_comes(happenings: list[tuple[float, Sequence[SlotEvent]]]) -> None:
    assert run(Script(*happenings)) == (ONE, happenings[-1][0])


def test_no_card_comes() -> None:
    assert run(Script((0, [READY]))) == (ProblemCode.NO_CARD_IN_TIME, 30)


@pytest.mark.parametrize("lost", [DOWN, NO_READER])
def test_no_card_can_come(lost: ReadersLost) -> None:
    assert run(Script((0, [lost]))) == (lost.problem.code, 2)


def test_a_service_that_says_nothing_at_all() -> None:
    assert run(Script()) == (ProblemCode.PCSC_DOWN, 2)


def test_the_last_reason_counts() -> None:
    script = Script((0, [DOWN]), (1.5, [NO_READER]))
    assert run(script) == (ProblemCode.NO_READER, 2)


@pytest.mark.parametrize("lost", [DOWN, NO_READER])
@pytest.mark.parametrize("at", [0.5, 2.5, 20])
def test_lost_after_a_long_wait_and_back(at: float, lost: ReadersLost) -> None:
    """The two seconds count from the loss, not from the begin of the wait before it."""
    script = Script((0, [READY]), (at, [lost]), (at + 1.9, [READY]), (at + 5, [IN]))
    assert run(script) == (ONE, at + 5)


@pytest.mark.parametrize("at", [0.5, 20])
def test_lost_after_a_long_wait_for_good(at: float) -> None:
    assert run(Script((0, [READY]), (at, [DOWN]))) == (ProblemCode.PCSC_DOWN, at + 2)


def test_each_loss_has_its_own_two_seconds() -> None:
    losses = [
        (start + after, [event])
        for start in (1, 5, 9)
        for after, event in ((0, DOWN), (1.5, READY))
    ]
    assert run(Script((0, [READY]), *losses, (20, [IN]))) == (ONE, 20)


def test_a_service_that_comes_and_goes_ends_with_the_time() -> None:
    flapping = [(second / 2, [READY if second % 2 else DOWN]) for second in range(200)]
    outcome, took = run(Script(*flapping), seconds=10)
    assert outcome in (ProblemCode.PCSC_DOWN, ProblemCode.NO_CARD_IN_TIME)
    assert took == 10


@pytest.mark.parametrize(
    ("events", "slot"),
    [
        ([SlotFilled(TWO), SlotFilled(ONE)], TWO),
        ([SlotEmptied(ONE), SlotFilled(ONE)], ONE),
        ([SlotFilled(ONE), SlotEmptied(ONE), SlotFilled(TWO)], TWO),
    ],
)
def test_several_events_at_once(events: Iterable[SlotEvent], slot: SlotName) -> None:
    assert run(Script((0, [READY]), (1, [*events]))) == (slot, 1)


def test_a_card_that_is_out_again_does_not_count() -> None:
    script = Script((0, [READY]), (1, [SlotFilled(ONE), SlotEmptied(ONE)]), (3, [IN]))
    assert run(script) == (ONE, 3)
    gone = Script((0, [READY]), (1, [SlotFilled(ONE), SlotEmptied(ONE), DOWN]))
    assert run(gone) == (ProblemCode.PCSC_DOWN, 3)


class TestTimes:
    def test_without_time_a_card_that_is_in_counts(self) -> None:
        assert run(Script((0, [READY, IN])), seconds=0) == (ONE, 0)

    def test_without_time_it_says_what_is_missing(self) -> None:
        assert run(Script((0, [READY])), seconds=0) == (ProblemCode.NO_CARD_IN_TIME, 0)
        assert run(Script((0, [NO_READER])), seconds=0) == (ProblemCode.NO_READER, 0)

    def test_less_time_than_patience(self) -> None:
        assert run(Script((0, [DOWN])), seconds=1) == (ProblemCode.PCSC_DOWN, 1)

    @pytest.mark.parametrize("seconds", ["nan", "inf", "-1", "-inf", "1e9", "soon", ""])
    def test_a_time_that_is_none_is_a_usage_error(
        self, seconds: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(SystemExit) as ended:
            main(["check", f"--timeout={seconds}"])
        assert ended.value.code == 64
        assert "--timeout" in capsys.readouterr().err


def test_it_closes_whatever_happens() -> None:
    class Broken(Script):
        def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
            raise RuntimeError

    broken = Broken()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "time", SimpleNamespace(monotonic=broken.monotonic))
        with pytest.raises(RuntimeError):
            wait_for_card(broken, 1)
    assert broken.closed == 1
