"""One agent waiting, one working: the processes that hold what the window must not.

An agent serves one visit and is killed at its end, whatever it is doing. The
next one has loaded everything by then and waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from PySide6.QtCore import QObject, QProcess, QTimer, Signal, Slot

from kiosk.agent import messages
from kiosk.agent.messages import Concluded, MessageError, Ready, Status, ToAgent, ToWindow
from kiosk.domain.problem import ProblemCode
from kiosk.domain.visit import VisitId

_SHORTEST_PAUSE = 250
_LONGEST_PAUSE = 10_000
_LONGEST_DEATH = 1000
_SO_MANY_LOST = 3
"""So many agents in a row that never got ready: it will not get better by itself."""


@final
class Agent(QObject):
    """One process, from its start to its end."""

    said = Signal(object)
    """A message to the window."""
    lost = Signal()
    """The process ended, or said something that is no message. Told once."""

    def __init__(self, command: Sequence[str], parent: QObject) -> None:
        super().__init__(parent)
        self.is_ready = False
        self._told = False
        self._pending = bytearray()
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.finished.connect(self._ended)
        self._process.errorOccurred.connect(self._ended)
        self._command = tuple(command)

    def start(self) -> None:
        """Start the process; a failure to do so is ``lost``, perhaps at once."""
        self._process.start(self._command[0], list(self._command[1:]))

    def tell(self, message: ToAgent) -> None:
        """Send a message; nothing of it stays here."""
        self._process.write(messages.line_of(message))

    def kill(self) -> None:
        """End the process now; nothing more is heard of it."""
        self._told = True
        self._stop()
        self.deleteLater()

    @Slot()
    def _read(self) -> None:
        self._pending += self._process.readAllStandardOutput().data()
        while not self._told and b"\n" in self._pending:
            line, _, rest = bytes(self._pending).partition(b"\n")
            self._pending = bytearray(rest)
            try:
                message = messages.for_window(line)
            except MessageError:
                self._ended()
                return
            self.is_ready = self.is_ready or isinstance(message, Ready)
            self.said.emit(message)
        if len(self._pending) > messages.LONGEST_LINE:
            self._ended()

    @Slot()
    def _ended(self) -> None:
        if not self._told:
            self._told = True
            self._stop()
            self.lost.emit()

    def _stop(self) -> None:
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.kill()
            self._process.waitForFinished(_LONGEST_DEATH)


@final
class AgentPool(QObject):
    """Keeps one agent waiting; gives a visit the next one."""

    said = Signal(object)
    """A message about the working visit, or how the sources are. Nothing about another visit."""
    ready = Signal()
    """An agent is waiting: a visit begun now starts at once."""
    failing = Signal()
    """Agents end before they are ready, again and again. ``ready`` ends this."""

    def __init__(self, command: Sequence[str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._command = tuple(command)
        self._waiting: Agent | None = None
        self._working: Agent | None = None
        self._visit: VisitId | None = None
        self._begin: ToAgent | None = None
        self._pause = _SHORTEST_PAUSE
        self._lost = 0

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

    def stop(self) -> None:
        """Kill every agent; the window is closing."""
        self.end()
        if self._waiting is not None:
            self._waiting.kill()
            self._waiting = None

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
                self._pause = _SHORTEST_PAUSE
                self._lost = 0
                self.ready.emit()
                self._hand_over()
            case Status():
                self.said.emit(message)
            case _:
                pass  # it has no visit to tell of

    @Slot()
    def _waiting_lost(self) -> None:
        if self._waiting is not None:
            self._waiting.deleteLater()
            self._waiting = None
        self._lost += 1
        if self._lost == _SO_MANY_LOST:
            self.failing.emit()
        QTimer.singleShot(self._pause, self, self._start_waiting)
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _hand_over(self) -> None:
        agent = self._waiting
        if self._begin is None or agent is None or not agent.is_ready:
            return
        agent.said.disconnect(self._waiting_said)
        agent.lost.disconnect(self._waiting_lost)
        agent.said.connect(self._working_said)
        agent.lost.connect(self._working_lost)
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
        visit = self._visit
        if self._working is not None:
            self._working.deleteLater()
            self._working = None
        if visit is not None:
            self.said.emit(Concluded(visit, problem=ProblemCode.AGENT_LOST.code))
