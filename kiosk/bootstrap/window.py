"""What the process with the window is put together from: no network, no cryptography."""

from __future__ import annotations

import importlib
import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from kiosk.bootstrap.policy import mode_policy, now
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import UseCase
from kiosk.ports import SlotEmptied, SlotEvent, SlotFilled, SlotMonitor
from kiosk.program import command_of
from kiosk.settings import Settings, UiSettings
from kiosk.ui import application
from kiosk.ui.application import Application, Terminal
from kiosk.ui.opening import Opening
from kiosk.ui.screens.view import Language, Place, View
from kiosk.ui.window import ScreenWindow

_NAME: Final = "tariefwijzer"
_OF_MODE: Final = {
    Mode.DESK: "kiosk.bootstrap.desk",
    Mode.SELF_SERVICE: "kiosk.bootstrap.self_service",
}
"""Loaded by name: a desk does not wait for what self-service is made of."""
_AGENT: Final = "kiosk.agent"
_LAMPS: Final = {Mode.DESK: ("--lamps",), Mode.SELF_SERVICE: ()}


def run(settings: Settings, mode: Mode, config: Path | None, opening: Opening) -> int:
    """Show the window of a mode until it is closed; return the exit status."""
    return application.run(terminal(settings, mode, config), opening=opening)


def run_trial(settings: Settings, mode: Mode, config: Path | None, picture: Path) -> str:
    """Open the window until an agent answers; return what went wrong, empty when nothing did.

    It stands beside a terminal that is at work, and reads no card.
    """
    trial_module = importlib.import_module("kiosk.ui.trial")
    own = terminal(settings, mode, config)
    trials = []

    def watched(application: Application) -> ScreenWindow:
        trials.append(trial_module.Trial(application, picture))
        return application.window

    name = f"{_NAME}-trial-{os.getpid()}"
    blind = replace(own, name=name, monitor=lambda: Cardless(own.monitor()))
    application.run(blind, watched)
    return str(trials[0].result) if trials else "the window did not open"


def terminal(settings: Settings, mode: Mode, config: Path | None) -> Terminal:
    """Return the terminal that these settings describe."""
    own = importlib.import_module(_OF_MODE[mode])
    return Terminal(
        name=_NAME,
        policy=mode_policy(mode),
        view=view(settings),
        agent=agent_command(mode, config),
        monitor=_Monitor(settings),
        build=own.screen,
        window=own.window(settings),
        theme=settings.ui.theme,
        motion=settings.ui.motion == "full",
        now=now,
    )


def agent_command(mode: Mode, config: Path | None, program: str = _AGENT) -> tuple[str, ...]:
    """Return what starts an agent of this mode; ``program`` is the module that it is."""
    own = ("--config", str(config)) if config is not None else ()
    return (*command_of(program), "--mode", mode.value, *_LAMPS[mode], *own)


def view(settings: Settings) -> View:
    """Return what a window shows before anything has happened."""
    ui = settings.ui
    use_cases = tuple(map(UseCase, settings.service.use_cases))
    return View(
        language=Language(ui.language),
        languages=tuple(map(Language, ui.languages)),
        use_case=use_cases[0],
        use_cases=use_cases,
        place=place(ui),
    )


def place(ui: UiSettings) -> Place:
    """Return where this terminal stands."""
    desks = {Language.DUTCH: ui.desk.nl, Language.ENGLISH: ui.desk.en}
    named = {language: name for language, name in desks.items() if name}
    return Place(counter=ui.counter, desk=named)


class Cardless:
    """Tells of readers and of no card: a trial stands beside a terminal that is at work."""

    def __init__(self, monitor: SlotMonitor) -> None:
        self._monitor = monitor
        self.close = monitor.close

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        """Wait as the monitor does; leave out what concerns cards."""
        events = self._monitor.wait(at_most)
        return [event for event in events if not isinstance(event, SlotFilled | SlotEmptied)]


class _Monitor:
    """Makes slot monitors. PC/SC is loaded by the thread that waits, not before the first paint."""

    def __init__(self, settings: Settings) -> None:
        self._card = settings.card

    def __call__(self) -> SlotMonitor:
        readers = importlib.import_module("kiosk.bootstrap.readers")
        monitor: SlotMonitor = readers.slot_monitor(self._card)
        return monitor
