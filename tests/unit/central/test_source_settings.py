"""What can be wrong with ``[sources.magda]``: all of it told at once, and no secret shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kiosk.layered import ConfigurationError, is_secret
from kiosk.service.central.servable import mistakes_in_serving
from kiosk.service.central.serve import connect_sources
from kiosk.service.central.settings import Settings, load_settings
from tests.support.mock_magda.certificates import Certificates, make_certificates

NOWHERE = Path("nowhere.toml")
TEST = {
    "environment": "test",
    "auth": "tokens",
    "address": "https://tariff.example",
    "clients": [{"id": "kiosks", "proves_with": "devices", "environment": "test"}],
    "audit.dpo_key": "dpo.pub",
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def good(certificates: Certificates) -> dict[str, Any]:
    return {
        "sender": "stad.example/tarief/proef",
        "urls.person": "https://magda.invalid/GeefPersoon",
        "urls.social_status": "https://magda.invalid/GeefSociaalStatuut",
        "urls.tax": "https://magda.invalid/GeefAanslagbiljetPersonenbelasting",
        "tls.certificate": str(certificates.client),
        "tls.key": str(certificates.client_key),
        "statuses.facts": ["A=vt", "B=leefloon"],
        "income.codes": ["7555"],
        "income.limit_a_euro": 23000,
        "income.limit_b_euro": 33000,
    }


def load(values: dict[str, Any]) -> Settings:
    keys = {f"sources.magda.{key}": value for key, value in values.items()}
    resolved = load_settings(None, {**TEST, **keys}, environment={}, machine_file=NOWHERE)
    return resolved.settings


def mistakes(values: dict[str, Any]) -> list[str]:
    told = [key for key, _ in mistakes_in_serving(load(values))]
    return [key.removeprefix("sources.magda.") for key in told]


def test_without_an_address_magda_is_off() -> None:
    assert mistakes({"sender": "", "income.codes": ["x"]}) == []
    assert not load({}).sources.any_is_on


def test_what_is_right_is_right(good: dict[str, Any]) -> None:
    assert mistakes(good) == []


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"sender": ""}, ["sender"]),
    ({"sender": "x" * 121}, ["sender"]),
    ({"senders": ["urn:a:b"]}, ["senders"]),
    ({"senders": ["urn:a:b=x", "urn:a:b=y"]}, ["senders"]),
    ({"capacity": "x" * 25}, ["capacity"]),
    ({"urls.handicap": "http://magda.invalid/x"}, ["urls.handicap"]),
    ({"urls.handicap": "https://who:ever@magda.invalid/x"}, ["urls.handicap"]),
    ({"urls.handicap": "https://magda.invalid:99999/x"}, ["urls.handicap"]),
    ({"urls.handicap": "https://[x"}, ["urls.handicap"]),
    ({"tls.certificate": ""}, ["tls.certificate"]),
    ({"tls.key": "nowhere.key"}, ["tls.key"]),
    ({"tls.ca_file": "nowhere.pem"}, ["tls.ca_file"]),
    ({"signing.certificate": "nowhere.pem"}, ["signing.certificate", "signing.key"]),
    ({"statuses.facts": []}, ["statuses.facts"]),
    ({"statuses.facts": [f"S{n}=vt" for n in range(9)]}, ["statuses.facts"]),
    ({"statuses.facts": ["A=vt", "A=igo"]}, ["statuses.facts"]),
    ({"statuses.facts": ["A=age"]}, ["statuses.facts"]),
    ({"statuses.facts": ["A=social_ended_days"]}, ["statuses.facts"]),
    ({"statuses.facts": ["A=nothing"]}, ["statuses.facts"]),
    ({"statuses.place": "GENT", "statuses.postcodes": ["9000"]}, ["statuses.place"]),
    ({"statuses.postcodes": ["900"]}, ["statuses.postcodes"]),
    ({"statuses.grace_days": -1}, ["statuses.grace_days"]),
    ({"statuses.ask_parents": True, "urls.person": ""}, ["urls.person"]),
    ({"urls.social_status": ""}, ["urls.social_status"]),
    ({"statuses.facts": ["A=household_status"], "urls.household": ""}, ["urls.household"]),
    ({"municipalities.home": []}, ["municipalities.home"]),
    ({"municipalities.home": ["440"]}, ["municipalities.home"]),
    ({"municipalities.region": ["44021"]}, ["municipalities.region"]),
    ({"income.codes": []}, ["income.codes"]),
    ({"income.codes": ["A7555"]}, ["income.codes"]),
    ({"income.limit_a_euro": 40000}, ["income.limit_a_euro"]),
    ({"income.limit_a_euro": 0}, ["income.limit_a_euro"]),
    ({"income.years_back": 4}, ["income.years_back"]),
    ({"timeout_seconds": 0.0}, ["timeout_seconds"]),
    ({"timeout_seconds": float("nan")}, ["timeout_seconds"]),
    ({"timeout_seconds": 2.5}, ["timeout_seconds"]),
    ({"living_wage_lag_days": -1}, ["living_wage_lag_days"]),
    ({"pace.per_second": 0.0}, ["pace.per_second"]),
    ({"pace.stock": 1}, ["pace.stock"]),
]


@pytest.mark.parametrize(("change", "told"), WRONG, ids=[str(c)[:60] for c, _ in WRONG])
def test_each_mistake_is_told(
    good: dict[str, Any], change: dict[str, Any], told: list[str]
) -> None:
    assert mistakes({**good, **change}) == told


def test_all_mistakes_are_told_at_once(good: dict[str, Any]) -> None:
    change = {"sender": "", "income.codes": [], "pace.stock": 0, "tls.key": "nowhere"}
    assert mistakes({**good, **change}) == ["sender", "tls.key", "income.codes", "pace.stock"]


def test_a_key_for_everybody_is_refused(good: dict[str, Any], tmp_path: Path) -> None:
    key = tmp_path / "open.key"
    key.write_bytes(Path(good["tls.key"]).read_bytes())
    key.chmod(0o644)
    assert mistakes({**good, "tls.key": str(key)}) == ["tls.key"]


def test_passwords_are_masked() -> None:
    assert is_secret(Settings, "sources.magda.tls.password")
    assert is_secret(Settings, "sources.magda.signing.password")


def test_a_key_of_another_certificate_is_told(
    good: dict[str, Any], certificates: Certificates
) -> None:
    settings = load({**good, "tls.key": str(certificates.stranger_key)})
    with pytest.raises(ConfigurationError, match=r"sources\.magda\.tls"):
        connect_sources(settings)


def test_the_machines_file_locks_the_sources(tmp_path: Path) -> None:
    machine = tmp_path / "eligibility.toml"
    machine.write_text('[sources.magda]\nsender = "x"\n')
    keys = {"sources.magda.sender": "y"}
    with pytest.raises(ConfigurationError, match="locked"):
        load_settings(None, keys, environment={}, machine_file=machine)


def groups(settings: Settings) -> list[tuple[str, str]]:
    connectors = connect_sources(settings).connectors
    return [(one.group, type(one).__name__) for one in connectors]


class TestMadeUpRegisters:
    def test_they_end_by_themselves_when_there_is_a_real_source(self, good: dict[str, Any]) -> None:
        assert set(groups(load({}))) >= {("social", "SyntheticConnector")}
        assert {kind for _, kind in groups(load(good))} == {"Source"}

    def test_they_fill_what_is_missing_when_they_are_asked_to(self, good: dict[str, Any]) -> None:
        good = {**good, "urls.tax": "", "statuses.facts": ["A=vt"]}
        keys = {f"sources.magda.{key}": value for key, value in good.items()}
        on = {**TEST, **keys, "synthetic.registers": "on"}
        settings = load_settings(None, on, environment={}, machine_file=NOWHERE).settings
        assert groups(settings) == [
            ("population", "Source"),
            ("social", "Source"),
            ("social", "Source"),
            ("ocmw", "SyntheticConnector"),
            ("income", "SyntheticConnector"),
            ("vehicle", "SyntheticConnector"),
        ]


def test_nothing_is_known_of_a_source_before_it_is_asked(good: dict[str, Any]) -> None:
    states = {one.status() for one in connect_sources(load(good)).connectors}
    assert states == {None}
