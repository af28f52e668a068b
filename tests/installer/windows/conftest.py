"""The package, made once, and a Windows to install it on."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from installer.freeze import epoch
from installer.windows import msi, preview, resources
from installer.windows.package import build, why_not
from tests.installer.windows.machine import Machine

OLDER, NEWER = "0.0.9", "7.0.0"
GONE_SINCE = "_internal/gone-since.pyc"
"""A file that only the older package has."""


@dataclass(frozen=True, slots=True)
class Built:
    """A package and the programs in it."""

    package: Path
    hashes: dict[str, str]


def built(folder: Path) -> Built:
    package = build(folder)
    hashes = {
        path.relative_to(preview.TREE).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in preview.TREE.rglob("*")
        if path.is_file()
    }
    return Built(package, hashes)


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """What a build makes; the programs stay in their folder under ``build/``."""
    assert why_not() == ""
    return built(tmp_path_factory.mktemp("first"))


@pytest.fixture(scope="session")
def package(first: Built) -> Path:
    return first.package


@pytest.fixture(scope="session")
def older(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package of a lower version, with a file that is gone since."""
    folder = tmp_path_factory.mktemp("older")
    programs = folder / "programs"
    shutil.copytree(preview.TREE, programs)
    (programs / GONE_SINCE).write_bytes(b"gone")
    return repacked(programs, OLDER, folder)


@pytest.fixture(scope="session")
def newer(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return repacked(preview.TREE, NEWER, tmp_path_factory.mktemp("newer"))


def repacked(programs: Path, version: str, folder: Path) -> Path:
    work, out = folder / "work", folder / f"{version}.msi"
    return msi.make(programs, resources.ICON, version, work, int(epoch()), out)


@pytest.fixture(scope="session")
def any_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    one = Machine(tmp_path_factory.mktemp("machine") / "windows")
    yield one
    one.wine.remove()


@pytest.fixture
def machine(any_machine: Machine) -> Iterator[Machine]:
    """A Windows without Tariefwijzer, before the test and after it."""
    assert any_machine.traces() == []
    yield any_machine
    any_machine.clear()
    assert any_machine.traces() == []
