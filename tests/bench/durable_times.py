"""Many clients at once: checks a second against an endpoint that commits two rows."""

from __future__ import annotations

import contextlib
import itertools
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.bench import durable_endpoint
from tests.bench.own_service import running_checks
from tests.bench.results import SPREAD, Table, ratio, say, spread
from tests.contract.central_server import PEOPLE, question

_SECONDS: Final = 5.0
_CLIENTS: Final = (1, 8, 32)
_CHECK: Final = "POST /v1/checks"
_CORE: Final = "the same stack, two durable inserts by SQLAlchemy"
_TWO: Final = "the same, past SQLAlchemy"

_ABOUT: Final = (
    "Each is one process on SQLite (WAL, synchronous FULL) in the same folder, with answers of "
    "the same length. A check reads its question, asks four made-up registers, applies the rules, "
    "seals the number, and commits two chained records; the others commit two rows of 1,000 "
    "bytes, each for itself. Records that come together share a commit, rows do not. The clients "
    "take a part of the two cores."
)


def tables(folder: Path) -> list[Table]:
    """Measure both in turn, with one client and with more."""
    columns = ("request", "clients", "a second", *SPREAD, "× two inserts", "× past SQLAlchemy")
    table = Table("Checks against two durable inserts", columns)
    numbers = itertools.cycle([entry["number"] for entry in PEOPLE.values()])
    with running_checks(folder) as (port, length), _two_inserts(folder, length) as other:
        for clients in _CLIENTS:
            say(f"   {3 * _SECONDS:.0f} s with {clients} clients")
            times = {
                _CHECK: _measure(
                    port, clients, lambda: _request("/v1/checks", question(next(numbers)))
                ),
                _CORE: _measure(other, clients, _inserting(durable_endpoint.CORE_PATH)),
                _TWO: _measure(other, clients, _inserting(durable_endpoint.PATH)),
            }
            for name, taken in times.items():
                relative = (ratio(len(taken), len(times[one])) for one in (_CORE, _TWO))
                a_second = round(len(taken) / _SECONDS)
                table.add(name, clients, a_second, *spread(taken).columns(), *relative)
    table.notes.append(_ABOUT)
    return [table]


@contextlib.contextmanager
def _two_inserts(folder: Path, length: int) -> Iterator[int]:
    command = [sys.executable, "-m", durable_endpoint.__name__]
    with subprocess.Popen(
        [*command, str(folder / "rows.sqlite3"), str(length)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout
            yield int(process.stdout.readline().rsplit(":", 1)[1])
        finally:
            process.terminate()


def _inserting(path: str) -> Callable[[], bytes]:
    return lambda: _request(path, b"{}")


def _measure(port: int, clients: int, request: Callable[[], bytes]) -> list[int]:
    """Ask on as many connections at once, each again when it has its answer."""
    times: list[list[int]] = [[] for _ in range(clients)]
    until = time.monotonic() + _SECONDS
    threads = [threading.Thread(target=_ask, args=(port, request, until, one)) for one in times]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if not all(times):
        raise RuntimeError("a client got no answer")
    return [one for client in times for one in client]


def _ask(port: int, request: Callable[[], bytes], until: float, times: list[int]) -> None:
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < until:
            content = request()
            started = time.perf_counter_ns()
            connection.sendall(content)
            _receive(connection)
            times.append(time.perf_counter_ns() - started)


def _receive(connection: socket.socket) -> None:
    """Take one answer; raise ``RuntimeError`` for any that is no 200."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _some(connection)
    head, _, body = received.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise RuntimeError(head.split(b"\r\n")[0].decode())
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += _some(connection)


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(65536)
    if not received:
        raise RuntimeError("the connection ended")
    return received


def _request(path: str, body: bytes) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: {uuid.uuid4()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body
