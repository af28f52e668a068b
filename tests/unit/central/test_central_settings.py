from pathlib import Path

import pytest

from kiosk.layered import ConfigurationError
from kiosk.service.central import storing
from kiosk.service.central.__main__ import main
from kiosk.service.central.audit_anchors import read_anchors
from kiosk.service.central.servable import mistakes_in_serving, require_servable
from kiosk.service.central.serve import compose
from kiosk.service.central.settings import Settings, load_settings
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.migrate import UpgradeFailed, upgrade
from tests.support.dpo import DpoKey
from tests.support.storage import entry, tamper

NOWHERE = Path("nowhere.toml")
TEST = {"ELIGIBILITY_ENVIRONMENT": "test", "ELIGIBILITY_AUTH": "none"}


def load(environment: dict[str, str], machine_file: Path = NOWHERE) -> Settings:
    return load_settings(environment=environment, machine_file=machine_file).settings


def mistakes(environment: dict[str, str]) -> list[str]:
    return [key for key, _ in mistakes_in_serving(load(environment))]


def local(folder: Path, **more: str) -> dict[str, str]:
    return {
        **TEST,
        "ELIGIBILITY_DATABASE__URL": f"sqlite:///{folder}/audit.sqlite3",
        "ELIGIBILITY_PSEUDONYM__KEY_FILE": f"{folder}/key",
        **more,
    }


def test_the_defaults_refuse_to_serve() -> None:
    assert mistakes({}) == ["clients", "address", "audit.dpo_key"]


def test_a_test_environment_on_loopback_serves() -> None:
    assert mistakes(TEST) == []


def test_all_mistakes_are_told_at_once() -> None:
    wrong = {
        "ELIGIBILITY_AUTH": "none",
        "ELIGIBILITY_LISTEN__HOST": "0.0.0.0",
        "ELIGIBILITY_SYNTHETIC__REGISTERS": "on",
        "ELIGIBILITY_SYNTHETIC__PEOPLE": "nobody.toml",
        "ELIGIBILITY_DATABASE__URL": "sqlite://",
        "ELIGIBILITY_RULES__FOLDER": "no-rules",
    }
    assert mistakes(wrong) == [
        "auth",
        "listen.host",
        "database.url",
        "audit.dpo_key",
        "rules.folder",
        "synthetic.registers",
        "synthetic.people",
    ]
    with pytest.raises(ConfigurationError) as caught:
        require_servable(load_settings(environment=wrong, machine_file=NOWHERE))
    assert len(caught.value.mistakes) == 7


@pytest.mark.parametrize("host", ["192.0.2.1", "example.invalid", "::"])
def test_without_authentication_only_loopback(host: str) -> None:
    assert mistakes({**TEST, "ELIGIBILITY_LISTEN__HOST": host}) == ["listen.host"]


@pytest.mark.parametrize("host", ["localhost", "::1", "127.0.0.2"])
def test_what_loopback_is(host: str) -> None:
    assert mistakes({**TEST, "ELIGIBILITY_LISTEN__HOST": host}) == []


def test_real_persons_are_asked_about_through_tls_only() -> None:
    everywhere = {"ELIGIBILITY_LISTEN__HOST": "0.0.0.0"}
    assert "listen.host" in mistakes(everywhere)
    assert "listen.host" not in mistakes({**everywhere, "ELIGIBILITY_LISTEN__BEHIND_TLS": "true"})
    assert "listen.host" not in mistakes({"ELIGIBILITY_LISTEN__HOST": "::1"})


def test_being_behind_tls_is_no_authentication() -> None:
    behind = {"ELIGIBILITY_LISTEN__HOST": "0.0.0.0", "ELIGIBILITY_LISTEN__BEHIND_TLS": "true"}
    assert mistakes({**TEST, **behind}) == ["listen.host"]


