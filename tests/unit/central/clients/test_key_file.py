"""The keys of an issuer: read anew, taken back, and not outliving their file for long."""

import json
from pathlib import Path

import pytest

from kiosk.service.central.clients.configuration import IssuerSettings, mistakes_in_issuers
from kiosk.service.central.clients.configuration import OperatorSettings as Login
from kiosk.service.central.clients.key_file import KEPT_SECONDS, KeyFile
from kiosk.service.central.clients.operators import Operators
from kiosk.service.central.clients.signed import KeyRefused, NotValid, public_keys
from kiosk.service.central.keys import Keys
from tests.support.signing import (
    LOGIN,
    SERVICE,
    ec_key,
    operator_assertion,
    public_jwk,
    public_pem,
    rsa_key,
)

KEY = ec_key()
MODULE = "kiosk.service.central.clients.key_file"
EMPTY = '{"keys": []}'


class World:
    """A file with one key, and a clock that is set."""

    def __init__(self, folder: Path) -> None:
        self.time = 0.0
        self.path = folder / "keys.jwks"
        self.path.write_text(json.dumps({"keys": [public_jwk(KEY)]}))
        self.file = KeyFile(str(self.path), lambda: self.time)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.expects_log(MODULE, "those of before stay")
def test_they_are_read_anew(world: World) -> None:
    (first,) = world.file.keys()
    world.path.write_text(public_pem(ec_key()))
    (second,) = world.file.keys()
    assert first.thumbprint != second.thumbprint
    world.path.unlink()
    assert world.file.keys() == (second,)
    world.path.write_bytes(b"\xff")
    assert world.file.keys() == (second,)
    world.path.write_text(public_pem(KEY) + "\n")
    assert world.file.keys()[0].thumbprint == first.thumbprint


def test_an_empty_set_takes_them_back_at_once(world: World) -> None:
    assert world.file.keys()
    world.path.write_text(EMPTY)
    assert world.file.keys() == ()


def test_nobody_is_believed_then(tmp_path: Path) -> None:
    file = tmp_path / "login.pem"
    file.write_text(public_pem(rsa_key()))
    login = Operators(Login(LOGIN, SERVICE, str(file)), Keys(b"k" * 32))
    assert login.read(operator_assertion(rsa_key(), rrn="66610100136"), "desk").id
    file.write_text(EMPTY)
    with pytest.raises(NotValid):
        login.read(operator_assertion(rsa_key(), rrn="66610100136"), "desk")


def test_the_service_starts_with_an_empty_set(tmp_path: Path) -> None:
    file = tmp_path / "login.jwks"
    file.write_text(EMPTY)
    login = Login(LOGIN, SERVICE, str(file))
    assert list(mistakes_in_issuers(login, IssuerSettings())) == []
    assert KeyFile(str(file)).keys() == ()


@pytest.mark.parametrize("text", ["", "{}", '{"keys": {}}', '{"keys": ""}', '{"keys": null}', "[]"])
def test_what_is_no_empty_set(text: str) -> None:
    with pytest.raises(KeyRefused):
        public_keys(text, may_be_empty=True)


def test_a_client_has_a_key() -> None:
    with pytest.raises(KeyRefused):
        public_keys(EMPTY)


@pytest.mark.expects_log(MODULE, "a file of keys is")
@pytest.mark.parametrize("text", [None, "", "{"])
def test_a_file_that_is_gone_is_believed_for_a_while_only(world: World, text: str | None) -> None:
    world.path.unlink()
    if text is not None:
        world.path.write_text(text)
    world.time = KEPT_SECONDS - 1
    assert world.file.keys()
    world.time = KEPT_SECONDS
    assert world.file.keys() == ()
    assert world.file.keys() == ()
    world.path.write_text(public_pem(KEY))
    assert world.file.keys()


@pytest.mark.expects_log(MODULE, "a file of keys is")
def test_the_time_begins_when_it_was_last_seen_sound(world: World) -> None:
    world.time = 10 * KEPT_SECONDS
    assert world.file.keys()
    world.path.unlink()
    world.time += KEPT_SECONDS - 1
    assert world.file.keys()
    world.time += 1
    assert world.file.keys() == ()
