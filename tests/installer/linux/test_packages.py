"""The two .debs as files: what they say of themselves, and that they come out the same."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import Path

import pytest

import kiosk
from installer import linux
from tests.installer.linux.root import RESULTS

pytestmark = [pytest.mark.installer, pytest.mark.timeout(900)]

MEGABYTES = {"tariefwijzer": 40, "tariefwijzer-demo": 10}
CONFIG = "/etc/tariefwijzer/kiosk.toml"
NEEDED = {"ca-certificates", "libccid", "libpcsclite1", "pcscd", "libc6", "libxcb-cursor0"}
OF_A_STANZA = re.compile(r"(?m)^Files: (.*(?:\n .*)*)$")


def field(package: Path, name: str) -> str:
    command = ("dpkg-deb", "--field", str(package), name)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def names_in(relations: str) -> set[str]:
    return {one.split()[0] for one in relations.split(", ")}


@pytest.mark.parametrize("name", MEGABYTES)
def test_what_it_says_of_itself(packages: dict[str, Path], name: str) -> None:
    package = packages[name]
    assert package.name == f"{name}_{kiosk.__version__}_amd64.deb"
    assert field(package, "Version") == kiosk.__version__
    assert package.stat().st_size <= MEGABYTES[name] * 1_000_000


def test_what_it_needs(packages: dict[str, Path]) -> None:
    assert names_in(field(packages["tariefwijzer"], "Depends")) >= NEEDED
    relations = field(packages["tariefwijzer-demo"], "Depends")
    assert f"tariefwijzer (= {kiosk.__version__})" in relations


def test_the_settings_are_the_administrators(packages: dict[str, Path], tmp_path: Path) -> None:
    subprocess.run(["dpkg-deb", "--control", packages["tariefwijzer"], tmp_path], check=True)
    assert (tmp_path / "conffiles").read_text() == f"{CONFIG}\n"
    # Nothing to be run as root: what is installed is what is unpacked.
    assert {path.name for path in tmp_path.iterdir()} == {"conffiles", "control", "md5sums"}


@pytest.mark.parametrize(
    ("name", "tree"), [("tariefwijzer", "kiosk"), ("tariefwijzer-demo", "demo")]
)
def test_every_part_has_its_licence(
    packages: dict[str, Path], trees: Path, tmp_path: Path, name: str, tree: str
) -> None:
    subprocess.run(["dpkg-deb", "--extract", packages[name], tmp_path], check=True)
    told = (tmp_path / "usr/share/doc" / name / "copyright").read_text("utf-8")
    patterns = [one for stanza in OF_A_STANZA.findall(told) for one in stanza.split() if one != "*"]
    ours = {"_internal/kiosk", "_internal/resources"}
    standard = {f"_internal/{module}" for module in sys.stdlib_module_names}
    for path in (trees / tree / "_internal").iterdir():
        inside = f"_internal/{path.name}"
        assert inside in ours | standard or any(
            fnmatch(inside, one) or one.startswith(f"{inside}/") for one in patterns
        ), inside


def test_lintian_finds_nothing(packages: dict[str, Path]) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("missing packages: lintian")
    done = subprocess.run(
        ["lintian", "--allow-root", "--fail-on", "error,warning", *packages.values()],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


def test_two_builds_have_the_same_bytes(
    packages: dict[str, Path], trees: Path, tmp_path: Path
) -> None:
    again = linux.build(trees, tmp_path / "dist", RESULTS / "work-again")
    for package in again:
        assert package.read_bytes() == packages[package.name.partition("_")[0]].read_bytes()
