"""What a waiting agent asks, how often, and when it falls silent."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from kiosk.agent import quiet
from kiosk.agent.messages import Status
from kiosk.agent.quiet import QuietTraffic
from kiosk.domain.identity import Subject
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import SourceState, UseCase, Verdict

OK = (SourceState(group="social", state="ok"),)
LONG_ENOUGH = 0.2
"""Seconds in which something that should not come would have come."""

Answer = tuple[SourceState, ...] | Exception


class Client:
    """Gives one answer after the other, and the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked = 0

    def source_status(self) -> tuple[SourceState, ...]:
        self.asked += 1
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(self, subject: Subject, use_case: UseCase) -> Verdict:
        raise AssertionError

    def warm_up(self) -> None:
        raise AssertionError

    def close(self) -> None:
        raise AssertionError


class Traffic:
    """Quiet traffic whose words are kept."""

    def __init__(self, client: Client) -> None:
        self.told: queue.Queue[Status] = queue.Queue()
        self.reported: queue.Queue[Exception] = queue.Queue()
        self.quiet = QuietTraffic(client, self.told.put, self.reported.put)

    def next(self) -> Status:
        return self.told.get(timeout=5)


@pytest.fixture
def start() -> Iterator[Callable[..., Traffic]]:
    started: list[Traffic] = []

    def begin(*answers: Answer) -> Traffic:
        started.append(Traffic(Client(*answers)))
        started[-1].quiet.start()
        return started[-1]

    yield begin
    for traffic in started:
        traffic.quiet.stop()


def test_the_lamps_come_at_once_and_then_once_a_minute(
    start: Callable[..., Traffic], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert quiet._PAUSE_SECONDS == 60
    traffic = start(OK)
    assert traffic.next() == Status(OK, None)
    with pytest.raises(queue.Empty):
        traffic.told.get(timeout=LONG_ENOUGH)
    monkeypatch.setattr(quiet, "_PAUSE_SECONDS", 0.01)
    following = start(OK, ())
    assert [following.next() for _ in range(3)] == [Status(OK, None), *[Status((), None)] * 2]


@pytest.mark.parametrize(
    "code", [code for code in ProblemCode if code.code.startswith("K4")], ids=lambda c: c.code
)
def test_what_is_wrong_with_the_service_is_told_and_its_recovery_too(
    start: Callable[..., Traffic], monkeypatch: pytest.MonkeyPatch, code: ProblemCode
) -> None:
    monkeypatch.setattr(quiet, "_PAUSE_SECONDS", 0.01)
    traffic = start(KioskError(code), OK)
    assert [traffic.next(), traffic.next()] == [Status((), code.code), Status(OK, None)]


@pytest.mark.parametrize(
    "error",
    [RuntimeError("text"), KioskError(ProblemCode.KEY_UNUSABLE)],
    ids=["unforeseen", "not of the service"],
)
def test_a_fault_of_ours_ends_it_and_is_reported(
    start: Callable[..., Traffic], error: Exception
) -> None:
    traffic = start(error)
    assert isinstance(traffic.reported.get(timeout=5), type(error) | ValueError)
    assert traffic.told.empty()


def test_a_window_that_is_gone_ends_it() -> None:
    def gone(_: Status) -> None:
        raise BrokenPipeError

    reported: queue.Queue[Exception] = queue.Queue()
    QuietTraffic(Client(OK), gone, reported.put).start()
    assert isinstance(reported.get(timeout=5), BrokenPipeError)


def test_stopped_it_asks_no_more(
    start: Callable[..., Traffic], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(OK)
    traffic = Traffic(client)
    traffic.quiet.start()
    traffic.next()
    monkeypatch.setattr(quiet, "_PAUSE_SECONDS", 0)
    traffic.quiet.stop()
    with pytest.raises(queue.Empty):
        traffic.told.get(timeout=LONG_ENOUGH)
    assert client.asked == 1


def test_a_stop_waits_for_the_line_and_not_for_the_service() -> None:
    asked, let_go = threading.Event(), threading.Event()

    class Slow(Client):
        def source_status(self) -> tuple[SourceState, ...]:
            asked.set()
            let_go.wait(30)
            return OK

    traffic = Traffic(Slow(OK))
    traffic.quiet.start()
    asked.wait(5)
    started = time.monotonic()
    traffic.quiet.stop()
    assert time.monotonic() - started < 1
    let_go.set()
    with pytest.raises(queue.Empty):
        traffic.told.get(timeout=LONG_ENOUGH)


def test_a_stop_lets_a_line_that_is_being_written_end() -> None:
    happened: list[str] = []
    writing, let_go, stopped = threading.Event(), threading.Event(), threading.Event()

    def write(_: Status) -> None:
        writing.set()
        let_go.wait(5)
        happened.append("line")

    def stop() -> None:
        traffic.stop()
        happened.append("stopped")
        stopped.set()

    traffic = QuietTraffic(Client(OK), write, lambda _: None)
    traffic.start()
    writing.wait(5)
    threading.Thread(target=stop).start()
    assert not stopped.wait(LONG_ENOUGH)
    let_go.set()
    assert stopped.wait(5)
    assert happened == ["line", "stopped"]
