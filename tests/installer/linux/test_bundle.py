"""What is in the frozen programs, and what is not."""

from __future__ import annotations

import filecmp
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from installer import bundle, freeze
from tests.installer.linux.root import ROOT

pytestmark = pytest.mark.installer

MEGABYTES = {"kiosk": 135, "demo": 25}
"""What each tree may take on the disk. Unicode's tables alone are 31."""
PROGRAMS = {
    "kiosk": {"kiosk", "kiosk-agent"},
    "demo": {"kiosk-demo-agent", "kiosk-demo-display", "kiosk-demo-serving"},
}
NOT_IN_PRODUCTION = (
    "kiosk/demo",
    "kiosk/cardreader/simulator",
    "kiosk/commands/simulate_card.pyc",
    "kiosk/service/central",
    "resources/central",
    "resources/rules",
    "litestar",
    "sqlalchemy",
    "uvicorn",
    "sqlite3",
)
NOT_ANYWHERE = ("tests", "pytest", "_pytest", "hypothesis", "PyInstaller", "pip", "tkinter", "test")
OWN_LIBRARIES = re.compile(
    r"lib(Qt6\w+|icu(data|i18n|uc)|pyside6\.abi3|shiboken6\.abi3|python3\.\d+|ffi-[0-9a-f]+)\.so"
)
"""What the wheels and Python bring themselves."""
EXTENSION = re.compile(r"[\w.-]+\.(abi3|cpython-\d+-x86_64-linux-gnu)\.so")
QT_LIBRARY = re.compile(r"libQt6(\w+)\.so")
QT_MODULE = re.compile(r"(Qt\w+)\.abi3\.so")
MACHINE = {ROOT, Path.home(), Path(sys.prefix), Path(sys.base_prefix)} - {Path("/"), Path("/usr")}
FOREIGN_PLACES = re.compile(
    rb"(?<![\w./-])(?:" + b"|".join(re.escape(bytes(path)) for path in sorted(MACHINE)) + rb")/"
)


@pytest.fixture(scope="module", params=["kiosk", "demo"])
def tree(request: pytest.FixtureRequest, trees: Path) -> Path:
    return trees / str(request.param)


@pytest.fixture(scope="module")
def production(trees: Path) -> Path:
    return trees / "kiosk"


def files(tree: Path) -> Iterator[Path]:
    """Every file of a tree, links too."""
    return (path for path in sorted(tree.rglob("*")) if path.is_symlink() or not path.is_dir())


def test_the_programs_are_there_and_nothing_beside_them(tree: Path) -> None:
    names = {path.name for path in tree.iterdir()}
    assert names == {*PROGRAMS[tree.name], "_internal"}
    for name in PROGRAMS[tree.name]:
        assert os.access(tree / name, os.X_OK)


def test_no_smart_card_library(tree: Path) -> None:
    assert [path for path in files(tree) if "pcsclite" in path.name.lower()] == []


@pytest.mark.parametrize("part", NOT_IN_PRODUCTION)
def test_neither_demo_nor_simulator_nor_central_service(production: Path, part: str) -> None:
    there = production / "_internal" / part
    assert not there.exists()
    assert not there.with_suffix(".pyc").exists()


@pytest.mark.parametrize("part", NOT_ANYWHERE)
def test_nothing_of_the_workshop(tree: Path, part: str) -> None:
    assert not (tree / "_internal" / part).exists()
    assert not (tree / "_internal" / f"{part}.pyc").exists()


def test_only_the_parts_of_qt_on_the_list(tree: Path) -> None:
    for path in files(tree):
        inside = path.relative_to(tree)
        if "PySide6" in inside.parts and "plugins" in inside.parts:
            at = inside.parts.index("plugins") + 1
            name = inside.name.partition(".")[0].removeprefix("lib")
            assert "/".join((*inside.parts[at:-1], name)) in bundle.QT_PLUGINS
        elif library := QT_LIBRARY.match(path.name):
            assert f"Qt{library[1]}" in bundle.QT_LIBRARIES
        elif module := QT_MODULE.match(path.name):
            assert module[1] in bundle.QT_LIBRARIES
        assert "qml" not in inside.parts


def test_no_library_that_is_the_systems(tree: Path) -> None:
    libraries = [path for path in files(tree) if ".so" in path.name and "plugins" not in path.parts]
    foreign = [
        path
        for path in libraries
        if not (OWN_LIBRARIES.match(path.name) or EXTENSION.fullmatch(path.name))
    ]
    assert foreign == []


def test_libraries_are_looked_for_in_the_bundle_and_the_system_only(tree: Path) -> None:
    for path in files(tree):
        if ".so" not in path.name or path.is_symlink():
            continue
        said = subprocess.run(
            ["readelf", "--dynamic", path], capture_output=True, text=True, check=True
        ).stdout
        for places in re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.*)\]", said):
            assert all(place.startswith("$ORIGIN") for place in places.split(":")), path


def test_no_place_of_this_machine(tree: Path) -> None:
    told = {}
    for path in files(tree):
        if path.is_symlink():
            assert not path.readlink().is_absolute(), path
        elif found := FOREIGN_PLACES.search(path.read_bytes()):
            told[str(path.relative_to(tree))] = found[0]
    assert told == {}


def test_it_stays_within_its_budget(tree: Path) -> None:
    taken = sum(path.lstat().st_blocks * 512 for path in files(tree))
    assert taken <= MEGABYTES[tree.name] * 1_000_000


def test_the_demo_replaces_nothing(trees: Path) -> None:
    there = {path.relative_to(trees / "kiosk") for path in files(trees / "kiosk")}
    added = {path.relative_to(trees / "demo") for path in files(trees / "demo")}
    assert there & added == set()


@pytest.mark.timeout(900)
def test_two_builds_have_the_same_bytes(trees: Path, tmp_path: Path) -> None:
    again = tmp_path / "linux"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(freeze, "TREES", tmp_path)
        freeze.with_demo()
    first, second = (sorted(p.relative_to(at) for p in files(at)) for at in (trees, again))
    assert first == second
    _, different, missing = filecmp.cmpfiles(trees, again, map(str, first), shallow=False)
    assert (different, missing) == ([], [])
