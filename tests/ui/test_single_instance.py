"""One window in a session."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from kiosk.ui import doorbell, opening, single_instance
from kiosk.ui.doorbell import Doorbell, ring
from kiosk.ui.opening import AlreadyOpen
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


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doorbell, "_PATIENCE_SECONDS", 0.02)


@pytest.fixture
def living() -> Iterator[subprocess.Popen[str]]:
    """Another process that has the place and no doorbell."""
    with subprocess.Popen(
        [sys.executable, "-c", CLAIM_AND_WAIT],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as living:
        assert living.stdout is not None
        assert living.stdout.readline() == "True\n"
        yield living
        living.kill()


def ring_there(qtbot: QtBot, address: str) -> bool:
    """Ring from elsewhere: the bell's own thread has to answer."""
    answers: list[bool] = []
    ringing = threading.Thread(target=lambda: answers.append(ring(address)))
    ringing.start()
    qtbot.waitUntil(lambda: bool(answers))
    ringing.join()
    return answers[0]


def test_a_second_start_raises_the_first(first: SingleInstance, qtbot: QtBot) -> None:
    second = SingleInstance("test")
    assert not second.claim()
    bell = Doorbell(first.address)
    with qtbot.waitSignal(bell.rung):
        assert ring_there(qtbot, second.address)


def test_another_name_is_another_program(first: SingleInstance) -> None:
    other = SingleInstance("demo")
    assert other.claim()
    other.release()


def test_the_next_one_comes_in_when_the_first_has_gone(first: SingleInstance) -> None:
    first.release()
    second = SingleInstance("test")
    assert second.claim()
    second.release()


@pytest.mark.usefixtures("impatient")
def test_one_that_hangs_is_told_of(first: SingleInstance) -> None:
    second = SingleInstance("test")
    assert not second.claim()
    assert not ring(second.address)
    with socket.socket(socket.AF_UNIX) as taken:
        taken.bind(first.address)
        taken.listen()
        assert not ring(second.address), "the system takes the call, and nobody answers it"


def test_a_bell_lets_go_of_who_stays(
    first: SingleInstance, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doorbell, "_CALL_MILLISECONDS", 20)
    bell = Doorbell(first.address)
    caller = QLocalSocket()
    with qtbot.waitSignal(bell.rung):
        caller.connectToServer(first.address)
    qtbot.waitUntil(lambda: caller.state() is QLocalSocket.LocalSocketState.UnconnectedState)
    assert not bell._server.findChildren(QLocalSocket)


@pytest.mark.expects_log("kiosk.ui", "does not answer")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("content", [None, b"", bytes(64)])
def test_one_that_lives_keeps_its_place(
    living: subprocess.Popen[str], tmp_path: Path, content: bytes | None
) -> None:
    lock = tmp_path / "test.lock"
    if content is not None:
        lock.write_bytes(content)
    with pytest.raises(AlreadyOpen) as other:
        opening.claim(SingleInstance("test"))
    assert other.value.status == 70
    assert lock.exists()
    assert living.poll() is None


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("line", [0, 2, "empty", "zeros"])
def test_what_is_left_of_one_that_is_gone_does_not_hold_the_place(
    living: subprocess.Popen[str], tmp_path: Path, line: int | str
) -> None:
    """Its number is another program's now, the machine has another name, the power was cut."""
    lock = tmp_path / "test.lock"
    lines = lock.read_text().split("\n")
    living.kill()
    living.wait()
    if isinstance(line, int):
        lines[line] = {0: str(os.getpid()), 2: "elsewhere"}[line]
    left = {"empty": "", "zeros": "\0" * 64}.get(str(line), "\n".join(lines))
    lock.write_text(left)
    here = SingleInstance("test")
    opening.claim(here)
    assert not SingleInstance("test").claim()
    here.release()


def test_one_that_ended_while_somebody_rang_leaves_the_place_free(first: SingleInstance) -> None:
    second = SingleInstance("test")
    assert not second.claim()
    assert not second.take_over()
    first.release()
    assert second.take_over()
    second.release()


def test_one_that_is_just_starting_is_waited_for(first: SingleInstance, qtbot: QtBot) -> None:
    ringing = threading.Thread(target=ring, args=(first.address,))
    ringing.start()
    bell = Doorbell(first.address)
    rung: list[None] = []
    bell.rung.connect(lambda: rung.append(None))
    qtbot.waitUntil(lambda: rung == [None])
    ringing.join()


def test_one_that_was_killed_leaves_the_place_free(
    living: subprocess.Popen[str], qtbot: QtBot
) -> None:
    here = SingleInstance("test")
    assert not here.claim()
    living.kill()
    living.wait()
    assert here.claim()
    bell = Doorbell(here.address)
    with qtbot.waitSignal(bell.rung):
        assert ring_there(qtbot, here.address)
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
    name = f"tariefwijzer-{os.getuid()}"
    (tmp_path / f"{name}-1").write_text("")
    (tmp_path / f"{name}-2").symlink_to(tmp_path / "nothing")
    for _ in range(2):
        assert single_instance._runtime_folder() == tmp_path / f"{name}-3"


def test_where_every_name_is_taken_it_works_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(single_instance, "_is_ours", lambda _: False)
    assert single_instance._runtime_folder().stat().st_mode & 0o777 == 0o700
