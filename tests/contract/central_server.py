"""The real central service as a process of its own, and raw HTTP to talk to it."""

import http.client
import io
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import tomllib
import uuid
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kiosk.data import data_path
from kiosk.service.central.__main__ import main

PEOPLE: dict[str, dict[str, Any]] = {
    person["id"]: person
    for person in tomllib.loads(data_path("central", "people.toml").read_text("utf-8"))["person"]
}
NUMBER_RUN = re.compile(r"(?<![0-9a-fA-F])\d{11}(?![0-9a-fA-F])")


@dataclass(frozen=True)
class Reply:
    """An answer as it came over the wire."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def text(self) -> str:
        return self.content.decode("utf-8")


class CentralServer:
    """``eligibility serve`` on a free loopback port, with its files in one folder.

    ``url`` is that of another database than a file there; ``within`` is a command that runs it;
    ``more`` are further settings, ``access`` those of who may ask, and ``port`` is to be taken.
    """

    def __init__(
        self,
        folder: Path,
        url: str = "",
        within: tuple[str, ...] = (),
        more: str = "",
        access: str = 'auth = "none"',
        port: int = 0,
    ) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.config = folder / "eligibility.toml"
        self.url = url or f"sqlite:///{self.state}/audit.sqlite3"
        self._within = within
        self._wanted_port = port
        self.config.write_text(
            f'environment = "test"\n{access}\n'
            f'[database]\nurl = "{self.url}"\n'
            f'[pseudonym]\nkey_file = "{folder}/pseudonym.key"\n'
            f"{more}"
        )
        self._log = (folder / "stderr.log").open("ab")
        self.start()

    def start(self) -> None:
        """Start the process and wait for the line that says where it listens."""
        command = [sys.executable, "-m", "kiosk.service.central", "serve"]
        self.process = subprocess.Popen(
            [
                *(*self._within, *command),
                *("--config", str(self.config), "--port", str(self._wanted_port)),
            ],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("listening on http://127.0.0.1:"), (line, self.log)
        self.port = urlsplit(line.split()[-1]).port or 0

    @property
    def log(self) -> str:
        return (self.folder / "stderr.log").read_text("utf-8")

    @property
    def database(self) -> Path:
        return self.state / "audit.sqlite3"

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End the process with a signal and return its status."""
        self.process.send_signal(how)
        status = self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.stop(signal.SIGKILL)
        self._log.close()

    def request(
        self, method: str, path: str, content: bytes | None = None, **headers: str
    ) -> Reply:
        """Send one request on a connection of its own; ``_`` in a header's name becomes ``-``."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, content, sent)
            response = connection.getresponse()
            return Reply(
                response.status,
                {name.lower(): value for name, value in response.getheaders()},
                response.read(),
            )
        finally:
            connection.close()

    def post(self, content: bytes, **headers: str) -> Reply:
        """Post a body to ``/v1/checks`` with the headers that a client sends."""
        usual = {"Content_Type": "application/json", "Idempotency_Key": str(uuid.uuid4())}
        return self.request("POST", "/v1/checks", content, **{**usual, **headers})

    def check(self, person: str, **headers: str) -> Reply:
        """Ask about one of the made-up people."""
        return self.post(question(PEOPLE[person]["number"]), **headers)

    def records(self) -> list[dict[str, Any]]:
        """The audit records, read past the service."""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            rows = connection.execute("SELECT * FROM audit_records ORDER BY seq")
            names = [column[0] for column in rows.description]
            return [dict(zip(names, row, strict=True)) for row in rows]
        finally:
            connection.close()


def in_process(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``eligibility`` here, without the second that a process of its own takes to start."""
    told, complained, umask = io.StringIO(), io.StringIO(), os.umask(0o077)
    try:
        with redirect_stdout(told), redirect_stderr(complained):
            status = main(arguments)
    finally:
        os.umask(umask)
    return subprocess.CompletedProcess(arguments, status, told.getvalue(), complained.getvalue())


def question(number: str, **changes: Any) -> bytes:
    """The body of a question from a desk."""
    body = {
        "useCase": "uitpas",
        "purpose": "urn:gent:ipdc:test",
        "subject": {"scheme": "be-nrn", "value": number},
        "capture": {"method": "eid-chip", "proof": "chip"},
        "channel": {"kind": "desk", "deviceId": "dsk-0417", "siteId": "zuid"},
    }
    return json.dumps({**body, **changes}).encode()
