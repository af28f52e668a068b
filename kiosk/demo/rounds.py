"""Visits that nobody looks at: in the real window, printed as they go, a picture of each step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Final, final

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Slot

from kiosk.agent.messages import Progress
from kiosk.commands.exit_status import ExitStatus
from kiosk.commands.problem_texts import TEXTS
from kiosk.demo.album import Album
from kiosk.demo.frame import Frame
from kiosk.demo.guests import Guest
from kiosk.domain.problem import Problem
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import AwaitingRemoval, Checking, Idle, Reading, Showing
from kiosk.ui.application import Application
from kiosk.ui.screens.parts import Act

_LONGEST_SECONDS: Final = 30
_SETTLING_MILLISECONDS: Final = 25
"""What was laid out has its place by then."""


@final
class Rounds(QObject):
    """Lets one person after the other come, and ends Qt's loop after the last.

    The loop ends with ``ExitStatus.OK``, or with ``INTERNAL`` when a visit does
    not come to its end.
    """

    def __init__(
        self, application: Application, frame: Frame, chosen: Sequence[Guest], album: Album
    ) -> None:
        super().__init__(frame)
        self._controller = application.controller
        self._pool = application.pool
        self._window = application.window
        self._window.motion = False
        self._frame = frame
        self._left = list(chosen)
        self._album = album
        self._visiting = False
        self._told: list[str] = []
        self._patience = self._timer(1000 * _LONGEST_SECONDS, self._give_up)
        self._patience.start()
        self._settling = self._timer(_SETTLING_MILLISECONDS, self._look)
        self._controller.changed.connect(self._follow)
        self._pool.ready.connect(self._follow)

    def _timer(self, milliseconds: int, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(then)
        return timer

    @Slot()
    def _follow(self) -> None:
        """Tell how the visit goes; what comes next waits for the picture."""
        if self._visiting:
            self._tell_progress()
            if isinstance(self._controller.state, Reading | Checking):
                self._take()  # it may be over in a moment
        self._settling.start()

    @Slot()
    def _look(self) -> None:
        """Take a picture of what the window shows now, and go on."""
        state = self._controller.state
        visited = self._visiting and bool(self._told)
        if self._visiting is not isinstance(state, Idle):
            self._take()
        if isinstance(state, Showing):
            self._controller.act(Act.DONE)
        elif isinstance(state, AwaitingRemoval):
            self._frame.pull_out()
        elif isinstance(state, Idle) and visited:
            self._end_visit()
        elif isinstance(state, Idle) and not self._visiting and self._pool.is_ready:
            self._begin()

    def _take(self) -> None:
        screen = self._window.screen_shown
        if screen is not None:
            self._album.take(self._frame, screen.kind)

    def _begin(self) -> None:
        guest = self._left.pop(0)
        self._visiting = True
        self._told = []
        self._patience.start()
        self._album.begin(guest.id)
        self._frame.choose(guest)
        print(f"{guest.name}: {guest.story['en']}", flush=True)
        self._frame.put_in()

    def _end_visit(self) -> None:
        print(flush=True)
        self._visiting = False
        self._patience.start()
        if self._left:
            self._settling.start()
            return
        print(f"Pictures of every step ({self._album.count}) are in {self._album.folder}/")
        QCoreApplication.exit(ExitStatus.OK)

    def _tell_progress(self) -> None:
        state, view = self._controller.state, self._controller.view
        if isinstance(state, Reading):
            self._tell("card in …")
        if view.step is Progress.READING:
            self._tell("reading …")
        if view.given_name:
            self._tell(f"(the desk sees: {view.given_name})")
        if isinstance(state, Checking):
            self._tell("proven, asking …")
        if isinstance(state, Showing):
            self._tell(_described(state.outcome))

    def _tell(self, line: str) -> None:
        """Print a line of this visit, once."""
        if line not in self._told:
            self._told.append(line)
            print(f"    {line}", flush=True)

    @Slot()
    def _give_up(self) -> None:
        whose = f"the visit of {self._frame.guest.name}" if self._visiting else "the next visit"
        screen = self._window.screen_shown
        shown = screen.heading if screen is not None else "nothing"
        print(
            f"kiosk demo: {whose} is not over after {_LONGEST_SECONDS} s; the window says: {shown}",
            file=sys.stderr,
        )
        QCoreApplication.exit(ExitStatus.INTERNAL)


def _described(outcome: Verdict | Problem) -> str:
    if isinstance(outcome, Problem):
        return f"{outcome.code.code}: {TEXTS[outcome.code].title}"
    parts = [outcome.colour.value.upper()]
    if outcome.tariff is not None:
        parts.append(f"{outcome.tariff.code}, pays {outcome.tariff.pay_percent} %")
    if outcome.valid_until is not None:
        parts.append(f"until {outcome.valid_until.isoformat()}")
    parts += [item.title.get("en", item.code) for item in outcome.guidance]
    return " – ".join(parts)
