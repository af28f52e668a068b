"""The door: what it costs to knock."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from kiosk.service.central.clients.access import Access, Doors
from kiosk.service.central.clients.configuration import ClientRates, ClientSettings, Rates
from kiosk.service.central.clients.devices import Devices
from kiosk.service.central.clients.forms import TokenRefused
from kiosk.service.central.clients.limits import Limiter
from kiosk.service.central.clients.registry import registered
from kiosk.service.central.clients.tokens import Tokens
from kiosk.service.central.clients.worker import milliseconds
from kiosk.service.central.errors import Refused
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage.database import Database
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


def full_at(database: Database) -> str | None:
    with database.reading() as connection:
        found = connection.exec_driver_sql("SELECT bucket, full_at FROM rate_limits").one_or_none()
    return None if found is None else str(found)
