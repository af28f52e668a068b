"""Serving one visit: what is said when things go wrong inside."""

from __future__ import annotations

import io
import os
import threading
from contextlib import AbstractContextManager
from typing import Any, BinaryIO

import pytest

from kiosk.agent import messages, quiet, run, serve
from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    Concluded,
    Proceeding,
    Ready,
    Status,
    ToAgent,
    ToWindow,
    TypedReason,
)
from kiosk.agent.run import VisitTools
from kiosk.agent.serve import Manner, Server
from kiosk.domain.identity import Subject
from kiosk.domain.problem import KioskError, Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, SourceState, UseCase, Verdict
from kiosk.domain.visit import SlotName, VisitId
from kiosk.ports import Card, CardReport, CardSlot, Reading
from kiosk.report import where
from tests.support.people import CANARY, person

VISIT = VisitId(3)
BEGIN = Begin(VISIT, SlotName("reader"), UseCase.UITPAS)
MISTYPED = BeginTyped(VISIT, "1" * 11, TypedReason.OTHER, UseCase.UITPAS)
LAMPS = (SourceState(group="social", state="ok"),)


class EmptySlot:
    name = SlotName("reader")

    def open(self) -> AbstractContextManager[Card]:
        raise AssertionError("the reader of these tests needs no card")


class Reader:
    def __init__(self, fails: Exception | None = None) -> None:
        self._fails = fails
        self.reads = 0

    def read(self, slot: CardSlot) -> Reading:
        self.reads += 1
        if self._fails is not None:
            raise self._fails
        return Reading(identity=person(), report=CardReport(applet="1.8", apdus=1, bytes=2))


class Client:
    def __init__(self, answer: Verdict | Exception) -> None:
        self._answer = answer
        self.asked: list[Subject] = []
        self.use_cases: list[UseCase] = []
        self.closed = False

    def check(self, subject: Subject, use_case: UseCase) -> Verdict:
        self.asked.append(subject)
        self.use_cases.append(use_case)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def source_status(self) -> tuple[SourceState, ...]:
        return LAMPS

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def green(**changes: Any) -> Verdict:
    return Verdict(check_id="c", use_case="uitpas", colour=Colour.GREEN, determined=True, **changes)


def server_of(
    client: Client, streams: tuple[BinaryIO, BinaryIO], *, reader: Reader | None = None, **how: Any
) -> Server:
    tools = VisitTools(reader=reader or Reader(), client=client, slot=lambda _: EmptySlot())
    usual: dict[str, Any] = {"tells_name": True, "use_cases": (UseCase.UITPAS,), "lamps": False}
    leave = how.pop("leave", lambda _: None)
    return Server(tools, streams, Manner(**{**usual, **how}), leave)


def served(
    client: Client, *said: ToAgent, reader: Reader | None = None, **how: Any
) -> list[ToWindow]:
    incoming = io.BytesIO(b"".join(map(messages.line_of, said)))
    outgoing = io.BytesIO()
    server_of(client, (incoming, outgoing), reader=reader, **how).serve()
    return [messages.for_window(line) for line in outgoing.getvalue().splitlines()]


def outcome(heard: list[ToWindow]) -> Verdict | Problem:
    assert isinstance(heard[-1], Concluded)
    return heard[-1].outcome


def test_the_number_is_overwritten_and_the_connection_closed_at_the_end() -> None:
    client = Client(green())
    assert outcome(served(client, BEGIN)) == green()
    assert client.asked[0].national_number.is_wiped
    assert client.closed


def test_the_question_waits_for_the_connection_that_is_being_opened() -> None:
    happened: list[str] = []

    class Slow(Client):
        def warm_up(self) -> None:
            threading.Event().wait(0.05)
            happened.append("warm")

        def check(self, subject: Subject, use_case: UseCase) -> Verdict:
            happened.append("asked")
            return super().check(subject, use_case)

    served(Slow(green()), BEGIN)
    assert happened == ["warm", "asked"]


def test_a_connection_that_does_not_open_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "_WARM_UP_SECONDS", 0.01)
    never = threading.Event()

    class Stuck(Client):
        def warm_up(self) -> None:
            never.wait(10)

    assert outcome(served(Stuck(green()), BEGIN)) == green()
    never.set()


def test_a_fault_of_ours_is_told_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    client = Client(RuntimeError(f"about {CANARY}"))
    assert outcome(served(client, BEGIN)) == Problem(ProblemCode.INTERNAL)
    told = capsys.readouterr().err
    assert told.startswith("K901 RuntimeError in check:")
    assert CANARY not in told


def test_an_error_without_a_place_is_told_too() -> None:
    assert where(RuntimeError("text")) == "RuntimeError in ?"


def test_an_answer_too_long_for_the_window_is_not_understood() -> None:
    endless = Guidance(code="X", title={"nl": "x" * messages.LONGEST_LINE}, steps={})
    heard = served(Client(green(guidance=(endless,))), BEGIN)
    assert outcome(heard) == Problem(ProblemCode.SERVICE_UNINTELLIGIBLE)


def test_a_problem_with_the_card_asks_nobody() -> None:
    client = Client(green())
    heard = served(client, BEGIN, reader=Reader(KioskError(ProblemCode.CARD_EXPIRED)))
    assert outcome(heard) == Problem(ProblemCode.CARD_EXPIRED)
    assert not client.asked


def test_again_after_a_mistyped_number_says_the_same_again() -> None:
    heard = served(Client(green()), MISTYPED, AskAgain())
    assert [message.outcome for message in heard if isinstance(message, Concluded)] == [
        Problem(ProblemCode.NUMBER_INVALID)
    ] * 2


