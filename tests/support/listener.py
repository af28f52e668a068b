"""What assistive technology knows about a window: names, roles, focus, announcements.

A message bus and an accessibility bus of its own, and a program that listens as a screen reader
does. The tests know a window by what it says there and by its pixels; it has no door for them.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.display import DIES_WITH_US
from tests.support.patience import wait_until

_PROGRAM: Final = Path(__file__).with_name("listener_program.py")
_SYSTEM_PYTHON: Final = "/usr/bin/python3"
_NEEDED: Final = "import gi; gi.require_version('Atspi', '2.0')"
_BUS: Final = """<busconfig><type>session</type><listen>unix:path={folder}/bus</listen>
<standard_session_servicedirs/><policy context="default"><allow send_destination="*"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>"""


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing on the screen as assistive technology knows it, and what is inside of it."""

    role: str
    name: str
    description: str
    text: str
    value: float | None
    states: frozenset[str]
    inside: tuple[Seen, ...]

    @classmethod
    def of(cls, node: Mapping[str, Any]) -> Seen:
        inside = tuple(map(cls.of, node["inside"]))
        states = frozenset(node["states"])
        return cls(**{**node, "states": states, "inside": inside})

    def all(self) -> Iterator[Seen]:
        """This one and everything inside of it, in reading order."""
        yield self
        for one in self.inside:
            yield from one.all()

    @property
    def words(self) -> str:
        """Everything that is said about it."""
        return " · ".join(
            word
            for one in self.all()
            for word in dict.fromkeys((one.name, one.description, one.text))
            if word
        )


class Listener:
    """One session for assistive technology; made by :func:`listener`."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir(mode=0o700)
        self.announced: list[str] = []
        """Everything that was announced, in order."""
        configured = f"--config-file={folder}/bus.conf"
        (folder / "bus.conf").write_text(_BUS.format(folder=folder))
        self.environment: Mapping[str, str] = {
            "XDG_RUNTIME_DIR": str(folder),
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={folder}/bus",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        everything = {**os.environ, **environment, **self.environment}
        with (folder / "bus.log").open("wb") as log:
            self._bus = subprocess.Popen(
                [*DIES_WITH_US, "dbus-daemon", "--nofork", "--nopidfile", configured],
                env=everything,
                stdout=log,
                stderr=log,
            )
            wait_until((folder / "bus").exists, "a message bus")
            self._program = subprocess.Popen(
                [_SYSTEM_PYTHON, "-E", str(_PROGRAM)],
                env=everything,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._program.stdout
        assert self._program.stdout.readline() == "ready\n", (folder / "bus.log").read_text()

    def look(self) -> list[Seen]:
        """Return the windows that there are, and note what was announced."""
        assert self._program.stdin
        assert self._program.stdout
        self._program.stdin.write("\n")
        self._program.stdin.flush()
        told = json.loads(self._program.stdout.readline())
        self.announced += told["announced"]
        return [window for one in map(Seen.of, told["applications"]) for window in one.inside]

    def words(self) -> str:
        """Everything that the windows say now; every space is a plain one."""
        return " · ".join(window.words for window in self.look()).replace("\u00a0", " ")

    def focused(self) -> str:
        """The name of what has the focus; empty when nothing has."""
        found = [o.name for w in self.look() for o in w.all() if "focused" in o.states]
        return found[-1] if found else ""

    def wait_for(self, *words: str, seconds: float = 10.0) -> str:
        """Wait until the windows say all of these; return everything they say."""
        said = ""

        def says_all() -> bool:
            nonlocal said
            said = self.words()
            return all(word in said for word in words)

        try:
            wait_until(says_all, str(words), seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}, but: {said}") from None
        return said

    def close(self) -> None:
        """End the session."""
        for process in (self._program, self._bus):
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            process.kill()
            process.wait()


@contextmanager
def listener(folder: Path, environment: Mapping[str, str]) -> Iterator[Listener]:
    """A session that listens, on a screen; skips the test where there is nothing for that."""
    reason = why_no_listener()
    if reason:
        pytest.skip(reason)
    one = Listener(folder, environment)
    try:
        yield one
    finally:
        one.close()


@functools.cache
def why_no_listener() -> str:
    """Why nothing can listen here; empty when something can."""
    if shutil.which("dbus-daemon") is None:
        return "there is no message bus (package dbus-daemon)"
    if not Path("/usr/libexec/at-spi-bus-launcher").exists():
        return "there is no accessibility bus (package at-spi2-core)"
    tried = subprocess.run([_SYSTEM_PYTHON, "-E", "-c", _NEEDED], capture_output=True, check=False)
    return "packages python3-gi, gir1.2-atspi-2.0 are missing" if tried.returncode else ""
