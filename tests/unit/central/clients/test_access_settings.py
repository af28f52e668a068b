"""What the settings may say of those who ask; all mistakes at once."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from kiosk.layered import ConfigurationError
from kiosk.service.central.__main__ import main
from kiosk.service.central.servable import require_servable
from kiosk.service.central.serve import compose
from kiosk.service.central.settings import Settings, load_settings
from tests.contract.access_server import Asker, client_table, dpo_table, operators_table
from tests.support.dpo import DpoKey
from tests.support.signing import ec_key, private_jwk, public_pem, rsa_key
from tests.support.storage import sqlite_database

NOWHERE = Path("nowhere.toml")
HEAD = 'environment = "test"\nauth = "tokens"\naddress = "https://tariff.example"\n'
DESK = Asker("desk")


def load(folder: Path, text: str) -> Settings:
    file = folder / "eligibility.toml"
    file.write_text(text)
    resolved = load_settings(file, environment={}, machine_file=NOWHERE)
    require_servable(resolved)
    return resolved.settings


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load(folder, text)
    return [mistake.key for mistake in caught.value.mistakes]


def of_client(folder: Path, **changes: Any) -> list[str]:
    return mistakes(folder, HEAD + client_table(DESK, **changes))


def test_clients_as_they_should_be(tmp_path: Path) -> None:
    key = rsa_key()
    (tmp_path / "key.pem").write_text(public_pem(key))
    settings = load(
        tmp_path,
        HEAD
        + client_table(DESK, rates={"card_per_hour": 5})
        + client_table(Asker("b"), keys=[f"file:{tmp_path}/key.pem"], channels=["web-service"])
        + client_table(Asker("c"), keys=[public_pem(ec_key())])
        + client_table(Asker("d"), keys=None, proves_with="devices"),
    )
    assert [client.id for client in settings.clients] == ["desk", "b", "c", "d"]


def test_a_service_for_real_persons(tmp_path: Path) -> None:
    """Production asks for clients of its own and for the key of the DPO."""
    dpo = DpoKey(tmp_path / "dpo")
    real = HEAD.replace("test", "production", 1)
    seal = f'[audit]\ndpo_key = "{dpo.public}"\n'
    settings = load(tmp_path, real + client_table(DESK, environment="production") + seal)
    assert not settings.is_test
    assert mistakes(tmp_path, real + client_table(DESK) + seal) == ["clients[0].environment"]
    assert mistakes(tmp_path, real + seal) == ["clients"]
    nobody = real.replace("tokens", "none")
    assert "auth" in mistakes(tmp_path, nobody + seal)


@pytest.mark.parametrize(
    ("environment", "operator", "told"),
    [
        ("production", "none", "warning: clients: desk: desks without operators"),
        ("production", "optional", ""),
        ("test", "none", ""),
    ],
)
def test_a_desk_without_operators_is_told_at_the_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: str,
    operator: str,
    told: str,
) -> None:
    monkeypatch.setattr("kiosk.service.central.__main__.compose", lambda _: None)
    monkeypatch.setattr("kiosk.service.central.__main__.serve", lambda *_: None)
    monkeypatch.setattr("kiosk.service.central.__main__.configure_logging", lambda: None)
    monkeypatch.setattr("os.umask", lambda _: None)
    kiosks = Asker("kiosks")
    file = tmp_path / "eligibility.toml"
    file.write_text(
        HEAD.replace("test", environment, 1)
        + client_table(DESK, environment=environment, operator=operator)
        + client_table(kiosks, environment=environment, channels=["self-service"])
        + operators_table(tmp_path, rsa_key())
        + dpo_table(tmp_path)
    )
    assert main(["serve", "--config", str(file)]) == 0
    warning = capsys.readouterr().err
    assert warning.startswith(told)
    assert bool(warning) == bool(told)


def test_nobody_may_ask(tmp_path: Path) -> None:
    assert mistakes(tmp_path, HEAD) == ["clients"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "tariff.example",
        "http://tariff.example",
        "https://",
        "https://tariff.example/",
        "https://tariff.example/v1/token",
        "https://a:b@tariff.example",
        "https://tariff.example?x",
        "https://tariff.example:0",
        "https://[",
        "ftp://127.0.0.1",
    ],
)
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    text = HEAD.replace("https://tariff.example", address) + client_table(DESK)
    assert mistakes(tmp_path, text) == ["address"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "https://tariff.example:8443"])
def test_an_address(tmp_path: Path, address: str) -> None:
    text = HEAD.replace("https://tariff.example", address) + client_table(DESK)
    assert load(tmp_path, text).address == address


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"id": ""}, "id"),
        ({"id": "An Peeters"}, "id"),
        ({"id": "dev-1"}, "id"),
        ({"id": "x-85613099922"}, "id"),
        ({"keys": []}, "keys"),
        ({"keys": ["nonsense"]}, "keys"),
        ({"keys": ["file:/nowhere.pem"]}, "keys"),
        ({"keys": [private_jwk(DESK.key)]}, "keys"),
        ({"proves_with": "devices"}, "keys"),
        ({"scopes": ["check:cinema"]}, "scopes"),
        ({"scopes": ["check:uitpas "]}, "scopes"),
        ({"channels": ["phone"]}, "channels"),
        ({"purposes": []}, "purposes"),
        ({"channels": []}, "purposes"),
        ({"environment": "production"}, "environment"),
        ({"operator": "required", "channels": ["desk", "self-service"]}, "channels"),
        ({"rates": {"card_per_hour": 0}}, "rates.card_per_hour"),
        ({"rates": {"typed_per_day": -1}}, "rates.typed_per_day"),
    ],
    ids=lambda value: "a private key" if "'d':" in str(value) else str(value),  # made anew
)
def test_a_client_that_is_wrong(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    login = operators_table(tmp_path, rsa_key())
    text = HEAD + client_table(DESK, **changes) + login
    assert mistakes(tmp_path, text) == [f"clients[0].{told}"]


@pytest.mark.parametrize(
    "changes",
    [{"scope": ["check:uitpas"]}, {"operator": "maybe"}, {"rates": {"cards": 5}}, {"id": 5}],
    ids=str,
)
def test_a_client_that_cannot_be_read(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert of_client(tmp_path, **changes) == ["clients"]


def test_two_that_nobody_could_tell_apart(tmp_path: Path) -> None:
    twice = client_table(DESK) + client_table(Asker("other", DESK.key)) + client_table(DESK)
    assert mistakes(tmp_path, HEAD + twice) == [
        "clients[1].keys",
        "clients[2].id",
        "clients[2].keys",
    ]


def test_ids_that_differ_in_capitals_only(tmp_path: Path) -> None:
    twice = client_table(Asker("Loket")) + client_table(Asker("loket"))
    assert mistakes(tmp_path, HEAD + twice) == ["clients[1].id"]


def test_limits_that_are_none(tmp_path: Path) -> None:
    text = client_table(DESK) + "[rates]\ncard_per_hour = 0\nenrolments_per_hour = 2000000\n"
    assert mistakes(tmp_path, HEAD + text) == ["rates.card_per_hour", "rates.enrolments_per_hour"]


def test_operators_and_issuers(tmp_path: Path) -> None:
    needs = client_table(DESK, operator="required")
    assert mistakes(tmp_path, HEAD + needs) == ["operators.issuer"]
    login = operators_table(tmp_path, rsa_key())
    assert load(tmp_path, HEAD + needs + login).operators.issuer
    half = '[operators]\nissuer = "https://login.example"\n'
    assert mistakes(tmp_path, HEAD + needs + half) == ["operators.issuer"]
    (tmp_path / "login.jwks").write_text("nonsense")
    assert mistakes(tmp_path, HEAD + needs + login) == ["operators.keys"]


def test_an_issuer_of_tokens(tmp_path: Path) -> None:
    theirs = client_table(DESK, keys=None, proves_with="issuer")
    assert mistakes(tmp_path, HEAD + theirs) == ["issuer.issuer"]
    login = operators_table(tmp_path, rsa_key())
    same = login.replace("[operators]", "[issuer]")
    assert load(tmp_path, HEAD + theirs + same).issuer.issuer
    assert mistakes(tmp_path, HEAD + theirs + login + same) == ["issuer.audience"]
    assert mistakes(tmp_path, HEAD + client_table(DESK) + same) == ["issuer.issuer"]


class TestStart:
    """What was right when it was looked at, and is not when it is opened."""

    @staticmethod
    def told(folder: Path, text: str) -> set[str]:
        state = f'[database]\nurl = "sqlite:///{folder}/x"\n[pseudonym]\nkey_file = "{folder}/k"\n'
        file = folder / "eligibility.toml"
        file.write_text(HEAD + text + state)
        with pytest.raises(ConfigurationError) as caught:
            compose(load_settings(file, environment={}, machine_file=NOWHERE).settings)
        return {mistake.key for mistake in caught.value.mistakes}

    def test_keys_that_went_bad(self, tmp_path: Path) -> None:
        login = operators_table(tmp_path, rsa_key())
        (tmp_path / "login.jwks").write_text("nonsense")
        told = self.told(tmp_path, client_table(DESK) + login)
        assert told == {"clients, operators.keys, issuer.keys"}

    def test_a_database_that_keeps_no_tokens(self, tmp_path: Path) -> None:
        sqlite_database(tmp_path / "x").close()
        connection = sqlite3.connect(tmp_path / "x")
        connection.execute("DROP TABLE access_tokens")
        connection.close()
        assert self.told(tmp_path, client_table(DESK)) == {"database.url"}
