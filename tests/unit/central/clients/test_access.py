"""The door: what it costs to knock."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from litestar.datastructures import Headers

from kiosk.service.central.clients.access import Access, Doors
from kiosk.service.central.clients.configuration import ClientRates, ClientSettings, Rates
from kiosk.service.central.clients.devices import Devices
from kiosk.service.central.clients.forms import TokenRefused
from kiosk.service.central.clients.limits import Limiter
from kiosk.service.central.clients.registry import registered
from kiosk.service.central.clients.tokens import Tokens
from kiosk.service.central.clients.worker import Worker, milliseconds
from kiosk.service.central.errors import Refused
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage.database import Connection, Database
from tests.contract.access_server import TOKEN_TYPE
from tests.support.signing import assertion, ec_key, public_pem
from tests.support.storage import sqlite_database

URL = "https://tariff.example/v1/token"
KEY = ec_key()
DESK = ClientSettings(
    id="desk",
    keys=(public_pem(KEY),),
    scopes=("check:uitpas",),
    rates=ClientRates(tokens_per_hour=1),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = sqlite_database(tmp_path / "x.sqlite3")
    yield database
    database.close()


@pytest.fixture
def access(database: Database) -> Iterator[Access]:
    keys, clients = Keys(b"k" * 32), registered([DESK], Rates())
    access = Access(
        Doors(
            tokens=Tokens(database, clients, URL, milliseconds),
            devices=Devices(database, clients, URL, keys, milliseconds),
            limiter=Limiter(database, milliseconds),
            rates=Rates(),
            keys=keys,
            operators=None,
            external=None,
        )
    )
    yield access
    access.close()


def form(text: str) -> bytes:
    fields = {"grant_type": "client_credentials", "client_assertion_type": TOKEN_TYPE}
    return urlencode({**fields, "client_assertion": text}).encode()


def count(database: Database, table: str) -> int:
    with database.reading() as connection:
        found: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    return found


class Reads:
    """Counts the transactions that read."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reads = 0
        reading = database.reading

        def counted() -> AbstractContextManager[Connection]:
            self.reads += 1
            return reading()

        monkeypatch.setattr(database, "reading", counted)


@pytest.fixture
def reads(database: Database, monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(database, monkeypatch)


def looks(access: Access, count: Reads, tokens: list[str]) -> int:
    """Return how often the database is looked into for tokens that nobody has."""
    before = count.reads

    async def ask() -> None:
        for token in tokens:
            with pytest.raises(Refused, match="token-invalid"):
                await access.caller(Headers({"authorization": f"Bearer {token}"}))

    asyncio.run(ask())
    return count.reads - before


class TestTokens:
    @pytest.mark.expects_log("kiosk.service.central.clients.limits", "over its limit: desk")
    def test_over_the_limit_nothing_is_kept(self, access: Access, database: Database) -> None:
        async def ask() -> None:
            await access.token(form(assertion(KEY, "desk", URL)))
            for _ in range(5):
                with pytest.raises(Refused, match="rate-limited"):
                    await access.token(form(assertion(KEY, "desk", URL)))

        asyncio.run(ask())
        assert count(database, "access_tokens") == 1
        assert count(database, "used_assertions") == 1

    def test_a_used_assertion_takes_nothing(self, access: Access, database: Database) -> None:
        text = form(assertion(KEY, "desk", URL))

        async def ask() -> str | None:
            await access.token(text)
            before = full_at(database)
            for _ in range(5):
                with pytest.raises(TokenRefused):
                    await access.token(text)
            assert full_at(database) == before
            return before

        assert asyncio.run(ask())


class TestGarbage:
    """Nobody without a token keeps those with one waiting."""

    @pytest.mark.parametrize(
        "token", ["tw_", "tw_x", "tw_" + "A" * 42, "tw_" + "A" * 44, "tw_" + "é" * 43]
    )
    def test_what_is_no_token_is_not_looked_up(
        self, access: Access, reads: Reads, token: str
    ) -> None:
        assert looks(access, reads, [token]) == 0

    def test_what_was_unknown_is_looked_up_once(self, access: Access, reads: Reads) -> None:
        assert looks(access, reads, ["tw_" + "A" * 43] * 20) == 1
        assert looks(access, reads, ["tw_" + "B" * 43, "tw_" + "A" * 43]) == 1

    def test_who_is_no_device_is_not_looked_up(self, access: Access, reads: Reads) -> None:
        async def ask() -> None:
            with pytest.raises(TokenRefused):
                await access.token(form(assertion(ec_key(), "stranger", URL)))

        asyncio.run(ask())
        assert reads.reads == 0


class TestWorker:
    def test_nobody_waits_for_ever(self) -> None:
        free, done = threading.Event(), []
        worker = Worker("slow", patience=0.05)

        async def work() -> None:
            stuck = asyncio.create_task(worker.do(lambda: free.wait(20)))
            await asyncio.sleep(0)
            with pytest.raises(Refused, match="service-unavailable"):
                await worker.do(lambda: done.append("never begun"))
            with pytest.raises(Refused, match="service-unavailable"):
                await stuck
            free.set()
            await worker.do(lambda: done.append("next"))

        asyncio.run(work())
        worker.close()
        assert done == ["next"]

    def test_only_so_many_wait(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("kiosk.service.central.clients.worker.CAPACITY", 3)
        free, worker = threading.Event(), Worker("busy")

        async def work() -> None:
            waiting = [asyncio.create_task(worker.do(lambda: free.wait(20))) for _ in range(3)]
            await asyncio.sleep(0)
            with pytest.raises(Refused, match="service-unavailable"):
                await worker.do(lambda: True)
            free.set()
            assert await asyncio.gather(*waiting) == [True] * 3
            assert await worker.do(lambda: True)

        asyncio.run(work())
        worker.close()


def full_at(database: Database) -> str | None:
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT bucket, full_at FROM rate_limits").one_or_none()
    return None if found is None else str(found)
