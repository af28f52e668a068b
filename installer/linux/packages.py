"""Packs the frozen trees as Debian packages, with debhelper.

What Debian asks for is in ``debian/``, what the packages add to the trees is in
``shared/``; here both get what is only known now: version, date, licences.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Final

import kiosk
from installer import freeze
from installer.bundle import ROOT
from installer.drawing import on_a_tile
from installer.linux import licences
from installer.steps import Failed, apt_line

NAME: Final = "tariefwijzer"
DEMO: Final = "tariefwijzer-demo"
_HERE: Final = Path(__file__).parent
_TOOLS: Final = {"dh": "debhelper", "dpkg-buildpackage": "dpkg-dev", "objdump": "binutils"}
_TREES: Final = {NAME: "kiosk", DEMO: "demo"}
_KEPT_OF_THE_ENVIRONMENT: Final = ("PATH", "TMPDIR")
_CHANGES: Final = """{name} ({version}) unstable; urgency=medium

  * Version {version}.

 -- Tariefwijzer maintainers <maintainers@tariefwijzer.example>  {date}
"""


def why_not() -> str:
    """Return why no package can be made here, with the line that helps; empty when one can."""
    return apt_line(_TOOLS)


def build(trees: Path, out: Path, work: Path) -> list[Path]:
    """Pack ``trees/kiosk`` and ``trees/demo``; return the two .debs in ``out``.

    ``work`` is for this alone and made anew. The same trees give the same bytes,
    with the same ``SOURCE_DATE_EPOCH`` (default: the date of the commit). Raises ``Failed``.
    """
    moment = datetime.fromtimestamp(int(freeze.epoch()), UTC)
    shutil.rmtree(work, ignore_errors=True)
    staging = work / f"{NAME}-{kiosk.__version__}"
    shutil.copytree(_HERE / "debian", staging / "debian")
    (staging / "bundle").symlink_to(trees.resolve())
    _fill_in(staging, trees, moment)
    _run_debhelper(staging, moment, work / "debhelper.log")
    out.mkdir(parents=True, exist_ok=True)
    return [Path(shutil.copy2(deb, out)) for deb in sorted(work.glob("*.deb"))]


def _fill_in(staging: Path, trees: Path, moment: datetime) -> None:
    words = {
        "@VERSION@": kiosk.__version__,
        "@DATE@": moment.date().isoformat(),
        "@DATE-IN-WORDS@": f"{moment:%B} {moment.day}, {moment.year}",
    }
    shared = staging / "shared"
    shared.mkdir()
    for path in sorted((_HERE / "shared").iterdir()):
        (shared / path.name).write_text(_filled(path.read_text("utf-8"), words), "utf-8")
    drawing = (ROOT / "resources" / "icons" / "brand.svg").read_text("utf-8")
    (shared / f"{NAME}.svg").write_text(on_a_tile(drawing), "utf-8")
    debian = staging / "debian"
    (packages,) = (freeze.WORK / "venv" / "lib").glob("python*/site-packages")
    for package, tree in _TREES.items():
        internal, is_whole = trees / tree / "_internal", package == NAME
        told = licences.copyright_of(internal, packages, with_libraries=is_whole)
        (debian / f"{package}.copyright").write_text(told, "utf-8")
    said = _CHANGES.format(name=NAME, version=kiosk.__version__, date=format_datetime(moment))
    (debian / "changelog").write_text(said, "utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(name, word)
    return text


def _run_debhelper(staging: Path, moment: datetime, log: Path) -> None:
    kept = {name: os.environ[name] for name in _KEPT_OF_THE_ENVIRONMENT if name in os.environ}
    fixed = {"LC_ALL": "C.UTF-8", "SOURCE_DATE_EPOCH": str(int(moment.timestamp()))}
    with log.open("wb") as said:
        done = subprocess.run(
            # It would also ask for a compiler; what is needed here, `why_not` looks for.
            ["dpkg-buildpackage", "-b", "-us", "-uc", "-d"],  # noqa: S607 - where Debian has it
            cwd=staging,
            env={**kept, **fixed, "HOME": str(staging)},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            umask=0o022,
            check=False,
        )
    if done.returncode:
        last = log.read_text("utf-8", "replace").splitlines()[-15:]
        raise Failed("\n".join([*last, f"(all of it: {log})"]))
