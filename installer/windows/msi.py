"""From a folder of programs to an MSI, byte for byte the same each time."""

from __future__ import annotations

import hashlib
import os
import shutil
import struct
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from installer.steps import Failed
from installer.windows import amendments, wxs
from installer.windows.commands import run
from installer.windows.resources import MAKER, PRODUCT

TOOLS: Final = ("wixl", "msibuild")
_AT_ONCE: Final = 40
"""So many changes in one command line; Windows has a limit."""
_SUMMARY: Final = uuid.UUID("f29f85e0-4ff9-1068-ab91-08002b27b3d9").bytes_le
_TIME_KIND: Final = 0x40
_TIMES: Final = (12, 13)
"""Of creation and of the last change, in the summary of the package."""
_FROM_1601_TO_1970: Final = 11_644_473_600
_TICKS_PER_SECOND: Final = 10_000_000


def make(programs: Path, icon: Path, version: str, work: Path, epoch: int, out: Path) -> Path:
    """Make ``out`` of a folder of programs, with ``epoch`` (seconds since 1970) as its only time.

    ``work`` is emptied and used. Raises ``Failed``.
    """
    files = stage(programs, icon, work, epoch)
    content = _digest(work / "files", files)
    product = uuid.uuid5(wxs.FAMILY, f"product {version} {content}")
    text = wxs.document(wxs.Package(files=files, version=version, product=product))
    (work / "tariefwijzer.wxs").write_text(text, "utf-8", newline="\n")
    draft = work / "draft.msi"
    environment = os.environ | {"TZ": "UTC"}
    run(
        ["wixl", "--arch", "x64", "--output", draft.name, "tariefwijzer.wxs"],
        folder=work,
        environment=environment,
    )
    if not draft.is_file():
        raise Failed("wixl made no package")
    for options in _changes(work, files, version, uuid.uuid5(product, text)):
        run(["msibuild", draft.name, *options], folder=work)
    settle_times(draft, epoch)
    out.parent.mkdir(parents=True, exist_ok=True)
    return Path(shutil.move(draft, out))


def stage(programs: Path, icon: Path, work: Path, epoch: int) -> list[str]:
    """Copy what is packed to ``work``, all with the same time; return the paths of the files."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(programs, work / "files", copy_function=shutil.copyfile)
    shutil.copyfile(icon, work / wxs.ICON)
    everything = sorted(path for path in (work / "files").rglob("*") if path.is_file())
    for path in (*everything, work / wxs.ICON):
        os.utime(path, (epoch, epoch))
    return [path.relative_to(work / "files").as_posix() for path in everything]


def settle_times(package: Path, epoch: int) -> None:
    """Set the two times in the summary of a package."""
    content = bytearray(package.read_bytes())
    ticks = (epoch + _FROM_1601_TO_1970) * _TICKS_PER_SECOND
    for place in _time_places(content):
        struct.pack_into("<Q", content, place, ticks)
    package.write_bytes(content)


def _time_places(content: bytearray) -> Iterator[int]:
    """Find the times: the summary is a list of (what, where), counted from its section's start."""
    found = content.find(_SUMMARY)
    if found < 0 or content.find(_SUMMARY, found + 1) >= 0:
        raise Failed("the package has no summary, or two")
    (offset,) = struct.unpack_from("<I", content, found + len(_SUMMARY))
    # The identifier stands after 28 bytes of header, and offsets count from the header's start.
    section = found - 28 + offset
    (count,) = struct.unpack_from("<I", content, section + 4)
    for number in range(count):
        what, where = struct.unpack_from("<II", content, section + 8 + 8 * number)
        if what in _TIMES:
            (kind,) = struct.unpack_from("<I", content, section + where)
            if kind != _TIME_KIND:
                raise Failed("the summary of the package is not in one piece")
            yield section + where + 4


def _changes(
    work: Path, files: Sequence[str], version: str, code: uuid.UUID
) -> Iterator[list[str]]:
    carried = {file: amendments.version_of(work / "files" / file) for file in files}
    changes = list(
        amendments.statements(version, {file: found for file, found in carried.items() if found})
    )
    for start in range(0, len(changes), _AT_ONCE):
        yield [word for one in changes[start : start + _AT_ONCE] for word in ("-q", one)]
    table = work / f"{amendments.LOCK_TABLE}.idt"
    table.write_text(amendments.lock_table(), "ascii", newline="")
    yield ["-i", table.name]
    yield ["-s", f"{PRODUCT} {version}", MAKER, "x64;0", f"{{{str(code).upper()}}}"]


def _digest(folder: Path, files: Sequence[str]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(
            f"{file}\0{hashlib.sha256((folder / file).read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()
