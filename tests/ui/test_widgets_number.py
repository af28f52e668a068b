"""The field for a typed number: what it takes, and all the places where its digits are not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.theme import LIGHT, Style, load_fonts
from kiosk.ui.widgets.number_field import NumberField
from tests.ui.desk_samples import NUMBER

CONTROL = Qt.KeyboardModifier.ControlModifier
pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
STYLE = Style(LIGHT, 1.0)


@pytest.fixture
def field(qtbot: QtBot) -> Iterator[NumberField]:
    load_fonts()
    window = QWidget()
    qtbot.addWidget(window)
    made = NumberField(STYLE, label="Rijksregisternummer", so_far="{typed} van 11 cijfers")
    made.setParent(window)
    made.setGeometry(20, 20, 640, 88)
    window.resize(700, 200)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    made.setFocus()
    yield made
    QGuiApplication.clipboard().clear()


def test_digits_are_taken_up_to_eleven(qtbot: QtBot, field: NumberField) -> None:
    with qtbot.waitSignals([field.changed] * 3):
        QTest.keyClicks(field, "856")
    assert field.digits() == "856"
    QTest.keyClicks(field, NUMBER[3:] + "77")
    assert field.digits() == NUMBER
    assert field.is_complete
    assert field.is_valid


def test_nothing_else_is_taken(field: NumberField) -> None:
    QTest.keyClicks(field, "a8b.5-c ;*")
    QTest.keyClick(field, Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(field, Qt.Key.Key_7, CONTROL)
    assert field.digits() == "85"


def test_digits_with_shift_and_of_the_pad_are_digits(field: NumberField) -> None:
    """A Belgian keyboard has its digits on Shift."""
    QTest.keyClicks(field, "8", Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "5", Qt.KeyboardModifier.KeypadModifier)
    assert field.digits() == "85"


def test_digits_are_removed_one_by_one_or_all(qtbot: QtBot, field: NumberField) -> None:
    QTest.keyClicks(field, "8561")
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert field.digits() == "856"
    assert field._typed[3:] == bytes(8)
    QTest.keyClick(field, Qt.Key.Key_Delete)
    assert field.digits() == ""
    QTest.keyClicks(field, "85")
    QTest.keyClick(field, Qt.Key.Key_Backspace, CONTROL)
    assert field.digits() == ""
    with qtbot.assertNotEmitted(field.changed):
        QTest.keyClick(field, Qt.Key.Key_Backspace)


@pytest.mark.parametrize("text", [NUMBER, "85.61.30-012.39", " 85 61 30 012 39\n"])
def test_eleven_digits_are_pasted(field: NumberField, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    QTest.keyClicks(field, "77")
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert field.digits() == NUMBER


@pytest.mark.parametrize("text", ["", "8561300123", NUMBER + "1", "rrn " + NUMBER, "٨٥٦١٣٠٠١٢٣٩"])
def test_nothing_else_is_pasted(field: NumberField, text: str) -> None:
    QGuiApplication.clipboard().setText(text)
    QTest.keyClicks(field, "77")
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert field.digits() == "77"


def test_a_long_text_is_not_even_looked_through(field: NumberField) -> None:
    QGuiApplication.clipboard().setText(NUMBER + " " * 30)
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert field.digits() == ""


def test_the_clipboard_stays_as_it_was(field: NumberField) -> None:
    QGuiApplication.clipboard().setText(NUMBER)
    QTest.keyClick(field, Qt.Key.Key_V, CONTROL)
    assert field.digits() == NUMBER
    assert QGuiApplication.clipboard().text() == NUMBER


@pytest.mark.parametrize("key", [Qt.Key.Key_C, Qt.Key.Key_X, Qt.Key.Key_A, Qt.Key.Key_Z])
def test_digits_do_not_go_to_the_clipboard(field: NumberField, key: Qt.Key) -> None:
    QTest.keyClicks(field, NUMBER)
    QTest.keyClick(field, Qt.Key.Key_A, CONTROL)
    QTest.keyClick(field, key, CONTROL)
    QTest.mousePress(field, Qt.MouseButton.LeftButton, pos=QPoint(30, 44))
    QTest.mouseMove(field, QPoint(400, 44))
    QTest.mouseRelease(field, Qt.MouseButton.LeftButton, pos=QPoint(400, 44))
    clipboard = QGuiApplication.clipboard()
    for mode in (clipboard.Mode.Clipboard, clipboard.Mode.Selection):
        assert clipboard.text(mode) == ""
    assert field.digits() == NUMBER


def test_there_is_no_menu_and_no_input_method(field: NumberField) -> None:
    assert field.contextMenuPolicy() is Qt.ContextMenuPolicy.NoContextMenu
    assert not field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    assert field.findChildren(QWidget) == []


def test_assistive_technology_hears_how_many_never_which(field: NumberField) -> None:
    interface = QAccessible.queryAccessibleInterface(field)
    assert interface.role() == QAccessible.Role.EditableText
    assert interface.text(QAccessible.Text.Name) == "Rijksregisternummer"
    QTest.keyClicks(field, "85613")
    assert interface.text(QAccessible.Text.Description) == "5 van 11 cijfers"
    QTest.keyClicks(field, NUMBER[5:])
    for kind in QAccessible.Text:
        assert NUMBER not in "".join(c for c in interface.text(kind) if c.isdigit())
    assert interface.text(QAccessible.Text.Value) == ""
    assert interface.text(QAccessible.Text.Description) == "11 van 11 cijfers"


@pytest.mark.parametrize("digits", ["", NUMBER[:10], "85613001238", "00000000000"])
def test_what_is_no_number_does_not_hold(field: NumberField, digits: str) -> None:
    QTest.keyClicks(field, digits)
    assert not field.is_valid


def test_enter_sends(qtbot: QtBot, field: NumberField) -> None:
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        with qtbot.waitSignal(field.submitted):
            QTest.keyClick(field, key)


def test_digits_are_overwritten_when_the_field_goes_out_of_sight(field: NumberField) -> None:
    QTest.keyClicks(field, NUMBER)
    digits = field._typed
    field.hide()
    assert digits == bytes(11)
    assert field.digits() == ""
    field.wipe()


def test_digits_that_are_forgotten_are_told_of(qtbot: QtBot, field: NumberField) -> None:
    """Else what was said about them would stand there without them."""
    counts: list[int] = []
    field.changed.connect(lambda: counts.append(field.count))
    QTest.keyClicks(field, "85")
    field.window().hide()
    assert counts == [1, 2, 0]
    field.window().show()
    field.window().hide()
    assert counts == [1, 2, 0]


def test_digits_are_overwritten_when_the_window_goes(field: NumberField) -> None:
    QTest.keyClicks(field, NUMBER)
    digits = field._typed
    field.window().close()
    assert digits == bytes(11)


def test_digits_move_to_another_field_without_staying(qtbot: QtBot, field: NumberField) -> None:
    QTest.keyClicks(field, "8561")
    other = NumberField(STYLE, label="x", so_far="")
    qtbot.addWidget(other)
    other.take_over(field)
    assert other.digits() == "8561"
    assert field._typed == bytes(11)


def test_no_text_with_the_digits_stays(field: NumberField) -> None:
    for digit in NUMBER:
        QTest.keyClicks(field, digit)
    field.grab()
    assert field.is_valid
    kept = [value for value in vars(field).values() if isinstance(value, str)]
    assert not any(NUMBER in "".join(c for c in text if c.isdigit()) for text in kept)
    assert field.digits() is not field.digits()


def test_a_click_gives_the_focus_and_the_caret(field: NumberField) -> None:
    field.clearFocus()
    without = field.grab().toImage()
    QTest.mouseClick(field, Qt.MouseButton.LeftButton)
    assert field.hasFocus()
    assert field.grab().toImage() != without
