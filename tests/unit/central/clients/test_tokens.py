"""Tokens over time: remembered, over, revoked, of clients that are gone."""

import dataclasses
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.service.central.clients.configuration import ClientSettings, Rates
from kiosk.service.central.clients.devices import Devices
from kiosk.service.central.clients.forms import TokenForm, TokenRefused
from kiosk.service.central.clients.registry import Client, registered
from kiosk.service.central.clients.tokens import (
    LIFE_SECONDS,
    TRUSTED_MILLISECONDS,
    UNKNOWN_MILLISECONDS,
    Tokens,
)
from kiosk.service.central.errors import Refused
from kiosk.service.central.keys import Keys
from kiosk.service.central.storage.database import Database
from tests.support.signing import assertion, ec_key, public_jwk, public_pem
from tests.support.storage import sqlite_database

URL = "https://tariff.example/v1/token"
KEY = ec_key()
CLIENTS = registered(
    [
        ClientSettings(id="desk", keys=(public_pem(KEY),), scopes=("check:uitpas", "override")),
        ClientSettings(id="kiosks", proves_with="devices", scopes=("check:uitpas",)),
    ],
    Rates(),
)


class World:
    """A database, a clock that is set, and processes that share them."""

    def __init__(self, folder: Path) -> None:
        self.database = sqlite_database(folder / "x.sqlite3")
        self.ahead = 0
        keys = Keys(b"k" * 32)
        self.devices = Devices(self.database, CLIENTS, URL, keys, self.clock)
        self.one, self.two = self.process(), self.process()

    def clock(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead

    def process(self, clients: dict[str, Client] = CLIENTS) -> Tokens:
        return Tokens(self.database, clients, URL, self.clock)

    def device(self) -> tuple[str, str]:
        """Enrol a device, and give it a token."""
        key = ec_key()
        code = self.devices.new_code("kiosks", "zuid", 3600)
        name = self.devices.enrol(code, public_jwk(key)).device_id
        form = TokenForm(assertion(key, name, URL), name, ())
        return name, self.one.give(self.one.prove(form))

    def token(self, *scopes: str) -> str:
        form = TokenForm(assertion(KEY, "desk", URL), "", scopes)
        return self.one.give(self.one.prove(form))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()


def test_a_token_ends(world: World) -> None:
    token = world.token()
    assert world.one.look_up(token) is not None
    world.ahead = LIFE_SECONDS * 1000 - 100_000
    assert world.one.look_up(token) is not None
    world.ahead = LIFE_SECONDS * 1000 + 1
    assert world.one.remembered(token) is None
    assert world.one.look_up(token) is None


def test_it_is_remembered_for_a_while(world: World) -> None:
    token = world.token()
    assert world.two.remembered(token) is None
    caller = world.two.look_up(token)
    assert world.two.remembered(token) == caller
    world.ahead = TRUSTED_MILLISECONDS + 1
    assert world.two.remembered(token) is None


def test_a_revoked_device_is_out_within_a_minute(world: World) -> None:
    name, token = world.device()
    found = world.two.look_up(token)
    assert found is not None
    assert (found.name, found.client.id, found.site) == (name, "kiosks", "zuid")
    assert world.devices.revoke(name)
    assert world.one.look_up(token) is None
    assert TRUSTED_MILLISECONDS <= 60_000
    assert world.two.remembered(token) is not None
    world.ahead = TRUSTED_MILLISECONDS + 1
    assert world.two.remembered(token) is None
    assert world.two.look_up(token) is None


def test_what_was_asked_for_is_what_it_may(world: World) -> None:
    caller = world.one.look_up(world.token("override"))
    assert caller is not None
    assert caller.scopes == {"override"}


def test_other_settings_take_from_old_tokens(world: World) -> None:
    token, (_, of_device) = world.token(), world.device()
    less = dataclasses.replace(CLIENTS["desk"], scopes=frozenset({"override"}))
    caller = world.process({"desk": less}).look_up(token)
    assert caller is not None
    assert caller.scopes == {"override"}
    assert world.process({}).look_up(token) is None
    assert world.process({}).look_up(of_device) is None
    no_devices = dataclasses.replace(CLIENTS["kiosks"], proves_with="keys")
    assert world.process({"kiosks": no_devices}).look_up(of_device) is None


def test_a_device_of_a_client_that_is_gone_proves_nothing(world: World) -> None:
    key = ec_key()
    code = world.devices.new_code("kiosks", "", 3600)
    name = world.devices.enrol(code, public_jwk(key)).device_id
    form = TokenForm(assertion(key, name, URL), "", ())
    with pytest.raises(TokenRefused):
        world.process({}).prove(form)


def test_assertions_are_forgotten_only_when_they_are_over(world: World) -> None:
    form = TokenForm(assertion(KEY, "desk", URL), "", ())
    proven = world.one.prove(form)
    world.one.give(proven)
    world.one.tidy()
    with pytest.raises(TokenRefused):
        world.two.give(proven)
    assert proven.expires_at - world.clock() > 300_000


def test_everything_is_tidied_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.service.central.clients.tokens._FORGET_EVERY", 2)
    world.token()
    world.devices.new_code("kiosks", "", 60)
    world.ahead = 2 * LIFE_SECONDS * 1000
    world.database.close()
    real = world.ahead
    world.ahead = 0
    form = TokenForm(assertion(KEY, "desk", URL), "", ())
    proven = world.one.prove(form)
    world.ahead = real
    world.one.give(proven)
    assert count(world.database, "access_tokens") == 1
    assert count(world.database, "enrolment_codes") == 0


def count(database: Database, table: str) -> int:
    with database.reading() as connection:
        found: int = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
    return found


def test_only_so_many_are_remembered(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.service.central.clients.tokens._CAPACITY", 2)
    tokens = [world.token() for _ in range(3)]
    for token in tokens:
        world.one.look_up(token)
    assert [world.one.remembered(token) is None for token in tokens] == [True, False, False]


def test_an_unknown_one_is_looked_up_again_after_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.service.central.clients.tokens._UNKNOWN_CAPACITY", 2)
    tokens = [f"tw_{letter * 43}" for letter in "ABC"]
    for token in tokens:
        assert world.one.may_be_known(token)
        assert world.one.look_up(token) is None
    assert [world.one.may_be_known(token) for token in tokens] == [True, False, False]
    world.ahead = UNKNOWN_MILLISECONDS + 1
    assert all(map(world.one.may_be_known, tokens))


class TestCodes:
    def test_a_code_ends(self, world: World) -> None:
        code = world.devices.new_code("kiosks", "zuid", 60)
        world.ahead = 61_000
        with pytest.raises(Refused, match="enrolment-refused"):
            world.devices.enrol(code, public_jwk(ec_key()))

    def test_a_code_of_a_client_that_has_no_devices(self, world: World) -> None:
        code = world.devices.new_code("desk", "", 60)
        with pytest.raises(Refused, match="enrolment-refused"):
            world.devices.enrol(code, public_jwk(ec_key()))

    def test_codes_are_not_kept(self, world: World, tmp_path: Path) -> None:
        code = world.devices.new_code("kiosks", "zuid", 60)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert code.encode() not in kept
        assert code.replace("-", "").encode() not in kept
