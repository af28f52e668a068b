"""What the window at a desk is put together from."""

from __future__ import annotations

from kiosk.bootstrap.band import environment_band
from kiosk.settings import Settings
from kiosk.ui.application import WindowMaker
from kiosk.ui.desk.window import DeskWindow
from kiosk.ui.screens.desk import screen
from kiosk.ui.screens.words import Words
from kiosk.ui.theme import Theme
from kiosk.ui.window import ScreenWindow, TimeSource

__all__ = ["screen", "window"]


def window(settings: Settings) -> WindowMaker:
    """Return what makes the window."""

    def make(theme: Theme, times: TimeSource, words: Words) -> ScreenWindow:
        band = environment_band(settings, theme, words)
        return DeskWindow(theme, times, words, counter=settings.ui.counter, band=band)

    return make
