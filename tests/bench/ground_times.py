"""Whether the time of an answer tells on what ground it is what it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from tests.bench.own_service import running_checks
from tests.bench.results import Table, say
from tests.bench.service_times import request
from tests.contract.central_server import PEOPLE, question
from tests.support.telling_times import in_turn, median, right_guesses

_ROUNDS: Final = 400
_INCOME: Final = ("rosa-korenbloem", "els-kiezel")
STAGES: Final = {
    "without the income": tuple(
        name
        for name, person in PEOPLE.items()
        if person["guidance"] == "UIT-G01" and name not in _INCOME
    ),
    "with the income": _INCOME,
}
"""Greens by one status each; and one by the income beside a red, for whom all was asked."""

_ABOUT: Final = (
    "The same question about each in turn, in an order by chance, over one connection to a service "
    "whose made-up registers answer at once. Low and high: between them lies the true median in 95 "
    "of 100 runs. Guessed right: how often who sees an answer of this row and one of the stage's "
    "first row, and calls the slower one, is right; 0.5 is chance. The made-up registers go "
    "through their people from the first to the last, which takes longer for the last."
)


def tables(folder: Path) -> list[Table]:
    """Measure both stages."""
    columns = ("ground of", "stage", "n", "low ms", "median ms", "high ms", "guessed right")
    table = Table("What the time tells", columns)
    with running_checks(folder) as (port, _):
        for stage, people in STAGES.items():
            say(f"   {len(people)} grounds {stage}")
            times = measure(port, people, _ROUNDS)
            for person in people:
                seen = median(times[person])
                guessed = right_guesses(times[person], times[people[0]])
                row = (_ROUNDS, seen.low, seen.value, seen.high, guessed)
                table.add(person, stage, *row)
    table.notes.append(_ABOUT)
    return [table]


def measure(port: int, people: tuple[str, ...], rounds: int) -> dict[str, list[int]]:
    """Ask so often about each; return nanoseconds by person."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:

        def asking(person: str) -> Callable[[], int]:
            body = question(PEOPLE[person]["number"])

            def ask() -> int:
                started = time.perf_counter_ns()
                request(connection, "POST", "/v1/checks", body)
                return time.perf_counter_ns() - started

            return ask

        asks = {person: asking(person) for person in people}
        for ask in asks.values():
            ask()
        return in_turn(asks, rounds)
    finally:
        connection.close()
