"""Freezes the programs: an environment of their own, PyInstaller, the trees that packages take."""

from __future__ import annotations

import filecmp
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from installer.bundle import COMMIT, ROOT
from installer.steps import Failed, apt_line, output_of, run, say

TREES: Final = ROOT / "build" / "bundle"
WORK: Final = ROOT / "build" / "installer"
_REQUIREMENTS: Final = tuple(
    ROOT / "requirements" / f"{name}.txt" for name in ("build", "desktop", "central", "installer")
)
_TOOLS: Final = {"git": "git", "strip": "binutils", "swig": "swig"}
_CHANGED: Final = "+changes"
_SYSTEM_PYTHON: Final = Path("/usr/bin/python3")
"""The one that the distribution keeps safe, and that looks for libraries in no other place."""


def why_not() -> str:
    """Return why nothing can be frozen here, with the line that helps; empty when it can."""
    return "this is not Linux" if sys.platform != "linux" else apt_line(_TOOLS)


def programs() -> Path:
    """Freeze the programs of this system, unless that has been done for this commit."""
    tree = TREES / "linux" / "kiosk"
    noted = tree / "_internal" / "resources" / COMMIT.name
    made_of = note_commit()
    if _CHANGED in made_of or not noted.exists() or noted.read_text("ascii") != made_of:
        say("freezing the programs")
        pyinstaller(environment(), tree)
        _strip(tree / "_internal")
    return tree


def with_demo() -> None:
    """Make ``build/bundle/linux/kiosk``, and in ``demo`` what the demo adds to it."""
    trees = TREES / "linux"
    production, whole, demo = programs(), trees / "whole", trees / "demo"
    say("freezing them once more, with the demo")
    pyinstaller(environment(), whole, with_demo=True)
    _strip(whole / "_internal")
    shutil.rmtree(demo, ignore_errors=True)
    for added in _surplus(whole, production):
        (demo / added).parent.mkdir(parents=True, exist_ok=True)
        (whole / added).rename(demo / added)
    shutil.rmtree(whole)


def environment() -> Path:
    """Return the Python of an environment with what is frozen and nothing else."""
    folder = WORK / "venv"
    python, stamp = folder / "bin" / "python", folder / "stamp"
    print_of = hashlib.sha256(b"".join(path.read_bytes() for path in _REQUIREMENTS)).hexdigest()
    if python.exists() and stamp.exists() and stamp.read_text("ascii") == print_of:
        return python
    say("an environment of its own for the frozen programs (requirements/desktop.txt, …)")
    base = _SYSTEM_PYTHON if _SYSTEM_PYTHON.exists() else sys.executable
    run([base, "-m", "venv", "--clear", folder])
    install = (python, "-m", "pip", "install", "-qq", "--no-deps", "--disable-pip-version-check")
    for path in _REQUIREMENTS:
        run([*install, "--no-build-isolation", "--require-hashes", "--requirement", path])
    stamp.write_text(print_of, "ascii")
    return python


def pyinstaller(python: Path, tree: Path, *, with_demo: bool = False) -> None:
    """Freeze into this folder, with the same bytes each time for the same commit."""
    words, environment = recipe(tree, WORK / f"pyinstaller-{tree.name}")
    run(
        [python, *words, "--log-level", "ERROR"],
        {
            **environment,
            "PYINSTALLER_CONFIG_DIR": str(WORK / "cache"),
            **({"KIOSK_WITH_DEMO": "1"} if with_demo else {}),
        },
    )


def recipe(tree: Path, work: Path) -> tuple[list[str | Path], dict[str, str]]:
    """Return what a Python is told and what it finds set, to freeze into a folder.

    It has to be a folder of its own: what was in it and in ``work`` is removed.
    """
    note_commit()
    for old in (tree, work):
        shutil.rmtree(old, ignore_errors=True)
    places = ("--distpath", tree.parent, "--workpath", work)
    words: list[str | Path] = [
        "-m",
        "PyInstaller",
        "--noconfirm",
        *places,
        ROOT / "installer" / "kiosk.spec",
    ]
    fixed = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": epoch(), "KIOSK_TREE": tree.name}
    return words, fixed


def epoch() -> str:
    """Return the time that everything in a package bears, in seconds since 1970."""
    return os.environ.get("SOURCE_DATE_EPOCH") or output_of("git", "log", "-1", "--format=%ct")


def note_commit() -> str:
    """Write down what is being built, for ``kiosk version``; return what was written."""
    commit = output_of("git", "rev-parse", "HEAD")
    changed = _CHANGED if output_of("git", "status", "--porcelain") else ""
    COMMIT.parent.mkdir(parents=True, exist_ok=True)
    COMMIT.write_text(text := f"{commit}{changed}\n", "ascii")
    return text


def _strip(folder: Path) -> None:
    """Take out what only a debugger needs, and with it the paths of whoever compiled it."""
    libraries = (path for path in sorted(folder.rglob("*.so")) if not path.is_symlink())
    run(["strip", "--strip-debug", *(path for path in libraries if "PySide6" not in path.parts)])


def _surplus(whole: Path, part: Path) -> Iterator[Path]:
    """Return what one tree has besides another; raise ``Failed`` if they do not go together."""
    for path in sorted(whole.rglob("*")):
        name = path.relative_to(whole)
        if path.is_dir() and not path.is_symlink():
            continue
        if not os.path.lexists(part / name):
            yield name
        elif not filecmp.cmp(path, part / name, shallow=False):
            raise Failed(f"{name} is another one with the demo than without")
