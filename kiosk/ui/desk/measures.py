"""Where the window at the desk is cut, and how much room its parts have."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 1280
HEIGHT: Final = 800
LEAST_WIDTH: Final = 1024
LEAST_HEIGHT: Final = 700
_LARGEST: Final = 1.6
_STAGE_PART: Final = 0.6
"""Of the window's area, for the field of a verdict."""
_WIDEST_PANEL: Final = 560
_TIGHT_BELOW: Final = 780
_NARROW_BELOW: Final = 1200

TOP: Final = 22
"""From the top to the row with the name."""
HEADER: Final = 36
BOTTOM: Final = 40
_TIGHT_BOTTOM: Final = 28
ROOM: Final = 8
"""What is kept free around what can have the focus."""


def scale_for(width: int, height: int) -> float:
    """Return how large one pixel of the design is in a window of this size."""
    return max(1.0, min(width / WIDTH, height / HEIGHT, _LARGEST))


@dataclass(frozen=True, slots=True)
class Measures:
    """The window's own size and that of its body, below a band. All in pixels."""

    width: int
    window_height: int
    height: int

    @property
    def scale(self) -> float:
        """How large one pixel of the design is."""
        return scale_for(self.width, self.window_height)

    @property
    def stage_width(self) -> int:
        """The width of the stage: at least 60 % of the window's area, a band included."""
        part = _STAGE_PART * self.window_height / max(1, self.height)
        widest_panel = round(_WIDEST_PANEL * self.scale)
        return min(self.width, max(math.ceil(part * self.width), self.width - widest_panel))

    @property
    def panel_width(self) -> int:
        """What is left for the panel."""
        return self.width - self.stage_width

    @property
    def tight(self) -> bool:
        """Whether the body is lower than the design."""
        return self.height / self.scale < _TIGHT_BELOW

    @property
    def stage_margin(self) -> int:
        """Left and right of what is on the stage, in pixels of the design."""
        return 48 if self.narrow else 64

    @property
    def panel_margin(self) -> int:
        """Left and right of what is on the panel, in pixels of the design."""
        return 24 if self.narrow else 40

    @property
    def bottom(self) -> int:
        """Below everything, in pixels of the design."""
        return _TIGHT_BOTTOM if self.tight else BOTTOM

    @property
    def narrow(self) -> bool:
        """Whether the window is narrower than the design."""
        return self.width / self.scale < _NARROW_BELOW
