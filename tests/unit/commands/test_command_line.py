"""The command line itself: what it takes, what it says, how it ends."""

from __future__ import annotations

import importlib.util
import io
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kiosk import __main__ as program
from kiosk.commands import check, version
from kiosk.domain.problem import ProblemCode
from kiosk.ui.staff import StaffLock

TEST_SERVICE = """
environment = "test"
[service]
url = "http://127.0.0.1:9"
client.auth = "none"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "kiosk.toml"
    path.write_text(TEST_SERVICE)
    return str(path)


def run(*arguments: str) -> int:
    try:
        return program.main(arguments)
    except SystemExit as ended:
        return int(ended.code or 0)


@pytest.mark.parametrize(
    "arguments",
    [[], ["dance"], ["check", "--timeout"], ["check", "--use-case", "parking"], ["config"]],
    ids=repr,
)
def test_a_wrong_command_line_ends_with_64(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 64
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: kiosk")


def test_help_is_no_mistake(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    printed = capsys.readouterr().out
    for command in ("check", "doctor", "enrol", "config", "version", "simulate-card", "demo"):
        assert command in printed


@pytest.mark.parametrize("url", ["tariff.example", "http://tariff.example", "ftp://127.0.0.1"])
def test_a_machine_is_enrolled_over_a_safe_line_only(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    key = str(tmp_path / "key")
    assert run("enrol", "--url", url, "--code", "x", "--key", key) == 64
    assert "https://" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_is_away_leaves_no_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("enrol", "--url", "http://127.0.0.1:9", "--code", "x")
    assert run(*arguments, "--key", str(tmp_path / "key")) == 20
    assert "K401" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_key_that_cannot_be_kept_uses_no_code_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    arguments = ("enrol", "--url", "http://127.0.0.1:9", "--code", "x")
    assert run(*arguments, "--key", str(tmp_path / "file" / "key")) == 78
    assert "kiosk enrol: " in capsys.readouterr().err


IN_A_TOKEN = "pkcs11:token=a;object=b?module-path=/nowhere/token.so"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("pkcs11:object=b", "needs token or serial"),
        (f"{IN_A_TOKEN}&pin-value=93517042", "has a PIN in it"),
        (f"{IN_A_TOKEN}&pin-value=935 17042", "RFC 7512"),
    ],
)
def test_a_name_of_no_key_in_a_token(
    key: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ("enrol", "--url", "http://127.0.0.1:9", "--code", "x")
    assert run(*arguments, "--key", key) == 64
    said = capsys.readouterr().err
    assert told in said
    assert "17042" not in said


def test_a_token_whose_module_is_missing_uses_no_code_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ("enrol", "--url", "http://127.0.0.1:9", "--code", "x")
    assert run(*arguments, "--key", IN_A_TOKEN) == 78
    assert "K503" in capsys.readouterr().err


def test_what_is_not_installed_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    for command in ("simulate-card", "demo"):
        assert run(command) == 64
        assert f"{command} is not part of this installation" in capsys.readouterr().err


def test_an_interruption_is_quiet(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(check, "wait_for_card", interrupted)
    assert run("--config", config, "check") == 130
    assert capsys.readouterr() == ("", "")


def test_an_error_nobody_expected_tells_its_place_and_not_its_text(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the text of an error may hold anything")

    monkeypatch.setattr(check, "wait_for_card", broken)
    assert run("--config", config, "check", "--json") == 70
    out, err = capsys.readouterr()
    assert json.loads(out)["code"] == "K901"
    assert err.startswith("K901 RuntimeError in broken:")
    assert "anything" not in out + err


def test_only_the_first_outcome_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    output = check.Output(as_json=True)
    assert output.problem(ProblemCode.CARD_SILENT) == 14
    assert output.problem(ProblemCode.CARD_REMOVED_EARLY) == 14
    assert json.loads(capsys.readouterr().out)["code"] == "K207"


def test_config_show_tells_values_and_origins(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KIOSK_SERVICE__CLIENT__KEY", "file:/secret/place.pem")
    monkeypatch.setenv("KIOSK_CARD__READERS", "acr, cherry")
    assert run("--config", config, "config", "show") == 0
    out = capsys.readouterr().out
    assert f'environment = "test"  # {config}' in out
    assert 'card.readers = ["acr", "cherry"]  # environment variables' in out
    assert 'card.chip_proof = "when-supported"  # built-in default' in out
    assert 'service.client.key = "********"  # environment variables' in out
    assert "secret" not in out


def test_config_check_is_right_or_tells_everything(
    config: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--config", config, "config", "check") == 0
    assert "right" in capsys.readouterr().out
    monkeypatch.setenv("KIOSK_ENVIROMENT", "test")
    assert run("--config", config, "config", "check") == 78
    assert run("--config", config, "config", "show") == 78
    assert "did you mean environment?" in capsys.readouterr().err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("version") == 0
    assert "qt" in capsys.readouterr().out
    assert run("version", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told.keys() >= {"version", "commit", "qt", "python", "pcsc"}


def test_what_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert version.installed("no-such-package") == "not installed"
    assert version.commit(tmp_path) == "unknown"


def test_the_commit_of_a_checkout(tmp_path: Path) -> None:
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    (git / "refs" / "heads" / "main").write_text("abc123\n")
    assert version.commit(tmp_path) == "abc123"
    (git / "HEAD").write_text("def456\n")
    assert version.commit(tmp_path) == "def456"


@pytest.mark.expects_log("kiosk.staff", "refused")
def test_the_staff_pin_is_kept_as_a_hash_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], config: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("246810\n"))
    assert run("config", "pin") == 0
    printed = capsys.readouterr().out
    assert "246810" not in printed
    Path(config).write_text(f"{TEST_SERVICE}{printed}")
    assert run("--config", config, "config", "show") == 0
    shown = capsys.readouterr().out
    assert 'ui.staff_pin = "********"' in shown
    lock = StaffLock(tomllib.loads(printed)["ui"]["staff_pin"], lambda: 0.0)
    assert not lock.opens(bytearray(b"135791"))
    assert StaffLock(tomllib.loads(printed)["ui"]["staff_pin"], lambda: 0.0).opens(
        bytearray(b"246810")
    )


@pytest.mark.parametrize("typed", ["12345", "abcdef", "", "1234567890123"])
def test_a_pin_is_six_to_twelve_digits(
    typed: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
    assert run("config", "pin") == 64
    assert "digits" in capsys.readouterr().err


def test_a_plain_pin_in_the_file_is_a_mistake(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(config).write_text(f'{TEST_SERVICE}[ui]\nstaff_pin = "246810"\nlanguages = ["en"]\n')
    assert run("--config", config, "config", "check") == 78
    told = capsys.readouterr().err
    assert "246810" not in told
    assert "ui.staff_pin" in told
    assert "ui.languages" in told
