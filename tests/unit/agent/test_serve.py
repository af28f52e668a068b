"""Serving one visit: what is said when things go wrong inside."""

from __future__ import annotations

import io
import threading
from contextlib import AbstractContextManager
from typing import Any

import pytest

from kiosk.agent import messages, run, serve
from kiosk.agent.messages import AskAgain, Begin, BeginTyped, Concluded, ToAgent, ToWindow
from kiosk.agent.run import VisitTools
from kiosk.agent.serve import Server
from kiosk.domain.identity import Subject
from kiosk.domain.problem import KioskError, Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, UseCase, Verdict
from kiosk.domain.visit import SlotName, VisitId
from kiosk.ports import Card, CardReport, CardSlot, Reading
from tests.support.people import CANARY, person

VISIT = VisitId(3)
BEGIN = Begin(VISIT, SlotName("reader"))


class EmptySlot:
    name = SlotName("reader")

    def open(self) -> AbstractContextManager[Card]:
        raise AssertionError("the reader of these tests needs no card")


class Reader:
    def __init__(self, fails: Exception | None = None) -> None:
        self._fails = fails

    def read(self, slot: CardSlot) -> Reading:
        if self._fails is not None:
            raise self._fails
        return Reading(identity=person(), report=CardReport(applet="1.8", apdus=1, bytes=2))


class Client:
    def __init__(self, answer: Verdict | Exception) -> None:
        self._answer = answer
        self.asked: list[Subject] = []
        self.closed = False

    def check(self, subject: Subject, use_case: UseCase) -> Verdict:
        self.asked.append(subject)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer

    def warm_up(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def green(**changes: Any) -> Verdict:
    return Verdict(check_id="c", use_case="uitpas", colour=Colour.GREEN, determined=True, **changes)


def served(client: Client, *said: ToAgent, reader: Reader | None = None) -> list[ToWindow]:
    incoming = io.BytesIO(b"".join(map(messages.line_of, said)))
    outgoing = io.BytesIO()
    tools = VisitTools(
        reader=reader or Reader(),
        client=client,
        slot=lambda _: EmptySlot(),
        use_case=UseCase.UITPAS,
    )
    server = Server(tools, (incoming, outgoing), tells_name=True, leave=lambda _: None)
    server.serve()
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
    assert serve.where(RuntimeError("text")) == "RuntimeError in ?"


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
    heard = served(Client(green()), BeginTyped(VISIT, "1" * 11, "lost"), AskAgain())
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

    tools = VisitTools(
        reader=Reader(),
        client=Client(green()),
        slot=lambda _: EmptySlot(),
        use_case=UseCase.UITPAS,
    )
    server = Server(tools, (io.BytesIO(), Broken()), tells_name=False, leave=left.append)
    server._visit = VISIT
    with pytest.raises(BrokenPipeError):
        server._expired(ProblemCode.CARD_SILENT)
    assert left == [serve.EXIT_NOW]
