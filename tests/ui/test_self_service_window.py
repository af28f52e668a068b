"""The window of self-service: where things are, and what does nothing on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QCloseEvent,
    QContextMenuEvent,
    QDragEnterEvent,
    QWindowStateChangeEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour
from kiosk.domain.visit import (
    AwaitingRemoval,
    Checking,
    Idle,
    OutOfService,
    Showing,
    Starting,
    State,
)
from kiosk.ui.screens.parts import Act, Action, Kind, Screen
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from kiosk.ui.self_service import window as window_module
from kiosk.ui.self_service.scene import SMALLEST_TEXT
from kiosk.ui.self_service.window import SelfServiceWindow
from kiosk.ui.theme import HIGH_CONTRAST, LIGHT, Theme, load_fonts
from kiosk.ui.widgets.band import Band
from kiosk.ui.widgets.buttons import ActionButton
from kiosk.ui.widgets.choices import ChoiceButton
from kiosk.ui.widgets.drawing import CardDrawing
from kiosk.ui.widgets.icons import Icon
from kiosk.ui.widgets.labels import Heading, Text
from kiosk.ui.widgets.lamps import LampRow
from kiosk.ui.widgets.progress import TimeBar
from kiosk.ui.widgets.ring import CountdownRing
from kiosk.ui.window import act_name
from tests.ui.desk_samples import Times
from tests.ui.screen_cases import BOTH, STATES, V1, A, shown, verdict

LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)
SIZES = [LANDSCAPE, (1366, 768), (3840, 2160), PORTRAIT, (768, 1366), (1280, 1024)]
LEAVES = (Text, QPushButton, QRadioButton, LampRow, CardDrawing, CountdownRing, TimeBar, Icon)
Open = Callable[..., SelfServiceWindow]


@cache
def words(language: Language) -> Words:
    return Words(language)


def screen(state: State, language: Language = Language.DUTCH) -> Screen:
    return shown(state, Mode.SELF_SERVICE, words(language), language)


@cache
def every_screen() -> tuple[Screen, ...]:
    """Every screen that looks different from the others; codes are all equally long."""
    shown_in = (screen(state, language) for language in BOTH for state in STATES)
    return tuple({replace(each, reference=""): each for each in shown_in}.values())


def some_screens() -> tuple[Screen, ...]:
    """The longest text of each kind, in each colour."""
    longest: dict[object, Screen] = {}
    for each in sorted(every_screen(), key=lambda one: len(one.heading + one.sentence)):
        longest[each.kind, each.colour] = each
    return tuple(longest.values())


def green() -> Screen:
    return screen(Showing(V1, verdict(), A, asked=True))


def unread() -> Screen:
    return screen(Showing(V1, Problem(ProblemCode.CARD_UNREADABLE), A, asked=False))


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    load_fonts()
    windows = []

    def make(
        size: tuple[int, int] = LANDSCAPE, theme: Theme = LIGHT, band: QWidget | None = None
    ) -> SelfServiceWindow:
        window = SelfServiceWindow(theme, Times(12, 20), band=band)
        qtbot.addWidget(window)
        windows.append(window)
        window.resize(*size)
        window.show()
        return window

    yield make
    # What is being put away goes before the window that it lies in.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def leaves(window: QWidget) -> Iterator[QWidget]:
    for kind in LEAVES:
        for widget in window.findChildren(kind):
            if widget.isVisibleTo(window):
                yield widget


def place(widget: QWidget, window: QWidget) -> QRect:
    return QRect(widget.mapTo(window, QPoint(0, 0)), widget.size())


def assert_all_to_be_seen(window: SelfServiceWindow) -> None:
    """Nothing lies on something else, nothing sticks out, no text is cut."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
    about = (window.screen_shown, window.size())
    places = {widget: place(widget, window) for widget in leaves(window)}
    assert len(places) > 1, about
    for widget, area in places.items():
        assert window.rect().contains(area), (widget, area, about)
        if isinstance(widget, Text):
            assert widget.height() >= widget.heightForWidth(widget.width()), (widget.text(), about)
        if isinstance(widget, QPushButton):
            assert widget.width() >= widget.sizeHint().width(), (widget.text(), about)
    for (one, area), (other, its) in combinations(places.items(), 2):
        assert not area.intersects(its), (one, area, other, its, about)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_everything_is_to_be_seen_on_every_screen_in_every_language(
    opened: Open, size: tuple[int, int]
) -> None:
    window = opened(size)
    for each in every_screen() if size in (LANDSCAPE, PORTRAIT) else some_screens():
        window.show_screen(each)
        assert_all_to_be_seen(window)


