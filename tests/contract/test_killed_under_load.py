"""Killed at random points under load: the chain holds, and no answer is without its records."""

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from http.client import HTTPException
from pathlib import Path

import pytest

from kiosk.service.central.audit import AuditStore
from kiosk.service.central.keys import load_keys
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.migrate import upgrade
from tests.contract.central_server import NUMBER_RUN, PEOPLE, CentralServer
from tests.support.postgres import Postgres, postgres_server

pytestmark = pytest.mark.xdist_group("postgresql")

CLIENTS = 6
LONGEST_SECONDS = 0.4
SEED = 20_261_130


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def url(postgres: Postgres) -> str:
    """A database on the server, with its tables."""
    url = postgres.url(postgres.new_database())
    database = Database(url)
    upgrade(database)
    database.close()
    return url


class Load:
    """Clients that ask one question after the other, and keep the ids of what was answered."""

    def __init__(self, server: CentralServer) -> None:
        self.answered: list[str] = []
        self._server = server
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Let every client come to its end."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        people = random.Random(threading.get_ident())
        while not self._ended.is_set():
            try:
                reply = self._server.check(people.choice(list(PEOPLE)))
            except (OSError, HTTPException):
                self._ended.wait(0.01)  # nobody is there; soon somebody is, or this ends
                continue
            if reply.status == 200:
                self.answered.append(reply.json["checkId"])


def kill_again_and_again(server: CentralServer, rounds: int, kill: Callable[[], None]) -> int:
    """Kill at random points; after each, look for what was answered. Returns how much that was."""
    dice = random.Random(SEED)
    answered: set[str] = set()
    for _ in range(rounds):
        load = Load(server)
        time.sleep(dice.uniform(0.05, LONGEST_SECONDS))  # the random point
        try:
            kill()
        finally:
            load.end()
        answered.update(load.answered)
        require_records(server, answered)
    return len(answered)


def require_records(server: CentralServer, answered: set[str]) -> None:
    keys = load_keys(server.folder / "pseudonym.key", create=False)
    store = AuditStore(Database(server.url), keys)
    assert store.verify().is_sound
    kinds: dict[str, list[str]] = {}
    for row in store.rows():
        kinds.setdefault(row["check_id"], []).append(row["kind"])
    store.close()
    assert {kind for found in kinds.values() for kind in found} <= {"asked", "answered"}
    assert all(found in (["asked"], ["asked", "answered"]) for found in kinds.values())
    assert [check for check in answered if kinds.get(check) != ["asked", "answered"]] == []


def restart(server: CentralServer) -> None:
    server.stop(signal.SIGKILL)
    server.start()


def restart_database(postgres: Postgres) -> None:
    postgres.kill()
    postgres.start()


def close(server: CentralServer) -> None:
    server.close()
    assert NUMBER_RUN.search(server.log) is None
    assert "Traceback" not in server.log


def kill_the_service(folder: Path, url: str, rounds: int) -> int:
    server = CentralServer(folder, url)
    try:
        return kill_again_and_again(server, rounds, lambda: restart(server))
    finally:
        close(server)


def kill_the_database(folder: Path, url: str, rounds: int, postgres: Postgres) -> int:
    server = CentralServer(folder, url)
    try:
        answered = kill_again_and_again(server, rounds, lambda: restart_database(postgres))
        assert server.check("an-peeters").status == 200
        return answered
    finally:
        close(server)


def test_the_service_on_sqlite(tmp_path: Path) -> None:
    assert kill_the_service(tmp_path, "", rounds=2) > 0


def test_the_service_on_postgresql(tmp_path: Path, url: str) -> None:
    assert kill_the_service(tmp_path, url, rounds=2) > 0


def test_the_database_itself(tmp_path: Path, url: str, postgres: Postgres) -> None:
    assert kill_the_database(tmp_path, url, 2, postgres) > 0


@pytest.mark.soak
@pytest.mark.timeout(0)
class TestAThousandTimes:
    def test_the_service_on_sqlite(self, tmp_path: Path) -> None:
        print(f"{kill_the_service(tmp_path, '', 1_000)} answers, each with its records")

    def test_the_service_on_postgresql(self, tmp_path: Path, url: str) -> None:
        print(f"{kill_the_service(tmp_path, url, 1_000)} answers, each with its records")

    def test_the_database_itself(self, tmp_path: Path, url: str, postgres: Postgres) -> None:
        told = kill_the_database(tmp_path, url, 1_000, postgres)
        print(f"{told} answers, each with its records")
