"""The server: one thread a connection, every request checked, noted, and answered or failed."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lxml import etree

from tests.support.mock_magda import files
from tests.support.mock_magda.certificates import Certificates
from tests.support.mock_magda.faults import (
    BOMB,
    EXCEPTIONS,
    EXTERNAL,
    STATUSES,
    Fault,
)
from tests.support.mock_magda.files import Answers, Asked
from tests.support.mock_magda.inspection import Inspector, Rejected

EVERY_SERVICE = "*"


@dataclass
class Plan:
    """What the mock does; may be changed while it runs."""

    answers: Answers
    inspector: Inspector
    faults: dict[str, Fault] = field(default_factory=dict)
    delay_seconds: float = 3600.0

    def fault_of(self, service: str) -> Fault | None:
        return self.faults.get(service, self.faults.get(EVERY_SERVICE))


@dataclass(frozen=True)
class Seen:
    """One request that passed the inspection."""

    asked: Asked
    headers: Mapping[str, str]
    path: str


class MockMagda:
    """The mock on a port of this machine; 0 takes a free one."""

    def __init__(
        self,
        folder: Path,
        certificates: Certificates,
        *,
        port: int = 0,
        known: bool = True,
        schemas: bool = True,
    ) -> None:
        self.plan = Plan(Answers(folder), Inspector(certificates.client, schemas=schemas))
        self.seen: list[Seen] = []
        self.rejected: list[str] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._server = _Server(self, certificates.server_context(known=known), port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def url(self, service: str) -> str:
        return f"https://127.0.0.1:{self.port}/{service}"

    def services(self) -> list[str]:
        """The names of the services that were asked, in order."""
        return [seen.asked.service for seen in self.seen]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False

    def __init__(self, mock: MockMagda, context: ssl.SSLContext, port: int) -> None:
        self.mock = mock
        self._context = context
        self._open: set[ssl.SSLSocket] = set()
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self) -> tuple[socket.socket, Any]:
        self.mock.connections += 1
        plain, address = super().get_request()
        # The handshake happens at the first read, in the connection's own thread.
        wrapped = self._context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        self._open.add(wrapped)
        return wrapped, address

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        for connection in list(self._open):  # kept alive by the other side
            connection.close()
        super().server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that hang up or are refused are what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = 20
    disable_nagle_algorithm = True  # else each answer waits 40 ms between its head and its body

    def do_POST(self) -> None:
        mock = self.server.mock
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            asked = mock.plan.inspector.inspect(body)
        except Rejected as rejected:
            mock.rejected.append(str(rejected))
            self._send(500, files.envelope(files.fault("Client")))
            return
        mock.seen.append(Seen(asked, dict(self.headers), self.path))
        fault = mock.plan.fault_of(asked.service)
        if fault is Fault.DELAY:
            mock.stopping.wait(mock.plan.delay_seconds)
        self._answer(asked, fault)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is given
        """Log nothing: a number may be in it."""

    def _answer(self, asked: Asked, fault: Fault | None) -> None:
        plan = self.server.mock.plan
        if fault in STATUSES:
            target = self.server.mock.url(asked.service)
            extra = {"Location": target} if fault is Fault.REDIRECT else {"Retry-After": "7"}
            self._send(STATUSES[fault], b"<html>no</html>", "text/html", extra)
        elif fault is Fault.HANG_UP:
            self.close_connection = True
        elif fault in (Fault.SOAP_FAULT, Fault.CLIENT_FAULT):
            code = "Server" if fault is Fault.SOAP_FAULT else "Client"
            self._send(500, files.envelope(files.fault(code)))
        elif fault in EXCEPTIONS and fault is not Fault.UNKNOWN_WARNING:
            self._send(200, files.envelope(files.exception(asked, *EXCEPTIONS[fault])))
        else:
            content = plan.answers.find(asked)
            is_fault = etree.QName(content).localname == "Fault"
            self._spoiled(fault, files.envelope(_changed(fault, content, asked)), is_fault)

    def _spoiled(self, fault: Fault | None, body: bytes, is_fault: bool) -> None:
        if fault is Fault.HALF:
            self._send(200, body, length=2 * len(body))
            self.close_connection = True
        elif fault is Fault.HTML:
            self._send(200, b"<html><body>Onderhoud</body></html>", "text/html; charset=utf-8")
        elif fault is Fault.COMPRESSED:
            self._send(200, gzip.compress(body), headers={"Content-Encoding": "gzip"})
        else:
            self._send(500 if is_fault else 200, _altered(fault, body))

    def _send(
        self,
        status: int,
        body: bytes,
        kind: str = "text/xml; charset=utf-8",
        headers: Mapping[str, str] | None = None,
        length: int | None = None,
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _changed(fault: Fault | None, content: Any, asked: Asked) -> Any:
    """Return the element with one thing wrong in it."""
    if fault is Fault.TWO_ANSWERS:
        (answers,) = content.iter("Antwoorden")
        answers.append(etree.fromstring(etree.tostring(answers[0])))
    elif fault is Fault.OTHER_QUESTION:
        for element in content.iterfind("Repliek/Antwoorden/Antwoord/Referte"):
            element.text = "somebody-elses-question"
    elif fault is Fault.OTHER_PERSON:
        for element in (*content.iter("INSZ"), *content.iter("ssin")):
            element.text = "72651199956"
    elif fault is Fault.UNKNOWN_WARNING:
        extra = files.exception(asked, *EXCEPTIONS[fault])
        (answer,) = content.iter("Antwoord")
        answer.extend(extra.iter("Uitzonderingen"))
    return content


def _altered(fault: Fault | None, body: bytes) -> bytes:
    """Return the bytes with one thing wrong in them."""
    if fault is Fault.TWICE:
        return body + body
    if fault is Fault.OTHER_VERSION:
        return body.replace(b"<Versie>0", b"<Versie>9")
    if fault is Fault.OTHER_SERVICE:
        return body.replace(b"<Naam>Geef", b"<Naam>Vraag")
    if fault in (Fault.BOMB, Fault.EXTERNAL_ENTITY):
        head, entity = (BOMB, b"&i;") if fault is Fault.BOMB else (EXTERNAL, b"&i;")
        _, _, rest = body.partition(b"?>")
        return head.encode() + rest.replace(b"<Naam>", b"<Naam>" + entity, 1)
    if fault is Fault.DEEP:
        return body.replace(b"</Repliek>", b"<d>" * 5000 + b"</d>" * 5000 + b"</Repliek>")
    if fault is Fault.HUGE:
        return body.replace(b"</Repliek>", b"<d>" + b"x" * 3_000_000 + b"</d></Repliek>")
    return b"" if fault is Fault.EMPTY else body
