import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QAccessible, QColor, QImage, QPalette
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.verdict import Colour
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT, Style, Theme
from kiosk.ui.widgets.lamps import ORDER, LampRow, shape


def row_of(colour: Colour, *, vertical: bool = False, scale: float = 1.0) -> LampRow:
    style = Style(LIGHT, scale)
    return LampRow(colour, style, lit=168, unlit=56, gap=24, vertical=vertical, label="Groen")


def painted(qtbot: QtBot, colour: Colour, theme: Theme = LIGHT) -> tuple[QImage, LampRow]:
    ground = QWidget()
    qtbot.addWidget(ground)
    palette = ground.palette()
    palette.setColor(QPalette.ColorRole.Window, QColor(theme.verdict[colour].fill))
    ground.setPalette(palette)
    row = LampRow(colour, Style(theme, 1.0), lit=168, unlit=56, gap=24, label="Groen")
    row.setParent(ground)
    ground.resize(row.size())
    return ground.grab().toImage(), row


@pytest.mark.parametrize("colour", Colour)
def test_the_order_of_the_lamps_never_changes(qtbot: QtBot, colour: Colour) -> None:
    row = row_of(colour)
    qtbot.addWidget(row)
    across = [row.slot(each).left() for each in ORDER]
    assert across == sorted(across)
    assert (row.width(), row.height()) == (168 + 2 * 56 + 2 * 24, 168)
    assert row.slot(colour).width() == 168
    assert {row.slot(each).width() for each in Colour if each is not colour} == {56}


@pytest.mark.parametrize("colour", Colour)
def test_in_a_column_they_stand_like_a_traffic_light(qtbot: QtBot, colour: Colour) -> None:
    row = row_of(colour, vertical=True)
    qtbot.addWidget(row)
    assert (row.width(), row.height()) == (168, 168 + 2 * 56 + 2 * 24)
    down = [row.slot(each).top() for each in ORDER]
    assert down == sorted(down)
    assert {row.slot(each).center().x() for each in ORDER} == {84}


@pytest.mark.parametrize("colour", Colour)
def test_the_lit_lamp_is_filled_and_the_others_are_not(qtbot: QtBot, colour: Colour) -> None:
    image, row = painted(qtbot, colour)
    field = LIGHT.verdict[colour]
    slot = row.slot(colour)
    body = slot.topLeft() + QPointF(0.5 * slot.width(), 0.22 * slot.height())
    assert image.pixelColor(body.toPoint()) == QColor(field.text)
    for other in set(Colour) - {colour}:
        assert image.pixelColor(row.slot(other).center().toPoint()) == QColor(field.fill)


@pytest.mark.parametrize(
    ("colour", "stroke"),
    [(Colour.GREEN, (0.44, 0.67)), (Colour.ORANGE, (0.5, 0.48)), (Colour.RED, (0.5, 0.5))],
)
def test_its_sign_is_cut_out_in_the_colour_of_the_field(
    qtbot: QtBot, colour: Colour, stroke: tuple[float, float]
) -> None:
    image, row = painted(qtbot, colour)
    slot = row.slot(colour)
    at = slot.topLeft() + QPointF(stroke[0] * slot.width(), stroke[1] * slot.height())
    assert image.pixelColor(at.toPoint()) == QColor(LIGHT.verdict[colour].fill)


def test_the_point_of_the_exclamation_mark_is_apart(qtbot: QtBot) -> None:
    image, row = painted(qtbot, Colour.ORANGE)
    slot = row.slot(Colour.ORANGE)
    field = LIGHT.verdict[Colour.ORANGE]
    at = {y: image.pixelColor(round(slot.center().x()), round(168 * y)) for y in (0.765, 0.678)}
    assert at == {0.765: QColor(field.fill), 0.678: QColor(field.text)}


def test_shapes_differ_at_their_corners() -> None:
    corner, side = QPointF(0.06, 0.06), QPointF(0.02, 0.5)
    kinds = {
        colour: (shape(colour).contains(corner), shape(colour).contains(side)) for colour in Colour
    }
    assert not any(in_corner for in_corner, _ in kinds.values())
    assert kinds[Colour.RED][1]
    assert not kinds[Colour.ORANGE][1]
    assert shape(Colour.RED).contains(QPointF(0.2, 0.14))
    assert not shape(Colour.GREEN).contains(QPointF(0.2, 0.09))


def test_outlines_are_at_full_strength_in_high_contrast(qtbot: QtBot) -> None:
    image, row = painted(qtbot, Colour.GREEN, HIGH_CONTRAST)
    octagon = row.slot(Colour.RED)
    at = (round(octagon.center().x()), round(octagon.top()) + 1)
    assert image.pixelColor(*at) == QColor("#ffffff")
    pale, row = painted(qtbot, Colour.GREEN)
    assert pale.pixelColor(*at) not in (QColor("#ffffff"), QColor("#00695c"))


def test_it_scales_and_has_a_name(qtbot: QtBot) -> None:
    row = row_of(Colour.GREEN, scale=2.0)
    qtbot.addWidget(row)
    assert row.height() == 336
    told = QAccessible.queryAccessibleInterface(row)
    assert (told.role(), told.text(QAccessible.Text.Name)) == (QAccessible.Role.Graphic, "Groen")
