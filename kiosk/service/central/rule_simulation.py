"""A made-up population, old rules against new: how many change colour, and which guidance they get.

The file is CSV with names of facts as its header, or one JSON object a line. What is left out is
unknown. Counts come out of it, never a person.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.domain.verdict import Colour
from kiosk.service.central.facts import Facts
from kiosk.service.central.rule_situations import facts_from_words
from kiosk.service.central.rules import Table, evaluate

_OPEN = "open"


class PopulationWrong(ValueError):
    """The file is none of made-up persons; says which line, and never a value."""


@dataclass(slots=True)
class Counts:
    """Persons by old and new colour, and by old and new guidance codes (with their tariff)."""

    colours: Counter[tuple[Colour, Colour]] = field(default_factory=Counter)
    codes: Counter[tuple[str, str]] = field(default_factory=Counter)


def simulate(old: Table, new: Table, population: Iterable[Facts]) -> Counts:
    """Apply both tables to everybody."""
    counts = Counts()
    for facts in population:
        before, after = evaluate(old, facts), evaluate(new, facts)
        counts.colours[before.colour, after.colour] += 1
        counts.codes[_said(before.codes), _said(after.codes)] += 1
    return counts


def read_population(path: Path) -> Iterator[Facts]:
    """Read a file person by person; raise ``PopulationWrong`` at the first line that is wrong."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = _objects(file) if path.suffix in {".ndjson", ".jsonl"} else _cells(file)
            for line, row in rows:
                yield _facts(line, row)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PopulationWrong(f"{path.name}: cannot be read ({type(error).__name__})") from error


def lines(counts: Counts) -> Iterator[str]:
    """Lay the counts out: old down, new across; then the guidance that changed."""
    colours = list(Colour)
    yield f"{'old / new':<12}" + "".join(f"{colour.value:>10}" for colour in colours)
    for before in colours:
        cells = "".join(f"{counts.colours[before, after]:>10,}" for after in colours)
        yield f"{before.value:<12}{cells}"
    changed = {pair: number for pair, number in counts.codes.items() if pair[0] != pair[1]}
    yield f"{sum(counts.codes.values()):,} persons, {sum(changed.values()):,} with other guidance"
    for (was, becomes), number in sorted(changed.items(), key=lambda each: (-each[1], each[0])):
        yield f"{number:>12,}  {was} → {becomes}"


def _said(codes: tuple[str, ...]) -> str:
    return " ".join(codes) or _OPEN


def _cells(file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
    lines = iter(file)
    header = next(lines, "")
    delimiter = ";" if ";" in header else ","
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    for line, cells in enumerate(csv.reader(lines, delimiter=delimiter), 2):
        if len(cells) > len(names):
            raise PopulationWrong(f"line {line}: more cells than the header has")
        told = dict(zip(names, cells, strict=False))
        yield line, {name: cell for name, cell in told.items() if cell.strip()}


def _objects(file: Iterable[str]) -> Iterator[tuple[int, Mapping[str, object]]]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            raise PopulationWrong(f"line {line}: not a JSON object")
        yield line, row


def _facts(line: int, row: Mapping[str, object]) -> Facts:
    try:
        words = {name: "none" if told is None else str(told) for name, told in row.items()}
        return facts_from_words(words)
    except ValueError as error:
        raise PopulationWrong(f"line {line}: {error}") from None
