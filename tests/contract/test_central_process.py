"""The service as a process: starting, stopping, being killed, losing its disk."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import pytest

from kiosk.service.central.keys import load_keys
from tests.contract.central_server import NUMBER_RUN, PEOPLE, CentralServer, question
from tests.support.storage import sqlite_store


@pytest.fixture
def server(tmp_path: Path) -> Iterator[CentralServer]:
    server = CentralServer(tmp_path)
    yield server
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def chain(server: CentralServer) -> int:
    keys = load_keys(server.folder / "pseudonym.key", create=False)
    state = sqlite_store(server.database, keys).verify()
    assert state.is_sound
    return state.records


def test_a_stop_is_clean(server: CentralServer) -> None:
    server.check("an-peeters")
    assert server.stop() == 0
    assert chain(server) == 2


def test_killed_between_and_during_questions(server: CentralServer) -> None:
    assert server.check("an-peeters").status == 200
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(_ask_quietly, server) for _ in range(40)]
        asked[3].result()
        server.stop(signal.SIGKILL)
    answered = 1 + sum(task.result() for task in asked)
    assert chain(server) >= 2 * answered  # no answer without its records
    server.start()
    assert server.check("els-kiezel").json["verdict"] == "red"
    chain(server)


def test_without_its_directory_there_is_no_verdict(server: CentralServer) -> None:
    server.state.rename(server.folder / "gone")
    reply = server.check("an-peeters")
    assert (reply.status, reply.json["code"]) == (503, "service-unavailable")
    assert reply.json["retryable"] is True
    assert "verdict" not in reply.text
    assert server.request("GET", "/health/ready").status == 503
    assert server.request("GET", "/health/live").status == 200
    (server.folder / "gone").rename(server.state)
    assert server.check("an-peeters").status == 200
    assert chain(server) == 2


def test_with_its_database_locked_there_is_no_verdict(server: CentralServer) -> None:
    connection = sqlite3.connect(server.database, isolation_level=None)
    connection.execute("BEGIN EXCLUSIVE")
    assert server.check("an-peeters").status == 503
    connection.execute("ROLLBACK")
    connection.close()
    assert server.check("an-peeters").status == 200


def test_a_record_is_there_before_the_sources_answer(tmp_path: Path) -> None:
    """A database that takes the first record and not the second: asked, and not answered."""
    server = CentralServer(tmp_path)
    try:
        connection = sqlite3.connect(server.database)
        connection.execute(
            "CREATE TRIGGER stop BEFORE INSERT ON audit_records WHEN NEW.kind = 'answered' "
            "BEGIN SELECT RAISE(FAIL, 'full'); END"
        )
        connection.commit()
        connection.close()
        assert server.check("an-peeters").status == 503
        assert [record["kind"] for record in server.records()] == ["asked"]
    finally:
        server.close()


def test_nothing_of_a_person_is_on_disk(server: CentralServer) -> None:
    for person in PEOPLE:
        server.check(person)
    server.stop()
    kept = b"".join(path.read_bytes() for path in server.folder.rglob("*") if path.is_file())
    for made_up in PEOPLE.values():
        assert made_up["number"].encode() not in kept
        assert made_up["surname"].encode() not in kept


def test_a_taken_port_is_a_configuration_mistake(server: CentralServer) -> None:
    second = subprocess.run(
        [
            *(sys.executable, "-m", "kiosk.service.central", "serve"),
            *("--config", str(server.config), "--port", str(server.port)),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 78
    assert second.stdout == ""
    assert second.stderr.startswith("listen: ")


def _ask_quietly(server: CentralServer) -> int:
    try:
        reply = server.post(question(PEOPLE["an-peeters"]["number"]))
    except (OSError, HTTPException):  # none, or half of one
        return 0
    return reply.status == 200
