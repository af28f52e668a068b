"""Topic 4: how many checks a second the central service answers, and how fast each."""

from __future__ import annotations

import contextlib
import itertools
import json
import sqlite3
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kiosk.bootstrap.visit import eligibility_client
from kiosk.domain.identity import Subject
from kiosk.domain.national_number import NationalNumber
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import UseCase
from kiosk.settings import ClientSettings, ServiceSettings
from tests.bench.own_service import running_service
from tests.bench.results import SPREAD, Table, ratio, say, spread
from tests.contract.central_server import PEOPLE, question

_SECONDS: Final = 8.0
_ROUND: Final = 20
_RECORD_BYTES: Final = 1000
_CHECK: Final = "POST /v1/checks"
_HEALTH: Final = "GET /health/live"
_READY: Final = "GET /health/ready"
_KEPT: Final = "bare: two SQLite commits, connection kept"
_ANEW: Final = "bare: two SQLite commits, opened for each"
_CLIENT: Final = "the kiosk's own client, a check"

_ABOUT_DISK: Final = (
    "A check commits two audit records to disk before its answer leaves. What that costs at the "
    "least is in the bare rows: two rows of 1,000 bytes in two transactions, same folder, same "
    "journal mode (WAL, synchronous FULL), through a connection that stays open, as those of the "
    "service do; and with one opened for each, where SQLite writes its journal back every time."
)
_ABOUT_SERVER: Final = (
    "One process, made-up registers that answer at once. `live` is the same server, framework and "
    "connection without any work. The kiosk's own client adds the reading of the answer and its "
    "one deadline for everything."
)


def tables(folder: Path) -> list[Table]:
    """Ask one after another over one connection, checks and health in turn."""
    say(f"   {_SECONDS:.0f} s of questions to a service on loopback")
    with running_service(folder) as url:
        times = _measure(url, folder)
    columns = ("request", "a second", *SPREAD, "× health", "× commits kept")
    table = Table("One client over loopback", columns)
    bare, kept = (spread(times[name]).median for name in (_HEALTH, _KEPT))
    for name, samples in times.items():
        taken = spread(samples)
        a_second = len(samples) / (sum(samples) / 1e9)
        ratios = ratio(taken.median, bare), ratio(taken.median, kept)
        table.add(name, round(a_second), *taken.columns(), *ratios)
    table.notes += [_ABOUT_DISK, _ABOUT_SERVER]
    return [table]


def _measure(url: str, folder: Path) -> dict[str, list[int]]:
    parts = urlsplit(url)
    settings = ServiceSettings(url=url, client=ClientSettings(auth="none"))
    with (
        contextlib.closing(HTTPConnection(parts.hostname or "", parts.port, timeout=10)) as raw,
        contextlib.closing(eligibility_client(settings, Mode.DESK)) as own,
        contextlib.closing(Commits(folder / "kept.sqlite3", keep=True)) as kept,
    ):
        anew = Commits(folder / "anew.sqlite3", keep=False)
        numbers = itertools.cycle([entry["number"] for entry in PEOPLE.values()])

        def own_check() -> None:
            own.check(Subject.typed(NationalNumber(next(numbers))), UseCase.UITPAS)

        return _in_turn(
            {
                _CHECK: lambda: request(raw, "POST", "/v1/checks", question(next(numbers))),
                _HEALTH: lambda: request(raw, "GET", "/health/live"),
                _READY: lambda: request(raw, "GET", "/health/ready"),
                _CLIENT: own_check,
                _KEPT: kept.two,
                _ANEW: anew.two,
            }
        )


class Commits:
    """A database like that of the audit, without anything that the audit does."""

    def __init__(self, path: Path, *, keep: bool) -> None:
        self._path = path
        with contextlib.closing(self._open()) as connection:
            connection.execute("CREATE TABLE records (content TEXT)")
        self._kept = self._open() if keep else None

    def two(self) -> None:
        """Commit two rows, each in a transaction of its own."""
        for _ in range(2):
            if self._kept is not None:
                _insert(self._kept)
            else:
                with contextlib.closing(self._open()) as connection:
                    _insert(connection)

    def close(self) -> None:
        """Let go of the file."""
        if self._kept is not None:
            self._kept.close()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection


def _insert(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO records VALUES (?)", ("x" * _RECORD_BYTES,))


def _in_turn(requests: dict[str, Callable[[], None]]) -> dict[str, list[int]]:
    times: dict[str, list[int]] = {name: [] for name in requests}
    for send in requests.values():
        send()  # connections open, caches filled
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until:
        for name, send in requests.items():
            for _ in range(_ROUND):
                started = time.perf_counter_ns()
                send()
                times[name].append(time.perf_counter_ns() - started)
    return times


def request(connection: HTTPConnection, method: str, path: str, body: bytes | None = None) -> None:
    """Send one request; raise ``RuntimeError`` for any answer that is no 200."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    connection.request(method, path, body, headers if body else {})
    response = connection.getresponse()
    content = response.read()
    if response.status != HTTPStatus.OK:
        raise RuntimeError(f"{path} answered {response.status}: {json.loads(content).get('code')}")
