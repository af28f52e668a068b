"""Vulture, but for fields that are read outside Python: by the other end of a wire, by data files.

Which modules hold such fields, and why, is in pyproject.toml under
[tool.tariefwijzer.fields-read-elsewhere].
"""

import sys
import tomllib
from pathlib import Path

from vulture.config import make_config
from vulture.core import Item, Vulture


def is_field_read_elsewhere(item: Item, modules: dict[str, str]) -> bool:
    """Whether the item is a field of a module whose fields others read."""
    filename = Path(item.filename).resolve().relative_to(Path.cwd()).as_posix()
    return item.typ == "variable" and filename in modules


def main() -> int:
    """Print what nothing uses; the exit status is 1 when there is any."""
    settings = make_config([])
    project = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))
    modules = project["tool"]["tariefwijzer"]["fields-read-elsewhere"]
    vulture = Vulture(
        ignore_names=settings["ignore_names"], ignore_decorators=settings["ignore_decorators"]
    )
    vulture.scavenge(settings["paths"])
    unused = [
        item
        for item in vulture.get_unused_code(min_confidence=settings["min_confidence"])
        if not is_field_read_elsewhere(item, modules)
    ]
    for item in unused:
        print(item.get_report())
    missing = [name for name in modules if not Path(name).is_file()]
    for name in missing:
        print(f"{name}: named in pyproject.toml, and not there")
    return 1 if unused or missing else 0


if __name__ == "__main__":
    sys.exit(main())
