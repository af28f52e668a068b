"""What the service holds in memory, after more and more checks."""

from __future__ import annotations

import itertools
from http.client import HTTPConnection
from pathlib import Path
from typing import Final

from tests.bench.results import Skipped, Table, say
from tests.bench.service_times import request
from tests.contract.central_server import PEOPLE, CentralServer, question
from tests.support.dpo import DpoKey

_CHECKS: Final = 2_000
_STEPS: Final = 4
_WARM: Final = 200
_STATUS: Final = Path("/proc/self/status")

_ABOUT: Final = (
    "Resident memory of the one process. The answers of the last fifteen minutes are kept for "
    "repeated questions, 10,000 at most and about 2 kB each: until then it grows by that much. "
    "`make soak` asks 50,000 times."
)


def tables(folder: Path) -> list[Table]:
    """Ask, and look after each part."""
    if not _STATUS.exists():
        raise Skipped("there is no /proc here")
    say(f"   {_CHECKS:,} checks")
    table = Table("Memory", ("checks", "resident MB", "more than at the start, kB a check"))
    seen = grown(folder, _CHECKS, _STEPS)
    for checks, kilobytes in seen:
        growth = (kilobytes - seen[0][1]) / checks if checks else 0.0
        table.add(checks, kilobytes / 1024, growth)
    table.notes.append(_ABOUT)
    return [table]


def grown(folder: Path, checks: int, steps: int) -> list[tuple[int, int]]:
    """Ask so often; return checks so far and resident kB, from the start on."""
    folder.mkdir(parents=True, exist_ok=True)
    server = CentralServer(folder, more=f'[audit]\ndpo_key = "{DpoKey(folder / "dpo").public}"\n')
    numbers = itertools.cycle([person["number"] for person in PEOPLE.values()])
    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)

    def ask(times: int) -> int:
        for _ in range(times):
            request(connection, "POST", "/v1/checks", question(next(numbers)))
        return resident(server.process.pid)

    try:
        part = checks // steps
        return [(0, ask(_WARM)), *((n * part, ask(part)) for n in range(1, steps + 1))]
    finally:
        connection.close()
        server.close()


def resident(pid: int) -> int:
    """Return what a process holds in memory now, in kB."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("the process is gone")
