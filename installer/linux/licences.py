"""Who made the parts of a package, and under which licences: Debian's ``copyright`` file.

What PyInstaller took out of the environment it ran in is looked up in that
environment; the rest (Qt, Python, fonts …) is told in ``copyright.txt``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path, PurePath
from typing import Final

from installer.bundle import ROOT

_HERE: Final = Path(__file__).parent
_TOLD_BY_HAND: Final = frozenset(
    {"pyside6", "pyside6-addons", "pyside6-essentials", "shiboken6", "pyscard"}
)
_LICENCE_FILE: Final = re.compile(r"(?i)^(licen[cs]e|copying|notice)")
_HOLDER: Final = re.compile(
    r"(?i)^\W*(?:portions\s+)?copyright\s+((?:\(c\)|©|[0-9]).*)$", re.MULTILINE
)
_ELSEWHERE: Final = {
    "Apache License": "Apache-2.0",
    "Mozilla Public License": "MPL-2.0",
}
"""Texts that every Debian system has, by how they begin."""
_REFERENCE: Final = "On Debian systems this licence is in /usr/share/common-licenses/{}."
_LONGEST_NAME: Final = 60
"""Some tell the whole licence where its name belongs."""
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9.+-]+")


def copyright_of(internal: Path, packages: Path, *, with_libraries: bool) -> str:
    """Return the file for one tree. ``internal`` is its folder of modules.

    ``packages`` is the ``site-packages`` that these were taken from.
    ``with_libraries``: Qt, Python and fonts lie in it too.
    """
    text = (_HERE / "copyright.txt").read_text("utf-8")
    ours, _, libraries = text.partition("\n# Libraries\n")
    parts = [ours, *(stanza(one, names) for one, names in distributions(internal, packages))]
    if with_libraries:
        parts.append(libraries)
    parts.append(_standing_alone(with_libraries=with_libraries))
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def distributions(
    internal: Path, packages: Path
) -> Iterator[tuple[metadata.Distribution, list[str]]]:
    """Return the distributions that a tree has parts of, with the names of these parts."""
    there = sorted(path.name for path in internal.iterdir())
    for one in sorted(metadata.distributions(path=[str(packages)]), key=_key):
        own = {_bare(PurePath(file).parts[0]) for file in one.files or ()} - {"..", "__pycache__"}
        names = [name for name in there if _bare(name) in own]
        if names and _key(one) not in _TOLD_BY_HAND:
            yield one, names


def stanza(one: metadata.Distribution, names: Iterable[str]) -> str:
    """Return what is told of one distribution: its files, its holders, its licence."""
    texts = [file.read_text("utf-8") for file in licence_files(one)]
    holders = sorted({line.strip() for text in texts for line in _HOLDER.findall(text)})
    return "\n".join(
        [
            "Files: " + " ".join(f"_internal/{name}" for name in names),
            "Copyright: " + "\n           ".join(holders or [f"the authors of {one.name}"]),
            f"License: {_short_name(one)}",
            *_indented("\n\n".join(_referred(text) for text in texts) or _short_name(one)),
        ]
    )


def licence_files(one: metadata.Distribution) -> list[Path]:
    """Return the licence texts that a distribution brings."""
    found = [
        Path(str(one.locate_file(file)))
        for file in one.files or ()
        if _LICENCE_FILE.match(file.name) and PurePath(file).parts[0].endswith(".dist-info")
    ]
    return sorted(found)


def _short_name(one: metadata.Distribution) -> str:
    fields = [name for name in ("License-Expression", "License") if name in one.metadata]
    told = one.metadata[fields[0]] if fields else ""
    if not 0 < len(told) <= _LONGEST_NAME:
        return f"{one.name}-licence"
    names = re.split(r"(?i)\s+or\s+", told.removesuffix(" License"))
    return " or ".join(_NO_NAME.sub("-", name) for name in names)


def _referred(text: str) -> str:
    beginning = text.strip()[:40]
    for begins, name in _ELSEWHERE.items():
        if beginning.startswith(begins):
            return _REFERENCE.format(name)
    return text.strip("\n")


def _standing_alone(*, with_libraries: bool) -> str:
    """Return the texts of ours that no Debian system has."""
    paths = {"EUPL-1.2": ROOT / "LICENSE"}
    if with_libraries:
        paths["OFL-1.1"] = ROOT / "resources" / "fonts" / "OFL.txt"
    return "\n\n".join(
        "\n".join([f"License: {name}", *_indented(path.read_text("utf-8").strip("\n"))])
        for name, path in paths.items()
    )


def _key(one: metadata.Distribution) -> str:
    return one.name.casefold().replace("_", "-")


def _bare(name: str) -> str:
    """Return what modules and libraries of one name share; a distribution's own folder has dots."""
    return name if name.endswith(".dist-info") else name.partition(".")[0]


def _indented(text: str) -> list[str]:
    return [f" {line.rstrip()}" if line.strip() else " ." for line in text.splitlines()]
