"""What goes into the frozen programs, and what stays out.

Positive lists where a surplus would creep in by itself: Qt's modules, libraries
and plugins. The specification (``kiosk.spec``) and the tests both go by them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePath
from typing import Final, TypeAlias

ROOT: Final = Path(__file__).resolve().parents[1]
COMMIT: Final = ROOT / "build" / "installer" / "commit.txt"
"""Of what the bundle is made; `kiosk version` tells it."""

Entry: TypeAlias = tuple[str, str, str]
"""Place in the bundle, file on this machine, kind: as PyInstaller tells them."""

PROGRAMS: Final = ("kiosk", "kiosk_agent")
"""Modules of ``installer.programs``; the executables have a dash where these have a line."""
WITHOUT_CONSOLE: Final = ("kiosk_window",)
"""On Windows a program is made with a console or without; a window alone is without."""
DEMO_PROGRAMS: Final = ("kiosk_demo_agent", "kiosk_demo_display", "kiosk_demo_serving")
DEMO_ONLY: Final = (
    "kiosk.demo",
    "kiosk.commands.simulate_card",
    "kiosk.cardreader.simulator",
    "kiosk.service.central",
)
"""What no production bundle has."""
CENTRAL_ONLY: Final = (
    *("alembic", "click", "litestar", "lxml", "mako", "signxml"),
    *("sqlalchemy", "sqlite3", "uvicorn", "yaml"),
)
"""Libraries that only the central service needs."""
NEVER: Final = (
    *("_pytest", "doctest", "pydoc", "pytest", "test", "unittest", "litestar.testing"),
    *("distutils", "ensurepip", "lib2to3", "pip", "setuptools", "venv"),
    *("idlelib", "smartcard.wx", "tkinter", "turtle", "wx"),
    *("faker", "markdown_it", "polyfactory", "pygments", "rich", "trio"),
    *("psycopg", "psycopg_binary"),  # the service of the demo has its records in SQLite
    # The demo imports no list, and this library is larger than all the rest.
    *("kiosk.service.central.connectors.ocmw.parquet", "pyarrow"),
)
"""What libraries ask for, or what ours have it for, and no program in a bundle uses."""

_NOT_TAKEN: Final = {"psycopg", "psycopg-binary", "pyarrow", "pycparser", "pyside6-addons"}
"""Required by others, and nothing of them is in the bundle."""

RESOURCES: Final = ("fonts", "icons", "policy", "translations", "trust")
DEMO_RESOURCES: Final = ("central", "rules")
_NO_RESOURCE: Final = frozenset({".ts"})

QT_MODULES: Final = ("QtCore", "QtGui", "QtNetwork", "QtSvg", "QtWidgets")
"""What the window imports."""
QT_LIBRARIES: Final = (*QT_MODULES, "QtDBus", "QtXcbQpa")
"""Those and what they and the plugins need."""
QT_PLUGINS: Final = (
    "platforms/qoffscreen",
    "platforms/qwindows",
    "platforms/qxcb",
    "platforminputcontexts/composeplatforminputcontextplugin",
    "platforminputcontexts/ibusplatforminputcontextplugin",
    "styles/qmodernwindowsstyle",
)
"""Screens, no screen, dead keys; the first of the names of a folder counts."""
_NOT_QT: Final = ("MSVCP140", "Shiboken", "icudata", "icui18n", "icuuc", "pyside6", "shiboken6")
"""What else the wheels of Qt hold that is needed: bridge to Python, Unicode, C++ runtime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What PyInstaller is told to take and to leave."""

    programs: tuple[str, ...]
    modules: tuple[str, ...]
    excluded: tuple[str, ...]
    data: tuple[tuple[str, str], ...]


def parts(*, with_demo: bool, windows: bool) -> Parts:
    """Return what the production bundle consists of, or that and the demo."""
    programs = (
        PROGRAMS + (WITHOUT_CONSOLE if windows else ()) + (DEMO_PROGRAMS if with_demo else ())
    )
    excluded = NEVER if with_demo else (*NEVER, *DEMO_ONLY, *CENTRAL_ONLY)
    folders = (*RESOURCES, *DEMO_RESOURCES) if with_demo else RESOURCES
    return Parts(
        programs=programs,
        modules=tuple(modules(excluded)),
        excluded=excluded,
        data=(
            *resources(folders),
            (str(COMMIT), "resources"),
            *notices(required("desktop", *(("central",) if with_demo else ()))),
        ),
    )


def is_start_of(program: str, entry: Entry) -> bool:
    """Whether a program starts with this script: its own, and what makes it a frozen one.

    Not with what PyInstaller would start for Qt and others: it loads Qt before
    anybody knows what is wanted, and the wheels find their own folders.
    """
    return entry[0] == program or entry[0].startswith("pyiboot")


def modules(excluded: Iterable[str] = ()) -> Iterator[str]:
    """Return the names of all modules of the product, but those of the excluded packages."""
    without = tuple(excluded)
    for path in sorted((ROOT / "kiosk").rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if not is_within(name, without):
            yield name


def is_within(module: str, packages: Iterable[str]) -> bool:
    """Whether a module is one of these or stands below one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def resources(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return (file, folder in the bundle) of the data files below these folders."""
    for name in names:
        for path in sorted((ROOT / "resources" / name).rglob("*")):
            if path.is_file() and path.suffix not in _NO_RESOURCE:
                yield str(path), str(path.parent.relative_to(ROOT))


def notices(requirements: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Return (file, folder in the bundle) of what says version and licence of each library."""
    for name in requirements:
        for path in metadata.distribution(name).files or ():
            if path.parts[0].endswith(".dist-info") and _is_notice(path):
                yield str(path.locate()), str(PurePath(*path.parts[:-1]))


def _is_notice(path: PurePath) -> bool:
    return path.name == "METADATA" or "licen" in str(path).lower() or path.name == "NOTICE"


def required(*names: str) -> list[str]:
    """Return the libraries that a file of requirements names."""
    texts = [(ROOT / "requirements" / f"{name}.txt").read_text("utf-8") for name in names]
    lines = (line for text in texts for line in text.splitlines())
    return sorted({line.partition("==")[0] for line in lines if "==" in line} - _NOT_TAKEN)


def is_wanted(entry: Entry) -> bool:
    """Whether a file that PyInstaller found belongs in the bundle."""
    place = PurePath(entry[0])
    if place.parts[0].endswith(".dist-info"):
        return _is_notice(place)
    if place.parts[0] in {"PySide6", "shiboken6"} or _is_qt(place.name):
        return is_wanted_of_qt(place)
    return entry[2] != "BINARY" or not _is_the_systems(Path(entry[1]))


def is_wanted_of_qt(place: PurePath) -> bool:
    """Whether a file of the wheels of Qt belongs in the bundle."""
    if "plugins" in place.parts:
        folder = place.parts[place.parts.index("plugins") + 1 : -1]
        return "/".join((*folder, _bare(place.name))) in QT_PLUGINS
    if "translations" in place.parts or "qml" in place.parts or "resources" in place.parts:
        return False
    bare = _bare(place.name)
    if _is_binary(place.name):
        return bare in QT_LIBRARIES or bare.startswith(_NOT_QT)
    return place.suffix in {".pyc", ".py"}


def _is_qt(name: str) -> bool:
    return name.startswith(("libQt6", "Qt6", "libicu", "libpyside6", "libshiboken6"))


def _is_binary(name: str) -> bool:
    return ".so" in name or name.endswith((".dll", ".pyd"))


def _bare(name: str) -> str:
    """Return the name of a library: ``libQt6Core.so.6`` and ``QtCore.pyd`` are both QtCore."""
    bare = name.partition(".")[0].removeprefix("lib")
    return f"Qt{bare.removeprefix('Qt6')}" if bare.startswith("Qt6") else bare


def _is_the_systems(path: Path) -> bool:
    """Whether a library belongs to the system, whose updates it must get; Python's own does not."""
    if sys.platform == "win32" or path.name.startswith("libpython"):
        return False
    return "site-packages" not in path.parts
