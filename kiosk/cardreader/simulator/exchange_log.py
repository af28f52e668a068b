"""What a simulated card was asked: headers, status words and counts, never content."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from kiosk.cardreader.simulator.layout import File

_HEADER = 5
_READ_BINARY = 0xB0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One command and its answer.

    ``header`` is CLA INS P1 P2 P3 in hexadecimal; ``path`` the file selected
    afterwards; ``sent`` and ``received`` count bytes, the status word included.
    An unanswered command has the status ``""``.
    """

    number: int
    header: str
    path: str
    sent: int
    received: int
    status: str

    @property
    def line_bytes(self) -> int:
        """Bytes on the line in T=0: with the procedure byte before any data."""
        has_data = self.sent > _HEADER or self.received > 2
        return self.sent + self.received + has_data


class ExchangeLog:
    """The exchanges with one simulated reader; with a path they are also written there.

    One JSON object a line, at once, so that another process can follow.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.exchanges: list[Exchange] = []
        self._path = path
        if path is not None:
            path.touch()  # who follows it need not wait for the first command

    def add(self, command: bytes, answer: bytes, path: bytes) -> None:
        """Note an exchange; an empty answer is one that never came."""
        exchange = Exchange(
            number=len(self.exchanges) + 1,
            header=command[:_HEADER].hex().upper(),
            path=path.hex().upper(),
            sent=len(command),
            received=len(answer),
            status=answer[-2:].hex().upper(),
        )
        self.exchanges.append(exchange)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(exchange)) + "\n")

    def clear(self) -> None:
        """Forget what was noted; a file keeps it."""
        self.exchanges.clear()

    @property
    def commands(self) -> int:
        """How many commands came."""
        return len(self.exchanges)

    @property
    def bytes(self) -> int:
        """How many bytes of commands and answers, as a program sees them."""
        return sum(exchange.sent + exchange.received for exchange in self.exchanges)

    @property
    def line_bytes(self) -> int:
        """How many bytes went over the line of a T=0 reader."""
        return sum(exchange.line_bytes for exchange in self.exchanges)

    @property
    def files_read(self) -> list[File]:
        """The files that were read from, each once, in the order of their first read."""
        paths = [
            exchange.path
            for exchange in self.exchanges
            if int(exchange.header[2:4] or "0", 16) == _READ_BINARY and exchange.path
        ]
        known = {file.value: file for file in File}
        return list(dict.fromkeys(known[path] for path in paths if path in known))
