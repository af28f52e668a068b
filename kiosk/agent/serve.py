"""Serving one visit over two streams of messages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, assert_never, final

from kiosk.agent import messages
from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    CardHolder,
    Concluded,
    MessageError,
    Proceeding,
    Progress,
    Ready,
    ToAgent,
    ToWindow,
)
from kiosk.agent.quiet import QuietTraffic
from kiosk.agent.run import VisitRun, VisitTools
from kiosk.agent.watchdog import Watchdog
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.verdict import UseCase
from kiosk.domain.visit import SlotName, VisitId
from kiosk.report import report_internal, where

EXIT_NOW = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the agents of this terminal serve. ``lamps``: ask how the sources fare while waiting."""

    tells_name: bool
    use_cases: tuple[UseCase, ...]
    lamps: bool


@dataclass(frozen=True, slots=True)
class _Visit:
    id: VisitId
    use_case: UseCase


@final
class Server:
    """Waits for its one visit, serves it, and its follow-ups, until the stream ends."""

    def __init__(
        self,
        tools: VisitTools,
        streams: tuple[BinaryIO, BinaryIO],
        manner: Manner,
        leave: Callable[[int], None],
    ) -> None:
        self._incoming, self._outgoing = streams
        self._manner = manner
        self._leave = leave
        self._visit: _Visit | None = None
        self._writing = threading.Lock()
        self._run = VisitRun(tools, Watchdog(self._expired))
        self._quiet = QuietTraffic(tools.client, self._tell, _report)

    def serve(self) -> None:
        """Return when the window closes the stream or says something foreign."""
        self._tell(Ready())
        if self._manner.lamps:
            self._quiet.start()
        try:
            while line := self._incoming.readline(messages.LONGEST_LINE + 1):
                self._handle(messages.for_agent(line))
        except MessageError:
            report_internal("a line that is no message")
        finally:
            self._quiet.stop()
            self._run.end()

    def _handle(self, message: ToAgent) -> None:
        match message:
            case Begin(visit=visit, slot=slot) if self._visit is None:
                self._conclude(self._begin(message), lambda: self._read(visit, slot))
            case BeginTyped(digits=digits) if self._visit is None:
                self._conclude(self._begin(message), lambda: self._run.take_typed(digits))
            case AskAgain() if self._visit is not None:
                self._conclude(self._visit, lambda: None)
            case Begin() | BeginTyped() | AskAgain():
                raise MessageError("out of turn")  # an agent serves one visit
            case _:
                assert_never(message)

    def _begin(self, message: Begin | BeginTyped) -> _Visit:
        self._quiet.stop()  # first: whoever hears of the visit hears of no lamp after it
        self._visit = _Visit(message.visit, message.use_case)
        return self._visit

    def _read(self, visit: VisitId, slot: SlotName) -> None:
        self._tell(Proceeding(visit, Progress.WAITING_FOR_CARD))
        reading = self._run.read(slot, lambda: self._tell(Proceeding(visit, Progress.READING)))
        if self._manner.tells_name:
            self._tell(CardHolder(visit, reading.identity.given_name))

    def _conclude(self, visit: _Visit, prepare: Callable[[], None]) -> None:
        try:
            if visit.use_case not in self._manner.use_cases:
                raise KioskError(ProblemCode.QUESTION_REFUSED)  # no card is read for nothing
            prepare()
            self._tell(Proceeding(visit.id, Progress.ASKING))
            outcome = Concluded(visit.id, verdict=self._run.ask(visit.use_case))
            line = messages.line_of(outcome)
        except KioskError as error:
            line = _problem(visit.id, error.problem.code)
        except MessageError:
            line = _problem(visit.id, ProblemCode.SERVICE_UNINTELLIGIBLE)
        except Exception as error:  # noqa: BLE001 - the last boundary: an agent always answers
            _report(error)
            line = _problem(visit.id, ProblemCode.INTERNAL)
        self._write(line)

    def _expired(self, code: ProblemCode) -> None:
        try:
            if self._visit is not None:
                self._write(_problem(self._visit.id, code))
        finally:  # also when the window is gone: the card may block this process for minutes
            self._leave(EXIT_NOW)

    def _tell(self, message: ToWindow) -> None:
        self._write(messages.line_of(message))

    def _write(self, line: bytes) -> None:
        with self._writing:
            self._outgoing.write(line)
            self._outgoing.flush()


def _report(error: Exception) -> None:
    report_internal(where(error))


def _problem(visit: VisitId, code: ProblemCode) -> bytes:
    return messages.line_of(Concluded(visit, problem=code.code))
