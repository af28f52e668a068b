"""A PostgreSQL of the tests' own: Debian's programs, a folder in /tmp, a socket and no network.

PostgreSQL refuses to run as root. Then it runs as the user of Debian's package, in a folder that
is theirs.
"""

import functools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_READY_SECONDS = 20.0
_USERS = ("postgres", "nobody")
# What was written survives the end of every process, and only that is tried here: not the end of
# the machine, which fsync is for. Else looking at each file after a kill takes half a minute.
_OPTIONS = {
    "max_connections": "40",
    "shared_buffers": "16MB",
    "listen_addresses": "",
    "fsync": "off",
}


class Postgres:
    """One server; made by :func:`postgres_server`."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.folder = folder
        self._user = user
        self._data = folder / "data"
        self._databases = 0
        self._log = (folder / "server.log").open("ab")
        self._run(
            "initdb", "--pgdata", self._data, "--username", "owner", "--auth", "trust", "--no-sync"
        )
        self.start()

    def start(self) -> None:
        """Start the server and wait until it takes connections."""
        self.process = self._launched()
        give_up = time.monotonic() + _READY_SECONDS
        while self._call("psql", "-c", "SELECT 1", "postgres").returncode:
            assert time.monotonic() < give_up, self.log
            time.sleep(0.02)  # it does not tell when it is ready
            if self.process.poll() is not None:  # one that was killed had not quite gone yet
                self.process = self._launched()

    def _launched(self) -> subprocess.Popen[bytes]:
        options = [part for name, value in _OPTIONS.items() for part in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            [_program("postgres"), "-D", self._data, "-k", self.folder, *options],
            stdout=self._log,
            stderr=self._log,
            user=self._user,
            cwd=self.folder,
            process_group=0,
        )

    def kill(self) -> None:
        """End all of its processes at once, as a machine that loses its power does."""
        group = os.getpgid(self.process.pid)
        os.kill(self.process.pid, signal.SIGSTOP)  # so that none is born meanwhile
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        os.killpg(group, signal.SIGKILL)
        for child in map(int, children.split()):  # each is in a group of its own
            _kill(child)
        self.process.wait()

    def pause(self, signal_number: signal.Signals) -> None:
        """Stop or continue every process (SIGSTOP, SIGCONT)."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for process in (*map(int, children.split()), self.process.pid):
            with suppress(ProcessLookupError):  # one that was just ending
                os.kill(process, signal_number)

    def new_database(self) -> str:
        """Make a database and return its name."""
        self._databases += 1
        name = f"test{self._databases}"
        self.sql(f"CREATE DATABASE {name}", "postgres")
        return name

    def url(self, database: str, role: str = "owner") -> str:
        """The address of a database, for SQLAlchemy."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str, role: str = "owner") -> str:
        """Run a statement and return what it prints."""
        done = self.try_sql(statement, database, role)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def try_sql(
        self, statement: str, database: str, role: str = "owner"
    ) -> subprocess.CompletedProcess[str]:
        """Run a statement, whatever comes of it."""
        return self._call("psql", "-v", "ON_ERROR_STOP=1", "-Atc", statement, database, role=role)

    def run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs on this server to its good end."""
        done = self._call(program, *arguments)
        assert done.returncode == 0, done.stderr

    @property
    def log(self) -> str:
        """What the server has said."""
        return (self.folder / "server.log").read_text("utf-8", "replace")

    def close(self) -> None:
        """End the server."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(_READY_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()

    def _call(
        self, program: str, *arguments: str | Path, role: str = "owner"
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [_program(program), *arguments],
            env={**os.environ, "PGHOST": str(self.folder), "PGUSER": role, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=False,
        )

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [_program(program), *arguments],
            stdout=self._log,
            stderr=self._log,
            user=self._user,
            cwd=self.folder,
            check=True,
        )


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """A running server; skips the test where there is none to run."""
    reason = why_not()
    if reason:
        pytest.skip(reason)
    # Not in a folder of pytest's: those are their owner's only, and paths of sockets are short.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        user = _user()
        if user is not None:
            shutil.chown(folder, user)
        server = Postgres(folder, user)
        try:
            yield server
        finally:
            server.close()
    finally:
        shutil.rmtree(folder)


@functools.cache
def why_not() -> str:
    """Why no server can run here; empty when it can."""
    if not _programs():
        return "there is no PostgreSQL server (package postgresql)"
    if os.geteuid() == 0 and _user() is None:
        return "PostgreSQL does not run as root, and there is no user for it"
    return ""


@functools.cache
def _programs() -> Path | None:
    beside_each_other = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    on_path = shutil.which("postgres")
    if beside_each_other:
        return beside_each_other[-1].parent
    return Path(on_path).parent if on_path else None


def _program(name: str) -> Path:
    folder = _programs()
    assert folder
    return folder / name


@functools.cache
def _user() -> str | None:
    """The user that the server runs as; ``None`` is ours."""
    if os.geteuid():
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _USERS if name in known), None)


def _kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
