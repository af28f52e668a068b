"""Support modules of the bridge between Qt and Python, compiled ahead.

The wheel keeps them as sources inside a library and compiles them at each
start: a quarter of the time to the first picture. It looks for a folder
``files.dir`` first, which is what this makes.
"""

from __future__ import annotations

import py_compile
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDER: Final = Path("shiboken6", "files.dir")
_TAKE_OUT: Final = """
import sys, PySide6.QtCore
modules = sys.modules["shibokensupport"].__loader__.zfile
modules.extractall(sys.argv[1], [name for name in modules.namelist() if name.startswith("shib")])
"""


def compiled(work: Path) -> Iterator[tuple[str, str]]:
    """Return (file, folder in the bundle) of each of them, made below ``work``."""
    sources = work / "shibokensupport-sources"
    subprocess.run([sys.executable, "-c", _TAKE_OUT, str(sources)], check=True)  # noqa: S603 - our own words
    for source in sorted(sources.rglob("*.py")):
        name = source.relative_to(sources)
        made = work / _FOLDER / name.with_suffix(".pyc")
        made.parent.mkdir(parents=True, exist_ok=True)
        py_compile.compile(
            str(source),
            cfile=str(made),
            dfile=str(name),  # no path of this machine
            doraise=True,
            invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
        )
        yield str(made), str((_FOLDER / name).parent)
