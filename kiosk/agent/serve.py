"""Serving one visit over two streams of messages."""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable
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
from kiosk.agent.run import VisitRun, VisitTools
from kiosk.agent.watchdog import Watchdog
from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.domain.visit import SlotName, VisitId

EXIT_NOW = 1


@final
class Server:
    """Waits for its one visit, serves it, and its follow-ups, until the stream ends."""

    def __init__(
        self,
        tools: VisitTools,
        streams: tuple[BinaryIO, BinaryIO],
        *,
        tells_name: bool,
        leave: Callable[[int], None],
    ) -> None:
        self._incoming, self._outgoing = streams
        self._tells_name = tells_name
        self._leave = leave
        self._visit: VisitId | None = None
        self._writing = threading.Lock()
        self._run = VisitRun(tools, Watchdog(self._expired))

    def serve(self) -> None:
        """Return when the window closes the stream or says something foreign."""
        self._tell(Ready())
        try:
            while line := self._incoming.readline(messages.LONGEST_LINE + 1):
                self._handle(messages.for_agent(line))
        except MessageError:
            report_internal("a line that is no message")
        finally:
            self._run.end()

    def _handle(self, message: ToAgent) -> None:
        match message:
            case Begin(visit=visit, slot=slot) if self._visit is None:
                self._visit = visit
                self._conclude(visit, lambda: self._read(visit, slot))
            case BeginTyped(visit=visit, digits=digits) if self._visit is None:
                self._visit = visit
                self._conclude(visit, lambda: self._run.take_typed(digits))
            case AskAgain() if self._visit is not None:
                self._conclude(self._visit, lambda: None)
            case Begin() | BeginTyped() | AskAgain():
                raise MessageError("out of turn")  # an agent serves one visit
            case _:
                assert_never(message)

    def _read(self, visit: VisitId, slot: SlotName) -> None:
        self._tell(Proceeding(visit, Progress.WAITING_FOR_CARD))
        reading = self._run.read(slot, lambda: self._tell(Proceeding(visit, Progress.READING)))
        if self._tells_name:
            self._tell(CardHolder(visit, reading.identity.given_name))

    def _conclude(self, visit: VisitId, prepare: Callable[[], None]) -> None:
        try:
            prepare()
            self._tell(Proceeding(visit, Progress.ASKING))
            outcome = Concluded(visit, verdict=self._run.ask())
            line = messages.line_of(outcome)
        except KioskError as error:
            line = _problem(visit, error.problem.code)
        except MessageError:
            line = _problem(visit, ProblemCode.SERVICE_UNINTELLIGIBLE)
        except Exception as error:  # noqa: BLE001 - the last boundary: an agent always answers
            report_internal(where(error))
            line = _problem(visit, ProblemCode.INTERNAL)
        self._write(line)

    def _expired(self, code: ProblemCode) -> None:
        try:
            if self._visit is not None:
                self._write(_problem(self._visit, code))
        finally:  # also when the window is gone: the card may block this process for minutes
            self._leave(EXIT_NOW)

    def _tell(self, message: ToWindow) -> None:
        self._write(messages.line_of(message))

    def _write(self, line: bytes) -> None:
        with self._writing:
            self._outgoing.write(line)
            self._outgoing.flush()


def where(error: BaseException) -> str:
    """Say what kind of error came from which line, without a word of its text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} in {place}"


def report_internal(what: str) -> None:
    """Leave one line for support on standard error."""
    print(f"{ProblemCode.INTERNAL.code} {what}", file=sys.stderr, flush=True)  # noqa: T201 - the only log it has


def _problem(visit: VisitId, code: ProblemCode) -> bytes:
    return messages.line_of(Concluded(visit, problem=code.code))
