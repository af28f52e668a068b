"""The demo, as a newcomer starts it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.demo.guests import guests
from kiosk.domain.policy import Mode

pytestmark = pytest.mark.e2e

DEMO = [sys.executable, "-m", "kiosk", "demo"]
DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
MEANWHILE = 20.0


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """One of a newcomer without a display, whose folders are the test's."""
    here = {name: value for name, value in os.environ.items() if name not in DISPLAYS}
    names = ("HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR", "TMPDIR")
    return {**here, **dict.fromkeys(names, str(tmp_path)), **changes}


def demo(tmp_path: Path, *arguments: str, **changes: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, *arguments],
        env=environment(tmp_path, **changes),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def pictures(tmp_path: Path, mode: str) -> list[str]:
    return sorted(path.name for path in (tmp_path / "build" / "demo" / mode).iterdir())


def left_behind(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.iterdir() if path.name.startswith("tariefwijzer-demo")]


def test_everybody_gets_the_outcome_of_their_story(tmp_path: Path) -> None:
    done = demo(tmp_path, "--headless")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("DEMO")
    parts = done.stdout.split("\n\n")[1:]
    taken = pictures(tmp_path, "desk")
    for number, guest in enumerate(guests(Mode.DESK), 1):
        part = parts[number - 1]
        assert part.startswith(f"{guest.name}: {guest.story['en']}\n    card in …\n")
        assert f"    {guest.colour.value.upper() if guest.colour else 'K'}" in part
        outcome = "verdict" if guest.colour else "problem"
        assert f"{number:02}-{guest.id}-3-{outcome}.png" in taken
        assert f"{number:02}-{guest.id}-4-awaiting-removal.png" in taken
    assert taken[0] == "00-idle.png"
    assert not left_behind(tmp_path)


@pytest.mark.parametrize("who", ["milo-madelief", "gust-avondrood", "els-kiezel"])
def test_one_person_at_self_service_is_not_named(tmp_path: Path, who: str) -> None:
    done = demo(tmp_path, "--headless", "--self-service", "--person", who)
    assert (done.returncode, done.stderr) == (0, "")
    (guest,) = [guest for guest in guests(Mode.SELF_SERVICE) if guest.id == who]
    assert guest.colour is not None
    assert f"    {guest.colour.value.upper()}" in done.stdout
    assert "the desk sees" not in done.stdout
    assert f"01-{who}-3-verdict.png" in pictures(tmp_path, "self-service")


def test_an_unknown_person_is_a_mistake_with_the_list(tmp_path: Path) -> None:
    done = demo(tmp_path, "--headless", "--person", "nobody")
    assert done.returncode == 64
    assert "an-peeters" in done.stderr


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"),
        ({"DISPLAY": "nowhere:9"}, "the display cannot be opened (DISPLAY=nowhere:9)"),
    ],
)
def test_without_a_display_it_says_so_in_one_line_and_goes_on(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    done = demo(tmp_path, "--person", "an-peeters", **changes)
    assert done.returncode == 0
    assert done.stderr == f"kiosk demo: {said}; going on without a window.\n"
    assert "    GREEN" in done.stdout


@contextlib.contextmanager
def shown(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Run the demo with its window, on a platform where nobody sees it."""
    process = subprocess.Popen(
        DEMO,
        env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            until(lambda: are_started(process.pid))
            yield process
        finally:
            process.kill()


def are_started(pid: int) -> bool:
    """Whether the service and an agent run: each as itself, no longer as the one that forks."""
    commands = programs_of(pid).values()
    return len(commands) == 2 and not {"", command_of(pid)} & set(commands)


def programs_of(pid: int) -> dict[int, str]:
    """The processes that one started, by their number."""
    started = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child): command_of(int(child)) for child in started}


def command_of(pid: int) -> str:
    """What a process runs; empty for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + MEANWHILE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_who_ends_it_ends_all_of_it(tmp_path: Path, number: signal.Signals) -> None:
    with shown(tmp_path) as process:
        children = programs_of(process.pid)
        process.send_signal(number)
        said, _ = process.communicate(timeout=MEANWHILE)
    assert (process.returncode, said) == (130, "")
    until(lambda: all(command_of(pid) != command for pid, command in children.items()))
    assert not left_behind(tmp_path)


def test_closing_the_window_ends_all_of_it(tmp_path: Path) -> None:
    script = (
        "import os, pathlib, sys\n"
        "from PySide6.QtCore import QTimer\n"
        "from kiosk.__main__ import main\n"
        "from kiosk.demo.frame import Frame\n"
        "def close(frame):\n"
        "    pid = os.getpid()\n"
        "    print(pathlib.Path(f'/proc/{pid}/task/{pid}/children').read_text())\n"
        "    frame.close()\n"
        "Frame.put_in_soon = lambda frame: QTimer.singleShot(500, frame, lambda: close(frame))\n"
        "sys.exit(main(['demo', '--person', 'an-peeters']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=environment(tmp_path, QT_QPA_PLATFORM="offscreen"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    children = [int(pid) for pid in done.stdout.split()]
    assert len(children) >= 2
    assert not [pid for pid in children if "kiosk" in command_of(pid)]
    assert not left_behind(tmp_path)


def test_nothing_runs_on_after_a_demo_that_was_killed(tmp_path: Path) -> None:
    with shown(tmp_path) as process:
        children = programs_of(process.pid)
        process.kill()
        process.wait(MEANWHILE)
        until(lambda: all(command_of(pid) != command for pid, command in children.items()))


def test_a_second_demo_shows_the_first(tmp_path: Path) -> None:
    with shown(tmp_path):
        second = demo(tmp_path, QT_QPA_PLATFORM="offscreen")
        assert (second.returncode, second.stderr) == (0, "")
