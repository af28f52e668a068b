"""The central service with sources that take 300 to 800 ms, as a process of its own.

Started as ``python -m tests.bench.slow_service FOLDER``. How long a source takes hangs on the
correlation id and the group, so that who asks knows what it had to wait for.
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.decide import STAGES, Decider
from kiosk.service.central.serve import compose, connect_sources, serve
from kiosk.service.central.settings import load_settings

FASTEST: Final = 0.3
SLOWEST: Final = 0.8


def seconds_of(correlation_id: str, group: str) -> float:
    """Return how long a group takes for a question."""
    digest = hashlib.sha256(f"{group} {correlation_id}".encode()).digest()
    return FASTEST + (SLOWEST - FASTEST) * int.from_bytes(digest[:4]) / 2**32


def waited_for(correlation_id: str, groups: Sequence[str]) -> float:
    """Return the sum of the slowest of each stage, of the groups that were asked."""
    stages = [[group for group in stage if group in groups] for stage in STAGES]
    return sum(max(seconds_of(correlation_id, g) for g in stage) for stage in stages if stage)


class Slow:
    """A made-up register that takes its time."""

    def __init__(self, real: Connector) -> None:
        self.group = real.group
        self._real = real

    async def ask(self, question: Question) -> Answer:
        """Wait, then answer."""
        await asyncio.sleep(seconds_of(question.correlation_id, self.group))
        return await self._real.ask(question)

    def status(self) -> SourceState | None:
        """How the register fares."""
        return self._real.status()


def main() -> None:
    """Serve until the process is ended."""
    folder = Path(sys.argv[1])
    config = folder / "eligibility.toml"
    config.write_text(
        'environment = "test"\nauth = "none"\n[listen]\nport = 0\n'
        f'[database]\nurl = "sqlite:///{folder}/audit.sqlite3"\n'
        f'[pseudonym]\nkey_file = "{folder}/pseudonym.key"\n'
    )
    settings = load_settings(config).settings
    slow = [Slow(source) for source in connect_sources(settings).connectors]
    parts = replace(compose(settings), decider=Decider(slow, settings.limits))
    serve(parts, settings.listen, lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