def test_everything_is_to_be_seen_under_a_band(opened: Open, qtbot: QtBot) -> None:
    for size in (LANDSCAPE, PORTRAIT):
        window = opened(size)
        band = Band("TEST", window._style())
        other = opened(size, band=band)
        for each in (green(), unread(), screen(Idle())):
            other.show_screen(each)
            assert_all_to_be_seen(other)
            assert place(band, other).top() == 0
            assert min(place(leaf, other).top() for leaf in leaves(other)) >= band.height()


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("colour", Colour)
def test_the_colour_covers_the_whole_screen(
    opened: Open, size: tuple[int, int], colour: Colour
) -> None:
    window = opened(size)
    window.show_screen(screen(Showing(V1, verdict(colour), A, asked=True)))
    image = window.grab().toImage()
    right, bottom = size[0] - 1, size[1] - 1
    corners = {(0, 0), (right, 0), (0, bottom), (right, bottom)}
    assert {image.pixelColor(*at).name() for at in corners} == {LIGHT.verdict[colour].fill}
    lamps = window.findChild(LampRow)
    assert lamps is not None
    assert (lamps.height() > lamps.width()) == (size[0] > size[1])


def test_a_technical_failure_has_no_colour_of_a_verdict(opened: Open) -> None:
    fills = {field.fill for field in LIGHT.verdict.values()}
    window = opened()
    for state in (OutOfService(Problem(ProblemCode.NO_READER)), Starting()):
        window.show_screen(screen(state))
        image = window.grab().toImage()
        used = {image.pixelColor(x, y).name() for x in range(0, 1920, 7) for y in range(0, 1080, 7)}
        assert not used & fills


def test_high_contrast_has_an_outline_instead_of_a_fill(opened: Open) -> None:
    window = opened(theme=HIGH_CONTRAST)
    window.show_screen(green())
    image = window.grab().toImage()
    assert [image.pixelColor(x, 540).name() for x in (2, 40)] == ["#ffffff", "#000000"]


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT], ids=str)
def test_what_can_be_touched_is_large_and_what_is_read_too(
    opened: Open, size: tuple[int, int]
) -> None:
    window = opened(size)
    for each in every_screen():
        window.show_screen(each)
        for target in window.findChildren(QPushButton) + window.findChildren(QRadioButton):
            assert min(target.width(), target.height()) >= 76
        for text in window.findChildren(Text):
            assert text._size >= SMALLEST_TEXT


def test_the_verdict_is_the_largest_thing_to_read(opened: Open) -> None:
    for size in (LANDSCAPE, PORTRAIT):
        window = opened(size)
        for each in every_screen():
            if each.kind is Kind.VERDICT:
                window.show_screen(each)
                heading = window.findChild(Heading)
                assert heading is not None
                pixels = heading._set_to(heading.width())._font.pixelSize()
                assert pixels >= 0.07 * size[1]


def test_a_change_of_resolution_keeps_the_verdict(opened: Open) -> None:
    window = opened()
    window.show_screen(green())
    for size in ((1366, 768), PORTRAIT, LANDSCAPE):
        window.resize(*size)
        assert window.screen_shown == green()
        assert_all_to_be_seen(window)
        assert window.findChild(LampRow) is not None


def test_the_same_scale_in_another_format_is_laid_out_anew(opened: Open) -> None:
    window = opened((1920, 1080))
    window.show_screen(screen(Idle()))
    window.resize(2560, 1080)
    assert_all_to_be_seen(window)


