"""The first picture: at once, and gone as soon as there is something to see."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from kiosk.ui import opening as first_picture
from kiosk.ui.doorbell import Doorbell
from kiosk.ui.opening import AlreadyOpen, Opening, open_up
from kiosk.ui.single_instance import SingleInstance
from kiosk.ui.theme import LIGHT

HEAVY = ("msgspec", "httpx", "cryptography", "smartcard", "kiosk.settings", "kiosk.ui.controller")


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def opening(qtbot: QtBot) -> Iterator[Opening]:
    yield (shown := open_up(whole=False))
    if isValid(shown):
        shown.close()


def test_it_is_painted_when_it_is_there(opening: Opening) -> None:
    assert opening._is_painted
    painted = opening.grab().toImage()
    assert painted.pixelColor(10, 700) == QColor(LIGHT.stage)
    assert painted.pixelColor(1270, 700) == QColor(LIGHT.bg)


def test_in_self_service_it_is_the_whole_screen(qtbot: QtBot) -> None:
    shown = open_up(whole=True)
    qtbot.addWidget(shown)
    assert shown.isFullScreen()
    assert shown.grab().toImage().pixelColor(shown.width() - 10, 300) == QColor(LIGHT.stage)


def test_it_goes_when_the_window_is_painted_and_not_before(opening: Opening, qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    opening.make_way(window)
    assert opening.isVisible()
    assert window.size() == opening.size()
    closed = opening.destroyed
    with qtbot.waitSignal(closed):
        window.show()


def test_a_second_start_shows_nothing(opening: Opening, qtbot: QtBot) -> None:
    bell = Doorbell(opening.only.address)
    with qtbot.waitSignal(bell.rung), pytest.raises(AlreadyOpen) as other:
        open_up(whole=False)
    assert other.value.status == 0


@pytest.mark.expects_log("kiosk.ui", "does not answer")
def test_a_first_one_that_hangs_is_a_failure(
    opening: Opening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.ui.doorbell._PATIENCE_SECONDS", 0.01)
    with pytest.raises(AlreadyOpen) as other:
        first_picture.claim(SingleInstance("tariefwijzer"))
    assert other.value.status == 70


def test_nothing_heavy_is_loaded_before_it(tmp_path: Path) -> None:
    """What would make somebody wait for the first picture."""
    loaded = subprocess.run(
        [sys.executable, "-c", "import kiosk.commands.window, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    ).stdout.split()
    assert not set(HEAVY) & set(loaded)
