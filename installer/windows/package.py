"""The whole way to the MSI: on Windows as it is released, elsewhere as a preview."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Final

import kiosk
from installer import icon
from installer.bundle import ROOT
from installer.freeze import epoch, pyinstaller
from installer.steps import missing, say
from installer.windows import msi, preview

IS_WINDOWS: Final = sys.platform == "win32"
_MSYS2: Final = "pacman -S mingw-w64-ucrt-x86_64-msitools"


def package_name(version: str) -> str:
    """Return the name of the MSI: a preview says that it is one."""
    return f"tariefwijzer-{version}-x64{'' if IS_WINDOWS else '-preview'}.msi"


def why_not() -> str:
    """Return what is missing for a build and how to get it; nothing when all is there."""
    if not IS_WINDOWS:
        return preview.why_not()
    if absent := missing(msi.TOOLS):
        return f"not on the PATH: {', '.join(absent)}. They come with MSYS2: {_MSYS2}"
    if importlib.util.find_spec("PyInstaller") is None:
        return "PyInstaller is missing. Run: python -m pip install -r requirements/windows.txt"
    return ""


def build(out: Path) -> Path:
    """Freeze the programs, make the MSI of them in a folder, return it; or raise ``Failed``."""
    picture = icon.draw()
    if IS_WINDOWS:
        say("freezing the programs")
        pyinstaller(Path(sys.executable), preview.TREE)
    else:
        preview.freeze()
    say("packing the MSI")
    return msi.make(
        preview.TREE,
        picture,
        kiosk.__version__,
        ROOT / "build" / "windows" / "package",
        int(epoch()),
        out / package_name(kiosk.__version__),
    )
