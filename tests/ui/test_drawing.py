import math

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.screens.parts import Drawing
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT, Style, Theme, load_fonts
from kiosk.ui.widgets.band import Band
from kiosk.ui.widgets.drawing import RISE_UNITS, CardDrawing, lift
from kiosk.ui.widgets.progress import TimeBar, fullness
from kiosk.ui.widgets.ring import CountdownRing

NORMAL = Style(LIGHT, 1.0)
STILL = Style(LIGHT, 1.0, motion=False)


class Times:
    def __init__(self, left: float = 0, total: float = 0, since: float = 0) -> None:
        self.now_left = left
        self.now_total = total
        self.now_since = since

    def left(self) -> float:
        return self.now_left

    def total(self) -> float:
        return self.now_total

    def since_start(self) -> float:
        return self.now_since


@pytest.fixture(autouse=True)
def _fonts(qapp: object) -> None:
    load_fonts()


def painted(qtbot: QtBot, widget: QWidget, ground: str = LIGHT.stage) -> QImage:
    under = QWidget()
    qtbot.addWidget(under)
    palette = under.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(ground))
    under.setPalette(palette)
    widget.setParent(under)
    under.resize(widget.size())
    image = under.grab().toImage()
    widget.setParent(None)  # the caller may go on with it
    return image


def pixels(qtbot: QtBot, drawing: Drawing, *at: tuple[int, int], theme: Theme = LIGHT) -> list[str]:
    card = CardDrawing(drawing, "", Style(theme, 1.0), animated=False)
    image = painted(qtbot, card, theme.stage)
    return [image.pixelColor(QPoint(x, y)).name() for x, y in at]


def test_the_card_goes_in_with_its_chip_first(qtbot: QtBot) -> None:
    reader, gap, card, chip, arrow = pixels(
        qtbot, Drawing.PUT_IN, (20, 50), (136, 130), (60, 300), (115, 190), (136, 300)
    )
    assert (reader, gap, card) == (LIGHT.reader, LIGHT.stage, LIGHT.card)
    assert (chip, arrow) == (LIGHT.chip, LIGHT.card_accent)


def test_the_arrow_says_which_way(qtbot: QtBot) -> None:
    wings = (136 - 22, 258 + 22), (136 - 22, 333 - 22)
    assert pixels(qtbot, Drawing.PUT_IN, *wings) == [LIGHT.card_accent, LIGHT.card]
    assert pixels(qtbot, Drawing.TAKE_OUT, *wings) == [LIGHT.card, LIGHT.card_accent]


def test_a_card_in_the_reader_touches_it_and_shows_no_chip(qtbot: QtBot) -> None:
    under, end = pixels(qtbot, Drawing.IN_READER, (136, 120), (136, 320))
    assert (under, end) == (LIGHT.card, LIGHT.stage)


def test_a_card_that_failed_has_a_square_in_ink(qtbot: QtBot) -> None:
    top_left, middle = pixels(qtbot, Drawing.CARD_FAILED, (112, 206), (136, 236))
    assert top_left == LIGHT.ink
    assert middle == LIGHT.bg


def test_without_a_reader_there_is_no_card(qtbot: QtBot) -> None:
    drawing = CardDrawing(Drawing.NO_READER, "", NORMAL)
    image = painted(qtbot, drawing)
    assert drawing.height() == 112
    assert image.pixelColor(136, 49).name() == LIGHT.card


def test_in_high_contrast_everything_is_a_line(qtbot: QtBot) -> None:
    spots = ((20, 50), (136, 2), (60, 300), (136, 300))
    assert pixels(qtbot, Drawing.PUT_IN, *spots, theme=HIGH_CONTRAST) == [
        "#000000",
        "#ffffff",
        "#000000",
        "#ffffff",
    ]


def test_the_hint_makes_it_wider_and_names_it(qtbot: QtBot) -> None:
    bare = CardDrawing(Drawing.PUT_IN, "", NORMAL)
    drawing = CardDrawing(Drawing.PUT_IN, "Chip eerst,\nchip boven", NORMAL)
    image = painted(qtbot, drawing)
    qtbot.addWidget(bare)
    assert (bare.width(), bare.height()) == (272, 424)
    assert drawing.width() > 318
    assert drawing.accessibleName() == "Chip eerst, chip boven"
    assert image.pixelColor(250, 200).name() == LIGHT.accent


def test_the_card_rises_and_comes_back_and_rests() -> None:
    assert lift(0) == 0
    assert math.isclose(lift(1.2), RISE_UNITS)
    assert lift(2.4) == lift(3.9) == 0
    assert math.isclose(lift(5.2), RISE_UNITS)


