"""The band over every screen of a test environment."""

from __future__ import annotations

from kiosk.settings import Settings
from kiosk.ui.screens.words import Words
from kiosk.ui.theme import Style, Theme
from kiosk.ui.widgets.band import Band


def environment_band(settings: Settings, theme: Theme, words: Words) -> Band | None:
    """Return what says TEST; nothing in production."""
    said = words.translate("Band", "TEST: geen echte personen, geen echte rechten")
    return Band(said, Style(theme, 1.0)) if settings.is_test else None
