"""The programs for Windows without a Windows: the interpreter, Wine, PyInstaller in it."""

from __future__ import annotations

import hashlib
import shutil
import sys
import zipfile
from pathlib import Path, PureWindowsPath
from typing import Final

from installer.bundle import ROOT
from installer.freeze import TREES, recipe
from installer.steps import apt_line, say
from installer.windows import interpreter
from installer.windows.commands import run
from installer.windows.wine import Wine, windows

WORK: Final = ROOT / "build" / "windows"
TREE: Final = TREES / "windows" / "kiosk"
_REQUIREMENTS: Final = ROOT / "requirements" / "windows.txt"
_HOME: Final = PureWindowsPath(r"C:\python")
_PYTHON: Final = _HOME / "python.exe"
_SHORT: Final = "3.13"
_NOT_UNDER_WINE: Final = "_wmi.pyd"
"""Python does without, and Wine 8 ends in the middle of it."""
_TOOLS: Final = {
    "wine": "wine wine64",
    "wineserver": "wine64",
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32",
    "osslsigncode": "osslsigncode",
    "faketime": "faketime",
    "wixl": "wixl",
    "msibuild": "msitools",
}
"""Programs, and the Debian packages that have them."""


def why_not() -> str:
    """Return what is missing for the preview and how to get it; nothing when all is there."""
    return apt_line(_TOOLS)


def freeze() -> None:
    """Make ``build/bundle/windows/kiosk``, with the same bytes each time for the same commit."""
    wine = windows_with_python()
    words, environment = recipe(TREE, WORK / "pyinstaller")
    say("freezing the programs for Windows, in Wine")
    wine.run(
        [_PYTHON, *words, "--log-level", "WARN"],
        folder=ROOT,
        environment={**environment, "PYINSTALLER_CONFIG_DIR": windows(WORK / "cache")},
        seconds=1800,
    )
    wine.wait()


def windows_with_python() -> Wine:
    """Return a Windows with the interpreter and the packages that are frozen."""
    wine = Wine(WORK / "prefix")
    stamp = wine.folder / "stamp"
    wanted = _print()
    if stamp.is_file() and stamp.read_text("ascii") == wanted:
        return wine
    say("a Python for Windows: its hash, its signatures")
    archive = interpreter.fetch(WORK / "downloads")
    released = WORK / "interpreter"
    interpreter.unpack(archive, released)
    interpreter.check_signatures(released, WORK)
    say("a Windows for it, in Wine")
    shutil.rmtree(wine.folder, ignore_errors=True)
    wine.create()
    wine.add_stubs()
    home = wine.inside(str(_HOME))
    _settle(released, home)
    say("its packages (requirements/windows.txt)")
    _install_packages(home / "Lib" / "site-packages")
    stamp.write_text(wanted, "ascii")
    return wine


def _settle(released: Path, home: Path) -> None:
    """Make of the embeddable interpreter an ordinary one, which finds packages."""
    shutil.copytree(released, home)
    (home / _NOT_UNDER_WINE).unlink()
    (home / "python313._pth").unlink()
    library = home / "python313.zip"
    with zipfile.ZipFile(library) as packed:
        packed.extractall(home / "Lib")
    library.unlink()


def _install_packages(folder: Path) -> None:
    run(
        [
            *(sys.executable, "-m", "pip", "install", "--no-input", "--quiet", "--no-deps"),
            *("--platform", "win_amd64", "--python-version", _SHORT, "--only-binary", ":all:"),
            *("--require-hashes", "--no-compile", "--target", folder),
            *("--requirement", _REQUIREMENTS),
        ]
    )


def _print() -> str:
    """Return what the Windows depends on, in short."""
    inputs = [_REQUIREMENTS, *sorted(Path(__file__).parent.glob("stubs/*.c"))]
    whole = hashlib.sha256(interpreter.ARCHIVE_SHA256.encode())
    for path in inputs:
        whole.update(path.read_bytes())
    return whole.hexdigest()
