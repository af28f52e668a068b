"""The machine's policy, read from a stand-in for Windows' registry."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import pytest

from kiosk import machine_policy, settings
from kiosk.domain.policy import Mode
from kiosk.layered import ConfigurationError

Values = dict[str, object]
Put = Callable[[Values | OSError], None]

RIGHT: Values = {
    "service.url": "https://tariff.example.org",
    "service.client.id": "desk-4",
    "service.client.key": "file:desk-4.pem",
    "service.client.token_url": "https://tariff.example.org/v1/token",
}


class Registry(ModuleType):
    """As much of ``winreg`` as is asked for, with one key in it."""

    HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY = 2, 1, 256

    def __init__(self, values: Values | OSError) -> None:
        super().__init__("winreg")
        self._values = values

    @contextmanager
    def OpenKey(self, root: int, name: str, _: int, access: int) -> Iterator[Values]:  # noqa: N802 - as winreg calls it
        if isinstance(self._values, OSError):
            raise self._values
        if (root, name, access) != (2, r"Software\Policies\Tariefwijzer", 257):
            raise FileNotFoundError
        yield self._values

    def QueryInfoKey(self, key: Values) -> tuple[int, int, int]:  # noqa: N802 - as winreg calls it
        return 0, len(key), 0

    def EnumValue(self, key: Values, number: int) -> tuple[str, object, int]:  # noqa: N802 - as winreg calls it
        return (*list(key.items())[number], 1)


@pytest.fixture
def put(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Put:
    monkeypatch.setattr(settings, "machine_file", lambda: tmp_path / "kiosk.toml")
    return lambda values: monkeypatch.setitem(sys.modules, "winreg", Registry(values))


def mistakes(environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        settings.load(None, environment or {})
    return list(map(str, caught.value.mistakes))


def test_elsewhere_there_is_none() -> None:
    assert machine_policy.policy() is None


def test_no_key_is_no_policy(put: Put) -> None:
    put(FileNotFoundError())
    assert machine_policy.policy() is None


def test_values_are_named_as_the_keys_that_they_set(put: Put) -> None:
    put({**RIGHT, "mode": "self-service", "service.deadline_seconds": 4, "": "no name"})
    resolved = settings.load(None, {})
    assert resolved.settings.mode is Mode.SELF_SERVICE
    assert resolved.settings.service.url == "https://tariff.example.org"
    assert resolved.settings.service.deadline_seconds == 4
    assert resolved.origins["mode"] == r"HKLM\Software\Policies\Tariefwijzer"


@pytest.mark.parametrize("names", [["uitpas", "lez"], "uitpas, lez", '["uitpas", "lez"]'])
def test_a_list_is_several_lines_or_one(put: Put, names: object) -> None:
    put({**RIGHT, "service.use_cases": names})
    assert settings.load(None, {}).settings.service.use_cases == ("uitpas", "lez")


def test_it_wins_over_the_machines_file(put: Put, tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('[service]\nurl = "https://old.example.org"\n')
    put(RIGHT)
    assert settings.load(None, {}).settings.service.url == "https://tariff.example.org"


def test_it_locks_the_service_by_being_there(put: Put) -> None:
    put(RIGHT)
    (told,) = mistakes({"KIOSK_SERVICE__URL": "https://other.example.org"})
    assert told.startswith(r"service.url: locked by HKLM\Software\Policies\Tariefwijzer")


@pytest.mark.parametrize("names", [["ui.theme"], "ui.theme", '["ui.theme"]'])
def test_it_locks_what_it_names(put: Put, names: object) -> None:
    put({**RIGHT, "locked": names})
    (told,) = mistakes({"KIOSK_UI__THEME": "light"})
    assert told.startswith("ui.theme: locked by")


def test_it_releases_what_it_names(put: Put) -> None:
    put({**RIGHT, "released": ["service.site"]})
    assert settings.load(None, {"KIOSK_SERVICE__SITE": "zuid"}).settings.service.site == "zuid"


def test_mistakes_name_the_policy(put: Put) -> None:
    put({**RIGHT, "service.urll": "https://tariff.example.org", "mode": "kitchen"})
    assert [told.partition(":")[0] for told in mistakes()] == ["service.urll", "mode"]
    assert all(told.endswith(r"(HKLM\Software\Policies\Tariefwijzer)") for told in mistakes())


def test_a_key_that_cannot_be_read_is_a_mistake(put: Put) -> None:
    put(PermissionError(5, "Access is denied"))
    assert r"policy: Access is denied (HKLM\Software\Policies\Tariefwijzer)" in mistakes()


def test_a_file_that_sets_nothing_locks_nothing(put: Put, tmp_path: Path) -> None:
    """Packages bring one, for the administrator to fill in."""
    put(FileNotFoundError())
    (tmp_path / "kiosk.toml").write_text('# [service]\n# url = "https://…"\n[service]\n')
    environment = {
        "KIOSK_ENVIRONMENT": "test",
        "KIOSK_SERVICE__URL": "http://127.0.0.1:1",
        "KIOSK_SERVICE__CLIENT__AUTH": "none",
    }
    assert settings.load(None, environment).settings.is_test
