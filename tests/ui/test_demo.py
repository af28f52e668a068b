"""The demo's window, driven as somebody at it would: choose, put in, pull out, stop the service."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication
from pytestqt.qtbot import QtBot

from kiosk.demo.frame import Frame
from kiosk.demo.guests import Guest
from kiosk.demo.people_list import GuestRow, row_name
from kiosk.demo.practice import Practice
from kiosk.demo.practice_band import LeaveButton, PracticeBand
from kiosk.demo.service import Course
from kiosk.demo.side_panel import PULL_OUT, PUT_IN, SERVICE
from kiosk.domain.policy import Mode
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour
from kiosk.domain.visit import AwaitingRemoval, Idle, Reading, Showing
from kiosk.ui.application import Application
from kiosk.ui.screens.parts import Act, Kind
from kiosk.ui.screens.view import Language
from kiosk.ui.theme import load_fonts
from kiosk.ui.window import act_name

pytestmark = pytest.mark.qt_log_ignore("does not support propagateSizeHints")

LONG = 20_000


class Play:
    """The demo, and what its window showed so far."""

    def __init__(self, qtbot: QtBot, practice: Practice) -> None:
        self.qtbot = qtbot
        self.practice = practice
        self.application = Application(practice.terminal("tariefwijzer-demo-test"))
        self.frame = Frame(self.application, practice)
        self.shown: list[Kind] = []
        self.application.controller.changed.connect(self._look)
        qtbot.addWidget(self.frame)

    @property
    def state(self) -> object:
        return self.application.controller.state

    @property
    def kind(self) -> Kind | None:
        screen = self.application.window.screen_shown
        return screen.kind if screen is not None else None

    @property
    def colour(self) -> Colour | None:
        screen = self.application.window.screen_shown
        return screen.colour if screen is not None else None

    def guest(self, name: str) -> Guest:
        return next(guest for guest in self.practice.guests if guest.id == name)

    def row(self, name: str) -> GuestRow:
        row = self.button(row_name(self.guest(name)))
        assert isinstance(row, GuestRow)
        return row

    def button(self, name: str) -> QAbstractButton:
        (found,) = [
            button
            for button in self.frame.findChildren(QAbstractButton, name)
            if button.isVisible()
        ]
        assert isinstance(found, QAbstractButton)
        return found

    def press(self, name: str) -> None:
        QTest.mouseClick(self.button(name), Qt.MouseButton.LeftButton)

    def until(self, holds: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(holds, timeout=LONG)

    def until_shown(self, kind: Kind) -> None:
        self.until(lambda: self.kind is kind)

    def until_course(self, course: Course) -> None:
        self.until(lambda: self.practice.service.course is course)

    def _look(self) -> None:
        if self.kind is not None:
            self.shown.append(self.kind)


@pytest.fixture
def begun(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[[Mode, float], Play]]:
    load_fonts()
    with contextlib.ExitStack() as ends:

        def begin(mode: Mode, seconds_a_command: float) -> Play:
            practice = ends.enter_context(Practice(tmp_path, mode, seconds_a_command))
            play = Play(qtbot, practice)
            ends.callback(play.application.stop)
            play.application.start()
            play.frame.show()
            play.until_shown(Kind.IDLE)
            return play

        yield begin


@pytest.fixture
def desk(begun: Callable[[Mode, float], Play]) -> Play:
    return begun(Mode.DESK, 0.01)


@pytest.mark.parametrize("name", ["an-peeters", "tom-mistral", "els-kiezel"])
def test_whoever_is_chosen_gets_the_colour_before_the_name(desk: Play, name: str) -> None:
    QTest.mouseClick(desk.row(name), Qt.MouseButton.LeftButton)
    desk.press(PUT_IN)
    desk.until_shown(Kind.VERDICT)
    assert desk.colour is desk.guest(name).colour
    desk.press(PULL_OUT)
    desk.until(lambda: isinstance(desk.state, Showing) and desk.state.slot is None)
    desk.press(act_name(Act.DONE))
    desk.until_shown(Kind.IDLE)


def test_a_card_that_cannot_be_taken_is_a_problem(desk: Play) -> None:
    desk.frame.choose(desk.guest("achiel-avondster"))
    desk.press(PUT_IN)
    desk.until_shown(Kind.PROBLEM)
    assert isinstance(desk.state, Showing)
    assert desk.state.outcome == Problem(ProblemCode.CARD_EXPIRED)
    assert Kind.VERDICT not in desk.shown


def test_a_card_that_is_pulled_while_it_is_read_is_a_problem(
    begun: Callable[[Mode, float], Play],
) -> None:
    play = begun(Mode.DESK, 0.2)
    play.press(PUT_IN)
    play.until(lambda: isinstance(play.state, Reading))
    play.press(PULL_OUT)
    play.until_shown(Kind.PROBLEM)
    assert isinstance(play.state, Showing)
    assert play.state.outcome == Problem(ProblemCode.CARD_REMOVED_EARLY)


def test_without_the_service_there_is_never_a_colour(desk: Play) -> None:
    desk.press(SERVICE)
    desk.until_course(Course.STOPPED)
    desk.press(PUT_IN)
    desk.until_shown(Kind.PROBLEM)
    assert isinstance(desk.state, Showing)
    assert isinstance(desk.state.outcome, Problem)
    assert desk.state.outcome.code.code.startswith("K4")
    assert Kind.VERDICT not in desk.shown
    desk.press(SERVICE)
    desk.until_course(Course.RUNNING)
    desk.press(act_name(Act.AGAIN))
    desk.until_shown(Kind.VERDICT)
    assert desk.colour is desk.frame.guest.colour


@pytest.mark.parametrize("last", [PUT_IN, PULL_OUT])
def test_ten_times_in_and_out_ends_as_the_last_time_says(
    begun: Callable[[Mode, float], Play], last: str
) -> None:
    play = begun(Mode.DESK, 0.08)
    for _ in range(10):
        play.press(PUT_IN)
        play.qtbot.wait(250)
        play.press(PULL_OUT)
        play.qtbot.wait(250)
    if last == PUT_IN:
        play.press(PUT_IN)
        play.until_shown(Kind.VERDICT)
        assert play.colour is play.frame.guest.colour
        return
    assert Kind.VERDICT not in play.shown
    assert isinstance(play.state, Showing)
    assert play.state.outcome == Problem(ProblemCode.CARD_REMOVED_EARLY)
    play.press(act_name(Act.DONE))
    play.until_shown(Kind.IDLE)


def test_the_verdict_goes_with_the_card_at_self_service(
    begun: Callable[[Mode, float], Play],
) -> None:
    play = begun(Mode.SELF_SERVICE, 0.01)
    play.frame.choose(play.guest("milo-madelief"))
    play.press(PUT_IN)
    play.until_shown(Kind.VERDICT)
    assert play.colour is Colour.ORANGE
    play.press(PULL_OUT)
    play.until_shown(Kind.IDLE)


def test_keys_do_what_the_panel_says(desk: Play) -> None:
    with desk.qtbot.waitActive(desk.frame):
        desk.frame.activateWindow()
    desk.row("an-peeters").setFocus()
    QTest.keyClick(desk.row("an-peeters"), Qt.Key.Key_Down)
    assert desk.frame.guest is desk.guest("karim-zonnedauw")
    QTest.keyClick(desk.frame, Qt.Key.Key_F7)
    desk.until_shown(Kind.VERDICT)
    desk.application.controller.act(Act.DONE)
    desk.until(lambda: isinstance(desk.state, AwaitingRemoval))
    QTest.keyClick(desk.frame, Qt.Key.Key_F8)
    desk.until(lambda: isinstance(desk.state, Idle))
    assert QApplication.focusWidget() is desk.row("karim-zonnedauw")
    QTest.keyClick(desk.row("karim-zonnedauw"), Qt.Key.Key_Return)
    desk.until_shown(Kind.VERDICT)


def test_the_first_card_goes_in_once_an_agent_is_ready(
    qtbot: QtBot, begun: Callable[[Mode, float], Play]
) -> None:
    play = begun(Mode.DESK, 0.01)
    play.frame.choose(play.guest("els-kiezel"))
    play.frame.put_in_soon()
    play.until_shown(Kind.VERDICT)
    assert play.colour is Colour.RED
    play.press(PULL_OUT)
    play.press(act_name(Act.DONE))
    play.until_shown(Kind.IDLE)
    play.until(lambda: play.application.pool.is_ready)
    qtbot.wait(100)
    assert play.kind is Kind.IDLE


def test_every_screen_says_that_it_is_practice(desk: Play) -> None:
    band = desk.frame.findChild(PracticeBand)
    assert band is not None
    assert band.isVisible()
    assert "oefenmodus" in desk.frame.windowTitle()
    assert not desk.application.window.isWindow()


def test_band_and_panel_speak_the_language_of_the_window(desk: Play) -> None:
    desk.application.controller.viewing.choose_language(Language.ENGLISH.value)
    row = desk.row("an-peeters")
    assert desk.guest("an-peeters").story["en"] in row.accessibleDescription()


def test_a_larger_window_has_a_larger_panel(desk: Play) -> None:
    before = desk.row("an-peeters").width()
    desk.frame.resize(desk.frame.full_size * 1.5)
    desk.until(lambda: desk.row("an-peeters").width() == round(before * 1.5))
    assert desk.frame.guest is desk.guest("an-peeters")
    assert desk.row("an-peeters").isChecked()


def test_the_chosen_one_is_in_sight_from_the_start(begun: Callable[[Mode, float], Play]) -> None:
    play = begun(Mode.DESK, 0.01)
    last = play.practice.guests[-1]
    play.frame.choose(last)
    play.frame.resize(play.frame.full_size * 1.2)
    play.until(lambda: not play.row(last.id).visibleRegion().isEmpty())


def test_who_leaves_closes_the_window(desk: Play) -> None:
    button = desk.frame.findChild(LeaveButton)
    assert button is not None
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert not desk.frame.isVisible()