def test_a_real_source_asks_for_tokens_and_for_the_dpo_also_in_a_test() -> None:
    real = {
        "ELIGIBILITY_SOURCES__OCMW__URL": "sqlite:////srv/x.sqlite3",
        "ELIGIBILITY_SOURCES__OCMW__TABLE": "t",
        "ELIGIBILITY_SOURCES__OCMW__FACTS": "LL=leefloon",
    }
    assert mistakes({**TEST, **real}) == ["auth", "audit.dpo_key"]


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///:memory:", "oracle9000://x/y"])
def test_a_database_that_is_none(url: str) -> None:
    assert mistakes({**TEST, "ELIGIBILITY_DATABASE__URL": url}) == ["database.url"]


def test_made_up_registers_are_on_in_a_test_environment_only() -> None:
    assert load(TEST).people_file is not None
    assert load({}).people_file is None
    assert load({**TEST, "ELIGIBILITY_SYNTHETIC__REGISTERS": "off"}).people_file is None


def test_the_machines_file_locks_what_makes_the_service_safe(tmp_path: Path) -> None:
    machine = tmp_path / "eligibility.toml"
    machine.write_text('released = ["listen.port"]\n[listen]\nport = 1234\n')
    assert load({"ELIGIBILITY_LISTEN__PORT": "99"}, machine).listen.port == 99
    with pytest.raises(ConfigurationError, match="environment: locked"):
        load(TEST, machine)
    for name in ("HOST", "BEHIND_TLS"):
        with pytest.raises(ConfigurationError, match="locked"):
            load({f"ELIGIBILITY_LISTEN__{name}": "true"}, machine)


@pytest.mark.parametrize("seconds", ["0", "-1", "31", "nan"])
def test_a_time_limit_is_one(seconds: str) -> None:
    limits = {"ELIGIBILITY_TIME_LIMITS__TOTAL_SECONDS": seconds}
    assert mistakes({**TEST, **limits}) == ["time_limits.total_seconds"]


@pytest.mark.parametrize("seconds", ["-0.1", "5.1", "nan"])
def test_how_long_a_verdict_is_held_has_its_limits(seconds: str) -> None:
    limits = {"ELIGIBILITY_TIME_LIMITS__LEAST_SECONDS": seconds}
    assert mistakes({**TEST, **limits}) == ["time_limits.least_seconds"]


def test_time_limits_reach_the_sources() -> None:
    limits = load({"ELIGIBILITY_TIME_LIMITS__SOCIAL_SECONDS": "0.5"}).limits
    assert (limits.total, limits.groups["social"], limits.groups["income"]) == (4.0, 0.5, 2.5)


