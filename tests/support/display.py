"""A screen of one's own: an X server without hardware, a keyboard for it, and a look at it.

``Xvfb`` keeps its picture in a file, so looking at the screen asks nobody anything. A small window
manager gives the keys to a window, makes one as large as the screen, and asks one to close at
Alt+F4; it does nothing else.
"""

from __future__ import annotations

import functools
import mmap
import os
import shutil
import struct
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest
from PySide6.QtGui import QImage

from kiosk.domain.verdict import Colour
from kiosk.ui.theme import LIGHT
from tests.support.patience import wait_until

PROGRAMS: Final = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "xrandr": "x11-xserver-utils",
    "cwm": "cwm",
    "xprop": "x11-utils",
}
DIES_WITH_US: Final = ("setpriv", "--pdeathsig", "KILL")
"""Before a command: it ends with the tests, however these end."""
DESK_SIZE: Final = (1280, 800)
TERMINAL_SIZE: Final = (1920, 1080)
_LARGEST: Final = (1920, 1920)
_MANNERS: Final = """
unbind-key all
unbind-mouse all
bind-key M-F4 window-close
borderwidth 0
"""
_OPAQUE: Final = 0xFFFFFF
_GRID: Final = 5
"""Every so many pixels one is looked at."""


class Share(NamedTuple):
    """A colour as ``#rrggbb``, and what part of the screen it fills."""

    colour: str
    part: float


class Display:
    """One X server; made by :func:`display`. Sizes are in pixels."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        self._sizes = {_LARGEST}
        read_end, write_end = os.pipe()
        largest = "x".join(map(str, _LARGEST))
        screen = ("-screen", "0", f"{largest}x24", "-fbdir", str(folder))
        told = ("-displayfd", str(write_end))
        self._server = subprocess.Popen(
            [*DIES_WITH_US, "Xvfb", *told, *screen, "-nolisten", "tcp", "-noreset"],
            pass_fds=[write_end],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(write_end)
        with os.fdopen(read_end) as number:
            self.name = f":{number.readline().strip()}"
        with (folder / "Xvfb_screen0").open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self._memory[:100])
        self._start = header[0] + 12 * header[19]
        self._line = header[12]
        self.resize(*size)
        (folder / "cwm.conf").write_text(_MANNERS)
        self._manager = subprocess.Popen(
            ["cwm", "-c", str(folder / "cwm.conf")],
            env={**os.environ, **self.environment},
            stderr=subprocess.DEVNULL,
        )
        wait_until(self._is_managed, "a window manager")

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to be on this screen."""
        return {"DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb", "XAUTHORITY": "/dev/null"}

    def resize(self, width: int, height: int) -> None:
        """Change the resolution, as turning or changing a monitor does."""
        mode = f"{width}x{height}"
        if (width, height) not in self._sizes:
            self._sizes.add((width, height))
            self._run("xrandr", "--newmode", mode, "0", *f"{width} 0 0 0 {height} 0 0 0".split())
            self._run("xrandr", "--addmode", "screen", mode)
        self._run("xrandr", "--output", "screen", "--mode", mode)
        self._size = (width, height)

    # ---- what is on it -------------------------------------------------------

    def picture(self) -> QImage:
        """The whole screen as it is now."""
        width, height = self._size
        whole = QImage(
            self._memory[self._start : self._start + height * self._line],
            *(width, height, self._line, QImage.Format.Format_RGB32),
        )
        return whole.copy()

    def glimpse(self) -> bytes:
        """A line of pixels above the pointer: cheap to take, and another one under a window."""
        at = self._start + self._size[1] // 4 * self._line
        return self._memory[at : at + self._size[0] * 4]

    def clear(self) -> None:
        """Paint what no window covers; the picture of one that is gone would stay."""
        self._run("xsetroot", "-solid", "#102030")
        wait_until(self._is_plain, "a screen without windows")

    def _is_plain(self) -> bool:
        line = self.glimpse()
        return line == line[:4] * self._size[0]

    def largest(self) -> Share:
        """The colour that fills most of the screen."""
        ((colour, pixels),) = (counted := self._colours()).most_common(1)
        return Share(f"#{colour & _OPAQUE:06x}", pixels / counted.total())

    def verdict(self) -> Colour | None:
        """The verdict whose colour fills at least half of the screen."""
        found = self.largest()
        fills = {LIGHT.verdict[colour].fill: colour for colour in Colour}
        return fills.get(found.colour) if found.part >= 0.5 else None

    def part_of(self, colour: str) -> float:
        """Return what part of the screen is exactly of this colour (``#rrggbb``)."""
        counted = self._colours()
        wanted = int(colour[1:], 16)
        found = sum(n for pixel, n in counted.items() if pixel & _OPAQUE == wanted)
        return found / counted.total()

    def _colours(self) -> Counter[int]:
        width, height = self._size
        counted: Counter[int] = Counter()
        for row in range(0, height, _GRID):
            start = self._start + row * self._line
            pixels = memoryview(self._memory[start : start + 4 * width]).cast("I")
            counted.update(pixels[::_GRID])
        return counted

    # ---- what is done to it --------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys one after the other, by the names of X: ``F5``, ``alt+2``, ``Return``."""
        self._run("xdotool", "key", "--delay", "5", *keys)

    def type(self, text: str) -> None:
        """Type a text."""
        self._run("xdotool", "type", "--delay", "5", text)

    def click(self, x: int, y: int, button: int = 1) -> None:
        """Press a button of the mouse somewhere."""
        self._run("xdotool", "mousemove", str(x), str(y), "click", str(button))

    def windows(self) -> list[str]:
        """The windows that are on the screen; not those of Qt for itself."""
        found = self._run("xdotool", "search", "--onlyvisible", "--class", ".", check=False)
        return found.split()

    def close(self) -> None:
        """End the server."""
        self._manager.kill()
        self._manager.wait()
        self._server.terminate()
        self._server.wait()
        self._memory.close()

    def _is_managed(self) -> bool:
        return "window id" in self._run("xprop", "-root", "_NET_SUPPORTING_WM_CHECK")

    def _run(self, *command: str, check: bool = True) -> str:
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
        assert not check or done.returncode == 0, (command, done.stderr)
        return done.stdout


@contextmanager
def display(folder: Path, size: tuple[int, int] = DESK_SIZE) -> Iterator[Display]:
    """A running screen; skips the test where this machine has none to give."""
    reason = why_no_display()
    if reason:
        pytest.skip(reason)
    folder.mkdir(parents=True, exist_ok=True)
    one = Display(folder, size)
    try:
        yield one
    finally:
        one.close()


@functools.cache
def why_no_display() -> str:
    """Why no screen can be made here; empty when one can."""
    missing = [package for name, package in PROGRAMS.items() if shutil.which(name) is None]
    return f"missing packages: {', '.join(missing)}" if missing else ""
