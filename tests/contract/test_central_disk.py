"""A disk that takes nothing more: no answer until it does again, and the chain holds."""

import errno
import resource
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.service.central.keys import load_keys
from tests.contract.central_server import NUMBER_RUN, CentralServer
from tests.support.storage import sqlite_store

KILOBYTES = 640
MOUNT = 'mount -t tmpfs -o size="$0" tmpfs "$1" && shift && exec "$@"'


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CentralServer]:
    yield from running(CentralServer(tmp_path))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[CentralServer]:
    """A service whose records are on a disk of their own."""
    tried = subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip("no namespaces without more rights (root)")
    state = tmp_path / "state"
    state.mkdir()
    disk = ("unshare", "--mount", "sh", "-c", MOUNT, f"{KILOBYTES}k", str(state))
    yield from running(CentralServer(tmp_path, within=disk))


def running(server: CentralServer) -> Iterator[CentralServer]:
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def require_refusal(server: CentralServer) -> None:
    reply = server.check("an-peeters")
    assert (reply.status, reply.json["code"]) == (503, "service-unavailable")
    assert "verdict" not in reply.text


def fill(file: Path) -> None:
    """Write until there is no room."""
    with file.open("wb", buffering=0) as writer:
        try:
            while writer.write(bytes(1024)):
                pass
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise


def test_a_disk_that_is_full(small: CentralServer) -> None:
    inside = Path("/proc", str(small.process.pid), "root", *small.state.parts[1:])
    assert small.check("an-peeters").status == 200
    filler = inside / "filler"
    fill(filler)
    answered = 1
    while small.check("an-peeters").status == 200:  # what the journal has room for
        answered += 1
    for _ in range(3):
        require_refusal(small)
    filler.unlink()
    assert small.check("an-peeters").status == 200
    copy = small.folder / "copy.sqlite3"
    enter = ("nsenter", f"--mount=/proc/{small.process.pid}/ns/mnt")
    vacuum = ("sqlite3", str(small.database), f"VACUUM INTO '{copy}'")
    subprocess.run([*enter, *vacuum], check=True)
    keys = load_keys(small.folder / "pseudonym.key", create=False)
    chain = sqlite_store(copy, keys).verify()
    assert chain.is_sound
    assert chain.records >= 2 * (answered + 1)


def test_a_file_that_may_not_grow(server: CentralServer) -> None:
    """The write that does not fit any more is another one each time."""
    answered = 0
    limits = resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE)
    for more in (0, 100, 4_000, 5_000, 9_000):
        size = Path(f"{server.database}-wal").stat().st_size
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + more, limits[1]))
        while server.check("an-peeters").status == 200:
            answered += 1
        require_refusal(server)
        assert server.request("GET", "/health/live").status == 200
        resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, limits)
        assert server.check("an-peeters").status == 200
        answered += 1
    keys = load_keys(server.folder / "pseudonym.key", create=False)
    chain = sqlite_store(server.database, keys).verify()
    assert chain.is_sound
    assert chain.records >= 2 * answered
