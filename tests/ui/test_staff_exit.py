"""The way out of self-service: the corner, the pad, the PIN, the waits."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest
from argon2 import PasswordHasher
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from kiosk.domain.policy import Mode
from kiosk.domain.visit import AwaitingRemoval, Idle, Reading, State
from kiosk.ui import staff
from kiosk.ui.screens.parts import Screen
from kiosk.ui.screens.view import Language
from kiosk.ui.screens.words import Words
from kiosk.ui.self_service import corner as corner_module
from kiosk.ui.self_service import pad as pad_module
from kiosk.ui.self_service.corner import Corner
from kiosk.ui.self_service.pad import Pad
from kiosk.ui.self_service.window import SelfServiceWindow
from kiosk.ui.staff import StaffLock, hash_pin, wipe
from kiosk.ui.theme import LIGHT, load_fonts
from kiosk.ui.widgets.labels import Text
from tests.ui.desk_samples import Times
from tests.ui.screen_cases import V1, A, shown

PIN = "493817"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
"""The same as the real one, but cheap."""
REFUSED = pytest.mark.expects_log("kiosk.staff", r"^staff exit refused, tries: \d+$")
LEFT = pytest.mark.expects_log("kiosk.staff", r"^staff exit, tries: \d+$")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def digits(pin: str) -> bytearray:
    return bytearray(pin.encode())


def screen(state: State, language: Language = Language.DUTCH) -> Screen:
    return shown(state, Mode.SELF_SERVICE, Words(language), language)


# ---- the lock ------------------------------------------------------------------


def test_a_hash_opens_for_its_pin_only() -> None:
    made = hash_pin(PIN)
    assert made.startswith("$argon2id$")
    assert PIN not in made
    assert StaffLock(made, Clock()).opens(digits(PIN))


@pytest.mark.parametrize("pin", ["", "12345", "12a456", "1234567890123", " 123456", "١٢٣٤٥٦"])
def test_a_pin_has_six_to_twelve_digits(pin: str) -> None:
    with pytest.raises(ValueError, match="digits"):
        hash_pin(pin)


@REFUSED
def test_the_wait_doubles_and_ends_at_five_minutes() -> None:
    clock = Clock()
    lock = StaffLock(QUICK, clock)
    waits = []
    for _ in range(12):
        assert not lock.opens(digits("000000"))
        waits.append(lock.wait())
        clock.now += lock.wait()
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-2:] == [300, 300]


@REFUSED
def test_during_a_wait_even_the_right_pin_does_not_open() -> None:
    clock = Clock()
    lock = StaffLock(QUICK, clock)
    lock.opens(digits("000000"))
    assert not lock.opens(digits(PIN))
    assert lock.wait() == 1
    clock.now += 1
    assert lock.wait() == 0
    assert lock.opens(digits(PIN))
    lock.opens(digits("000000"))
    assert lock.wait() == 1, "the right PIN forgets the wrong ones"


@REFUSED
def test_digits_are_wiped_whatever_happens() -> None:
    for pin in (digits(PIN), digits("111111")):
        StaffLock(QUICK, Clock()).opens(pin)
        assert not pin
    pin = digits(PIN)
    kept = memoryview(pin)
    with pytest.raises(BufferError):
        wipe(pin)  # it overwrites first, and only then lets go
    assert bytes(kept) == bytes(len(PIN))


@REFUSED
def test_a_hash_that_is_none_refuses() -> None:
    assert not StaffLock("nonsense", Clock()).opens(digits(PIN))
    assert not StaffLock("", Clock()).has_key


@REFUSED
@LEFT
def test_the_log_has_the_events_and_not_the_pin(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "kiosk.staff")
    clock = Clock()
    lock = StaffLock(QUICK, clock)
    lock.opens(digits("555555"))
    clock.now += 1
    lock.opens(digits(PIN))
    lock.report_exit()
    assert [record.getMessage() for record in caplog.records] == [
        "staff exit refused, tries: 1",
        "staff exit, tries: 2",
    ]
    assert not any(pin in repr(vars(each)) for each in caplog.records for pin in (PIN, "555555"))


# ---- the corner and the pad ------------------------------------------------------

Open = Callable[..., SelfServiceWindow]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opened(qtbot: QtBot, clock: Clock) -> Iterator[Open]:
    load_fonts()
    windows = []

    def make(pin_hash: str = QUICK, size: tuple[int, int] = (1920, 1080)) -> SelfServiceWindow:
        window = SelfServiceWindow(LIGHT, Times(12, 20), staff_pin_hash=pin_hash, now=clock)
        qtbot.addWidget(window)
        windows.append(window)
        window.resize(*size)
        window.show_screen(screen(Idle()))
        with qtbot.waitActive(window):
            window.show()
            window.activateWindow()
        return window

    yield make
    # What is being put away goes before the window that it lies in.
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def pad_of(window: SelfServiceWindow) -> Pad:
    assert window._pad is not None
    return window._pad


def key(window: SelfServiceWindow, name: str) -> QPushButton:
    found = pad_of(window).findChild(QPushButton, f"key-{name}")
    assert found is not None
    return found


def said(window: SelfServiceWindow) -> str:
    return " ".join(text.text() for text in pad_of(window).findChildren(Text))


def type_in(window: SelfServiceWindow, qtbot: QtBot, pin: str) -> None:
    for digit in pin:
        QTest.mouseClick(key(window, digit), Qt.MouseButton.LeftButton)
    QTest.mouseClick(key(window, "try"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window._pad is None or window._pad._question is None)


def test_the_corner_must_be_held(
    opened: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corner_module, "HOLD_MS", 60)
    window = opened()
    corner = window.childAt(48, 48)
    assert isinstance(corner, Corner)
    assert corner.size().toTuple() == (96, 96)
    assert corner._timer.interval() == 60
    left, inside = Qt.MouseButton.LeftButton, QPoint(40, 40)
    with qtbot.assertNotEmitted(corner.held, wait=120):
        QTest.mousePress(corner, left, pos=inside)
        QTest.mouseRelease(corner, left, pos=inside)
        QTest.mousePress(corner, Qt.MouseButton.RightButton, pos=inside)
    with qtbot.assertNotEmitted(corner.held, wait=120):
        QTest.mousePress(corner, left, pos=inside)
        QTest.mouseMove(corner, pos=QPoint(300, 40))
    with qtbot.waitSignal(corner.held):
        QTest.mousePress(corner, left, pos=inside)
        QTest.mouseMove(corner, pos=QPoint(50, 40))
    assert pad_of(window).isVisible()


@pytest.mark.parametrize(
    "lost",
    [
        QEvent.Type.UngrabMouse,
        QEvent.Type.FocusOut,
        QEvent.Type.WindowDeactivate,
        QEvent.Type.TouchCancel,
    ],
)
def test_a_touch_whose_end_is_never_told_does_not_count(opened: Open, lost: QEvent.Type) -> None:
    corner = opened().childAt(48, 48)
    assert isinstance(corner, Corner)
    QTest.mousePress(corner, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    assert corner._timer.isActive()
    deactivated = lost is QEvent.Type.WindowDeactivate
    QApplication.sendEvent(corner.window() if deactivated else corner, QEvent(lost))
    assert not corner._timer.isActive()


def test_a_corner_out_of_sight_does_not_count(opened: Open) -> None:
    window = opened()
    corner = window.childAt(48, 48)
    assert isinstance(corner, Corner)
    QTest.mousePress(corner, Qt.MouseButton.LeftButton, pos=QPoint(40, 40))
    window.hide()
    assert not corner._timer.isActive()


def test_it_is_held_for_five_seconds() -> None:
    assert corner_module.HOLD_MS == 5000
    assert pad_module.STAYS_MS == 30_000


def test_without_a_pin_the_corner_does_nothing(opened: Open) -> None:
    window = opened("")
    window.open_pad()
    assert window._pad is None


@LEFT
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (768, 1366)])
def test_the_right_pin_leaves(opened: Open, qtbot: QtBot, size: tuple[int, int]) -> None:
    window = opened(size=size)
    window.open_pad()
    with qtbot.waitSignal(window.left):
        type_in(window, qtbot, PIN)
    assert window.close()


@LEFT
def test_the_right_pin_leaves_from_a_keyboard(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    window.open_pad()
    pad = pad_of(window)
    assert window.focusWidget() is pad
    QTest.keyClicks(pad, "9x9")
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    QTest.keyClick(pad, Qt.Key.Key_Backspace)
    QTest.keyClicks(pad, PIN)
    with qtbot.waitSignal(window.left):
        QTest.keyClick(pad, Qt.Key.Key_Enter)


def test_every_key_can_be_reached_and_pressed_with_tab_and_enter(
    opened: Open, qtbot: QtBot
) -> None:
    window = opened()
    window.open_pad()
    reached = []
    for _ in range(14):
        QTest.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        reached.append(window.focusWidget().objectName())
    assert {f"key-{name}" for name in "0123456789"} <= set(reached)
    assert {"key-try", "key-erase", "act-back"} <= set(reached)
    one = key(window, "1")
    one.setFocus()
    QTest.keyClick(one, Qt.Key.Key_Return)
    QTest.keyClick(one, Qt.Key.Key_4)
    assert bytes(pad_of(window)._pin) == b"14"


@REFUSED
def test_a_wrong_pin_waits_longer_every_time(opened: Open, qtbot: QtBot, clock: Clock) -> None:
    window = opened()
    window.open_pad()
    with qtbot.assertNotEmitted(window.left):
        type_in(window, qtbot, "000000")
        assert "Die pincode klopt niet. Wacht 1 seconden." in said(window)
        type_in(window, qtbot, PIN)
    clock.now += 1
    pad_of(window)._say()
    assert "Wacht" not in said(window)
    type_in(window, qtbot, "1")
    window.close_pad()
    window.open_pad()
    pad_of(window)._say()
    assert "Wacht 2 seconden." in said(window), "closing the pad does not shorten a wait"
    assert not window.close()


def test_the_pad_shows_how_many_digits_and_takes_no_more_than_twelve(
    opened: Open, qtbot: QtBot
) -> None:
    window = opened()
    window.open_pad()
    pad = pad_of(window)
    empty = pad.grab().toImage()
    QTest.keyClicks(pad, "1" * 20)
    assert len(pad._pin) == 12
    full = pad.grab().toImage()
    assert full != empty
    QTest.mouseClick(key(window, "erase"), Qt.MouseButton.LeftButton)
    assert len(pad._pin) == 11
    QTest.keyClicks(pad, "2")
    assert pad.grab().toImage() == full, "which digits they are is not to be seen"


def test_it_closes_on_back_and_on_escape_and_wipes(opened: Open, qtbot: QtBot) -> None:
    for leave in ("button", "escape"):
        window = opened()
        window.open_pad()
        pad = pad_of(window)
        QTest.keyClicks(pad, "123")
        typed = pad._pin
        if leave == "button":
            back = pad.findChild(QPushButton, "act-back")
            assert back is not None
            QTest.mouseClick(back, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(pad, Qt.Key.Key_Escape)
        assert window._pad is None
        assert not typed
        assert window._body is not None
        assert window._body.isVisible()


def test_it_closes_by_itself(opened: Open, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pad_module, "STAYS_MS", 50)
    window = opened()
    window.open_pad()
    qtbot.waitUntil(lambda: window._pad is None)


def test_a_visit_goes_on_beneath_and_a_new_kind_of_screen_closes_it(opened: Open) -> None:
    window = opened()
    window.show_screen(screen(AwaitingRemoval(V1, A)))
    window.open_pad()
    window.show_screen(screen(AwaitingRemoval(V1, A), Language.ENGLISH))
    assert pad_of(window).isVisible()
    assert window._body is not None
    assert not window._body.isVisible()
    window.show_screen(screen(Reading(V1, A)))
    assert window._pad is None
    assert window._body.isVisible()


@LEFT
def test_a_change_of_resolution_keeps_the_way_out(opened: Open, qtbot: QtBot) -> None:
    window = opened()
    window.open_pad()
    window.resize(1080, 1920)
    assert pad_of(window).size().toTuple() == (1080, 1920)
    with qtbot.waitSignal(window.left):
        type_in(window, qtbot, PIN)


def test_keys_are_large_and_lie_apart(opened: Open) -> None:
    for size in ((1920, 1080), (1080, 1920)):
        window = opened(size=size)
        window.open_pad()
        window.grab()
        keys = pad_of(window).findChildren(QPushButton)
        assert len(keys) == 13
        for one in keys:
            assert min(one.width(), one.height()) >= 76
            area = one.geometry()
            assert pad_of(window).rect().contains(area)
            assert not any(area.intersects(two.geometry()) for two in keys if two is not one)


# ---- while a PIN is looked at --------------------------------------------------


@pytest.fixture
def may_end(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """No PIN is judged before this is set."""
    may_end = threading.Event()
    matches = StaffLock._matches

    def wait_and_match(lock: StaffLock, pin: bytearray) -> bool:
        return may_end.wait(10) and matches(lock, pin)

    monkeypatch.setattr(StaffLock, "_matches", wait_and_match)
    yield may_end
    may_end.set()


def enter(pad: Pad, pin: str) -> threading.Thread:
    """Return the thread on which the PIN is looked at."""
    QTest.keyClicks(pad, pin)
    before = set(threading.enumerate())
    QTest.keyClick(pad, Qt.Key.Key_Return)
    (thread,) = set(threading.enumerate()) - before
    return thread


@LEFT
def test_the_pad_is_busy_and_takes_no_keys_while_a_pin_is_looked_at(
    opened: Open, qtbot: QtBot, may_end: threading.Event
) -> None:
    window = opened()
    window.open_pad()
    pad = pad_of(window)
    QTest.keyClicks(pad, PIN)
    ready = pad.grab().toImage()
    QTest.keyClick(pad, Qt.Key.Key_Return)
    assert pad.grab().toImage() != ready
    busy = threading.active_count()
    QTest.keyClicks(pad, "12")
    QTest.mouseClick(key(window, "3"), Qt.MouseButton.LeftButton)
    QTest.keyClick(pad, Qt.Key.Key_Return)
    assert not pad._pin
    assert threading.active_count() == busy
    with qtbot.waitSignal(window.left):
        may_end.set()


@REFUSED
def test_the_pad_looks_ready_again_after_a_wrong_pin(
    opened: Open, qtbot: QtBot, may_end: threading.Event
) -> None:
    window = opened()
    window.open_pad()
    one = key(window, "1")
    ready = one.grab().toImage()
    enter(pad_of(window), "000000")
    assert one.grab().toImage() != ready
    may_end.set()
    qtbot.waitUntil(lambda: "klopt niet" in said(window))
    assert one.grab().toImage() == ready


@pytest.mark.parametrize("again", [False, True])
def test_a_right_pin_is_too_late_when_the_pad_was_closed(
    opened: Open, qtbot: QtBot, may_end: threading.Event, again: bool
) -> None:
    window = opened()
    window.open_pad()
    looking = enter(pad_of(window), PIN)
    window.close_pad()
    if again:
        window.open_pad()
    with qtbot.assertNotEmitted(window.left):
        may_end.set()
        looking.join()
        QApplication.processEvents()
    assert not window.close()
    assert (window._pad is not None) is again


@REFUSED
def test_a_wrong_pin_counts_although_the_pad_was_closed(
    opened: Open, may_end: threading.Event
) -> None:
    window = opened()
    window.open_pad()
    looking = enter(pad_of(window), "000000")
    window.close_pad()
    may_end.set()
    looking.join()
    assert window._check.lock.wait() == 1


@REFUSED
def test_two_pins_at_once_are_looked_at_one_after_the_other(may_end: threading.Event) -> None:
    lock = StaffLock(QUICK, Clock())
    wrong = [digits("000000") for _ in range(3)]
    threads = [threading.Thread(target=lock.opens, args=(pin,)) for pin in wrong]
    for thread in threads:
        thread.start()
    may_end.set()
    for thread in threads:
        thread.join()
    assert lock.wait() == 1, "the others came during the wait"
    assert not any(wrong)


def test_the_hash_is_made_as_the_library_recommends() -> None:
    assert PasswordHasher().check_needs_rehash(hash_pin(PIN)) is False
    assert staff.SHORTEST_PIN == 6
