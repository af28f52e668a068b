"""Colours, type and measures: the only place where a window gets them from.

Colours keep two verdicts apart for everybody: the smallest difference between
two fills under simulated protanopia, deuteranopia and tritanopia is ΔE2000
17.2. ``tests/ui/test_theme.py`` computes it, and every contrast (WCAG 2.2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication

from kiosk.data import data_path
from kiosk.domain.verdict import Colour

SYSTEM: Final = "system"
FAMILY: Final = "Atkinson Hyperlegible Next"
_FACES: Final = ("Regular", "SemiBold", "Bold", "ExtraBold")
_TRACKED_FROM: Final = 56
_TRACKING: Final = -0.012
"""Of the type's size, for type of 56 px and more."""


class Weight(Enum):
    """The four weights that are shipped."""

    REGULAR = QFont.Weight.Normal
    STRONG = QFont.Weight.DemiBold
    BOLD = QFont.Weight.Bold
    HEAVY = QFont.Weight.ExtraBold


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A verdict's own surface: its fill, what stands on it, its outline (0: none)."""

    fill: str
    text: str
    outline: int = 0


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colour tokens. Numbers are pixels at scale 1."""

    name: str
    bg: str
    stage: str
    neutral: str
    surface: str
    tint: str
    line: str
    control: str
    ink: str
    ink2: str
    accent: str
    hover: str
    pressed: str
    on_accent: str
    focus: str
    reader: str
    card: str
    card_line: str
    chip: str
    card_accent: str
    verdict: Mapping[Colour, Field]
    outlines: bool = False
    """Whether surfaces are told apart by lines instead of fills."""


LIGHT: Final = Theme(
    name="light",
    bg="#ffffff",
    stage="#eaf1fb",
    neutral="#edf0f4",
    surface="#f4f6f9",
    tint="#dfeafb",
    line="#d3dae2",
    control="#5d6c7c",
    ink="#12202e",
    ink2="#43525f",
    accent="#0055cc",
    hover="#0047ab",
    pressed="#003d94",
    on_accent="#ffffff",
    focus="#0055cc",
    reader="#12345c",
    card="#ffffff",
    card_line="#a9bfdd",
    chip="#cfdcf0",
    card_accent="#0055cc",
    verdict={
        Colour.GREEN: Field(fill="#00695c", text="#ffffff"),
        Colour.ORANGE: Field(fill="#ffb81c", text="#000000"),
        Colour.RED: Field(fill="#9b1c1c", text="#ffffff"),
    },
)

_OUTLINED: Final = Field(fill="#000000", text="#ffffff", outline=8)

HIGH_CONTRAST: Final = Theme(
    name="high-contrast",
    bg="#000000",
    stage="#000000",
    neutral="#000000",
    surface="#000000",
    tint="#000000",
    line="#ffffff",
    control="#ffffff",
    ink="#ffffff",
    ink2="#ffffff",
    accent="#ffffff",
    hover="#ffffff",
    pressed="#ffffff",
    on_accent="#000000",
    focus="#ffdd00",
    reader="#000000",
    card="#000000",
    card_line="#ffffff",
    chip="#000000",
    card_accent="#ffffff",
    verdict=dict.fromkeys(Colour, _OUTLINED),
    outlines=True,
)

THEMES: Final = {theme.name: theme for theme in (LIGHT, HIGH_CONTRAST)}


def load_fonts() -> None:
    """Make the shipped type known to Qt; without it every screen would look different."""
    for face in _FACES:
        path = data_path("fonts", f"AtkinsonHyperlegibleNext-{face}.ttf")
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise FileNotFoundError(path.name)


def theme_of(name: str) -> Theme:
    """Return a theme by its name; ``SYSTEM`` is what the person asks of the system."""
    if name in THEMES:
        return THEMES[name]
    hints = QGuiApplication.styleHints()
    accessibility = hints.accessibility()
    wants_contrast = accessibility.contrastPreference() is Qt.ContrastPreference.HighContrast
    return HIGH_CONTRAST if wants_contrast else LIGHT


@final
class Style:
    """A theme at a size: what every widget is made with.

    ``scale`` turns a length of the design (1280 × 800 at the desk, 1920 × 1080
    in self-service) into pixels of this window.
    """

    def __init__(
        self, theme: Theme, scale: float, text_scale: float = 1.0, *, motion: bool = True
    ) -> None:
        self.theme = theme
        self.scale = scale
        self.text_scale = text_scale
        self.motion = motion
        """Whether pictures may move; false for people who asked for reduced motion."""

    def px(self, length: float) -> int:
        """Return a length of the design in pixels, at least one for what is not nothing."""
        return max(1, round(length * self.scale)) if length else 0

    def font(self, size: float, weight: Weight = Weight.REGULAR) -> QFont:
        """Return the shipped type at a size of the design."""
        pixels = self.px(size * self.text_scale)
        font = QFont(FAMILY)
        font.setPixelSize(pixels)
        font.setWeight(weight.value)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if pixels >= _TRACKED_FROM:
            font.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, _TRACKING * pixels)
        return font

    def field(self, colour: Colour) -> Field:
        """Return the surface of a verdict."""
        return self.theme.verdict[colour]


def colour(token: str, alpha: float = 1.0) -> QColor:
    """Return a token as a colour of Qt, more or less see-through."""
    found = QColor(token)
    found.setAlphaF(alpha)
    return found
