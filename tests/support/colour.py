"""Colour arithmetic: WCAG contrast, CIEDE2000, and colour blindness after Machado (2009)."""

from __future__ import annotations

import math
from typing import Final, TypeAlias

Triple: TypeAlias = tuple[float, float, float]

# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB.
PROTANOPIA: Final = (
    (0.152286, 1.052583, -0.204868),
    (0.114503, 0.786281, 0.099216),
    (-0.003882, -0.048116, 1.051998),
)
DEUTERANOPIA: Final = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
TRITANOPIA: Final = (
    (1.255528, -0.076749, -0.178779),
    (-0.078411, 0.930809, 0.147602),
    (0.004733, 0.691367, 0.303900),
)
_TO_XYZ: Final = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
_WHITE: Final = (0.95047, 1.0, 1.08883)

Matrix: TypeAlias = tuple[Triple, Triple, Triple]


def linear(token: str) -> Triple:
    """Return ``#rrggbb`` as linear light."""
    red, green, blue = (int(token[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _linear(red), _linear(green), _linear(blue)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    first, second = (sum(map(_product, (0.2126, 0.7152, 0.0722), linear(c))) for c in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def over(ground: str, ink: str, alpha: float) -> str:
    """Return what a see-through ink makes of a ground."""
    mixed = (
        round(int(ink[at : at + 2], 16) * alpha + int(ground[at : at + 2], 16) * (1 - alpha))
        for at in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def as_seen(token: str, blindness: Matrix | None = None) -> Triple:
    """Return a colour in L*a*b*, as somebody with this colour blindness sees it."""
    light = linear(token)
    if blindness is not None:
        red, green, blue = (min(1.0, max(0.0, part)) for part in _times(blindness, light))
        light = (red, green, blue)
    fx, fy, fz = (
        _f(part / white) for part, white in zip(_times(_TO_XYZ, light), _WHITE, strict=True)
    )
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def delta_e(one: Triple, other: Triple) -> float:
    """Return the difference of two colours in L*a*b* after CIEDE2000."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    more = 1 + (1 - math.sqrt(mean**7 / (mean**7 + 25**7))) / 2
    c1, c2 = math.hypot(a1 * more, b1), math.hypot(a2 * more, b2)
    h1, h2 = _hue(a1 * more, b1), _hue(a2 * more, b2)
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    d_hue = 2 * math.sqrt(c1 * c2) * _sin(turn / 2)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    s_light = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    s_chroma = 1 + 0.045 * chroma
    hue = _mean_hue(h1, h2, grey=c1 * c2 == 0)
    s_hue = 1 + 0.015 * chroma * _tone(hue)
    d_light, d_chroma, d_hue = (l2 - l1) / s_light, (c2 - c1) / s_chroma, d_hue / s_hue
    return math.sqrt(d_light**2 + d_chroma**2 + d_hue**2 + _turning(hue, chroma) * d_chroma * d_hue)


def _tone(hue: float) -> float:
    return (
        1
        - 0.17 * _cos(hue - 30)
        + 0.24 * _cos(2 * hue)
        + 0.32 * _cos(3 * hue + 6)
        - 0.20 * _cos(4 * hue - 63)
    )


def _turning(hue: float, chroma: float) -> float:
    angle = 30 * math.exp(-(((hue - 275) / 25) ** 2))
    return -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7)) * _sin(2 * angle)


def _mean_hue(h1: float, h2: float, *, grey: bool) -> float:
    if grey:
        return h1 + h2
    if abs(h1 - h2) <= 180:
        return (h1 + h2) / 2
    return (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2


def _hue(a: float, b: float) -> float:
    return math.degrees(math.atan2(b, a)) % 360 if a or b else 0.0


def _sin(degrees: float) -> float:
    return math.sin(math.radians(degrees))


def _cos(degrees: float) -> float:
    return math.cos(math.radians(degrees))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _f(part: float) -> float:
    return part ** (1 / 3) if part > (6 / 29) ** 3 else part / (3 * (6 / 29) ** 2) + 4 / 29


def _times(matrix: Matrix, vector: Triple) -> Triple:
    first, second, third = (sum(map(_product, row, vector)) for row in matrix)
    return first, second, third


def _product(one: float, other: float) -> float:
    return one * other