# ---- what people do -----------------------------------------------------------


def test_a_language_is_chosen_by_touch_and_by_keyboard(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    window.show_screen(screen(Idle()))
    english = window.findChild(ChoiceButton, "choice-en")
    assert english is not None
    with qtbot.waitSignal(window.language_chosen) as told:
        QTest.mouseClick(english, Qt.MouseButton.LeftButton)
    assert told.args == ["en"]
    window.show_screen(screen(Idle(), Language.ENGLISH))
    with qtbot.waitActive(window):
        window.activateWindow()
    window.setFocus()
    QTest.keyClick(window, Qt.Key.Key_Tab)
    focused = window.focusWidget()
    assert isinstance(focused, ChoiceButton)
    with qtbot.waitSignal(window.language_chosen) as told:
        QTest.keyClick(focused, Qt.Key.Key_Space)
    assert told.args == ["nl"]


def test_more_time_is_asked_for_by_touch_and_by_enter(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    window.show_screen(green())
    with qtbot.waitActive(window):
        window.activateWindow()
    button = window.findChild(ActionButton, act_name(Act.MORE_TIME))
    assert button is not None
    with qtbot.waitSignal(window.acted) as told:
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert told.args == [Act.MORE_TIME]
    with qtbot.waitSignal(window.acted):
        QTest.keyClick(window, Qt.Key.Key_Return)


def test_nothing_has_the_focus_until_somebody_uses_a_keyboard(opened: Open) -> None:
    window = opened()
    for each in (screen(Idle()), green()):
        window.show_screen(each)
        assert window.focusWidget() in (None, window)


def test_tab_goes_to_every_language_and_only_a_press_chooses_one(
    opened: Open, qtbot: QtBot
) -> None:
    window = opened()
    window.show_screen(screen(Idle()))
    with qtbot.waitActive(window):
        window.activateWindow()
    chosen: list[str] = []
    window.language_chosen.connect(chosen.append)
    reached = []
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        reached.append(focused(window).text())
    assert reached == ["Nederlands", "English"]
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(focused(window), key)
    assert not chosen
    QTest.keyClick(focused(window), Qt.Key.Key_Space)
    assert chosen == ["en"]
    window.show_screen(screen(Idle(), Language.ENGLISH))
    assert focused(window).text() == "English"
    assert focused(window).isChecked()
    QTest.keyClick(focused(window), Qt.Key.Key_Space)
    assert focused(window).isChecked(), "the chosen one stays it"


def focused(window: QWidget) -> ChoiceButton:
    widget = window.focusWidget()
    assert isinstance(widget, ChoiceButton)
    return widget


def test_languages_and_lamps_have_names_and_roles(opened: Open) -> None:
    window = opened()
    window.show_screen(screen(Idle()))
    button = window.findChild(ChoiceButton)
    assert button is not None
    group = QAccessible.queryAccessibleInterface(button).parent()
    assert (group.role(), group.text(QAccessible.Text.Name)) == (QAccessible.Role.Grouping, "Taal")
    for colour, name in zip(Colour, ("Groen", "Oranje", "Rood"), strict=True):
        window.show_screen(screen(Showing(V1, verdict(colour), A, asked=True)))
        (lamps,) = (row for row in window.findChildren(LampRow) if row.isVisible())
        assert lamps.accessibleName() == name


def test_enter_presses_the_first_of_two(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    again = Action(Act.AGAIN, "Opnieuw", "F5", first=True)
    more = Action(Act.MORE_TIME, "Meer tijd", "Return")
    with qtbot.waitActive(window):
        window.activateWindow()
    for size in (LANDSCAPE, PORTRAIT):
        window.resize(*size)
        window.show_screen(replace(unread(), actions=(again, more), reference=str(size)))
        assert_all_to_be_seen(window)
        with qtbot.waitSignal(window.acted) as told:
            QTest.keyClick(window, Qt.Key.Key_Return)
        assert told.args == [Act.AGAIN]


def test_a_forgotten_card_is_called_out_once(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(window_module, "sound_removal", lambda: called.append("beep"))
    window = opened()
    window.show_screen(green())
    assert not called
    window.show_screen(screen(AwaitingRemoval(V1, A)))
    window.show_screen(screen(AwaitingRemoval(V1, A), Language.ENGLISH))
    assert called == ["beep"]


def test_the_sound_is_the_systems_own(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(QApplication, "beep", lambda: called.append("beep"))
    window_module.sound_removal()
    assert called == ["beep"]


def test_while_it_checks_the_bar_runs(opened: Open) -> None:
    window = opened()
    window.show_screen(screen(Checking(V1, A)))
    bar = window.findChild(TimeBar)
    assert bar is not None
    assert bar._timer.isActive()


# ---- what does nothing ----------------------------------------------------------

KEYS = [
    (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_F4, Qt.KeyboardModifier.AltModifier),
    (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier),
    (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_F11, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_Menu, Qt.KeyboardModifier.NoModifier),
    (Qt.Key.Key_Meta, Qt.KeyboardModifier.NoModifier),
]


@pytest.mark.parametrize(("key", "modifier"), KEYS)
def test_no_key_does_anything_here(
    opened: Open, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier
) -> None:
    window = opened()
    window.show_screen(green())
    with qtbot.waitActive(window):
        window.activateWindow()
    with qtbot.assertNotEmitted(window.acted), qtbot.assertNotEmitted(window.left):
        QTest.keyClick(window, key, modifier)
    assert window.isVisible()
    assert window.screen_shown == green()


def test_closing_it_does_nothing(opened: Open) -> None:
    window = opened()
    window.show_screen(screen(Idle()))
    assert not window.close()
    event = QCloseEvent()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
    assert window.isVisible()


def test_a_machine_that_goes_down_takes_it_along(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = opened()
    monkeypatch.setattr(QApplication, "isSavingSession", lambda _app: True)
    assert window.close()


def test_the_right_button_does_nothing(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    window.show_screen(screen(Idle()))
    targets: list[QWidget] = [window, *window.findChildren(QWidget)]
    with qtbot.assertNotEmitted(window.language_chosen), qtbot.assertNotEmitted(window.acted):
        for target in targets:
            if target.isVisible():
                QTest.mouseClick(target, Qt.MouseButton.RightButton)
                QTest.mouseClick(target, Qt.MouseButton.MiddleButton)
                reason = QContextMenuEvent.Reason.Mouse
                event = QContextMenuEvent(reason, QPoint(1, 1), QPoint(1, 1))
                QApplication.sendEvent(target, event)
                assert QApplication.activePopupWidget() is None


def test_nothing_can_be_dropped_or_selected(opened: Open) -> None:
    window = opened()
    window.show_screen(green())
    data = QMimeData()
    data.setText("x")
    event = QDragEnterEvent(
        QPoint(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    for widget in (window, *window.findChildren(QWidget)):
        assert not widget.acceptDrops()
    QApplication.sendEvent(window, event)
    assert not event.isAccepted()
    for text in window.findChildren(Text):
        assert text.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction


def test_it_has_no_frame_and_stays_above(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    flags = window.windowFlags()
    assert flags & Qt.WindowType.FramelessWindowHint
    assert flags & Qt.WindowType.WindowStaysOnTopHint
    window.present()
    assert window.isFullScreen()


def test_it_cannot_be_made_small(opened: Open) -> None:
    window = opened()
    window.present()
    window.setWindowState(Qt.WindowState.WindowMinimized)
    QApplication.sendEvent(window, QWindowStateChangeEvent(Qt.WindowState.WindowFullScreen))
    assert window.isFullScreen()
    assert not window.isMinimized()


def test_it_is_never_larger_than_its_screen_wants(opened: Open) -> None:
    window = opened((640, 360))
    window.show_screen(green())
    assert window.size() == QSize(640, 360)
    assert QPointF(window.rect().center()).x() == pytest.approx(319)
