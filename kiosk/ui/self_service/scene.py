"""What every part of a self-service screen is made with: sizes, colours, where the time is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, final

from kiosk.ui.screens.parts import Backdrop, Screen
from kiosk.ui.theme import Field, Style
from kiosk.ui.window import TimeSource

SMALLEST_TEXT: Final = 40
"""Nothing is set smaller: it is read from 60 cm, by people who see badly too."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Where things are on one of the two formats. Lengths of the design."""

    side: int
    axis: int
    """The middle of the header."""
    logo: int
    content: int
    """Where an answer begins."""
    bottom: int
    stage: int
    """How wide (landscape) or high (portrait) the stage with the drawing is."""
    drawing_top: int
    lamps: tuple[int, int, int]
    """Lit, unlit, gap."""
    verdict: int
    heading: int
    invitation: int
    """The heading of the idle screen, which has more beside it."""
    lead: int
    """The size of what is said of a verdict."""
    body: int
    do_now: int
    button: int
    button_width: int


LANDSCAPE: Final = Grid(
    side=96,
    axis=88,
    logo=64,
    content=160,
    bottom=64,
    stage=864,
    drawing_top=176,
    lamps=(376, 88, 32),
    verdict=168,
    heading=160,
    invitation=120,
    lead=56,
    body=44,
    do_now=48,
    button=96,
    button_width=400,
)
PORTRAIT: Final = Grid(
    side=72,
    axis=100,
    logo=72,
    content=256,
    bottom=80,
    stage=896,
    drawing_top=192,
    lamps=(440, 120, 56),
    verdict=152,
    heading=136,
    invitation=120,
    lead=60,
    body=44,
    do_now=52,
    button=112,
    button_width=360,
)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Inks:
    """The colours of a surface and of what stands on it. ``box`` is the surface inside out."""

    ground: str
    text: str
    soft: str
    box: str
    on_box: str
    field: Field | None = None


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One screen at one size. ``shrink`` makes long texts fit; 1 when they do anyway."""

    screen: Screen
    style: Style
    times: TimeSource
    portrait: bool
    shrink: float = 1.0

    @property
    def grid(self) -> Grid:
        """The measures of this format."""
        return PORTRAIT if self.portrait else LANDSCAPE

    def text(self, size: float) -> float:
        """Return the size of a text here: smaller when it must be, but never too small."""
        return max(SMALLEST_TEXT, size * self.shrink)

    def inks(self) -> Inks:
        """Return the colours of the screen's ground."""
        theme = self.style.theme
        if self.screen.backdrop is Backdrop.VERDICT and self.screen.colour is not None:
            field = self.style.field(self.screen.colour)
            return Inks(
                ground=field.fill,
                text=field.text,
                soft=field.text,
                box=field.text,
                on_box=field.fill,
                field=field,
            )
        calm = self.screen.backdrop is Backdrop.CALM
        return Inks(
            ground=theme.stage if calm else theme.neutral,
            text=theme.ink,
            soft=theme.ink2,
            box=theme.ink,
            on_box=theme.bg,
        )