def test_again_after_a_card_that_failed_has_nobody_to_ask_about() -> None:
    failing = Reader(KioskError(ProblemCode.CARD_EXPIRED))
    heard = served(Client(green()), BEGIN, AskAgain(), reader=failing)
    assert outcome(heard) == Problem(ProblemCode.INTERNAL)


def test_the_end_of_the_time_is_the_end_of_the_process_also_without_a_window() -> None:
    left: list[int] = []

    class Broken(io.BytesIO):
        def write(self, _: Any) -> int:
            raise BrokenPipeError

    streams = (io.BytesIO(), Broken())
    server = server_of(Client(green()), streams, tells_name=False, leave=left.append)
    server._visit = serve._Visit(VISIT, UseCase.UITPAS)
    with pytest.raises(BrokenPipeError):
        server._expired(ProblemCode.CARD_SILENT)
    assert left == [serve.EXIT_NOW]


@pytest.mark.parametrize("use_case", UseCase)
def test_the_question_is_about_what_the_visit_is_for(use_case: UseCase) -> None:
    client = Client(green())
    begin = Begin(VISIT, SlotName("reader"), use_case)
    served(client, begin, AskAgain(), use_cases=tuple(UseCase))
    assert client.use_cases == [use_case] * 2


@pytest.mark.parametrize(
    "begin",
    [
        Begin(VISIT, SlotName("reader"), UseCase.LEZ),
        BeginTyped(VISIT, CANARY, TypedReason.CARD_EXPIRED, UseCase.LEZ),
    ],
    ids=["card", "typed"],
)
def test_what_this_terminal_is_not_for_reads_no_card_and_asks_nobody(begin: ToAgent) -> None:
    client, reader = Client(green()), Reader()
    heard = served(client, begin, AskAgain(), reader=reader)
    assert heard[1:] == [Concluded(VISIT, problem=ProblemCode.QUESTION_REFUSED.code)] * 2
    assert (reader.reads, client.asked) == (0, [])


class Pipes:
    """A server on real pipes, in a thread, and the window's ends of them."""

    def __init__(self, client: Client, **how: Any) -> None:
        its_in, our_out = os.pipe()
        our_in, its_out = os.pipe()
        self._its_ends = (os.fdopen(its_in, "rb"), os.fdopen(its_out, "wb"))
        self._to_agent = os.fdopen(our_out, "wb")
        self._from_agent = os.fdopen(our_in, "rb")
        self._server = server_of(client, self._its_ends, **how)
        self._thread = threading.Thread(target=self._server.serve)
        self._thread.start()

    def tell(self, message: ToAgent) -> None:
        self._to_agent.write(messages.line_of(message))
        self._to_agent.flush()

    def next(self) -> ToWindow:
        return messages.for_window(self._from_agent.readline())

    def until(self, kind: type) -> list[ToWindow]:
        heard = [self.next()]
        while not isinstance(heard[-1], kind):
            heard.append(self.next())
        return heard

    def end(self) -> list[ToWindow]:
        """End the stream; return what was said that nobody has heard yet."""
        self._to_agent.close()
        self._thread.join(5)
        assert not self._thread.is_alive()
        for end in self._its_ends:
            end.close()
        with self._from_agent:
            return [messages.for_window(line) for line in self._from_agent]


def test_a_waiting_agent_tells_the_lamps_only_when_it_is_to() -> None:
    client = Client(green())
    agent = Pipes(client, lamps=True)
    assert [agent.next(), agent.next()] == [Ready(), Status(LAMPS, None)]
    assert agent.end() == []
    assert served(client) == [Ready()]


def test_the_lamps_never_delay_a_visit_nor_the_end() -> None:
    let_go = threading.Event()

    class Slow(Client):
        def source_status(self) -> tuple[SourceState, ...]:
            let_go.wait(30)
            return LAMPS

    agent = Pipes(Slow(green()), lamps=True)
    agent.tell(BEGIN)
    heard = agent.until(Concluded)
    left = agent.end()
    assert not let_go.is_set()
    let_go.set()
    assert not any(isinstance(message, Status) for message in [*heard, *left])


def test_no_lamp_is_told_after_the_visit_has_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The lamps come as fast as they can, and visits begin at any moment of it."""
    monkeypatch.setattr(quiet, "_PAUSE_SECONDS", 0)
    lamps_heard = 0
    for number in range(60):
        agent = Pipes(Client(green()), lamps=True)
        for _ in range(number):
            agent.next()
        agent.tell(BEGIN)
        agent.tell(AskAgain())
        before = agent.until(Proceeding)[:-1]
        after = [*agent.until(Concluded), *agent.until(Concluded), *agent.end()]
        lamps_heard += sum(isinstance(message, Status) for message in before)
        assert not any(isinstance(message, Status) for message in after), number
    assert lamps_heard


def test_the_end_of_the_stream_silences_the_lamps(capsys: pytest.CaptureFixture[str]) -> None:
    asked, let_go = threading.Event(), threading.Event()

    class Slow(Client):
        def source_status(self) -> tuple[SourceState, ...]:
            asked.set()
            let_go.wait(30)
            return LAMPS

    before = set(threading.enumerate())
    agent = Pipes(Slow(green()), lamps=True)
    asked.wait(5)
    (asking,) = [one for one in set(threading.enumerate()) - before if one.name == "quiet"]
    assert agent.end() == [Ready()]
    let_go.set()
    asking.join(5)
    assert capsys.readouterr().err == ""
