"""Errors that nobody handled: told without a person, and nothing keeps them."""

from __future__ import annotations

import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QObject, Signal, Slot, qInstallMessageHandler, qWarning
from pytestqt.qtbot import QtBot

from kiosk.ui.last_resort import LastResort

SECRET = "Mila 85613001239"
pytestmark = pytest.mark.expects_log("kiosk.ui", "^K901 ValueError in ")


class Faulty(QObject):
    """Fails where Qt calls it."""

    called = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.called.connect(self.fail)

    @Slot()
    def fail(self) -> None:
        fail()


def fail() -> None:
    name = SECRET
    raise ValueError(name)


class NoisyEnd:
    def __del__(self) -> None:
        fail()


def in_a_slot() -> None:
    faulty = Faulty()
    faulty.called.emit()


def in_a_thread() -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()


def in_a_destructor() -> None:
    NoisyEnd()
    gc.collect()


@pytest.fixture
def resort(qtbot: QtBot) -> Iterator[LastResort]:
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    resort = LastResort()
    resort.install()
    yield resort
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    qInstallMessageHandler(None)


@pytest.mark.parametrize("error", [in_a_slot, in_a_thread, in_a_destructor])
def test_an_error_is_told_by_kind_and_place_only(
    error: Callable[[], None],
    resort: LastResort,
    qtbot: QtBot,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with qtbot.waitSignal(resort.failed):
        error()
    assert "K901 ValueError in fail:" in caplog.text
    output = caplog.text + "".join(capfd.readouterr())
    assert "Mila" not in output
    assert not hasattr(sys, "last_value")
    assert not hasattr(sys, "last_exc")


def test_errors_again_and_again_end_the_program(resort: LastResort, qtbot: QtBot) -> None:
    with qtbot.waitSignal(resort.hopeless):
        for _ in range(3):
            in_a_slot()


def test_three_errors_in_an_hour_do_not(
    resort: LastResort, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = iter((0.0, 1800.0, 3600.0))
    monkeypatch.setattr("kiosk.ui.last_resort.time.monotonic", lambda: next(times))
    with qtbot.assertNotEmitted(resort.hopeless), qtbot.waitSignals([resort.failed] * 3):
        for _ in range(3):
            in_a_slot()


def test_an_interrupt_ends_the_program(resort: LastResort, qtbot: QtBot) -> None:
    with qtbot.waitSignal(resort.hopeless):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)


def test_what_qt_warns_of_is_told_without_its_text(
    resort: LastResort, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "kiosk.ui"):
        qWarning(SECRET)
    assert "Qt: default" in caplog.text
    assert "Mila" not in caplog.text
