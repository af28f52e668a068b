"""What the process with the window is put together from: no network, no cryptography."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Final

from kiosk.bootstrap.policy import mode_policy, now
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import UseCase
from kiosk.ports import SlotMonitor
from kiosk.settings import Settings, UiSettings
from kiosk.ui import application
from kiosk.ui.application import Builder, Terminal, WindowMaker
from kiosk.ui.desk.window import DeskWindow
from kiosk.ui.screens import desk, self_service
from kiosk.ui.screens.view import Language, Place, View
from kiosk.ui.screens.words import Words
from kiosk.ui.self_service.window import SelfServiceWindow
from kiosk.ui.self_service.words import pad_words
from kiosk.ui.theme import Style, Theme
from kiosk.ui.widgets.band import Band
from kiosk.ui.window import ScreenWindow, TimeSource

_NAME: Final = "tariefwijzer"
_BUILDERS: Final[dict[Mode, Builder]] = {
    Mode.DESK: desk.screen,
    Mode.SELF_SERVICE: self_service.screen,
}
_LAMPS: Final = {Mode.DESK: ("--lamps",), Mode.SELF_SERVICE: ()}


def run(settings: Settings, mode: Mode, config: Path | None) -> int:
    """Show the window of a mode until it is closed; return the exit status."""
    return application.run(terminal(settings, mode, config))


def terminal(settings: Settings, mode: Mode, config: Path | None) -> Terminal:
    """Return the terminal that these settings describe."""
    return Terminal(
        name=_NAME,
        policy=mode_policy(mode),
        view=view(settings),
        agent=agent_command(mode, config),
        monitor=_Monitor(settings),
        build=_BUILDERS[mode],
        window=_window(settings, mode),
        theme=settings.ui.theme,
        motion=settings.ui.motion == "full",
        now=now,
    )


def agent_command(mode: Mode, config: Path | None) -> tuple[str, ...]:
    """Return what starts an agent of this mode."""
    own = ("--config", str(config)) if config is not None else ()
    return (sys.executable, "-m", "kiosk.agent", "--mode", mode.value, *_LAMPS[mode], *own)


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


class _Monitor:
    """Makes slot monitors. PC/SC is loaded by the thread that waits, not before the first paint."""

    def __init__(self, settings: Settings) -> None:
        self._card = settings.card

    def __call__(self) -> SlotMonitor:
        readers = importlib.import_module("kiosk.bootstrap.readers")
        monitor: SlotMonitor = readers.slot_monitor(self._card)
        return monitor


def _window(settings: Settings, mode: Mode) -> WindowMaker:
    ui = settings.ui

    def band(theme: Theme, words: Words) -> Band | None:
        said = words.translate("Band", "TEST: geen echte personen, geen echte rechten")
        return Band(said, Style(theme, 1.0)) if settings.is_test else None

    def at_desk(theme: Theme, times: TimeSource, words: Words) -> ScreenWindow:
        return DeskWindow(theme, times, words, counter=ui.counter, band=band(theme, words))

    def alone(theme: Theme, times: TimeSource, words: Words) -> ScreenWindow:
        return SelfServiceWindow(
            theme,
            times,
            staff_pin_hash=ui.staff_pin,
            pad_words=pad_words(words),
            band=band(theme, words),
        )

    return {Mode.DESK: at_desk, Mode.SELF_SERVICE: alone}[mode]
