"""An HTTP server that misbehaves on purpose, on a free loopback port."""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

VALID: Final = timedelta(days=100)
"""How long a green answer is good for, from the day that was asked about."""

Respond = Callable[["Exchange"], None]


@dataclass
class Exchange:
    """One request that came in, and the socket to answer on."""

    sock: socket.socket
    stop: threading.Event
    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def send(
        self,
        status: int = 200,
        body: bytes = b"",
        kind: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> None:
        lines = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)

    def drip(self, data: bytes, pause: float = 0.05) -> None:
        """Send one byte at a time until the other side gives up or the test ends."""
        for byte in data:
            if self.stop.wait(pause):
                return
            self.sock.sendall(bytes([byte]))


@dataclass
class RawServer:
    """Where it listens, and what it was asked."""

    port: int
    requests: list[Exchange] = field(default_factory=list)

    def url(self, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}"

    @property
    def questions(self) -> list[Exchange]:
        return [request for request in self.requests if request.method == "POST"]


@contextlib.contextmanager
def serving(respond: Respond, tls: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Answer each request by ``respond``; every connection has a thread of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listener.getsockname()[1])
    stop = threading.Event()
    open_sockets: list[socket.socket] = []

    def converse(sock: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            talk = tls.wrap_socket(sock, server_side=True) if tls else sock
            open_sockets.append(talk)
            with talk:
                while (exchange := _receive(talk, stop)) is not None:
                    server.requests.append(exchange)
                    respond(exchange)

    def accept() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            open_sockets.append(sock)
            threading.Thread(target=converse, args=(sock,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        stop.set()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for sock in open_sockets:
            with contextlib.suppress(OSError):
                sock.close()
        thread.join(5)


def _receive(sock: socket.socket, stop: threading.Event) -> Exchange | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (r.partition(":") for r in rest)}
    while len(body) < int(headers.get("content-length", 0)):
        body += sock.recv(65536)
    method, path, _ = first.split(" ", 2)
    return Exchange(sock, stop, method, path, headers, body)


def green(exchange: Exchange, **changes: object) -> bytes:
    """The body of a proper green answer to this question, from the day it asks about."""
    asked = json.loads(exchange.body) if exchange.body else {}  # the lamps are asked for without
    day = date.fromisoformat(asked["onDate"]) if asked else datetime.now(UTC).date()
    reply: dict[str, object] = {
        "checkId": "01JD9Z",
        "useCase": "uitpas",
        "verdict": "green",
        "determined": True,
        "tariff": {"code": "kansentarief", "payPercent": 20, "label": {"nl": "Kansentarief"}},
        "validity": {"from": day.isoformat(), "until": (day + VALID).isoformat()},
        "guidance": [{"code": "UIT-G01", "level": "info", "title": {}, "steps": {}}],
        "correlationId": exchange.headers.get("x-correlation-id"),
    }
    return json.dumps(reply | changes).encode()


def answer_green(exchange: Exchange) -> None:
    """Answer as a well service does."""
    exchange.send(200, green(exchange) if exchange.method == "POST" else b"{}")