def test_only_a_card_to_put_in_moves_and_only_in_sight(qtbot: QtBot) -> None:
    drawing = CardDrawing(Drawing.PUT_IN, "", NORMAL)
    other = CardDrawing(Drawing.TAKE_OUT, "", NORMAL)
    for each in (drawing, other):
        qtbot.addWidget(each)
        assert not each.moving
        each.show()
    assert drawing.moving
    assert not other.moving
    first = drawing.grab().toImage()
    qtbot.waitUntil(lambda: drawing.grab().toImage() != first)
    drawing.hide()
    assert not drawing.moving


def test_it_stands_still_for_who_asked_for_that(qtbot: QtBot) -> None:
    drawing = CardDrawing(Drawing.PUT_IN, "", STILL)
    told_not_to = CardDrawing(Drawing.PUT_IN, "", NORMAL, animated=False)
    for each in (drawing, told_not_to):
        qtbot.addWidget(each)
        each.show()
        assert not each.moving


def test_the_bar_is_never_full() -> None:
    filled = [fullness(seconds, in_steps=False) for seconds in (0, 1, 4, 30)]
    assert filled == sorted(filled)
    assert filled[0] == 0
    assert 0.5 < filled[2] < 0.7
    assert filled[3] < 1


def test_with_reduced_motion_the_bar_has_four_steps() -> None:
    assert {fullness(tenth / 10, in_steps=True) for tenth in range(600)} == {0.2, 0.4, 0.6, 0.8}


def test_the_bar_follows_the_time(qtbot: QtBot) -> None:
    times = Times(since=0)
    bar = TimeBar(times, NORMAL, label="We kijken het na")
    bar.resize(400, 12)
    qtbot.addWidget(bar)
    bar.show()
    assert bar.accessibleName() == "We kijken het na"
    empty = bar.grab().toImage().pixelColor(200, 6)
    times.now_since = 20
    assert bar.grab().toImage().pixelColor(200, 6).name() == LIGHT.accent != empty.name()
    before = bar._painted_to
    times.now_since = 200
    qtbot.waitUntil(lambda: bar._painted_to > before)
    bar.hide()
    assert not bar._timer.isActive()


def test_the_bar_is_outlined_in_high_contrast(qtbot: QtBot) -> None:
    bar = TimeBar(Times(since=1), Style(HIGH_CONTRAST, 1.0))
    bar.resize(400, 12)
    image = painted(qtbot, bar, "#000000")
    assert image.pixelColor(350, 0).name() == "#ffffff"
    assert image.pixelColor(350, 6).name() == "#000000"


def test_the_ring_counts_in_whole_seconds(qtbot: QtBot) -> None:
    times = Times(left=12.0, total=20)
    ring = CountdownRing(times, NORMAL, diameter=120, ink="#12202e")
    qtbot.addWidget(ring)
    ring.show()
    assert (ring.seconds, ring.accessibleName()) == (12, "12")
    times.now_left = 11.4
    ring._look()
    assert ring.seconds == 12
    with qtbot.waitSignal(ring.changed) as told:
        times.now_left = 10.9
    assert told.args == [11]
    times.now_left = -1
    ring._look()
    assert ring.seconds == 0
    ring.hide()
    assert not ring._timer.isActive()


def test_the_ring_is_twice_as_wide_in_the_last_five_seconds(qtbot: QtBot) -> None:
    times = Times(left=6, total=20)
    ring = CountdownRing(times, NORMAL, diameter=120, ink="#12202e")
    qtbot.addWidget(ring)
    before = ring.stroke
    times.now_left = 5
    ring._look()
    assert ring.stroke == 2 * before


def test_the_ring_empties_from_the_top(qtbot: QtBot) -> None:
    ring = CountdownRing(Times(left=10, total=20), NORMAL, diameter=120, ink="#12202e")
    image = painted(qtbot, ring, "#ffffff")
    assert image.pixelColor(115, 60).name() == "#12202e"
    assert image.pixelColor(5, 60).lightness() > 150


@pytest.mark.parametrize("left", [0, 250])
def test_the_ring_can_do_without_a_clock_and_with_a_long_one(qtbot: QtBot, left: float) -> None:
    ring = CountdownRing(Times(left=left, total=left), NORMAL, diameter=72, ink="#12202e")
    image = painted(qtbot, ring, "#ffffff")
    assert image.pixelColor(3, 36).name() == "#12202e" or left == 0


def test_the_band_is_the_same_in_every_theme(qtbot: QtBot) -> None:
    bands = [Band("TEST", Style(theme, 1.0)) for theme in (LIGHT, HIGH_CONTRAST)]
    images = []
    for band in bands:
        band.resize(600, 40)
        images.append(painted(qtbot, band))
    assert images[0] == images[1]
    shades = {images[0].pixelColor(x, 20).name() for x in range(300, 600)}
    assert LIGHT.ink in shades
    assert len(shades) > 1
    assert {band.accessibleName() for band in bands} == {"TEST"}
    assert {band.height() for band in bands} == {40}
