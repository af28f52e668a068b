"""One terminal, from its first picture to its end."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QApplication, QWidget

from kiosk.domain.policy import ModePolicy
from kiosk.domain.visit import State
from kiosk.ports import Clock, SlotMonitor
from kiosk.ui.agents import AgentPool
from kiosk.ui.controller import Controller
from kiosk.ui.doorbell import Doorbell
from kiosk.ui.last_resort import LastResort
from kiosk.ui.opening import INTERNAL, AlreadyOpen, Opening, claim
from kiosk.ui.screens.parts import Screen
from kiosk.ui.screens.view import Language, View
from kiosk.ui.screens.words import Words
from kiosk.ui.single_instance import SingleInstance
from kiosk.ui.sleep_watch import SleepWatch
from kiosk.ui.slot_watch import SlotWatch
from kiosk.ui.theme import Theme, load_fonts, theme_of
from kiosk.ui.window import ScreenWindow, TimeSource

Builder: TypeAlias = Callable[[State, View, Words], Screen]
WindowMaker: TypeAlias = Callable[[Theme, TimeSource, Words], ScreenWindow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """What makes one terminal differ from another."""

    name: str
    """One instance of each name in a session."""
    policy: ModePolicy
    view: View
    agent: tuple[str, ...]
    """The command that starts an agent."""
    monitor: Callable[[], SlotMonitor]
    build: Builder
    window: WindowMaker
    theme: str
    """A theme's name, or ``system``."""
    motion: bool
    """Whether pictures may move."""
    now: Clock


@final
class Application(QObject):
    """The controller, the window, the agents and the slot watch of one terminal."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal
        self._words: dict[Language, Words] = {}
        self.pool = AgentPool(terminal.agent, self)
        self.controller = Controller(self.pool, terminal.policy, terminal.view, terminal.now, self)
        self.watch = SlotWatch(terminal.monitor, parent=self)
        self.sleep = SleepWatch(self)
        words = self._words_in(terminal.view.language)
        self.window = terminal.window(theme_of(terminal.theme), self.controller.clock, words)
        self.window.motion = terminal.motion
        self.controller.changed.connect(self._render)
        self.controller.renewal_wanted.connect(self.watch.renew)
        self.watch.told.connect(self.controller.readers_told)
        self.sleep.woken.connect(self.controller.give_up)
        self.sleep.woken.connect(self.pool.renew)
        self.sleep.woken.connect(self.controller.renewal_wanted)
        self.window.acted.connect(self.controller.act)
        self.window.number_typed.connect(self.controller.type_number)
        self.window.use_case_chosen.connect(self.controller.viewing.choose_use_case)
        self.window.language_chosen.connect(self.controller.viewing.choose_language)
        self._render()

    def start(self) -> None:
        """Begin to work: agents load while the first picture is painted, readers come after it."""
        self.pool.start()
        QTimer.singleShot(0, self.watch.start)

    def stop(self) -> None:
        """End every process and thread of this terminal."""
        self.watch.stop()
        self.pool.stop()

    @Slot()
    def recover(self) -> None:
        """Something in this program went wrong: end the visit, paint everything anew."""
        self.controller.give_up()
        self.window.forget_screen()
        self._render()

    @Slot()
    def _render(self) -> None:
        view = self.controller.view
        words = self._words_in(view.language)
        self.window.show_screen(self._terminal.build(self.controller.state, view, words))

    def _words_in(self, language: Language) -> Words:
        if language not in self._words:
            self._words[language] = Words(language)
        return self._words[language]


def run(
    terminal: Terminal,
    frame: Callable[[Application], QWidget] | None = None,
    opening: Opening | None = None,
) -> int:
    """Show a terminal until it is closed; return the exit status.

    ``frame`` puts the window into another one, as the demo does, or looks on. ``opening`` is
    what is on the screen already.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    qt = QApplication.instance() or QApplication([terminal.name])
    try:
        only = _place(terminal) if opening is None else opening.only
    except AlreadyOpen as other:
        return other.status
    application = Application(terminal)
    resort = LastResort()
    resort.failed.connect(application.recover)
    resort.hopeless.connect(_leave)
    resort.install()
    shown = application.window if frame is None else frame(application)
    application.window.left.connect(_end)
    application.start()
    if opening is not None:
        opening.make_way(shown)
    application.window.present() if shown is application.window else shown.show()
    doorbell = Doorbell(only.address)
    doorbell.rung.connect(_Raiser(shown).bring_to_front)
    status = qt.exec()
    application.stop()
    doorbell.take_down()
    only.release()
    return status


def _place(terminal: Terminal) -> SingleInstance:
    only = SingleInstance(terminal.name)
    claim(only)
    load_fonts()
    return only


@final
class _Raiser(QObject):
    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window

    @Slot()
    def bring_to_front(self) -> None:
        self._window.setWindowState(self._window.windowState() & ~Qt.WindowState.WindowMinimized)
        self._window.raise_()
        self._window.activateWindow()


def _end() -> None:
    """End at once: to quit would ask the windows, and self-service says no."""
    QApplication.exit()


def _leave() -> None:
    QApplication.exit(INTERNAL)
