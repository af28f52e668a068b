"""The process that reads in a private stack, and the one after it when a visit has ended that."""

from __future__ import annotations

import json
import select
import subprocess
import sys
from typing import Any, Final

HANDS_SECONDS: Final = 0.6
"""No person is faster, and pcscd looks at such a reader every 400 ms. When a process dies in an
exchange and the card is out and in before the next look, pcscd 1.9.9 takes the reader for empty."""
_HANGS_SECONDS: Final = 20.0
"""Twice the most that a visit may take."""
_BY_THE_WATCHDOG: Final = ("K207", "K208")
_ENDS_SECONDS: Final = 0.1
"""A watchdog ends its process at once."""


class ReadingProcess:
    """The process that reads, and the one after it."""

    def __init__(self, pins: tuple[str, ...]) -> None:
        self._pins = pins
        self._process = self._start()

    def visit(self, **order: Any) -> dict[str, Any]:
        """Have one visit; what does not end is told as such, and its process killed."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        readable, _, _ = select.select([self._process.stdout], [], [], _HANGS_SECONDS)
        line = self._process.stdout.readline() if readable else ""
        ended: dict[str, Any] = json.loads(line) if line else {"problem": "no end"}
        if not line or (ended.get("problem") in _BY_THE_WATCHDOG and self._is_over()):
            self._process.kill()
            self._process.wait()
            self._process = self._start()
        return ended

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()

    def _is_over(self) -> bool:
        """Whether the watchdog ended it; it does so at once."""
        try:
            self._process.wait(_ENDS_SECONDS)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.grid_reader", *self._pins],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
