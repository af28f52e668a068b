"""``--trial``: whole processes without a screen; and what the icon's start says and does."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.bootstrap.window import Cardless
from kiosk.commands import common, window_program
from kiosk.domain.visit import SlotName
from kiosk.ports import ReadersReady, SlotEmptied, SlotEvent, SlotFilled

TRIED = """
environment = "test"
[service]
url = "http://127.0.0.1:9/"
client.auth = "none"
"""


def kiosk(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_RUNTIME_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, "-m", "kiosk", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "kiosk.toml"
    path.write_text(TRIED, encoding="utf-8")
    return path


@pytest.mark.parametrize("mode", ["desk", "self-service"])
def test_it_opens_takes_a_picture_and_ends(tmp_path: Path, settings: Path, mode: str) -> None:
    picture = tmp_path / "picture.png"
    done = kiosk(tmp_path, "--config", str(settings), mode, "--trial", str(picture))
    assert (done.returncode, done.stderr) == (0, "")
    assert str(picture) in done.stdout
    width, height = struct.unpack(">II", picture.read_bytes()[16:24])
    assert width >= 800
    assert height >= 600


def test_it_tells_that_no_agent_is_of_use(
    tmp_path: Path, settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agents load what the window does not."""
    broken = tmp_path / "broken" / "httpx"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise RuntimeError\n")
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    picture = tmp_path / "picture.png"
    done = kiosk(tmp_path, "--config", str(settings), "desk", "--trial", str(picture))
    assert done.returncode == 70
    assert "the trial failed: agents end before they are of use (K902)" in done.stderr
    assert not picture.exists()


def test_it_tells_that_the_picture_cannot_be_written(tmp_path: Path, settings: Path) -> None:
    nowhere = tmp_path / "nowhere" / "picture.png"
    done = kiosk(tmp_path, "--config", str(settings), "desk", "--trial", str(nowhere))
    assert done.returncode == 70
    assert "picture.png cannot be written" in done.stderr


def test_it_tells_the_mistakes_in_the_settings(tmp_path: Path) -> None:
    done = kiosk(tmp_path, "desk", "--trial", str(tmp_path / "picture.png"))
    assert done.returncode == 78
    assert "service.url" in done.stderr


def test_an_icon_starts_the_mode_of_the_machine(
    settings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.settings.machine_file", lambda: settings)
    assert common.usual_mode() == "desk"
    settings.write_text(f'mode = "self-service"\n{TRIED}', encoding="utf-8")
    assert common.usual_mode() == "self-service"
    settings.write_text('mode = "kitchen"', encoding="utf-8")
    assert common.usual_mode() == "desk"  # and that will tell what is wrong


def test_only_a_start_by_icon_has_nobody_to_read_what_is_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("GIO_LAUNCHED_DESKTOP_FILE", raising=False)
    assert not window_program.is_started_from_desktop()
    monkeypatch.setenv("GIO_LAUNCHED_DESKTOP_FILE", "tariefwijzer.desktop")
    assert window_program.is_started_from_desktop()
    monkeypatch.delenv("GIO_LAUNCHED_DESKTOP_FILE")
    monkeypatch.setattr(sys, "stderr", None)  # a program without a console on Windows
    assert window_program.is_started_from_desktop()


class Readers:
    """A monitor that sees a card at once."""

    def wait(self, at_most: timedelta) -> list[SlotEvent]:
        slot = SlotName("Reader 0")
        return [ReadersReady((slot,)), SlotFilled(slot), SlotEmptied(slot)]

    def close(self) -> None:
        pass


def test_it_is_told_of_no_card() -> None:
    events = Cardless(Readers()).wait(timedelta(0))
    assert events == [ReadersReady((SlotName("Reader 0"),))]
