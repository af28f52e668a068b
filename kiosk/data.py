"""Where the data files of the product are: rules, policies, pins, pictures."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def data_path(*parts: str) -> Path:
    """Return the path of a file under ``resources/``.

    A checkout and a frozen bundle keep ``resources`` beside the package; an
    installed wheel keeps it inside.
    """
    inside = _PACKAGE / "resources"
    root = inside if inside.is_dir() else _PACKAGE.parent / "resources"
    return root.joinpath(*parts)
