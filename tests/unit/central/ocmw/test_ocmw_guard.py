"""A table that is down, slow, locked or asked too much is left alone; our own list never is."""

import asyncio
import signal
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from kiosk.service.central.connectors import Answer, SourceState
from kiosk.service.central.connectors.asking import ask_all
from kiosk.service.central.connectors.guard import REST_SECONDS, WINDOW
from kiosk.service.central.connectors.ocmw.settings import Ocmw, TablePace, mistakes_in_ocmw
from kiosk.service.central.connectors.ocmw.source import OcmwSource
from kiosk.service.central.facts import ChannelKind
from tests.support.ocmw import KEYS, connect, imported, number, question, sqlite_table, statuses
from tests.support.postgres import Postgres, postgres_server

AN = number(1)
PLENTY = TablePace(1e6, 10**6)
TABLE = "national_number text, status text, start_date date, end_date date"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


@pytest.fixture
def in_postgres(postgres: Postgres) -> Ocmw:
    name = postgres.new_database()
    postgres.sql(f"CREATE TABLE tariff ({TABLE})", name)
    postgres.sql(f"INSERT INTO tariff VALUES ('{AN}', 'LL', NULL, NULL)", name)
    return statuses(url=postgres.url(name), pace=PLENTY)


def database(ocmw: Ocmw) -> str:
    return str(sa.make_url(ocmw.url).database)


async def asked(source: OcmwSource, channel: ChannelKind = ChannelKind.DESK) -> Answer:
    return await source.ask(replace(question(AN), channel=channel))


async def is_left_alone(source: OcmwSource, clock: Clock) -> None:
    """Ask until nobody is asked any more, and let the rest pass."""
    for _ in range(WINDOW):
        answer = await asked(source)
        assert (answer.state, answer.facts) == (SourceState.UNAVAILABLE, {})
        assert answer.reason != "resting"
    held = await asked(source)
    assert (held.reason, held.retry_after_seconds) == ("resting", 30)
    assert source.status() is SourceState.UNAVAILABLE
    clock.now += REST_SECONDS


async def is_taken_back(source: OcmwSource) -> None:
    assert (await asked(source)).state is SourceState.OK
    assert (await asked(source)).state is SourceState.OK
    assert source.status() is SourceState.OK


def test_a_server_that_is_down(in_postgres: Ocmw, postgres: Postgres) -> None:
    clock = Clock()
    source = connect(in_postgres, KEYS, clock)

    async def scene() -> None:
        assert (await asked(source)).state is SourceState.OK
        postgres.kill()
        try:
            await is_left_alone_after_one(source, clock)
        finally:
            postgres.start()
        await is_taken_back(source)

    asyncio.run(scene())
    source.close()


async def is_left_alone_after_one(source: OcmwSource, clock: Clock) -> None:
    """As above, for one that has answered once: half of the last twenty will do."""
    reasons = [(await asked(source)).reason for _ in range(WINDOW)]
    assert reasons == ["no-connection"] * (WINDOW - 1) + ["resting"]
    clock.now += REST_SECONDS


def test_a_server_that_hangs(in_postgres: Ocmw, postgres: Postgres) -> None:
    clock = Clock()
    source = connect(replace(in_postgres, timeout_seconds=0.05, connections=1), KEYS, clock)

    async def scene() -> None:
        postgres.pause(signal.SIGSTOP)
        try:
            await is_left_alone(source, clock)
        finally:
            postgres.pause(signal.SIGCONT)
        for _ in range(100):  # its one thread comes free in its own time
            if (await asked(source)).state is SourceState.OK:
                break
            await asyncio.sleep(0.05)
            clock.now += REST_SECONDS
        assert source.status() is SourceState.OK

    asyncio.run(scene())
    source.close()


