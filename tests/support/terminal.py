"""The program with its window, on a screen of its own, beside a real PC/SC service."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kiosk.cardreader.simulator.pki import TestPki
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Colour
from tests.support.desk import KIOSK, Card, Desk
from tests.support.display import DESK_SIZE, TERMINAL_SIZE, Display, display
from tests.support.listener import Listener, listener
from tests.support.patience import holds_for, wait_until

PICTURES: Final = Path(__file__).parents[2] / "build" / "tests" / "window"
_SIZES: Final = {Mode.DESK: DESK_SIZE, Mode.SELF_SERVICE: TERMINAL_SIZE}
_IDLE: Final = {Mode.DESK: "Steek de kaart in de lezer", Mode.SELF_SERVICE: "Steek uw kaart"}


class Screen:
    """A screen, and somebody who listens to what is on it."""

    def __init__(self, desk: Desk, display: Display, listener: Listener, folder: Path) -> None:
        self.desk = desk
        self.display = display
        self.listener = listener
        self.folder = folder
        self._started = 0

    def environment(self) -> Mapping[str, str]:
        """What a program needs to be on this screen, and to be heard."""
        return {**os.environ, **self.display.environment, **self.listener.environment}

    def start(self, mode: Mode, *, pki: Path, **changes: str) -> Window:
        """Start the program; it may not be there yet when this returns."""
        self._started += 1
        settings = {
            "KIOSK_CARD__TEST_ROOTS": ",".join(TestPki(pki).pins()),
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
        }
        own = {**self.display.environment, **self.listener.environment}
        log = self.folder / f"window-{self._started}.log"
        with log.open("wb") as said:
            process = self.desk.stack.popen(
                *(*KIOSK, mode.value),
                env={**self.desk.environment(), **settings, **own, **changes},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        return Window(self, mode, process, log)

    @contextmanager
    def window(self, mode: Mode, *, pki: Path, **changes: str) -> Iterator[Window]:
        """The program, ready for a card; ended at the end."""
        one = self.start(mode, pki=pki, **changes)
        try:
            one.wait_for_idle()
            yield one
        finally:
            one.end()


class Window:
    """One run of the program."""

    def __init__(
        self, screen: Screen, mode: Mode, process: subprocess.Popen[bytes], log: Path
    ) -> None:
        self.mode = mode
        self.process = process
        self._screen = screen
        self._log = log

    # ---- what is on it -------------------------------------------------------

    def wait_for_idle(self) -> None:
        """Wait until a card can be put in, and one agent is there; it may be loading still."""
        self.wait_for(_IDLE[self.mode])
        wait_until(lambda: len(self.agents()) == 1, "an agent")

    def wait_for(self, *words: str, seconds: float = 10.0) -> str:
        """Wait until the window says all of these; return everything it says."""
        try:
            return self._screen.listener.wait_for(*words, seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.log}") from None

    def wait_for_announcement(self, beginning: str) -> None:
        """Wait until this is the last thing that was announced."""

        def is_last() -> bool:
            self.said()
            announced = self._screen.listener.announced
            return bool(announced) and announced[-1].startswith(beginning)

        wait_until(is_last, f"the announcement of {beginning}")

    def wait_for_verdict(self, colour: Colour) -> None:
        """Wait until the colour fills half of the screen."""
        shows = self._screen.display
        try:
            wait_until(lambda: shows.verdict() is colour, f"{colour} on the screen")
        except AssertionError as error:
            raise AssertionError(f"{error}, but: {self.said()}\n{self.log}") from None

    def assert_lost(self, told: str, *, after: str) -> None:
        """The visit is over, which is said once, right after that; nothing begins by itself."""
        self.wait_for("K902")
        self.wait_for_announcement(told)
        holds_for(lambda: "K902" in self.said(), "the lost visit", 1)
        assert self._screen.display.verdict() is None
        assert self._screen.listener.announced[-2].startswith(after)

    def said(self) -> str:
        """Everything the window says now."""
        return self._screen.listener.words()

    def save_picture(self, name: str) -> None:
        """Keep what is on the screen, for whoever wants to see it."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self._screen.display.picture().save(str(PICTURES / f"{self.mode.value}-{name}.png"))

    @property
    def log(self) -> str:
        """What the program and its agents have said so far."""
        return self._log.read_text("utf-8", "replace")

    # ---- its processes -------------------------------------------------------

    def agents(self) -> list[int]:
        """Its agents, the oldest first."""
        return sorted(children(self.process.pid), key=_started)

    def agent_at_work(self, card: Card) -> int:
        """Wait until an agent asks the card something, and return its process.

        The window says that it reads as soon as the card is in, also while every agent still
        loads: one that is killed then had no visit, and the next one takes it.
        """
        wait_until(lambda: bool(card.exchanges), "an agent that asks the card")
        return self.agents()[0]

    def end(self) -> None:
        """Kill it, and wait until it is gone with all it started."""
        agents = self.agents()
        self.process.kill()
        self.process.wait()
        wait_until(lambda: not any(map(is_alive, agents)), "no agent is left")


def children(parent: int) -> list[int]:
    """The processes that a process started and that live."""
    try:
        tasks = list(Path(f"/proc/{parent}/task").iterdir())
        started = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [pid for pid in started if is_alive(pid)]


def _started(pid: int) -> int:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return int(stat.rpartition(")")[2].split()[19])


def is_alive(pid: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def kill(pid: int) -> None:
    """End a process as a crash would."""
    os.kill(pid, signal.SIGKILL)


@contextmanager
def screen(desk: Desk, folder: Path, mode: Mode) -> Iterator[Screen]:
    """A screen of the size that is usual for a mode."""
    folder.mkdir()
    with (
        display(folder / "display", _SIZES[mode]) as shown,
        listener(folder / "bus", shown.environment) as heard,
    ):
        yield Screen(desk, shown, heard, folder)
