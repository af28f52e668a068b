"""A Windows to try things in: a folder for Wine, with what Wine 8 lacks."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath, PureWindowsPath
from typing import Final, final

from installer.steps import Failed
from installer.windows.commands import run

STUBS: Final = ("bcryptprimitives", "icuuc")
"""Libraries of Windows that Wine 8 lacks. They are made for Wine's folder, and never shipped."""
_STUB_SOURCES: Final = Path(__file__).parent / "stubs"
_COMPILER: Final = "x86_64-w64-mingw32-gcc"


@final
class Wine:
    """One Windows in one folder. Nothing is written outside of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drive = folder / "drive_c"

    def create(self) -> None:
        """Make the Windows; it calls itself Windows 10."""
        self.folder.mkdir(parents=True, exist_ok=True)
        run(["wine", "wineboot", "--init"], environment=self._environment({}), seconds=300)
        run(["wine", "winecfg", "-v", "win10"], environment=self._environment({}), seconds=300)
        self.wait()
        if not (self.drive / "windows" / "system32" / "kernel32.dll").is_file():
            raise Failed(f"Wine made no Windows in {self.folder}")

    def add_stubs(self) -> None:
        """Compile what Wine 8 lacks into its system folder."""
        for name in STUBS:
            library = self.drive / "windows" / "system32" / f"{name}.dll"
            source = _STUB_SOURCES / f"{name}.c"
            run([_COMPILER, "-shared", "-O2", "-s", "-o", library, source, "-ladvapi32"])

    def run(
        self,
        command: Sequence[str | PurePath],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        seconds: float = 600,
        expected: Sequence[int] = (0,),
    ) -> str:
        """Run a Windows program and return what it printed, as ``commands.run`` does.

        It sees of this process's environment nothing but the variables given here.
        """
        return run(
            ["wine", *(windows(word) for word in command)],
            folder=folder,
            environment=self._environment(environment or {}),
            seconds=seconds,
            expected=expected,
        )

    def wait(self) -> None:
        """Wait until every program has ended and the registry is written."""
        run(["wineserver", "--wait"], environment=self._environment({}), seconds=300)

    def remove(self) -> None:
        """Remove the folder, once its programs have ended."""
        self.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def inside(self, path: str) -> Path:
        r"""Return where a file of drive C is here: ``C:\Program Files`` and the like."""
        place = PureWindowsPath(path)
        return self.drive.joinpath(*place.parts[1:])

    def _environment(self, given: Mapping[str, str]) -> dict[str, str]:
        # Wine keeps variables that begin with QT_ to itself unless they say that they are meant.
        theirs = {
            f"WINE{name}" if name[:3] == "QT_" else name: text for name, text in given.items()
        }
        home = self.folder / "home"
        home.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
            "WINEPREFIX": str(self.folder.resolve()),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # No search for add-ons, and no entries in the menus of this desktop.
            "WINEDLLOVERRIDES": "mscoree=;mshtml=;winemenubuilder.exe=",
            **theirs,
        }


def windows(word: str | PurePath) -> str:
    """Return a word of a command line as Windows wants it: paths of this machine are on drive Z."""
    if isinstance(word, str):
        return word
    return str(word) if isinstance(word, PureWindowsPath) else f"Z:{word}".replace("/", "\\")