class TestCompose:
    def test_a_key_is_made_at_the_first_start_only(self, tmp_path: Path) -> None:
        compose(load(local(tmp_path))).audit.append(entry())
        (tmp_path / "key").unlink()
        with pytest.raises(ConfigurationError, match=r"pseudonym\.key_file"):
            compose(load(local(tmp_path)))

    @pytest.mark.parametrize(
        ("key", "value", "told"),
        [
            ("ELIGIBILITY_RULES__FOLDER", "{here}", "rules.folder"),
            ("ELIGIBILITY_SYNTHETIC__PEOPLE", "{here}/people.toml", "synthetic.people"),
            ("ELIGIBILITY_DATABASE__URL", "sqlite:///{here}/people.toml/db", "database.url"),
            ("ELIGIBILITY_DATABASE__URL", "postgresql+psycopg://localhost/x", "database.url"),
        ],
    )
    def test_what_cannot_be_opened_is_told(
        self, tmp_path: Path, key: str, value: str, told: str
    ) -> None:
        (tmp_path / "people.toml").write_text("nonsense")
        environment = local(tmp_path, **{key: value.format(here=tmp_path)})
        with pytest.raises(ConfigurationError) as caught:
            compose(load(environment))
        assert {mistake.key for mistake in caught.value.mistakes} == {told}

    def test_a_chain_whose_end_was_changed_is_not_continued(self, tmp_path: Path) -> None:
        compose(load(local(tmp_path))).audit.append(entry())
        tamper(tmp_path / "audit.sqlite3", "UPDATE audit_records SET colour = 'red'")
        with pytest.raises(ConfigurationError, match=r"cannot be continued \(record 1\)"):
            compose(load(local(tmp_path)))

    @pytest.mark.parametrize(
        ("statement", "told"),
        [
            ("UPDATE alembic_version SET version_num = '9'", "newer schema than this version"),
            ("DROP TABLE alembic_version", "not of this service"),
        ],
    )
    def test_another_schema_is_refused(self, tmp_path: Path, statement: str, told: str) -> None:
        compose(load(local(tmp_path)))
        tamper(tmp_path / "audit.sqlite3", statement)
        with pytest.raises(ConfigurationError, match=told):
            compose(load(local(tmp_path)))

    def test_an_upgrade_that_fails_is_told(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(_: object) -> str:
            raise UpgradeFailed("OperationalError")

        monkeypatch.setattr(storing, "upgrade", fail)
        with pytest.raises(ConfigurationError, match="cannot be upgraded"):
            compose(load(local(tmp_path)))

    def test_in_production_nothing_upgrades_itself(self, tmp_path: Path) -> None:
        production = local(
            tmp_path,
            ELIGIBILITY_ENVIRONMENT="production",
            ELIGIBILITY_AUDIT__DPO_KEY=str(DpoKey(tmp_path / "dpo").public),
        )
        with pytest.raises(ConfigurationError, match="run 'eligibility db upgrade'"):
            compose(load(production))
        upgrade(Database(production["ELIGIBILITY_DATABASE__URL"]))
        parts = compose(load(production))
        assert parts.sealer is not None
        parts.audit.append(entry())

    def test_a_key_of_the_dpo_that_is_none(self, tmp_path: Path) -> None:
        settings = load(local(tmp_path, ELIGIBILITY_AUDIT__DPO_KEY=str(tmp_path / "nothing")))
        with pytest.raises(ConfigurationError, match=r"audit\.dpo_key: .*No such file"):
            compose(settings)

    def test_the_end_of_the_chain_is_noted_at_the_start(self, tmp_path: Path) -> None:
        settings = load(local(tmp_path, ELIGIBILITY_AUDIT__ANCHOR_FILE=str(tmp_path / "anchors")))
        compose(settings).audit.append(entry())
        assert not (tmp_path / "anchors").exists()  # there was nothing to note
        compose(settings)
        assert list(read_anchors(tmp_path / "anchors")) == [1]


@pytest.mark.parametrize("name", ["RETENTION_YEARS", "ANCHOR_MINUTES"])
def test_a_time_of_the_audit_is_one(name: str) -> None:
    assert mistakes({**TEST, f"ELIGIBILITY_AUDIT__{name}": "0"}) == [f"audit.{name.lower()}"]


class TestCommand:
    @pytest.mark.parametrize(
        "arguments", [[], ["dance"], ["rules"], ["serve", "--port", "x"], ["serve", "--prot", "1"]]
    )
    def test_wrong_usage(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 64
        assert "usage" in capsys.readouterr().err

    def test_wrong_configuration(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        config = tmp_path / "e.toml"
        config.write_text("enviroment = 'test'\n[listen]\nport = 'many'\n")
        assert main(["serve", "--config", str(config)]) == 78
        told = capsys.readouterr().err
        assert "did you mean environment?" in told
        assert "listen.port" in told

    def test_a_port_out_of_range(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["serve", "--port", "70000"]) == 78
        assert "listen.port: lies between 0 (a free one) and 65535 (command line)" in (
            capsys.readouterr().err
        )

    def test_the_shipped_rules_are_sound(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["rules", "check"]) == 0
        told = capsys.readouterr().out
        assert "uitpas 2026.2: 13 guards, 13 rows" in told
        assert "unreachable" in told

    def test_wrong_rules(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (tmp_path / "e.toml").write_text(f"[rules]\nfolder = '{tmp_path}'\n")
        assert main(["rules", "check", "--config", str(tmp_path / "e.toml")]) == 1
        assert "holds no rules" in capsys.readouterr().out
