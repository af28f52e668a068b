"""One window in a session."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kiosk.ui import doorbell, single_instance
from kiosk.ui.doorbell import Doorbell, ring
from kiosk.ui.single_instance import SingleInstance

CLAIM_AND_WAIT = """
import sys
import threading
from PySide6.QtCore import QCoreApplication
from kiosk.ui.single_instance import SingleInstance
application = QCoreApplication([])
only = SingleInstance("test")
print(only.claim(), flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


@pytest.fixture
def first(qtbot: QtBot) -> Iterator[SingleInstance]:
    first = SingleInstance("test")
    assert first.claim()
    yield first
    first.release()


def test_a_second_start_raises_the_first(first: SingleInstance, qtbot: QtBot) -> None:
    second = SingleInstance("test")
    assert not second.claim()
    bell = Doorbell(first.address)
    with qtbot.waitSignal(bell.rung):
        assert ring(second.address)


def test_another_name_is_another_program(first: SingleInstance) -> None:
    other = SingleInstance("demo")
    assert other.claim()
    other.release()


def test_the_next_one_comes_in_when_the_first_has_gone(first: SingleInstance) -> None:
    first.release()
    second = SingleInstance("test")
    assert second.claim()
    second.release()


def test_one_that_hangs_is_told_of(first: SingleInstance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_PATIENCE_SECONDS", 0.02)
    second = SingleInstance("test")
    assert not second.claim()
    assert not ring(second.address)
    bell = Doorbell(first.address)
    bell.take_down()
    assert not ring(second.address)


def test_one_that_is_just_starting_is_waited_for(first: SingleInstance, qtbot: QtBot) -> None:
    ringing = threading.Thread(target=ring, args=(first.address,))
    ringing.start()
    bell = Doorbell(first.address)
    rung: list[None] = []
    bell.rung.connect(lambda: rung.append(None))
    qtbot.waitUntil(lambda: rung == [None])
    ringing.join()


def test_one_that_was_killed_leaves_the_place_free(qtbot: QtBot) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == "True\n"
        here = SingleInstance("test")
        assert not here.claim()
        killed.kill()
        killed.wait()
    assert here.claim()
    bell = Doorbell(here.address)
    with qtbot.waitSignal(bell.rung):
        assert ring(here.address)
    here.release()


def test_without_a_runtime_folder_it_is_one_of_the_users_own(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    first, second = SingleInstance("test"), SingleInstance("test")
    assert first.claim()
    assert not second.claim()
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    first.release()


def test_a_folder_that_somebody_else_made_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    trap = tmp_path / "trap"
    trap.mkdir()
    (tmp_path / f"tariefwijzer-{os.getuid()}").symlink_to(trap)
    assert single_instance._runtime_folder() not in (trap, tmp_path / f"tariefwijzer-{os.getuid()}")
