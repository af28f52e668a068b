"""Figures, tables of them, and the two files that they end in."""

from __future__ import annotations

import json
import math
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

Cell = str | int | float
_LARGE = 1000


class Skipped(Exception):
    """This cannot run here; the text says why."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of the same thing, in milliseconds. With few samples p99 is the slowest.

    The fastest is what the thing takes when nothing else runs on the machine.
    """

    samples: int
    fastest: float
    median: float
    p99: float

    def columns(self) -> tuple[Cell, ...]:
        """The cells under :data:`SPREAD`."""
        return self.samples, self.fastest, self.median, self.p99


SPREAD = ("n", "fastest ms", "median ms", "p99 ms")


def spread(nanoseconds: Sequence[int]) -> Spread:
    """Sum up measured times (nearest rank)."""
    ordered = sorted(nanoseconds)
    rank = min(len(ordered), math.ceil(0.99 * len(ordered)))
    median = statistics.median(ordered)
    return Spread(len(ordered), ordered[0] / 1e6, median / 1e6, ordered[rank - 1] / 1e6)


@dataclass(slots=True)
class Table:
    """Rows under columns, with a sentence or two on how to read them."""

    title: str
    columns: Sequence[str]
    rows: list[Sequence[Cell]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        """Add a row."""
        self.rows.append(cells)

    def markdown(self) -> str:
        """The table as text; columns of numbers are set to the right."""
        shown = [[_shown(cell) for cell in row] for row in self.rows]
        widths = [max(3, *map(len, column)) for column in zip(self.columns, *shown, strict=True)]
        numeric = [not isinstance(cell, str) for cell in self.rows[0]] if self.rows else []

        def line(cells: Sequence[str]) -> str:
            places = zip(cells, widths, numeric, strict=True)
            padded = [text.rjust(w) if right else text.ljust(w) for text, w, right in places]
            return f"| {' | '.join(padded)} |"

        rules = ["-" * (w - 1) + (":" if n else "-") for w, n in zip(widths, numeric, strict=True)]
        parts = [f"### {self.title}", "", line(self.columns), line(rules), *map(line, shown)]
        return "\n".join([*parts, *("\n" + note for note in self.notes)]) + "\n"


@dataclass(frozen=True, slots=True)
class Topic:
    """What one part of the benchmarks brought: tables, or why there are none."""

    name: str
    tables: Sequence[Table]
    failed: str = ""
    skipped: str = ""
    seconds: float = 0.0

    def markdown(self) -> str:
        """The topic as text."""
        parts = [f"## {self.name}\n"]
        parts += [f"Skipped: {self.skipped}\n"] if self.skipped else []
        parts += [f"Failed: {self.failed}\n"] if self.failed else []
        return "\n".join([*parts, *(table.markdown() for table in self.tables)])


def ratio(ours: float, other: float) -> float:
    """One figure as a multiple of another."""
    return ours / other if other else math.nan


def say(text: str) -> None:
    """Tell at once what is being done."""
    print(text, flush=True)


def load() -> float:
    """How many processes wanted a processor during the last minute; -1 where nobody counts."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else -1.0


def write(topics: Sequence[Topic], folder: Path, load_before: float) -> str:
    """Write ``bench.json`` and ``bench.md``; return the latter."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {
        "measured": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "processors": os.cpu_count() or 1,
        "load before": load_before,
    }
    tree = {**about, "topics": [asdict(topic) for topic in topics]}
    (folder / "bench.json").write_text(
        json.dumps(tree, indent=1, ensure_ascii=False) + "\n", "utf-8"
    )
    head = "# Benchmarks\n\n" + ", ".join(f"{name}: {value}" for name, value in about.items())
    text = "\n\n".join([head, *(topic.markdown() for topic in topics)])
    (folder / "bench.md").write_text(text, "utf-8")
    return text


def _shown(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:,.0f}" if abs(cell) >= _LARGE else f"{cell:.2f}"
    return f"{cell:,}" if isinstance(cell, int) else cell
