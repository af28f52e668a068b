"""Programs that run inside a private stack, take a list of cells and print one line for each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from kiosk.domain.problem import ProblemCode
from tests.support.pcsc_stack import pcsc_stack

Cell = TypeVar("Cell")
Visit = Mapping[str, Any]


def run_cells(
    module: str, cells: Sequence[Cell], folder: Path, *arguments: Path
) -> Iterator[tuple[Cell, Mapping[str, Visit]]]:
    """Run them in a stack of their own; give the visits of each of them."""
    with pcsc_stack(folder) as stack:
        process: subprocess.Popen[str] = stack.popen(
            *(sys.executable, "-m", module, *map(str, arguments)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdin
        assert process.stdout
        process.stdin.write(json.dumps(cells) + "\n")
        process.stdin.flush()
        for cell in cells:
            line = process.stdout.readline()
            assert line, f"ended at {cell}"
            yield cell, json.loads(line)


def outcome(visit: Visit) -> tuple[str, str] | ProblemCode | str:
    """How a visit ended: with a name and a number, with a problem, or as none should."""
    if "person" in visit:
        given_names, number = visit["person"]
        return given_names, number
    try:
        return ProblemCode.from_code(visit["problem"])
    except KeyError:
        return str(visit["problem"])
