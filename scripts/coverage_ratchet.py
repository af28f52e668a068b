"""Holds the files that must not be wrong to full coverage, in both directions.

A listed file below 100% of lines and branches fails. A watched file that reaches 100% and is not
listed fails too, so that the list grows and a file once complete stays complete. The lists are in
pyproject.toml under [tool.tariefwijzer.perfect-files].

Usage: coverage_ratchet.py COVERAGE.json [PYPROJECT.toml]
"""

import json
import sys
import tomllib
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path


def complaints(
    coverage: Mapping[str, Mapping[str, float]], watched: list[str], listed: list[str]
) -> list[str]:
    """What is wrong: coverage is the summary per file, as coverage.py writes it."""
    found = [
        f"{name}: listed, and not there or not measured" for name in listed if name not in coverage
    ]
    for name, summary in sorted(coverage.items()):
        missing = summary["missing_lines"] + summary["missing_branches"]
        if name in listed and missing:
            found.append(
                f"{name}: has to be complete, and misses {summary['missing_lines']} lines"
                f" and {summary['missing_branches']} branches"
            )
        is_watched = any(fnmatch(name, pattern) for pattern in watched)
        if is_watched and name not in listed and summary["num_statements"] and not missing:
            found.append(f'{name}: is complete now; keep it so, and add "{name}" to the list')
    return found


def main(arguments: list[str]) -> int:
    """Print the complaints; the exit status is 1 when there are any."""
    project = Path(arguments[1] if len(arguments) > 1 else "pyproject.toml")
    lists = tomllib.loads(project.read_text("utf-8"))["tool"]["tariefwijzer"]["perfect-files"]
    files = json.loads(Path(arguments[0]).read_text("utf-8"))["files"]
    coverage = {name.replace("\\", "/"): entry["summary"] for name, entry in files.items()}
    found = complaints(coverage, lists["watched"], lists["perfect"])
    print("\n".join(found) or f"{len(lists['perfect'])} listed files are complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
