"""Layers, locks and mistakes, through the settings of a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import layered, settings
from kiosk.layered import ConfigurationError
from kiosk.settings import Settings

TEST_SERVICE = {
    "KIOSK_ENVIRONMENT": "test",
    "KIOSK_SERVICE__URL": "http://127.0.0.1:8080",
    "KIOSK_SERVICE__CLIENT__AUTH": "none",
}
PIN = "ab" * 32


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def load(
    tmp_path: Path,
    *,
    config: str | None = None,
    machine: str | None = None,
    environment: dict[str, str] | None = None,
    spoken: dict[str, object] | None = None,
) -> layered.Resolved[Settings]:
    file = write(tmp_path / "kiosk.toml", config) if config is not None else None
    own = tmp_path / "machine.toml"
    if machine is not None:
        write(own, machine)
    return settings.load(file, environment or {}, spoken, own)


def mistakes(error: pytest.ExceptionInfo[ConfigurationError]) -> dict[str, str]:
    return {mistake.key: mistake.message for mistake in error.value.mistakes}


def test_later_layers_win(tmp_path: Path) -> None:
    resolved = load(
        tmp_path,
        environment={**TEST_SERVICE, "KIOSK_CARD__READERS": "from environment"},
        config='[card]\nreaders = ["from file"]\n[service]\nsite = "zuid"',
        spoken={"card.readers": ["spoken"]},
    )
    assert resolved.settings.card.readers == ("spoken",)
    assert resolved.settings.service.site == "zuid"
    assert resolved.origins["card.readers"] == "command line"
    assert resolved.origins["service.url"] == "environment variables"
    assert resolved.origins["card.backend"] == layered.DEFAULTS


def test_environment_variables_hold_numbers_and_lists(tmp_path: Path) -> None:
    spoken = {"KIOSK_SERVICE__DEADLINE_SECONDS": "2.5", "KIOSK_CARD__READERS": "acr, cherry"}
    as_list = {"KIOSK_CARD__IGNORE_READERS": '["hello", "uicc"]'}
    card = load(tmp_path, environment=TEST_SERVICE | spoken | as_list).settings
    assert card.card.ignore_readers == ("hello", "uicc")
    assert card.service.deadline_seconds == 2.5
    assert card.card.readers == ("acr", "cherry")


def test_all_mistakes_are_told_at_once_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(
            tmp_path,
            config="""
                enviroment = "test"
                [card]
                chip_proof = "maybe"
                readers = "one"
                [service]
                url = "ftp://example"
                deadline_seconds = "soon"
                [entirely]
                elsewhere = 1
            """,
        )
    told = mistakes(caught)
    assert told["enviroment"] == "unknown key; did you mean environment?"
    assert told["entirely.elsewhere"] == "unknown key"
    assert {"card.chip_proof", "card.readers", "service.deadline_seconds"} <= told.keys()
    assert told["service.url"].startswith("must be https://")


def test_mistakes_of_a_broken_file_and_of_the_environment_come_together(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, config="not toml", environment={"KIOSK_NOTHING": "1"})
    assert {"file", "nothing", "service.url"} <= mistakes(caught).keys()


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "kiosk.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"kiosk\.toml"):
        settings.load(file, TEST_SERVICE, None, tmp_path / "none")


def test_nothing_configured_names_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path)
    assert mistakes(caught).keys() == {
        "service.url",
        "service.client.id",
        "service.client.key",
        "service.client.token_url",
    }


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"KIOSK_ENVIRONMENT": "production"}, "service.url"),
        ({"KIOSK_ENVIRONMENT": "production"}, "service.client.auth"),
        ({"KIOSK_SERVICE__URL": "http://10.0.0.1"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://localhost.example"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "https://"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "https://example.org"}, "service.client.auth"),
        ({"KIOSK_SERVICE__URL": "http://[not"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://127.0.0.1:80:80"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://127.0.0.1@evil.example"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://u:p@127.0.0.1"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://127.0.0.1/?x=1"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://127.0.0.1/#x"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "http://127.0.0.1/a b"}, "service.url"),
        ({"KIOSK_SERVICE__URL": "https://a..b"}, "service.url"),
        ({"KIOSK_SERVICE__URL": f"https://{'x' * 70}.example"}, "service.url"),
        ({"KIOSK_CARD__TEST_ROOTS": "abc"}, "card.test_roots"),
        ({"KIOSK_CARD__TEST_ROOTS": "[abc"}, "card.test_roots"),
        ({"KIOSK_CARD__TEST_ROOTS": PIN, "KIOSK_ENVIRONMENT": "production"}, "card.test_roots"),
        ({"KIOSK_CARD__BACKEND": "simulator", "KIOSK_ENVIRONMENT": "production"}, "card.backend"),
        ({"KIOSK_CARD__BACKEND": "pkcs11"}, "card.pkcs11_module"),
        ({"KIOSK_SERVICE__USE_CASES": ""}, "service.use_cases"),
        ({"KIOSK_SERVICE__USE_CASES": "parking"}, "service.use_cases"),
        ({"KIOSK_SERVICE__DEADLINE_SECONDS": "0"}, "service.deadline_seconds"),
        ({"KIOSK_SERVICE__CA_FILE": "/nowhere.pem"}, "service.ca_file"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, changed: dict[str, str], key: str
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environment=TEST_SERVICE | changed)
    assert key in mistakes(caught)


def test_a_production_terminal_is_accepted(tmp_path: Path) -> None:
    resolved = load(
        tmp_path,
        config="""
            [service]
            url = "https://tarief.example/api"
            [service.client]
            id = "dsk-1"
            key = "file:/keys/terminal.pem"
            token_url = "https://tarief.example/api/v1/token"
        """,
    )
    assert not resolved.settings.is_test
    assert "/keys" not in repr(resolved.settings)


TERMINAL = {
    "KIOSK_SERVICE__URL": "https://tarief.example/api",
    "KIOSK_SERVICE__CLIENT__ID": "dsk-1",
    "KIOSK_SERVICE__CLIENT__TOKEN_URL": "https://tarief.example/api/v1/token",
}
IN_A_TOKEN = "pkcs11:token=Balie%204;object=desk?module-path=/opt/token.so"


def test_a_key_in_a_token_is_accepted(tmp_path: Path) -> None:
    for key in (f"{IN_A_TOKEN}&pin-source=/etc/pin", f"{IN_A_TOKEN}&pin-value=93517042"):
        resolved = load(tmp_path, environment=TERMINAL | {"KIOSK_SERVICE__CLIENT__KEY": key})
        assert resolved.settings.service.client.key == key
        assert "Balie" not in repr(resolved.settings)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("", "not set: file:PATH of this terminal's private key, or a pkcs11: URI"),
        ("/keys/terminal.pem", "not set: file:PATH"),
        ("pkcs11:token=a;object=b", "needs the full path of a file in module-path"),
        (f"{IN_A_TOKEN}&pin-value=93517042&pin-value=93517042", "has pin-value twice"),
        (f"{IN_A_TOKEN}&pin-value=935 17042", "is not written as RFC 7512 has it"),
    ],
)
def test_a_key_that_names_none_is_a_mistake(tmp_path: Path, key: str, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environment=TERMINAL | {"KIOSK_SERVICE__CLIENT__KEY": key})
    assert mistakes(caught)["service.client.key"].startswith(told)
    assert "17042" not in str(caught.value)


def test_cards_and_keys_do_not_share_a_module(tmp_path: Path) -> None:
    """A module is started for one thread, and both are used at once."""
    module = tmp_path / "module.so"
    module.touch()
    key = {"KIOSK_SERVICE__CLIENT__KEY": f"pkcs11:token=a;object=b?module-path={module}"}
    card = {"KIOSK_CARD__PKCS11_MODULE": str(module)}
    load(tmp_path, environment=TERMINAL | key | card)
    card["KIOSK_CARD__BACKEND"] = "pkcs11"
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, environment=TERMINAL | key | card)
    assert mistakes(caught) == {"service.client.key": "has the module of the cards"}


def test_a_machine_file_locks_the_service_and_the_environment(tmp_path: Path) -> None:
    machine = 'environment = "test"\n[service]\nurl = "http://localhost:1"\nclient.auth = "none"'
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, machine=machine, environment=TEST_SERVICE)
    assert all(message.startswith("locked by ") for message in mistakes(caught).values())
    assert mistakes(caught).keys() == {"environment", "service.url", "service.client.auth"}


def test_a_machine_file_may_release_and_lock(tmp_path: Path) -> None:
    machine = """
        locked = ["card.readers"]
        released = ["service.site", "environment", "card.test_roots"]
        environment = "test"
        [service]
        url = "http://localhost:1"
        client.auth = "none"
    """
    free = {"KIOSK_SERVICE__SITE": "zuid", "KIOSK_CARD__TEST_ROOTS": PIN}
    resolved = load(tmp_path, machine=machine, environment=free)
    assert resolved.settings.service.site == "zuid"
    assert resolved.settings.card.test_roots == (PIN,)
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, machine=machine, spoken={"card.readers": ["other"]})
    assert mistakes(caught).keys() == {"card.readers"}


def test_a_release_does_not_open_what_the_same_file_locks(tmp_path: Path) -> None:
    machine = 'locked = ["service.site"]\nreleased = ["service"]\nservice.site = "zuid"'
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, machine=machine, environment={"KIOSK_SERVICE__SITE": "noord"})
    assert mistakes(caught)["service.site"].startswith("locked by")


@pytest.mark.parametrize(
    "name", ["card.chip_prof", "*", "card*", "Card.chip_proof", "card.chip_proof, card.legacy", ""]
)
@pytest.mark.parametrize("list_", ["locked", "released"])
def test_a_lock_on_nothing_is_a_mistake(tmp_path: Path, list_: str, name: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, machine=f'{list_} = ["{name}"]', environment={})
    assert mistakes(caught)[name] == "locks or releases no known key"


@pytest.mark.parametrize("line", ['locked = ["card"]', 'released = ["service"]'])
def test_only_the_machines_own_file_locks(tmp_path: Path, line: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(tmp_path, config=line, environment=TEST_SERVICE)
    assert mistakes(caught).keys() == {"locked"}


def test_a_machine_file_that_cannot_be_read_is_not_an_absent_one(tmp_path: Path) -> None:
    own = tmp_path / "machine.toml"
    own.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ConfigurationError, match=r"machine\.toml"):
        settings.load(None, TEST_SERVICE, None, own)


def test_a_folder_in_the_way_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "lstat", refuse)
    with pytest.raises(ConfigurationError, match="No such file"):
        settings.load(None, TEST_SERVICE, None, tmp_path / "machine.toml")


def test_without_a_machine_file_nothing_is_locked(tmp_path: Path) -> None:
    assert load(tmp_path, environment=TEST_SERVICE).settings.is_test


def test_a_second_managed_layer_may_set_what_only_administrators_set() -> None:
    first = layered.Layer("machine", {"environment": "test"}, managed=True)
    policy = layered.Layer("policy", {"environment": "production"}, managed=True)
    resolved = layered.resolve(Settings, [first, policy], settings.PROTECTED)
    assert resolved.settings.environment == "production"
    strict = layered.Layer("machine", {}, locked=("environment",), managed=True)
    with pytest.raises(ConfigurationError):
        layered.resolve(Settings, [strict, policy], settings.PROTECTED)


def test_secrets_are_known() -> None:
    assert layered.is_secret(Settings, "service.client.key")
    assert not layered.is_secret(Settings, "service.client.id")
    assert layered.value_of(Settings(), "service.client.auth") == "private-key-jwt"


def test_the_machine_file_has_its_place() -> None:
    assert settings.machine_file().name == "kiosk.toml"


@pytest.mark.parametrize("key", ["TRUST_LIST", "TRUST_KEY"])
def test_a_trust_list_and_its_key_go_together(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(tmp_path, environment={**TEST_SERVICE, f"KIOSK_CARD__{key}": "/etc/somewhere"})
    assert list(mistakes(error)) == ["card.trust_list"]


@pytest.mark.parametrize("key", ["trust_list", "trust_key"])
def test_only_the_administrator_says_who_signs_roots(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        load(
            tmp_path,
            machine='environment = "test"\nservice.url = "http://127.0.0.1:1"\n'
            'service.client.auth = "none"\n'
            '[card]\ntrust_list = "/etc/list"\ntrust_key = "/etc/key"\n',
            environment={f"KIOSK_CARD__{key.upper()}": "/tmp/own"},
        )
    assert list(mistakes(error)) == [f"card.{key}"]
