"""A service that breaks the contract in one named way; prints its address. Run as a program.

For tests in which the kiosk lives in a network of its own.
"""

from __future__ import annotations

import sys
import threading

from tests.support.raw_server import Exchange, Respond, green, serving

_ENDLESS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n"
)


def _flood(exchange: Exchange) -> None:
    exchange.sock.sendall(_ENDLESS)
    for _ in range(16_000):
        exchange.sock.sendall(bytes(65536))


def _drip(exchange: Exchange) -> None:
    exchange.sock.sendall(_ENDLESS)
    exchange.drip(b" " * 10_000)


def _silence(exchange: Exchange) -> None:
    exchange.stop.wait()


BEHAVIOURS: dict[str, Respond] = {
    "html": lambda e: e.send(200, b"<html>log in</html>", "text/html"),
    "html called json": lambda e: e.send(200, b"<html>log in</html>"),
    "fault": lambda e: e.send(500, b"Traceback (most recent call last)", "text/plain"),
    "redirect": lambda e: e.send(302, b"", headers={"Location": "http://127.0.0.1:9/"}),
    "refuses us": lambda e: e.send(401, b""),
    "refuses the question": lambda e: e.send(400, b"{}", "application/problem+json"),
    "too many": lambda e: e.send(429, b""),
    "flood": _flood,
    "drip": _drip,
    "silence": _silence,
    "another colour": lambda e: e.send(200, green(e, verdict="purple")),
    "another answer": lambda e: e.send(200, green(e, useCase="lez")),
}


def main(name: str) -> None:
    """Serve until the process is ended."""
    with serving(BEHAVIOURS[name]) as server:
        print(server.url(), flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
