"""Many open checks with slow sources: what the service adds to the time of the sources."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.service.contract import new_id
from tests.bench import slow_service
from tests.bench.results import Table, say, spread
from tests.contract.central_server import PEOPLE, question

_SECONDS: Final = 8.0
_OPEN: Final = (20, 200)
_RAMP_SECONDS: Final = 1.0
_STAGE: Final = ("population", "social", "ocmw")
_PEOPLE: Final = {"an-peeters": _STAGE, "els-kiezel": (*_STAGE, "income")}
"""Whom is asked about, and which groups are asked then."""

_ABOUT: Final = (
    "Each group takes 300 to 800 ms, drawn anew for each question, half of them with the income. "
    "A client asks again when it has its answer; the first questions come spread over a second, "
    "or, in the last row, all at the same moment and once. Added: the time of the answer less the "
    "slowest source of each stage, which no service can save. The clients take a part of the two "
    "cores."
)


def tables(folder: Path) -> list[Table]:
    """Measure with few and with many open checks."""
    columns = ("open checks", "n", "median ms", "p95 ms", "added median", "added p95")
    table = Table("Slow sources and many open checks", columns)
    with _running(folder) as port:
        for clients in _OPEN:
            say(f"   {_SECONDS:.0f} s with {clients} open checks")
            asked = asyncio.run(_measure(port, clients, _SECONDS, _RAMP_SECONDS))
            _add(table, f"{clients}, one after another", asked)
        _add(table, f"{clients}, at the same moment", asyncio.run(_measure(port, clients, 0, 0)))
    table.notes.append(_ABOUT)
    return [table]


def _add(table: Table, name: str, asked: list[tuple[int, int]]) -> None:
    total, added = ([one[place] for one in asked] for place in (0, 1))
    times = (spread(total).median, _p95(total), spread(added).median, _p95(added))
    table.add(name, len(asked), *times)


def _p95(nanoseconds: list[int]) -> float:
    ordered = sorted(nanoseconds)
    return ordered[int(0.95 * (len(ordered) - 1))] / 1e6


@contextlib.contextmanager
def _running(folder: Path) -> Iterator[int]:
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", slow_service.__name__, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline().rsplit(":", 1)[1])
        finally:
            process.terminate()


async def _measure(port: int, clients: int, seconds: float, ramp: float) -> list[tuple[int, int]]:
    """Return nanoseconds of every answer, and what of them no source took."""
    until = time.monotonic() + seconds
    people = [list(_PEOPLE)[number % len(_PEOPLE)] for number in range(clients)]
    waits = [ramp * number / clients for number in range(clients)]
    asked = await asyncio.gather(
        *(_client(port, who, wait, until) for who, wait in zip(people, waits, strict=True))
    )
    return [one for client in asked for one in client]


async def _client(port: int, person: str, wait: float, until: float) -> list[tuple[int, int]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(wait)
    body = question(PEOPLE[person]["number"])
    asked: list[tuple[int, int]] = []
    while not asked or time.monotonic() < until:
        correlation = new_id()
        started = time.perf_counter_ns()
        writer.write(_head(correlation, len(body)) + body)
        await _answer(reader)
        taken = time.perf_counter_ns() - started
        waited = slow_service.waited_for(correlation, _PEOPLE[person])
        asked.append((taken, taken - round(waited * 1e9)))
    writer.close()
    return asked


def _head(correlation: str, length: int) -> bytes:
    return (
        "POST /v1/checks HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {new_id()}\r\nX-Correlation-Id: {correlation}\r\n"
        f"Content-Length: {length}\r\n\r\n"
    ).encode("ascii")


async def _answer(reader: asyncio.StreamReader) -> None:
    """Take one answer; raise ``RuntimeError`` for any that is no 200."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(head.split(b"\r\n")[0].decode())
    await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
