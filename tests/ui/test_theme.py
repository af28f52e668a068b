"""The colours: read by everybody, told apart by everybody; and the type that is shipped."""

from __future__ import annotations

import re
from itertools import combinations

import pytest
from PySide6.QtGui import QFontInfo
from pytestqt.qtbot import QtBot

from kiosk.data import data_path
from kiosk.domain.verdict import Colour
from kiosk.ui.theme import FAMILY, HIGH_CONTRAST, LIGHT, THEMES, Style, Theme, Weight, load_fonts
from tests.support.colour import (
    DEUTERANOPIA,
    PROTANOPIA,
    TRITANOPIA,
    Matrix,
    Triple,
    as_seen,
    contrast,
    delta_e,
    over,
)

KEPT_APART = 17.0
BLINDNESSES = {"protanopia": PROTANOPIA, "deuteranopia": DEUTERANOPIA, "tritanopia": TRITANOPIA}
TEXT, LARGE, CONTROL = 4.5, 3.0, 3.0

# Sharma, Wu and Dalal (2005), table 1: pairs in L*a*b* and their difference.
SHARMA = [
    ((50.0, 2.6772, -79.7751), (50.0, 0.0, -82.7485), 2.0425),
    ((50.0, 3.1571, -77.2803), (50.0, 0.0, -82.7485), 2.8615),
    ((50.0, 2.8361, -74.0200), (50.0, 0.0, -82.7485), 3.4412),
    ((50.0, -1.3802, -84.2814), (50.0, 0.0, -82.7485), 1.0000),
    ((50.0, 0.0, 0.0), (50.0, -1.0, 2.0), 2.3669),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0009), 7.1792),
    ((50.0, 2.4900, -0.0010), (50.0, -2.4900, 0.0011), 7.2195),
    ((50.0, -0.0010, 2.4900), (50.0, 0.0009, -2.4900), 4.8045),
    ((50.0, 2.5, 0.0), (50.0, 0.0, -2.5), 4.3065),
    ((50.0, 2.5, 0.0), (73.0, 25.0, -18.0), 27.1492),
    ((50.0, 2.5, 0.0), (61.0, -5.0, 29.0), 22.8977),
    ((50.0, 2.5, 0.0), (56.0, -27.0, -3.0), 31.9030),
    ((50.0, 2.5, 0.0), (58.0, 24.0, 15.0), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((63.0109, -31.0961, -5.8663), (62.8187, -29.7946, -4.0864), 1.2630),
    ((61.2901, 3.7196, -5.3901), (61.4292, 2.2480, -4.9620), 1.8731),
    ((35.0831, -44.1164, 3.7933), (35.0232, -40.0716, 1.5901), 1.8645),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((6.7747, -0.2908, -2.4247), (5.8714, -0.0985, -2.2286), 0.6377),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]

every_theme = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


@pytest.mark.parametrize(("one", "other", "difference"), SHARMA)
def test_the_difference_is_that_of_the_published_pairs(
    one: Triple, other: Triple, difference: float
) -> None:
    assert delta_e(one, other) == pytest.approx(difference, abs=5e-5)
    assert delta_e(other, one) == pytest.approx(difference, abs=5e-5)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("blindness", BLINDNESSES.values(), ids=BLINDNESSES)
def test_grey_is_seen_by_everybody(blindness: Matrix) -> None:
    assert delta_e(as_seen("#808080", blindness), as_seen("#808080")) < 0.1


def test_the_measure_finds_colours_that_are_one_to_many() -> None:
    naive = as_seen("#009e47", DEUTERANOPIA), as_seen("#d2373c", DEUTERANOPIA)
    assert delta_e(*naive) == pytest.approx(4.2, abs=0.1)


@pytest.mark.parametrize("blindness", [None, *BLINDNESSES.values()], ids=["none", *BLINDNESSES])
@pytest.mark.parametrize("pair", list(combinations(Colour, 2)))
def test_verdicts_are_told_apart_by_everybody(
    pair: tuple[Colour, Colour], blindness: Matrix | None
) -> None:
    one, other = (as_seen(LIGHT.verdict[colour].fill, blindness) for colour in pair)
    assert delta_e(one, other) >= KEPT_APART


def test_high_contrast_uses_no_fill_to_tell_verdicts_apart() -> None:
    assert HIGH_CONTRAST.outlines
    for field in HIGH_CONTRAST.verdict.values():
        assert field.outline == 8
        assert contrast(field.fill, field.text) == pytest.approx(21)


@every_theme
@pytest.mark.parametrize("ground", ["bg", "stage", "neutral", "surface", "tint"])
@pytest.mark.parametrize("ink", ["ink", "ink2", "accent"])
def test_text_is_read_on_every_ground(theme: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(theme, ink), getattr(theme, ground)) >= TEXT


@every_theme
def test_second_text_is_read_by_people_with_low_vision(theme: Theme) -> None:
    for ground in (theme.bg, theme.stage, theme.neutral, theme.surface):
        assert contrast(theme.ink2, ground) >= 7


@every_theme
@pytest.mark.parametrize("fill", ["accent", "hover", "pressed"])
def test_the_first_button_is_read_in_every_state(theme: Theme, fill: str) -> None:
    assert contrast(theme.on_accent, getattr(theme, fill)) >= TEXT


@every_theme
@pytest.mark.parametrize("ground", ["bg", "stage", "neutral", "surface", "tint"])
@pytest.mark.parametrize("line", ["control", "focus"])
def test_what_can_be_pressed_has_an_edge(theme: Theme, line: str, ground: str) -> None:
    assert contrast(getattr(theme, line), getattr(theme, ground)) >= CONTROL


@every_theme
@pytest.mark.parametrize("colour", Colour)
def test_a_verdict_is_read_from_afar(theme: Theme, colour: Colour) -> None:
    field = theme.verdict[colour]
    assert contrast(field.text, field.fill) >= TEXT
    # The lamps that are not lit are outlines in the text's colour, half see-through.
    assert contrast(over(field.fill, field.text, 0.55), field.fill) >= 2


@every_theme
def test_the_card_stands_out_from_the_reader(theme: Theme) -> None:
    for ground in (theme.stage, theme.neutral):
        apart = max(contrast(theme.reader, ground), contrast(theme.line, ground))
        assert apart >= CONTROL
    assert contrast(theme.card_accent, theme.card) >= CONTROL


@every_theme
def test_every_colour_is_written_in_full(theme: Theme) -> None:
    tokens = [value for value in vars_of(theme) if isinstance(value, str) and value != theme.name]
    assert tokens
    assert all(re.fullmatch("#[0-9a-f]{6}", token) for token in tokens)


def vars_of(theme: Theme) -> list[object]:
    return [getattr(theme, name) for name in theme.__dataclass_fields__]


def test_the_type_is_shipped_with_its_licence(qtbot: QtBot) -> None:
    del qtbot
    load_fonts()
    for weight in Weight:
        info = QFontInfo(Style(LIGHT, 1.0).font(20, weight))
        assert info.family() == FAMILY
        assert info.weight() == weight.value
    assert "SIL Open Font License" in data_path("fonts", "OFL.txt").read_text(
        "utf-8"
    ).title().replace("Sil", "SIL")


def test_lengths_and_type_grow_with_the_window() -> None:
    style = Style(LIGHT, 1.5, text_scale=2.0)
    assert style.px(64) == 96
    assert style.px(0) == 0
    assert Style(LIGHT, 0.1).px(1) == 1
    assert style.font(18).pixelSize() == 54
