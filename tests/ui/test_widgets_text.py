"""Texts: plain whatever is in them, balanced, and never wider than their place."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from pytestqt.qtbot import QtBot

from kiosk.data import data_path
from kiosk.ui.theme import LIGHT, Style, Weight, load_fonts
from kiosk.ui.widgets.icons import Icon
from kiosk.ui.widgets.labels import Heading, Text, fitted
from kiosk.ui.widgets.setting import Setting, parts_of

STYLE = Style(LIGHT, 1.0)
WIDTH = 640


@pytest.fixture(autouse=True)
def _fonts(qtbot: QtBot) -> None:
    del qtbot
    load_fonts()


def lines_of(text: str, width: float, size: float = 18, *, balanced: bool = False) -> list[str]:
    setting = Setting(text, STYLE.font(size, Weight.HEAVY), 1.0, balanced=balanced)
    layout = setting._set(width)
    found = (layout.lineAt(number) for number in range(layout.lineCount()))
    return [setting.text[at.textStart() : at.textStart() + at.textLength()].strip() for at in found]


@pytest.mark.parametrize(
    ("marked", "text", "bold"),
    [
        ("gewoon", "gewoon", ()),
        ("a **b** c", "a b c", ((2, 1),)),
        ("**a** **b**", "a b", ((0, 1), (2, 1))),
        ("een ** los teken", "een ** los teken", ()),
        ("a **** b", "a  b", ()),
        ("", "", ()),
    ],
)
def test_marks_make_bold_and_go(marked: str, text: str, bold: tuple[tuple[int, int], ...]) -> None:
    assert parts_of(marked) == (text, bold)


@pytest.mark.parametrize("evil", ["<b>vet</b>", "<a href='x'>klik</a>", "&lt;", "<img src=x>"])
def test_html_is_shown_as_it_is_written(qtbot: QtBot, evil: str) -> None:
    label = Text(f"**let op** {evil}", STYLE, 18)
    qtbot.addWidget(label)
    assert label.text() == f"let op {evil}"
    assert label.textFormat() is Qt.TextFormat.PlainText
    plain = Text(f"let op {'x' * len(evil)}", STYLE, 18)
    qtbot.addWidget(plain)
    assert abs(label.sizeHint().width() - plain.sizeHint().width()) < 0.6 * label.sizeHint().width()


def test_a_text_cannot_be_selected_or_followed(qtbot: QtBot) -> None:
    label = Text("https://example.invalid", STYLE, 18)
    qtbot.addWidget(label)
    assert label.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction
    assert label.contextMenuPolicy() is Qt.ContextMenuPolicy.NoContextMenu
    assert not label.openExternalLinks()
    assert label.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_a_narrower_text_is_higher(qtbot: QtBot) -> None:
    label = Text("woord " * 40, STYLE, 18)
    qtbot.addWidget(label)
    assert label.hasHeightForWidth()
    assert label.heightForWidth(200) > label.heightForWidth(400) > label.heightForWidth(2000)
    assert label.heightForWidth(5000) == round(18 * 1.4)


def test_ten_thousand_letters_without_a_space_are_broken(qtbot: QtBot) -> None:
    label = Text("x" * 10_000, STYLE, 18)
    qtbot.addWidget(label)
    assert label.minimumSizeHint().width() <= 40
    assert label.heightForWidth(300) > 5000


def test_a_text_that_changes_tells_assistive_technology(qtbot: QtBot) -> None:
    label = Text("nog **5** seconden", STYLE, 18)
    qtbot.addWidget(label)
    label.say("nog **4** seconden")
    interface = QAccessible.queryAccessibleInterface(label)
    assert interface.text(QAccessible.Text.Name) == "nog 4 seconden"


def test_lines_of_a_heading_are_about_equally_long() -> None:
    assert lines_of("Haal de kaart uit de lezer", WIDTH, 72, balanced=True) == [
        "Haal de kaart",
        "uit de lezer",
    ]
    assert lines_of("Klaar", WIDTH, 72, balanced=True) == ["Klaar"]


def test_no_word_stands_alone_at_the_end() -> None:
    text = "Steek de USB-kabel van de lezer in de computer"
    setting = Setting(text, STYLE.font(18), 1.4)
    for width in range(200, 400, 7):
        assert not setting._ends_alone(setting._set(width)) or setting.lines(width) > 4


def test_lines_that_the_text_itself_breaks_stay() -> None:
    assert lines_of("Chip eerst,\nchip boven", WIDTH) == ["Chip eerst,", "chip boven"]


def test_a_heading_keeps_its_size_while_it_fits() -> None:
    assert fitted("Recht op kansentarief", STYLE, 96, WIDTH) == 96


def test_a_long_heading_is_set_at_88_percent_first() -> None:
    word = "kansentarieven"
    wide = Setting(word, STYLE.font(96, Weight.HEAVY), 1.0).natural_width()
    assert fitted(f"Recht op {word}", STYLE, 96, wide - 2) == pytest.approx(96 * 0.88)


@pytest.mark.parametrize(
    "text",
    [
        "We kunnen deze kaart op dit ogenblik niet lezen",
        "Aansprakelijkheidswaardevaststellingsveranderingen zijn lang",
        "Anspruch nicht gefunden in den Quellen von heute",
    ],
)
def test_a_heading_gets_smaller_before_it_gets_a_third_line(qtbot: QtBot, text: str) -> None:
    size = fitted(text, STYLE, 96, WIDTH)
    assert size < 96 * 0.88
    assert len(lines_of(text, WIDTH, size)) <= 2
    heading = Heading(text, STYLE, 96)
    qtbot.addWidget(heading)
    assert heading.heightForWidth(WIDTH) < 2 * 96 * 1.04


def test_a_heading_never_gets_too_small_to_read(qtbot: QtBot) -> None:
    heading = Heading("woord " * 1500, STYLE, 96)
    qtbot.addWidget(heading)
    assert fitted(heading.text(), STYLE, 96, WIDTH) == pytest.approx(0.4 * 96)
    assert heading.heightForWidth(WIDTH) > 2000


def test_a_heading_says_that_it_is_one(qtbot: QtBot) -> None:
    heading = Heading("Recht op **kansentarief**", STYLE, 96)
    qtbot.addWidget(heading)
    interface = QAccessible.queryAccessibleInterface(heading)
    assert interface.role() == QAccessible.Role.Heading
    assert interface.text(QAccessible.Text.Name) == "Recht op kansentarief"


ICONS = sorted(data_path("icons").glob("*.svg"))


@pytest.mark.parametrize("path", ICONS, ids=[path.stem for path in ICONS])
def test_every_icon_is_drawn_in_the_colour_asked_for(qtbot: QtBot, path: Path) -> None:
    icon = Icon(path.stem, STYLE, 48, "#9b1c1c")
    qtbot.addWidget(icon)
    icon.resize(icon.sizeHint())
    image = icon.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(48) for y in range(48)}
    assert "#9b1c1c" in seen
    source = path.read_text("utf-8")
    assert 'viewBox="0 0 24 24"' in source
    assert "#" not in source


def test_an_icon_without_a_drawing_is_a_mistake(qtbot: QtBot) -> None:
    del qtbot
    with pytest.raises(FileNotFoundError):
        Icon("no-such-icon", STYLE, 48, "#000000")
