"""Topic 9: what applying the rules takes, for somebody of each kind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from kiosk.data import data_path
from kiosk.service.central.facts import Facts
from kiosk.service.central.rule_files import load, load_file, load_situations
from kiosk.service.central.rule_situations import Situation, facts_from_words
from kiosk.service.central.rules import Table, evaluate
from tests.bench.results import Table as Figures
from tests.bench.results import say, spread

_ROUNDS: Final = 400
_AT_ONCE: Final = 20
_LOADS: Final = 5

_ABOUT: Final = (
    "One process and one core. The situations of each version in turn, {at_once} evaluations a "
    "sample: the facts are there, the finding comes out. Building `Facts` out of what sources "
    "told, with every value checked, is a row of its own, and so is reading a version from its "
    "file: shape, lint, compilation and situations, once per start of the service."
)


def tables(_folder: Path) -> Sequence[Figures]:
    """Evaluate every situation of every shipped version, over and over."""
    say("   every situation of every version")
    columns = ("what", "a second", "n", "fastest µs", "median µs", "p99 µs")
    table = Figures("The rules", columns)
    for rules in load(data_path("rules")).rule_sets:
        path = data_path("rules", rules.id, f"{rules.version}.toml")
        situations = list(load_situations(path).values())
        name = f"{rules.id} {rules.version}"
        _add(table, f"{name}: evaluate", _evaluations(rules.table, situations), _AT_ONCE)
        _add(table, f"{name}: build the facts", _builds(situations), _AT_ONCE)
        _add(table, f"{name}: read the file", _reads(path), 1)
    table.notes.append(_ABOUT.format(at_once=_AT_ONCE))
    return [table]


def _reads(path: Path) -> list[Callable[[], object]]:
    return [lambda: load_file(path)] * _LOADS


def _evaluations(rules: Table, situations: Sequence[Situation]) -> list[Callable[[], object]]:
    people = [facts_from_words(situation.words) for situation in situations]

    def one(facts: Facts) -> Callable[[], object]:
        return lambda: evaluate(rules, facts)

    return [one(facts) for facts in people] * (_ROUNDS // len(people) + 1)


def _builds(situations: Sequence[Situation]) -> list[Callable[[], object]]:
    people = [facts_from_words(situation.words) for situation in situations]
    told = [{name: getattr(p, name) for name in Facts.__slots__} for p in people]

    def one(values: dict[str, object]) -> Callable[[], object]:
        return lambda: Facts(**values)  # type: ignore[arg-type]  # checked by Facts itself

    return [one(values) for values in told] * (_ROUNDS // len(told) + 1)


def _add(table: Figures, name: str, work: Sequence[Callable[[], object]], at_once: int) -> None:
    samples = []
    for do in work:
        do()
        started = time.perf_counter_ns()
        for _ in range(at_once):
            do()
        samples.append((time.perf_counter_ns() - started) // at_once)
    taken = spread(samples)
    micros = (value * 1e3 for value in (taken.fastest, taken.median, taken.p99))
    table.add(name, round(1e3 / taken.median), taken.samples, *micros)
