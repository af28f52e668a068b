"""One agent waiting, one working: the processes that hold what the window must not.

An agent serves one visit and is killed at its end, whatever it is doing. The
next one has loaded everything by then and waits. Nobody waits for a death: the
window would stand still with the visit on it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, final

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from kiosk.agent import messages
from kiosk.agent.messages import (
    Concluded,
    MessageError,
    Ready,
    Status,
    ToAgent,
    ToWindow,
)
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.visit import VisitId
from kiosk.ui.talk_limit import TalkLimit

_SHORTEST_PAUSE: Final = 250
_LONGEST_PAUSE: Final = 10_000
_LONGEST_STOP_SECONDS: Final = 1.0
_PROVEN: Final = 10_000
"""An agent that has waited for so many milliseconds is no sign of trouble any more."""
_SO_MANY_LOST: Final = 3
"""So many agents in a row that were of no use: it will not get better by itself."""
_EXIT_CONFIGURATION: Final = 78
_LINES_PER_TURN: Final = 200


@final
class _Process(QProcess):
    """A process that can be left behind: Qt waits half a minute for one that does not die."""

    def leave_behind(self) -> None:
        """Let Qt think that it ended."""
        self.setProcessState(QProcess.ProcessState.NotRunning)


@final
class Agent(QObject):
    """One process, from its start to its end. Deletes itself when that has come."""

    said = Signal(object)
    """A message to the window."""
    lost = Signal(object)
    """The process ended, or said what it must not; with a ``Problem``. Told once."""

    def __init__(self, command: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self.is_ready = False
        self.is_over = False
        self._lines: deque[bytes] = deque()
        self._rest = b""
        self._limit = TalkLimit()
        self._next_turn = _timer(self, self._handle)
        self._process = _Process(self)
        # What it says to support goes where the window's own words go, and stays in no buffer here.
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._failed)
        self._command = tuple(command)

    def start(self) -> None:
        """Start the process; a failure to do so is ``lost``, perhaps at once."""
        self._process.start(self._command[0], list(self._command[1:]))

    def tell(self, message: ToAgent) -> None:
        """Send a message; nothing of it stays here longer than this turn of the event loop."""
        self._process.write(messages.line_of(message))

    def kill(self) -> None:
        """End the process, without waiting for that; nothing more is heard of it."""
        self.is_over = True
        self._lines.clear()
        self._rest = b""
        self._next_turn.stop()
        self._bury()

    def await_death(self, seconds: float) -> None:
        """Wait for the end of a killed process at most so long, then leave it behind."""
        self._process.waitForFinished(int(seconds * 1000))
        self._process.leave_behind()

    @Slot()
    def _read(self) -> None:
        data = self._process.readAllStandardOutput().data()
        if self.is_over:
            return
        *lines, self._rest = (self._rest + data).split(b"\n")
        self._lines.extend(lines)
        self._handle()
        if len(self._rest) > messages.LONGEST_LINE:
            self._lose(ProblemCode.AGENT_LOST)

    @Slot()
    def _handle(self) -> None:
        """Take some lines; the window has to get its turn."""
        for _ in range(min(_LINES_PER_TURN, len(self._lines))):
            try:
                message = messages.for_window(self._lines.popleft())
            except MessageError:
                self._lose(ProblemCode.AGENT_LOST)
                return
            if not self._limit.takes(message):
                self._lose(ProblemCode.AGENT_LOST)
                return
            self.is_ready = self.is_ready or isinstance(message, Ready)
            self.said.emit(message)
            if self.is_over:
                return
        if self._lines:
            self._next_turn.start(0)

    @Slot(int, QProcess.ExitStatus)
    def _ended(self, status: int, how: QProcess.ExitStatus) -> None:
        misconfigured = how is QProcess.ExitStatus.NormalExit and status == _EXIT_CONFIGURATION
        self._lose(ProblemCode.CONFIGURATION_WRONG if misconfigured else ProblemCode.AGENT_LOST)

    @Slot(QProcess.ProcessError)
    def _failed(self, _: QProcess.ProcessError) -> None:
        self._lose(ProblemCode.AGENT_LOST)

    def _lose(self, code: ProblemCode) -> None:
        if self.is_over:
            self._bury()
        else:
            self.kill()
            self.lost.emit(Problem(code))

    def _bury(self) -> None:
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self.deleteLater()
        else:
            self._process.kill()


@final
class AgentPool(QObject):
    """Keeps one agent waiting; gives a visit the next one."""

    said = Signal(object)
    """A message about the working visit, or how the sources are. Nothing about another visit."""
    ready = Signal()
    """An agent is waiting: a visit begun now starts at once."""
    failing = Signal(object)
    """Agents end before they are of use, again and again; with a ``Problem``. ``ready`` ends this.

    Told again only when the problem becomes another one.
    """

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._waiting: Agent | None = None
        self._working: Agent | None = None
        self._visit: VisitId | None = None
        self._begin: ToAgent | None = None
        self._pause = _SHORTEST_PAUSE
        self._lost = 0
        self._told: Problem | None = None
        self._restart = _timer(self, self._start_waiting)
        self._proven = _timer(self, self._count_anew)

    def start(self) -> None:
        """Start the first agent."""
        self._start_waiting()

    def begin(self, visit: VisitId, message: ToAgent) -> None:
        """Give this visit the waiting agent, or the next one as soon as it is ready."""
        self.end()
        self._visit, self._begin = visit, message
        self._hand_over()

    def tell(self, message: ToAgent) -> None:
        """Send the working agent a follow-up; one that is gone counts as lost once more."""
        if self._working is not None:
            self._working.tell(message)
        elif self._visit is not None:
            self.said.emit(Concluded(self._visit, problem=ProblemCode.AGENT_LOST.code))

    def end(self) -> None:
        """Kill the working agent, and the number with it."""
        self._visit = self._begin = None
        if self._working is not None:
            self._working.kill()
            self._working = None

    @Slot()
    def renew(self) -> None:
        """Let another agent wait: the connection of this one may be dead without its knowing."""
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting = None
            self._start_waiting()

    def stop(self) -> None:
        """Kill every agent and wait a moment for their death; the window is closing."""
        self.end()
        self._restart.stop()
        self._proven.stop()
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting = None
        until = time.monotonic() + _LONGEST_STOP_SECONDS
        for agent in self.findChildren(Agent):
            agent.await_death(max(0.0, until - time.monotonic()))

    @property
    def is_ready(self) -> bool:
        """Whether an agent waits."""
        return self._waiting is not None and self._waiting.is_ready

    @Slot()
    def _start_waiting(self) -> None:
        if self._waiting is None:
            self._waiting = Agent(self._command, self)
            self._waiting.said.connect(self._waiting_said)
            self._waiting.lost.connect(self._waiting_lost)
            self._waiting.start()

    @Slot(object)
    def _waiting_said(self, message: ToWindow) -> None:
        match message:
            case Ready():
                self._told = None
                if not self._proven.isActive():
                    self._proven.start(_PROVEN)
                self.ready.emit()
                self._hand_over()
            case Status():
                self.said.emit(message)
            case _:
                pass  # it has no visit to tell of

    @Slot()
    def _count_anew(self) -> None:
        self._pause = _SHORTEST_PAUSE
        self._lost = 0

    @Slot(object)
    def _waiting_lost(self, problem: Problem) -> None:
        self._waiting = None
        self._proven.stop()
        self._lost += 1
        certain = problem.code is ProblemCode.CONFIGURATION_WRONG
        if problem != self._told and (certain or self._lost >= _SO_MANY_LOST):
            self._told = problem
            self.failing.emit(problem)
        self._restart.start(self._pause)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _hand_over(self) -> None:
        agent = self._waiting
        if self._begin is None or agent is None or not agent.is_ready:
            return
        agent.said.disconnect(self._waiting_said)
        agent.lost.disconnect(self._waiting_lost)
        agent.said.connect(self._working_said)
        agent.lost.connect(self._working_lost)
        self._proven.stop()
        self._count_anew()
        self._waiting, self._working = None, agent
        agent.tell(self._begin)
        self._begin = None
        self._start_waiting()

    @Slot(object)
    def _working_said(self, message: ToWindow) -> None:
        if self._visit is not None and getattr(message, "visit", None) == self._visit:
            self.said.emit(message)

    @Slot()
    def _working_lost(self) -> None:
        visit, self._working = self._visit, None
        if visit is not None:
            self.said.emit(Concluded(visit, problem=ProblemCode.AGENT_LOST.code))


def _timer(parent: QObject, then: Callable[[], None]) -> QTimer:
    timer = QTimer(parent)
    timer.setSingleShot(True)
    timer.timeout.connect(then)
    return timer