def test_a_server_without_room(in_postgres: Ocmw, postgres: Postgres) -> None:
    postgres.sql("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0", database(in_postgres))
    clock = Clock()
    source = connect(
        replace(in_postgres, url=in_postgres.url.replace("owner@", "crowd@")), KEYS, clock
    )

    async def scene() -> None:
        await is_left_alone(source, clock)
        postgres.sql("GRANT SELECT ON tariff TO crowd", database(in_postgres))
        postgres.sql("ALTER ROLE crowd CONNECTION LIMIT 5", database(in_postgres))
        await is_taken_back(source)

    asyncio.run(scene())
    source.close()


Locked = tuple[OcmwSource, Clock, sqlite3.Connection]


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Locked]:
    """A table in a file that somebody writes into, and who does."""
    path, clock = tmp_path / "city.sqlite3", Clock()
    table = statuses(url=sqlite_table(path, [(AN, "LL", None, None)]), pace=PLENTY)
    source = connect(replace(table, timeout_seconds=0.05), KEYS, clock)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")
    yield source, clock, writer
    writer.close()
    source.close()


def test_a_file_that_is_locked(locked: Locked) -> None:
    source, clock, writer = locked

    async def scene() -> None:
        await is_left_alone(source, clock)
        writer.execute("ROLLBACK")
        source._seconds = 5.0
        await is_taken_back(source)

    asyncio.run(scene())


def test_who_waits_for_a_moment_only_takes_the_trial_from_nobody(locked: Locked) -> None:
    source, clock, writer = locked

    async def scene() -> None:
        await is_left_alone(source, clock)
        source._seconds = 5.0
        await ask_all(question(AN), [(source, 0.001)])

    asyncio.run(scene())
    writer.execute("ROLLBACK")
    asyncio.run(is_taken_back(source))


@pytest.mark.parametrize(
    ("change", "reason"), [({"table": "nowhere"}, "other-schema"), ({"complete": True}, None)]
)
def test_a_database_that_answers_is_never_left_alone(
    in_postgres: Ocmw, change: dict[str, object], reason: str | None
) -> None:
    source = connect(replace(in_postgres, **change), KEYS)  # type: ignore[arg-type]  # fields by their names

    async def scene() -> list[str | None]:
        return [(await asked(source)).reason for _ in range(WINDOW + 2)]

    assert asyncio.run(scene()) == [reason] * (WINDOW + 2)
    source.close()


@pytest.mark.parametrize(
    "spoil",
    [
        "UPDATE tariff SET end_date = 'infinity'",
        # Where the view takes one row for granted, a person may have two.
        (
            "ALTER TABLE tariff RENAME TO rows; INSERT INTO rows TABLE rows; CREATE VIEW tariff AS"
            " SELECT national_number, (SELECT r.status FROM rows r WHERE r.national_number ="
            " p.national_number) AS status, start_date, end_date FROM rows p"
        ),
    ],
)
def test_rows_that_cannot_be_read_say_nothing_of_the_database(
    in_postgres: Ocmw, postgres: Postgres, spoil: str
) -> None:
    postgres.sql(spoil, database(in_postgres))
    source = connect(in_postgres, KEYS)

    async def scene() -> None:
        for _ in range(WINDOW + 2):
            answer = await asked(source)
            assert (answer.state, answer.facts) == (SourceState.UNAVAILABLE, {})
            assert answer.reason == "not-understood"
        assert source.status() is None

    asyncio.run(scene())
    source.close()


def test_a_text_that_is_none_says_nothing_of_the_file(tmp_path: Path) -> None:
    """Latin-1 in a column of texts: one person's name of a street may have it."""
    path = tmp_path / "city.sqlite3"
    url = sqlite_table(path, [(AN, "LL", None, None), (number(2), "LL", None, None)])
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE tariff SET status = CAST(x'e9' AS text) WHERE rowid = 1")
    source = connect(statuses(url=url, pace=PLENTY), KEYS)

    async def scene() -> None:
        reasons = {(await asked(source)).reason for _ in range(WINDOW + 2)}
        assert reasons == {"not-understood"}
        other = await source.ask(question(number(2)))
        assert other.state is SourceState.OK

    asyncio.run(scene())
    source.close()


