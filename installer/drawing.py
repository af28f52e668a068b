"""The drawing of the product as an icon."""

from __future__ import annotations

from typing import Final

_INK: Final = "#ffffff"
_TILE: Final = '<rect width="24" height="24" rx="5" stroke="none" fill="#0055cc"/>'
"""Behind the drawing, which alone would not be seen on a desktop of its own colour."""


def on_a_tile(drawing: str) -> str:
    """Return the program's icon, from the drawing that the window shows in the colour of its text.

    A tile with round corners goes behind it, and the drawing gets a colour.
    """
    opening, closing = drawing.index(">") + 1, drawing.rindex("</svg>")
    smaller = f'<g transform="translate(3.6 3) scale(.7)">{drawing[opening:closing]}</g>'
    return (drawing[:opening] + _TILE + smaller + "</svg>\n").replace("currentColor", _INK)
