"""The window at the desk: every screen at every size, by keyboard alone, for everybody."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QMetaObject, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from kiosk.ui.controller import Controller
from kiosk.ui.desk.entry import EntryForm
from kiosk.ui.desk.measures import Measures
from kiosk.ui.desk.panel import Panel
from kiosk.ui.desk.stage import Stage
from kiosk.ui.desk.window import DeskWindow
from kiosk.ui.screens.parts import Act, Action, Line, Mark, Marked, Screen
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT, Style, Theme, load_fonts
from kiosk.ui.widgets.band import Band
from kiosk.ui.widgets.focus import _Ring
from kiosk.ui.widgets.labels import Heading, Text
from kiosk.ui.widgets.number_field import NumberField
from kiosk.ui.widgets.scroll import QuietScroll
from kiosk.ui.window import ENTRY_NAME, act_name
from tests.ui import desk_samples as samples
from tests.ui.desk_samples import NUMBER

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

Open = Callable[..., DeskWindow]
SIZES = [(1024, 700), (1280, 800), (1366, 768), (1920, 1200), (3840, 2160)]
VERDICTS = [samples.GREEN, samples.ORANGE, samples.RED]

every_screen = pytest.mark.parametrize("screen", samples.ALL.values(), ids=samples.ALL)
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))


@pytest.fixture
def opened(qtbot: QtBot) -> Open:
    load_fonts()
    windows: list[DeskWindow] = []

    def make(
        screen: Screen,
        size: tuple[int, int] = (1280, 800),
        theme: Theme = LIGHT,
        band: Band | None = None,
    ) -> DeskWindow:
        window = DeskWindow(theme, samples.Times(), samples.Words(), counter="Balie 4", band=band)
        qtbot.addWidget(window)
        windows.append(window)
        window.motion = False
        window.resize(*size)
        window.show_screen(screen)
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    return make


def button(window: DeskWindow, act: Act) -> QAbstractButton:
    found = window.findChildren(QAbstractButton, act_name(act))
    return next(each for each in found if each.isVisible())


def entry(window: DeskWindow) -> NumberField:
    found = window.findChildren(NumberField, ENTRY_NAME)
    return next(each for each in found if each.isVisible())


def area(window: DeskWindow, widget: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def stage(window: DeskWindow) -> Stage:
    return next(part for part in window.findChildren(Stage) if part.isVisible())


def panel(window: DeskWindow) -> Panel:
    return next(part for part in window.findChildren(Panel) if part.isVisible())


def scrolls(window: DeskWindow) -> list[QuietScroll]:
    return [stage(window).scroller, panel(window).scroller]


def texts(window: DeskWindow) -> list[str]:
    return [label.text() for label in window.findChildren(QLabel) if label.isVisible()]


def focused(window: DeskWindow) -> QWidget:
    """Return what gets the keys."""
    found: QWidget | None = window.focusWidget()
    return window if found is None else found


def focus_of(window: DeskWindow) -> str:
    return focused(window).objectName()


@every_size
@every_screen
def test_nothing_is_cut_or_scrolled_at_any_size(
    opened: Open, screen: Screen, size: tuple[int, int]
) -> None:
    window = opened(screen, size)
    for label in window.findChildren(Text):
        if label.isVisible():
            assert label.height() >= label.heightForWidth(label.width()), label.text()
    for scroll in window.findChildren(QuietScroll):
        assert scroll.verticalScrollBar().maximum() == 0
    for each in window.findChildren(QAbstractButton):
        if each.isVisible():
            assert window.rect().contains(area(window, each))
            assert each.height() >= 44
            assert each.width() >= 44
            assert each.width() >= each.minimumSizeHint().width()


@every_size
@pytest.mark.parametrize("verdict", VERDICTS, ids=["green", "orange", "red"])
@pytest.mark.parametrize("has_band", [False, True], ids=["bare", "band"])
def test_a_verdict_fills_sixty_percent(
    opened: Open, size: tuple[int, int], verdict: Screen, has_band: bool
) -> None:
    band = Band("Oefenen", Style(LIGHT, 1.0)) if has_band else None
    window = opened(verdict, size, band=band)
    field = area(window, stage(window))
    assert field.width() * field.height() >= 0.6 * window.width() * window.height()
    assert verdict.colour is not None
    fill = LIGHT.verdict[verdict.colour].fill
    picture = window.grab().toImage()
    for corner in (field.topLeft(), field.topRight(), field.bottomLeft(), field.bottomRight()):
        assert picture.pixelColor(corner).name() == fill
    assert panel(window).width() <= math.ceil(560 * Measures(*size, size[1]).scale)


@every_screen
def test_only_a_verdict_has_a_colour(opened: Open, screen: Screen) -> None:
    window = opened(screen)
    seen = {
        picture.pixelColor(x, y).name()
        for picture in [window.grab().toImage()]
        for x in range(0, 1280, 3)
        for y in range(0, 800, 3)
    }
    fills = {field.fill for field in LIGHT.verdict.values()}
    expected = set() if screen.colour is None else {LIGHT.verdict[screen.colour].fill}
    assert seen & fills == expected


@pytest.mark.parametrize("verdict", VERDICTS, ids=["green", "orange", "red"])
def test_high_contrast_has_an_outline_instead(opened: Open, verdict: Screen) -> None:
    window = opened(verdict, theme=HIGH_CONTRAST)
    picture = window.grab().toImage()
    field = area(window, stage(window))
    middle = field.center().y()
    for x in (field.left(), field.left() + 7, field.right(), field.right() - 7):
        assert picture.pixelColor(x, middle).name() == "#ffffff"
    for x in (field.left() + 8, field.right() - 8, field.right() + 1):
        assert picture.pixelColor(x, middle).name() == "#000000"
    saturated = {
        picture.pixelColor(x, y).name()
        for x in range(0, 1280, 3)
        for y in range(0, 800, 3)
        if QColor(picture.pixelColor(x, y)).hsvSaturation() > 20
    }
    assert all(QColor(name).hsvHue() in range(45, 60) for name in saturated)  # the focus


@every_screen
def test_no_bar_flashes_when_a_screen_comes_up(opened: Open, screen: Screen) -> None:
    window = opened(samples.STARTING)
    window.show_screen(screen)
    window.grab()
    assert not any(scroll.verticalScrollBar().isVisible() for scroll in scrolls(window))


def test_the_cut_is_at_the_same_place_on_every_screen(opened: Open) -> None:
    window = opened(samples.IDLE)
    cuts = set()
    for screen in samples.ALL.values():
        window.show_screen(screen)
        cuts.add(area(window, panel(window)).left())
    assert cuts == {768}


@every_screen
def test_what_can_be_used_has_a_name_and_a_role(opened: Open, screen: Screen) -> None:
    window = opened(screen)
    roles = {QAccessible.Role.Button, QAccessible.Role.RadioButton, QAccessible.Role.EditableText}
    usable = [
        each
        for each in window.findChildren(QWidget)
        if each.isVisible() and each.focusPolicy() is not Qt.FocusPolicy.NoFocus
    ]
    for each in usable:
        interface = QAccessible.queryAccessibleInterface(each)
        assert interface.role() in roles
        assert interface.text(QAccessible.Text.Name)
        assert each.objectName()
    headings = [h for h in window.findChildren(Heading) if h.isVisible()]
    assert [heading.text() for heading in headings] == [screen.heading]


@every_screen
def test_every_text_of_the_screen_is_shown(opened: Open, screen: Screen) -> None:
    shown = texts(opened(screen))
    wanted = [screen.heading, screen.fact, screen.sentence, screen.panel_heading, screen.note]
    wanted += [screen.reference, screen.entry_heading, screen.subject, *screen.steps]
    for marked in (screen.evidence, screen.panel_list, screen.stage_list):
        if marked is not None:
            wanted.append(marked.title)
            assert all(any(line.text in text for text in shown) for line in marked.lines)
    for text in wanted:
        assert text.replace("**", "") in [*shown, ""]


@every_screen
def test_all_can_be_done_by_keyboard(opened: Open, screen: Screen) -> None:
    window = opened(screen)
    usable = {
        each.objectName()
        for each in window.findChildren(QWidget)
        if each.isVisible() and each.focusPolicy() is not Qt.FocusPolicy.NoFocus
    }
    # Of choices, Tab finds the chosen one; the arrow keys find the others.
    by_tab = {name for name in usable if not name.startswith("choice-")}
    if screen.choices is not None:
        by_tab.add(next(f"choice-{c.value}" for c in screen.choices.choices if c.chosen))
    reached = set()
    for _ in range(2 * len(usable)):
        QTest.keyClick(focused(window), Qt.Key.Key_Tab)
        reached.add(focus_of(window))
        rings = [ring for ring in window.findChildren(_Ring) if ring.isVisible()]
        assert len(rings) == 1
    assert reached - {""} == by_tab


def test_tab_goes_from_the_stage_to_the_foot(opened: Open) -> None:
    window = opened(samples.TYPING)
    order = [focus_of(window)]
    for _ in range(3):
        QTest.keyClick(focused(window), Qt.Key.Key_Tab)
        order.append(focus_of(window))
    assert order == [ENTRY_NAME, "choice-forgotten", "act-check-number", "act-back"]


@pytest.mark.parametrize(
    ("screen", "name"),
    [
        (samples.CHECKING, "act-stop"),
        (samples.GREEN, "act-done"),
        (samples.ORANGE, "act-again"),
        (samples.PROBLEM, "act-again"),
        (samples.OUT_OF_SERVICE, "act-try-now"),
        (samples.TYPING, ENTRY_NAME),
    ],
)
def test_the_focus_is_on_what_is_mostly_done(opened: Open, screen: Screen, name: str) -> None:
    window = opened(screen)
    assert focus_of(window) == name
    assert [ring for ring in window.findChildren(_Ring) if ring.isVisible()]


@pytest.mark.parametrize(
    ("screen", "key", "act"),
    [
        (samples.IDLE, Qt.Key.Key_F2, Act.TYPE_NUMBER),
        (samples.CHECKING, Qt.Key.Key_Escape, Act.STOP),
        (samples.GREEN, Qt.Key.Key_Escape, Act.DONE),
        (samples.GREEN, Qt.Key.Key_Return, Act.DONE),
        (samples.ORANGE, Qt.Key.Key_F5, Act.AGAIN),
        (samples.ORANGE, Qt.Key.Key_Return, Act.AGAIN),
        (samples.TYPING, Qt.Key.Key_Escape, Act.BACK),
        (samples.OUT_OF_SERVICE, Qt.Key.Key_F5, Act.TRY_NOW),
    ],
)
def test_keys_do_what_they_say(
    qtbot: QtBot, opened: Open, screen: Screen, key: Qt.Key, act: Act
) -> None:
    window = opened(screen)
    with qtbot.waitSignal(window.acted) as told:
        QTest.keyClick(focused(window), key)
    assert told.args == [act]


@pytest.mark.parametrize("act", [Act.DONE, Act.AGAIN, Act.MORE_TIME])
def test_buttons_do_what_they_say(qtbot: QtBot, opened: Open, act: Act) -> None:
    window = opened(samples.RED)
    with qtbot.waitSignal(window.acted) as told:
        QTest.mouseClick(button(window, act), Qt.MouseButton.LeftButton)
    assert told.args == [act]


def test_actions_of_a_verdict_keep_their_places(opened: Open) -> None:
    window = opened(samples.GREEN)
    places = {act: area(window, button(window, act)) for act in (Act.DONE, Act.AGAIN)}
    assert places[Act.DONE].right() < places[Act.AGAIN].left()
    for verdict in (samples.ORANGE, samples.RED):
        window.show_screen(verdict)
        for act, place in places.items():
            assert area(window, button(window, act)) == place
    window.show_screen(replace(samples.GREEN, actions=samples.GREEN.actions[:1]))
    assert area(window, button(window, Act.DONE)) == places[Act.DONE]


def test_a_use_case_is_chosen(qtbot: QtBot, opened: Open) -> None:
    window = opened(samples.IDLE)
    with qtbot.waitSignal(window.use_case_chosen) as told:
        QTest.keyClick(window, Qt.Key.Key_3, Qt.KeyboardModifier.AltModifier)
    assert told.args == ["garbage"]


def test_time_is_counted_down_in_words(qtbot: QtBot, opened: Open) -> None:
    window = opened(samples.GREEN)
    assert "Blijft nog 58\u00a0seconden" in texts(window)
    window.times.seconds_left = 8.5  # type: ignore[attr-defined]  # the tests' own clock
    qtbot.waitUntil(lambda: "Blijft nog 9\u00a0seconden" in texts(window))


def test_a_number_is_sent_with_its_reason(qtbot: QtBot, opened: Open) -> None:
    window = opened(samples.TYPING)
    QTest.keyClicks(focused(window), NUMBER)
    assert "Het nummer klopt" in texts(window)
    QTest.keyClick(focused(window), Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    with qtbot.waitSignal(window.number_typed) as told:
        QTest.keyClick(focused(window), Qt.Key.Key_Return)
    assert told.args == [NUMBER, "broken"]


CARRIERS = re.compile(r"(typed|_typed|number_typed|type_number)\(")


@pytest.mark.parametrize("kind", [DeskWindow, EntryForm, Controller])
def test_no_number_becomes_a_text_of_qt(kind: type[QObject]) -> None:
    """Qt frees its texts and does not overwrite them."""
    told: QMetaObject = vars(kind)["staticMetaObject"]
    methods = [told.method(place) for place in range(told.methodCount())]
    signatures = [bytes(method.methodSignature().data()).decode() for method in methods]
    carriers = [signature for signature in signatures if CARRIERS.match(signature)]
    assert carriers
    assert all("(PyObject" in signature for signature in carriers), carriers


def test_enter_in_the_field_and_the_button_send_too(qtbot: QtBot, opened: Open) -> None:
    window = opened(samples.TYPING)
    QTest.keyClicks(entry(window), NUMBER)
    with qtbot.waitSignal(window.number_typed) as told:
        QTest.keyClick(entry(window), Qt.Key.Key_Enter)
    assert told.args == [NUMBER, "forgotten"]
    with qtbot.waitSignal(window.number_typed):
        QTest.mouseClick(button(window, Act.CHECK_NUMBER), Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("digits", "said"),
    [
        ("", "Er ontbreken nog 11 cijfers."),
        (NUMBER[:7], "Er ontbreken nog 4 cijfers."),
        (NUMBER[:-1] + "8", "Dit nummer klopt niet. Kijk het na op de kaart."),
    ],
)
def test_a_number_that_does_not_hold_is_not_sent(
    qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch, digits: str, said: str
) -> None:
    window = opened(samples.TYPING)
    QTest.keyClicks(entry(window), digits)
    announced: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda e: announced.append(e.message()))
    with qtbot.assertNotEmitted(window.number_typed), qtbot.assertNotEmitted(window.acted):
        QTest.mouseClick(button(window, Act.CHECK_NUMBER), Qt.MouseButton.LeftButton)
    assert said in texts(window)
    assert announced == [said]
    assert focus_of(window) == ENTRY_NAME
    QTest.keyClick(entry(window), Qt.Key.Key_Backspace)
    if digits:
        assert said not in texts(window)


def test_what_is_typed_and_chosen_stays_when_the_window_is_resized(
    qtbot: QtBot, opened: Open
) -> None:
    window = opened(samples.TYPING)
    QTest.keyClicks(entry(window), NUMBER)
    QTest.keyClick(entry(window), Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    before = entry(window)
    window.resize(1920, 1200)
    qtbot.waitUntil(lambda: entry(window) is not before and entry(window).isVisible())
    assert before.digits() == ""
    assert entry(window).digits() == NUMBER
    assert "Het nummer klopt" in texts(window)
    with qtbot.waitSignal(window.number_typed) as told:
        button(window, Act.CHECK_NUMBER).click()
    assert told.args == [NUMBER, "other"]


def test_nothing_typed_outlives_its_screen(opened: Open) -> None:
    window = opened(samples.TYPING)
    QTest.keyClicks(entry(window), NUMBER)
    digits = entry(window)._typed
    window.show_screen(samples.IDLE)
    assert digits == bytes(11)
    window.show_screen(samples.TYPING)
    assert entry(window).digits() == ""


@pytest.mark.parametrize("verdict", VERDICTS, ids=["green", "orange", "red"])
def test_a_verdict_stays_when_the_window_is_resized(
    qtbot: QtBot, opened: Open, verdict: Screen
) -> None:
    window = opened(verdict)
    name = focus_of(window)
    for size in [(1100, 720), (1700, 1000), (1280, 800)]:
        window.resize(*size)
        qtbot.waitUntil(lambda size=size: stage(window).height() == size[1])  # type: ignore[misc]  # mypy knows no types of such defaults
        assert verdict.heading in texts(window)
        assert window.screen_shown is verdict
        assert focus_of(window) == name


EVIL = ["<b>vet</b><img src='x'><script>", "x" * 10_000, "woord " * 1700, "\u202eomgekeerd\n" * 40]


@pytest.mark.parametrize("evil", EVIL, ids=["html", "one word", "words", "lines"])
@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_no_text_from_elsewhere_moves_the_buttons(
    opened: Open, evil: str, size: tuple[int, int]
) -> None:
    window = opened(samples.ORANGE, size)
    places = {act: area(window, button(window, act)) for act in (Act.DONE, Act.AGAIN)}
    lines = Marked("Bronnen", (Line(Mark.SILENT, evil, "geen antwoord"),))
    window.show_screen(
        replace(
            samples.ORANGE,
            heading=evil,
            fact=evil,
            sentence=evil,
            steps=(evil, evil),
            evidence=lines,
            stage_list=lines,
        )
    )
    assert {act: area(window, button(window, act)) for act in places} == places
    assert evil in texts(window)
    assert area(window, panel(window)).left() == area(window, stage(window)).width()
    assert window.minimumSizeHint().width() <= size[0]
    assert window.size().toTuple() == size


def test_what_is_too_long_is_scrolled_by_keyboard(qtbot: QtBot, opened: Open) -> None:
    window = opened(replace(samples.RED, steps=("Een lange stap. " * 8,) * 9), (1024, 700))
    bar = panel(window).scroller.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0)
    QTest.keyClick(focused(window), Qt.Key.Key_PageDown)
    assert bar.value() > 0
    QTest.keyClick(focused(window), Qt.Key.Key_PageUp)
    assert bar.value() == 0


def test_the_window_does_not_get_too_small(opened: Open) -> None:
    window = opened(samples.IDLE)
    window.resize(300, 200)
    assert window.size().toTuple() == (1024, 700)


def test_a_button_that_is_alone_and_wide_has_its_icon(opened: Open) -> None:
    window = opened(samples.OUT_OF_SERVICE)
    wide = button(window, Act.TYPE_NUMBER)
    window.show_screen(samples.PROBLEM)
    assert wide.width() > button(window, Act.TYPE_NUMBER).width()


def test_buttons_that_do_not_fit_beside_each_other_stand_below(opened: Open) -> None:
    long = Action(Act.TYPE_NUMBER, "Het nummer van de kaart intypen", "F2")
    actions = (samples.PROBLEM.actions[0], long, samples.PROBLEM.actions[2])
    window = opened(replace(samples.PROBLEM, actions=actions), (1024, 700))
    first, second = button(window, Act.TYPE_NUMBER), button(window, Act.DONE)
    assert area(window, first).bottom() < area(window, second).top()
    assert first.width() == second.width()


def test_keys_that_mean_nothing_do_nothing(qtbot: QtBot, opened: Open) -> None:
    window = opened(samples.IDLE)
    with qtbot.assertNotEmitted(window.acted):
        for key in (Qt.Key.Key_F1, Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_A):
            QTest.keyClick(window, key)
