"""Buttons, choices and lists: keys, focus, names, sizes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.verdict import Colour
from kiosk.ui.screens.parts import Act, Action, Choice, Line, Mark, Marked
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT, Style, Theme, load_fonts
from kiosk.ui.widgets.boxes import note_box, retry_box
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.choices import ChoiceButton, ChoiceList
from kiosk.ui.widgets.focus import _Ring
from kiosk.ui.widgets.keys import key_name
from kiosk.ui.widgets.labels import Text
from kiosk.ui.widgets.lists import Evidence, ListLook, MarkedList, Steps
from kiosk.ui.widgets.marks import MarkIcon
from kiosk.ui.widgets.scroll import QuietScroll
from tests.ui.desk_samples import Times, Words

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")
STYLE = Style(LIGHT, 1.0)
CHOICES = (
    Choice("a", "Eerste", chosen=True, key="Alt+1"),
    Choice("b", "Tweede", chosen=False, key="Alt+2"),
    Choice("c", "Derde", chosen=False, key="Alt+3"),
)
Show = Callable[..., QWidget]


@pytest.fixture
def show(qtbot: QtBot) -> Show:
    load_fonts()
    shown: list[QWidget] = []

    def make(*parts: QWidget) -> QWidget:
        window = QWidget()
        qtbot.addWidget(window)
        shown.append(window)
        column = QVBoxLayout(window)
        column.setContentsMargins(30, 30, 30, 30)
        for part in parts:
            column.addWidget(part)
        window.resize(480, 400)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    return make


def button(act: Act, key: str, *, first: bool = False) -> ActionButton:
    return ActionButton(Action(act, act.value.title(), key, first=first), STYLE)


def ring_of(window: QWidget) -> _Ring | None:
    return next((ring for ring in window.findChildren(_Ring) if ring.isVisible()), None)


def colours_of(widget: QWidget) -> set[str]:
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return {
        QColor(image.pixel(x, y)).name()
        for x in range(0, image.width(), 2)
        for y in range(image.height())
    }


@pytest.mark.parametrize(
    ("key", "name"),
    [("Esc", "Esc"), ("Ctrl+P", "Ctrl P"), ("Return", "Enter"), ("Enter", "Enter"), ("", "")],
)
def test_keys_are_called_what_is_printed_on_them(key: str, name: str) -> None:
    assert key_name(key) == name


def test_a_button_has_names_for_tests_and_for_people(show: Show) -> None:
    done = button(Act.DONE, "Esc")
    show(done)
    assert done.objectName() == "act-done"
    interface = QAccessible.queryAccessibleInterface(done)
    assert interface.text(QAccessible.Text.Name) == "Done"
    assert interface.text(QAccessible.Text.Description) == "Esc"
    assert interface.role() == QAccessible.Role.Button
    assert done.height() >= 44


@pytest.mark.parametrize(
    ("key", "pressed"),
    [
        ("Esc", Qt.Key.Key_Escape),
        ("F5", Qt.Key.Key_F5),
        ("Return", Qt.Key.Key_Return),
        ("Return", Qt.Key.Key_Enter),
    ],
)
def test_a_button_is_pressed_by_its_key(
    qtbot: QtBot, show: Show, key: str, pressed: Qt.Key
) -> None:
    part = button(Act.AGAIN, key)
    window = show(part)
    with qtbot.waitSignal(part.clicked):
        QTest.keyClick(window, pressed)


def test_enter_presses_the_button_with_the_focus_not_the_one_that_listens(show: Show) -> None:
    check, back = button(Act.CHECK_NUMBER, "Return"), button(Act.BACK, "Esc")
    show(check, back)
    back.setFocus()
    pressed: list[str] = []
    check.clicked.connect(lambda: pressed.append("check"))
    back.clicked.connect(lambda: pressed.append("back"))
    QTest.keyClick(back, Qt.Key.Key_Return)
    QTest.keyClick(back, Qt.Key.Key_Space)
    assert pressed == ["back", "back"]


@pytest.mark.parametrize("reason", [r for r in Qt.FocusReason if r != Qt.FocusReason.NoFocusReason])
def test_the_focus_is_seen_whatever_gave_it(show: Show, reason: Qt.FocusReason) -> None:
    one, other = button(Act.DONE, "Esc"), button(Act.AGAIN, "F5")
    window = show(one, other)
    window.setFocus()
    one.setFocus(reason)
    ring = ring_of(window)
    assert ring is not None
    assert ring.geometry() == one.geometry().adjusted(-6, -6, 6, 6)
    other.setFocus(reason)
    ring = ring_of(window)
    assert ring is not None
    assert ring.geometry().contains(other.geometry())
    assert LIGHT.focus in colours_of(ring)


def test_the_ring_follows_and_goes_with_its_button(qtbot: QtBot, show: Show) -> None:
    one = button(Act.DONE, "Esc")
    window = show(one)
    one.setFocus()
    window.resize(700, 500)
    ring = ring_of(window)
    assert ring is not None
    qtbot.waitUntil(lambda: ring.geometry() == one.geometry().adjusted(-6, -6, 6, 6))
    one.hide()
    assert ring_of(window) is None


@pytest.mark.parametrize("theme", [LIGHT, HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_the_first_action_is_filled_and_the_others_are_not(show: Show, theme: Theme) -> None:
    style = Style(theme, 1.0)
    first = ActionButton(Action(Act.DONE, "Klaar", "Esc", first=True), style)
    second = ActionButton(Action(Act.AGAIN, "Opnieuw", "F5"), style, icon="keyboard")
    show(first, second)
    assert first.grab().toImage().pixelColor(8, 28).name() == theme.accent
    assert second.grab().toImage().pixelColor(8, 28).name() == theme.bg


def test_a_button_shows_that_it_is_pressed_and_that_it_cannot_be(show: Show) -> None:
    first, second = button(Act.DONE, "Esc", first=True), button(Act.AGAIN, "F5")
    show(first, second)
    first.setDown(True)
    second.setDown(True)
    assert LIGHT.pressed in colours_of(first)
    assert LIGHT.tint in colours_of(second)
    first.setDown(False)
    first.setEnabled(False)
    assert LIGHT.accent not in colours_of(first)


def test_a_button_on_a_field_has_its_colours(show: Show) -> None:
    field = LIGHT.verdict[Colour.GREEN]
    first = ActionButton(Action(Act.DONE, "Klaar", "", first=True), STYLE, on_field=field)
    second = ActionButton(Action(Act.AGAIN, "Opnieuw", ""), STYLE, on_field=field, height=96)
    show(first, second)
    assert first.grab().toImage().pixelColor(8, 28).name() == field.text
    assert second.grab().toImage().pixelColor(8, 48).name() == field.fill


def test_a_text_that_is_too_long_stays_in_its_button(show: Show) -> None:
    long = ActionButton(Action(Act.DONE, "lang " * 2000, "Esc"), STYLE)
    window = show(QWidget())
    long.setParent(window)
    long.resize(300, 56)
    long.show()
    image = long.grab().toImage()
    beside_the_text = {image.pixelColor(x, y).name() for x in (6, 240, 294) for y in range(6, 50)}
    assert len(beside_the_text) == 1
    assert long.accessibleName() == "lang " * 2000


def test_one_choice_is_made_and_told(qtbot: QtBot, show: Show) -> None:
    choices = ChoiceList(CHOICES, STYLE, title="Waarvoor?")
    show(choices)
    assert choices.value == "a"
    with qtbot.waitSignal(choices.chosen) as told:
        QTest.mouseClick(choices.buttons[1], Qt.MouseButton.LeftButton)
    assert told.args == ["b"]
    assert [each.isChecked() for each in choices.buttons] == [False, True, False]
    with qtbot.assertNotEmitted(choices.chosen):
        QTest.mouseClick(choices.buttons[1], Qt.MouseButton.LeftButton)


def test_all_of_a_choice_can_be_pressed(qtbot: QtBot, show: Show) -> None:
    choices = ChoiceList(CHOICES, STYLE, title="Waarvoor?")
    show(choices)
    last = choices.buttons[2]
    corner = last.rect().bottomRight()
    with qtbot.waitSignal(choices.chosen):
        QTest.mouseClick(last, Qt.MouseButton.LeftButton, pos=corner)
    assert last.height() >= 44


def test_choices_are_made_by_key_and_by_arrow(show: Show) -> None:
    choices = ChoiceList(CHOICES, STYLE, title="Waarvoor?")
    window = show(choices)
    QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert choices.value == "c"
    assert not choices.buttons[2].hasFocus()  # somebody may be typing elsewhere
    choices.buttons[2].setFocus()
    QTest.keyClick(choices.buttons[2], Qt.Key.Key_Up)
    assert choices.value == "b"
    assert choices.buttons[1].hasFocus()


def test_choices_are_a_group_with_a_name(show: Show) -> None:
    choices = ChoiceList(CHOICES, STYLE, title="Waarvoor?")
    show(choices)
    group = QAccessible.queryAccessibleInterface(choices)
    assert group.role() == QAccessible.Role.Grouping
    assert group.text(QAccessible.Text.Name) == "Waarvoor?"
    first = QAccessible.queryAccessibleInterface(choices.buttons[0])
    assert first.role() == QAccessible.Role.RadioButton
    assert first.text(QAccessible.Text.Name) == "Eerste"
    assert first.state().checked


def test_a_language_is_ticked_when_it_is_chosen(show: Show) -> None:
    chosen = ChoiceButton(Choice("nl", "Nederlands", chosen=True), STYLE, height=96, tick=True)
    other = ChoiceButton(Choice("en", "English", chosen=False), STYLE, height=96, tick=True)
    show(chosen, other)
    assert chosen.height() == other.height() == 96
    assert LIGHT.tint in colours_of(chosen)
    assert LIGHT.tint not in colours_of(other)


@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("theme", [LIGHT, HIGH_CONTRAST], ids=lambda theme: theme.name)
def test_marks_are_in_the_colour_of_the_text(show: Show, theme: Theme, mark: Mark) -> None:
    icon = MarkIcon(mark, Style(theme, 1.0), size=32)
    window = show(icon)
    window.setStyleSheet(f"background: {theme.bg}")
    seen = [QColor(name) for name in colours_of(icon)]
    assert len(seen) > 1
    for one in seen:
        assert one.hsvSaturation() < 160 or one.hsvHue() in range(200, 216)


def test_a_busy_mark_turns_unless_motion_is_unwanted(qtbot: QtBot, show: Show) -> None:
    turning = MarkIcon(Mark.BUSY, STYLE)
    still = MarkIcon(Mark.BUSY, Style(LIGHT, 1.0, motion=False))
    show(turning, still)
    before = still.grab().toImage()
    qtbot.waitUntil(lambda: turning._turned > 0)
    assert still.grab().toImage() == before


def test_lines_say_their_state_to_those_who_do_not_see_the_mark(show: Show) -> None:
    look = ListLook(ink=LIGHT.ink, quiet=LIGHT.ink2, mark_ink=LIGHT.ink, states=False)
    lines = (Line(Mark.WELL, "Inkomen", "werkt"), Line(Mark.SILENT, "OCMW", "geen antwoord"))
    shown = MarkedList(lines, STYLE, look, title="Bronnen")
    show(shown)
    assert read(shown) == ("Bronnen", ["Inkomen, werkt", "OCMW, geen antwoord"])


def test_a_line_that_shows_its_state_says_it_once(show: Show) -> None:
    look = ListLook(ink=LIGHT.ink, quiet=LIGHT.ink2, mark_ink=LIGHT.ink)
    shown = MarkedList((Line(Mark.WELL, "Programma", "werkt"),), STYLE, look, title="Delen")
    show(shown)
    assert read(shown) == ("Delen", ["Programma, werkt"])


def test_papers_are_a_list(show: Show) -> None:
    lines = (Line(Mark.LATER, "Attest van het OCMW"), Line(Mark.LATER, "Brief"))
    shown = Evidence(Marked("Dit bewijs gaat voor", lines), STYLE)
    show(shown)
    title, papers = shown.findChildren(QWidget, options=Qt.FindChildOption.FindDirectChildrenOnly)
    assert isinstance(title, Text)
    assert read(papers) == ("Dit bewijs gaat voor", ["Attest van het OCMW", "Brief"])


def read(shown: QWidget) -> tuple[str, list[str]]:
    """What assistive technology knows of a list: its name, and all that is in its rows."""
    told = QAccessible.queryAccessibleInterface(shown)
    assert told.role() == QAccessible.Role.List
    rows = [told.child(number) for number in range(told.childCount())]
    assert {row.role() for row in rows} == {QAccessible.Role.ListItem}
    assert [row.childCount() for row in rows] == [0] * len(rows)
    name = QAccessible.Text.Name
    return told.text(name), [row.text(name) for row in rows]


def test_steps_are_numbered(show: Show) -> None:
    steps = Steps(("Eerst dit.", "Dan **dat**."), STYLE, title="Wat nu?")
    show(steps)
    assert read(steps) == ("Wat nu?", ["1. Eerst dit.", "2. Dan dat."])


def test_the_time_that_is_left_goes_on_counting(qtbot: QtBot, show: Show) -> None:
    times = Times(seconds_left=24.2)
    box = retry_box("Opnieuw over **{left}**.", times, Words(), STYLE)
    note = note_box("Let op", STYLE, icon="info", fill=LIGHT.surface)
    show(box, note)
    texts = {part.text() for part in box.findChildren(QWidget) if hasattr(part, "text")}
    assert "Opnieuw over 25\u00a0seconden." in texts
    times.seconds_left = -3
    qtbot.waitUntil(
        lambda: any(
            getattr(part, "text", str)() == "Opnieuw over 0\u00a0seconden."
            for part in box.findChildren(QWidget)
        )
    )


def test_what_is_long_can_be_scrolled_by_keyboard(qtbot: QtBot, show: Show) -> None:
    content = QWidget()
    scroll = QuietScroll(content, STYLE, LIGHT.control)
    window = show(scroll)
    assert scroll.focusPolicy() is Qt.FocusPolicy.NoFocus
    content.setMinimumHeight(3000)
    qtbot.waitUntil(lambda: scroll.focusPolicy() is Qt.FocusPolicy.StrongFocus)
    scroll.setFocus(Qt.FocusReason.TabFocusReason)
    assert ring_of(window) is not None
    QTest.keyClick(scroll, Qt.Key.Key_PageDown)
    assert scroll.verticalScrollBar().value() > 0
    scroll.page(-1)
    assert scroll.verticalScrollBar().value() == 0