def test_a_batch_leaves_questions_for_the_desk(in_postgres: Ocmw) -> None:
    source = connect(replace(in_postgres, pace=TablePace(0.001, 4)), KEYS)

    async def scene() -> list[Answer]:
        kinds = [ChannelKind.BATCH] * 3 + [ChannelKind.DESK] * 3
        return [await asked(source, kind) for kind in kinds]

    answers = asyncio.run(scene())
    assert [one.reason for one in answers] == [None, None, "too-busy", None, None, "too-busy"]
    assert (answers[-1].state, answers[-1].retry_after_seconds) == (SourceState.TOO_BUSY, 1000)
    assert source.status() is SourceState.OK
    source.close()


def test_a_batch_does_not_queue_before_the_desk(tmp_path: Path) -> None:
    """A table that is slower than the pace: what waits for a thread is not for batches alone."""
    path = tmp_path / "city.sqlite3"
    table = statuses(url=sqlite_table(path, [(AN, "LL", None, None)]), pace=PLENTY)
    source = connect(replace(table, timeout_seconds=20.0, connections=2), KEYS)
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN EXCLUSIVE")

    async def scene() -> list[str | None]:
        batch = [asyncio.create_task(asked(source, ChannelKind.BATCH)) for _ in range(40)]
        await asyncio.sleep(0)
        assert sum(not task.done() for task in batch) <= 2 * 2
        desk = asyncio.create_task(asked(source))
        await asyncio.sleep(0)
        assert not desk.done()
        writer.execute("ROLLBACK")
        assert (await desk).state is SourceState.OK
        return [(await task).reason for task in batch]

    reasons = asyncio.run(scene())
    writer.close()
    assert set(reasons) == {None, "too-busy"}
    assert 2 <= reasons.count(None) <= 2 * 2
    source.close()


def test_a_list_is_looked_into_whatever_went_wrong_before(tmp_path: Path) -> None:
    source = connect(imported(tmp_path, pace=TablePace(0.001, 2)), KEYS)

    async def scene() -> list[str | None]:
        return [(await asked(source)).reason for _ in range(WINDOW + 2)]

    assert asyncio.run(scene()) == ["not-imported"] * (WINDOW + 2)
    source.close()


@contextmanager
def losing_the_first(postgres: Postgres, folder: Path, lost: int = 1) -> Iterator[list[int]]:
    """A way to the server that hangs up on the first connections; counts all of them."""
    (real,) = postgres.folder.glob(".s.PGSQL.*[0-9]")
    taken: list[int] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / real.name))
        listener.listen()

        def pump(source: socket.socket, target: socket.socket) -> None:
            with source, suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    client, _ = listener.accept()
                    taken.append(1)
                    if len(taken) <= lost:
                        client.close()
                        continue
                    server = socket.socket(socket.AF_UNIX)
                    server.connect(str(real))
                    for pair in ((client, server), (server, client)):
                        threading.Thread(target=pump, args=pair, daemon=True).start()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield taken
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@pytest.mark.parametrize(("lost", "reason"), [(1, None), (2, "no-connection")])
def test_a_connection_that_is_not_made_is_tried_once_more(
    in_postgres: Ocmw, postgres: Postgres, tmp_path: Path, lost: int, reason: str | None
) -> None:
    with losing_the_first(postgres, tmp_path, lost) as taken:
        url = in_postgres.url.replace(str(postgres.folder), str(tmp_path))
        assert url != in_postgres.url
        source = connect(replace(in_postgres, url=url), KEYS)
        assert asyncio.run(asked(source)).reason == reason
        assert len(taken) == 2
        source.close()


def test_a_pace_that_does_not_do(in_postgres: Ocmw) -> None:
    wrong = replace(in_postgres, pace=TablePace(0.0, 1))
    assert [key for key, _ in mistakes_in_ocmw(wrong)] == ["pace.per_second", "pace.stock"]
