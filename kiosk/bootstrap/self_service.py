"""What the window of self-service is put together from."""

from __future__ import annotations

from kiosk.bootstrap.band import environment_band
from kiosk.settings import Settings
from kiosk.ui.application import WindowMaker
from kiosk.ui.screens.self_service import screen
from kiosk.ui.screens.words import Words
from kiosk.ui.self_service.window import SelfServiceWindow
from kiosk.ui.self_service.words import pad_words
from kiosk.ui.theme import Theme
from kiosk.ui.window import ScreenWindow, TimeSource

__all__ = ["screen", "window"]


def window(settings: Settings) -> WindowMaker:
    """Return what makes the window."""

    def make(theme: Theme, times: TimeSource, words: Words) -> ScreenWindow:
        return SelfServiceWindow(
            theme,
            times,
            staff_pin_hash=settings.ui.staff_pin,
            pad_words=pad_words(words),
            band=environment_band(settings, theme, words),
        )

    return make
