"""Makes visits on a window with scripted agents and prints how soon things were on it.

    python -m tests.bench.painted_visits MODE VISITS FOLDER

Prints one JSON object with nanoseconds: from the card's event to the first picture that shows it,
and from the agent's last message to the picture with the verdict.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from kiosk.agent.messages import Concluded, ToWindow
from kiosk.domain.policy import Mode
from kiosk.domain.visit import Idle
from kiosk.ports import SlotEvent, SlotFilled
from kiosk.ui.application import Application
from kiosk.ui.screens.parts import Act, Kind
from kiosk.ui.theme import load_fonts
from tests.support.scripted_world import World, scripted_terminal
from tests.ui.monkey_hands import Hands

SIZES = {Mode.DESK: (1280, 800), Mode.SELF_SERVICE: (1920, 1080)}


class Watch(QObject):
    """Stands before the controller and behind the paint."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self.card: list[int] = []
        self.verdict: list[int] = []
        self._app = app
        self._since: dict[Kind, int] = {}
        _put_before(app.watch.told, app.controller.readers_told, self._told)
        _put_before(app.pool.said, app.controller._agent_said, self._said)
        app.window.installEventFilter(self)

    def has_more_than(self, verdicts: int) -> bool:
        """Whether one more verdict was painted."""
        return len(self.verdict) > verdicts

    def _told(self, event: SlotEvent) -> None:
        if isinstance(event, SlotFilled):
            self._since[Kind.READING] = time.perf_counter_ns()

    def _said(self, message: ToWindow) -> None:
        if isinstance(message, Concluded):
            self._since[Kind.VERDICT] = time.perf_counter_ns()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt calls it by this name
        if event.type() is not QEvent.Type.UpdateRequest:
            return False
        shown = self._app.window.screen_shown
        watched.event(event)  # paints
        if shown is not None and shown.kind in self._since:
            took = time.perf_counter_ns() - self._since.pop(shown.kind)
            (self.card if shown.kind is Kind.READING else self.verdict).append(took)
        return True


def _put_before(signal: object, first: Callable[..., None], ours: Callable[..., None]) -> None:
    for done, slot in (("disconnect", first), ("connect", ours), ("connect", first)):
        getattr(signal, done)(slot)


def main(mode: Mode, visits: int, folder: Path) -> None:
    """Measure and print."""
    QApplication(["window"])
    load_fonts()
    world = World(folder)
    app = Application(scripted_terminal(mode, world, world.agent("1", "good")))
    hands = Hands(app, world, random.Random(1))
    watch = Watch(app)
    app.window.resize(*SIZES[mode])
    app.window.show()
    app.start()
    while len(watch.verdict) < visits:
        before = len(watch.verdict)
        hands.wait_until(
            lambda: app.pool.is_ready and isinstance(app.controller.state, Idle), "ready"
        )
        world.put_in(world.slots[0])
        hands.wait_until(partial(watch.has_more_than, before), "a verdict")
        world.take_out(world.slots[0])
        hands.wait_until(lambda: world.is_told, "it is told")
        app.window.acted.emit(Act.DONE)
    app.stop()
    print(json.dumps({"card": watch.card, "verdict": watch.verdict}))


if __name__ == "__main__":
    main(Mode(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
