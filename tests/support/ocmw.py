"""Tables and lists of the OCMW for tests: made-up people under test numbers."""

import asyncio
import csv
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import Answer, Question
from kiosk.service.central.connectors.guard import Clock
from kiosk.service.central.connectors.ocmw import source
from kiosk.service.central.connectors.ocmw.settings import Imported, Ocmw
from kiosk.service.central.connectors.ocmw.source import OcmwSource
from kiosk.service.central.keys import Keys

TODAY = date(2026, 11, 22)
KEYS = Keys(b"k" * 32)
STATUSES = ("LL=leefloon", "EQ=eq_leefloon", "BB=ocmw_budget", "SB=debt_settlement")
HEADING = ("national_number", "status", "start_date", "end_date")

Line = Sequence[object]


def number(place: int) -> str:
    """A test number; each place has its own."""
    body = f"{30 + place % 70:02}{61 + place // 70 % 12:02}{1 + place // 840 % 28:02}"
    body += f"{1 + place // 23520:03}"
    return f"{body}{97 - int(body) % 97:02}"


def dotted(digits: str) -> str:
    """A number as people write it."""
    return f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}-{digits[6:9]}.{digits[9:]}"


def statuses(**changes: Any) -> Ocmw:
    """Settings for a row a status."""
    return replace(Ocmw(table="tariff", facts=STATUSES, complete=True), **changes)


def imported(folder: Path, **changes: Any) -> Ocmw:
    """Settings for an imported list with a row a status."""
    file = Imported(file=str(folder / "list.sqlite3"))
    return statuses(**{"table": "", "imported": file, **changes})


def write_csv(path: Path, rows: Iterable[Line], heading: Line = HEADING, **how: Any) -> Path:
    """A list as a city's export writes it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, **{"delimiter": ";", **how}).writerows([heading, *rows])
    return path


def sqlite_table(path: Path, rows: Iterable[Line], heading: Line = HEADING) -> str:
    """A table of the city's in a file; returns its address."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("DROP TABLE IF EXISTS tariff")
        connection.execute(f"CREATE TABLE tariff ({', '.join(map(str, heading))})")
        places = ", ".join("?" * len(heading))
        connection.executemany(f"INSERT INTO tariff VALUES ({places})", rows)
    connection.close()
    return f"sqlite:///{path}"


def question(digits: str, on_date: date = TODAY) -> Question:
    """About one person."""
    return Question(number=NationalNumber(digits), on_date=on_date)


def connect(ocmw: Ocmw, keys: Keys = KEYS, clock: Clock = time.monotonic) -> OcmwSource:
    """A connector on the day of the tests."""
    return source.connect(ocmw, keys, clock, lambda: TODAY)


def ask(ocmw: Ocmw, digits: str, on_date: date = TODAY, keys: Keys = KEYS) -> Answer:
    """What a new connector answers."""
    new = connect(ocmw, keys)
    try:
        return asyncio.run(new.ask(question(digits, on_date)))
    finally:
        new.close()


def told(answer: Answer) -> dict[str, object]:
    """The facts as plain values."""
    return {name: getattr(value, "value", value) for name, value in answer.facts.items()}
