"""The demo's two programs: the window, and the same window where nobody sees it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication, QWidget

from kiosk.commands.exit_status import ExitStatus
from kiosk.demo.album import Album
from kiosk.demo.display import PLATFORM, what_is_missing
from kiosk.demo.ending import Ending
from kiosk.demo.frame import Frame
from kiosk.demo.guests import Guest
from kiosk.demo.practice import Practice
from kiosk.demo.rounds import Rounds
from kiosk.demo.service import ServiceFailed
from kiosk.domain.policy import Mode
from kiosk.ui import application
from kiosk.ui.application import Application

_SECONDS_A_COMMAND: Final = 0.08
"""A card takes twelve commands, twenty the first time."""
_IN_A_HURRY: Final = 0.01
_PICTURES: Final = Path("build", "demo")


def with_display(mode: Mode, guest: Guest | None) -> int:
    """Show the window until it is closed; without a display, say so and do without one."""
    missing = what_is_missing(os.environ)
    if missing:
        print(f"kiosk demo: {missing}; going on without a window.", file=sys.stderr)
        return without_display(mode, guest)

    def build(app: Application, practice: Practice) -> Frame:
        frame = Frame(app, practice)
        if guest is not None:
            frame.choose(guest)
            frame.put_in_soon()
        return frame

    return _run(mode, f"tariefwijzer-demo-{mode.value}", _SECONDS_A_COMMAND, build)


def without_display(mode: Mode, guest: Guest | None) -> int:
    """Make the visits, print them, and save a picture of every step."""
    os.environ[PLATFORM] = "offscreen"
    album = Album(_PICTURES / mode.value)

    def build(app: Application, practice: Practice) -> Frame:
        frame = Frame(app, practice)
        frame.resize(frame.full_size)
        Rounds(app, frame, [guest] if guest else practice.guests, album)
        return frame

    print("DEMO: nobody here exists; the card is simulated, the service runs on this machine.\n")
    return _run(mode, f"tariefwijzer-demo-{os.getpid()}", _IN_A_HURRY, build)


def _run(
    mode: Mode,
    name: str,
    seconds_a_command: float,
    build: Callable[[Application, Practice], QWidget],
) -> int:
    _qt = QApplication(sys.argv[:1])  # what runs below takes the one that is there

    def frame(app: Application) -> QWidget:
        Ending(app)
        return build(app, practice)

    try:
        with (
            tempfile.TemporaryDirectory(prefix="tariefwijzer-demo-") as folder,
            Practice(Path(folder), mode, seconds_a_command) as practice,
        ):
            return application.run(practice.terminal(name), frame)
    except ServiceFailed as failed:
        print(f"kiosk demo: the central service did not start\n{failed}", file=sys.stderr)
        return ExitStatus.INTERNAL
