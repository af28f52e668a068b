"""Random hands for a terminal: what they can do to cards, keys, mouse, clock and processes."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from typing import ClassVar, Final

from PySide6.QtCore import QEventLoop, QPoint, QProcess, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from kiosk.ui.agents import Agent
from kiosk.ui.application import Application
from kiosk.ui.widgets.number_field import NumberField
from tests.support.people import number_text
from tests.support.scripted_world import World

KEYS = [
    *(Qt.Key.Key_Escape, Qt.Key.Key_F2, Qt.Key.Key_F5, Qt.Key.Key_Return, Qt.Key.Key_Tab),
    *(Qt.Key.Key_Space, Qt.Key.Key_Backspace, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_7),
    *(Qt.Key.Key_A, Qt.Key.Key_Delete, Qt.Key.Key_F1, Qt.Key.Key_Menu, Qt.Key.Key_PageDown),
]
MODIFIERS = [
    *[Qt.KeyboardModifier.NoModifier] * 6,
    *(Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ControlModifier),
]
SIZES = [(1280, 800), (1024, 700), (1920, 1080), (1080, 1920)]


class Hands:
    """They do one thing after the other, and remember what."""

    longest_pause: ClassVar[int] = 6
    """Milliseconds between two things that happen."""

    def __init__(self, app: Application, world: World, dice: random.Random) -> None:
        self.app = app
        self.world = world
        self.dice = dice
        self.done: list[str] = []

    def do_something(self) -> None:
        """Let one thing happen, and time pass."""
        (what,) = self.dice.choices(list(THINGS), list(THINGS.values()))
        said = what(self)
        self.done.append(f"{what.__name__} {said or ''}")
        self.pass_time(self.dice.randint(0, self.longest_pause))

    def pass_time(self, milliseconds: int) -> None:
        """Let the program run."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec()

    def move_card(self) -> str:
        slot = self.dice.choice(self.world.slots)
        if slot in self.world.cards:
            self.world.take_out(slot)
            return f"out of {slot}"
        self.world.put_in(slot)
        return f"{self.world.cards[slot]} into {slot}"

    def swap_card(self) -> str:
        said = self.move_card()
        slot = self.dice.choice(self.world.slots)
        if slot not in self.world.cards:
            self.world.put_in(slot)
        return said

    def press_what_is_offered(self) -> str:
        screen = self.app.window.screen_shown
        if screen is None or not screen.actions:
            return ""
        action = self.dice.choice(screen.actions)
        self.app.window.acted.emit(action.act)
        return action.act.value

    def click_a_button(self) -> str:
        buttons = [one for one in self.app.window.findChildren(QAbstractButton) if one.isVisible()]
        if not buttons:
            return ""
        button = self.dice.choice(buttons)
        name = button.objectName() or button.text()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        return name

    def press_a_key(self) -> str:
        key, modifier = self.dice.choice(KEYS), self.dice.choice(MODIFIERS)
        QTest.keyClick(self.app.window, key, modifier)
        return f"{modifier.name} {key.name}"

    def click_anywhere(self) -> str:
        window = self.app.window
        at = QPoint(self.dice.randrange(window.width()), self.dice.randrange(window.height()))
        found = window.childAt(at)
        if found is not None:
            button = self.dice.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton))
            QTest.mouseClick(found, button, Qt.KeyboardModifier.NoModifier)
        return str(at)

    def type_a_number(self) -> str:
        field = self.app.window.focusWidget()
        screen = self.app.window.screen_shown
        if not isinstance(field, NumberField) or screen is None or screen.entry is None:
            return ""
        number = number_text("856130", self.dice.randrange(1, 998))
        QTest.keyClicks(field, number[: self.dice.choice((3, 11, 11, 11))])
        QTest.keyClick(field, Qt.Key.Key_Return)
        return "a number"

    def type_at_a_bad_moment(self) -> None:
        self.app.window.number_typed.emit(number_text("856130", 12), "other")

    def ring(self) -> str:
        clock = self.app.controller.clock
        if not clock.total():
            return ""
        clock._until = 0.0
        clock._ring()
        return "rang"

    def lose_or_find_readers(self) -> None:
        (self.world.fail if self.dice.random() < 0.3 else self.world.recover)()

    def sleep(self) -> None:
        """The lid of the machine is closed and opened."""
        self.app.sleep.woken.emit()

    def kill_the_working_agent(self) -> str:
        working = self.app.pool._working
        if working is None or working._process.processId() == 0:
            return ""
        os.kill(working._process.processId(), signal.SIGKILL)
        return "killed"

    def kill_an_agent(self) -> str:
        agents = self.agents()
        if not agents:
            return ""
        os.kill(self.dice.choice(agents), signal.SIGKILL)
        return "killed"

    def wait(self) -> None:
        self.pass_time(7 * self.longest_pause)

    def choose_a_language(self) -> None:
        self.app.window.language_chosen.emit(self.dice.choice(("nl", "en")))

    def resize(self) -> None:
        self.app.window.resize(*self.dice.choice(SIZES))

    def recover(self) -> None:
        self.app.recover()

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 10.0) -> None:
        """Let the program run until something is so."""
        began = time.monotonic()
        while not condition():
            assert time.monotonic() - began < seconds, what
            self.pass_time(1)

    def agents(self) -> list[int]:
        """The processes that run for the pool and that it has not ended."""
        agents = self.app.pool.findChildren(Agent)
        return [pid for agent in agents if not agent.is_over for pid in processes_of(agent)]

    def processes(self) -> list[int]:
        """All of them; one that was killed takes a moment to end."""
        return [pid for agent in self.app.pool.findChildren(Agent) for pid in processes_of(agent)]


def processes_of(agent: Agent) -> list[int]:
    return [
        process.processId()
        for process in agent.findChildren(QProcess)
        if process.state() is not QProcess.ProcessState.NotRunning
    ]


THINGS: Final[Mapping[Callable[[Hands], str | None], float]] = {
    Hands.move_card: 24,
    Hands.swap_card: 4,
    Hands.press_what_is_offered: 12,
    Hands.click_a_button: 10,
    Hands.press_a_key: 12,
    Hands.click_anywhere: 6,
    Hands.type_a_number: 8,
    Hands.type_at_a_bad_moment: 2,
    Hands.ring: 6,
    Hands.lose_or_find_readers: 5,
    Hands.sleep: 1,
    Hands.kill_the_working_agent: 4,
    Hands.kill_an_agent: 0.3,  # the next one comes after a pause that grows
    Hands.choose_a_language: 2,
    Hands.resize: 1,
    Hands.recover: 1,
    Hands.wait: 5,
}
"""What they do, and how often beside the rest."""
