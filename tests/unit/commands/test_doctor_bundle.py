"""The file for support: complete, always the same, and without a person."""

from __future__ import annotations

import argparse
import io
import json
import platform
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.commands import doctor_bundle
from kiosk.commands.doctor_bundle import bundle, cleaner
from kiosk.commands.doctor_findings import Finding, fine, warning

NUMBER = "85613001239"
FOLDER = str(Path("/", "home", "jan"))


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(Path, "home", lambda: Path("/srv/people/an peeters"))
    monkeypatch.setenv("LOGNAME", "apeeters")
    monkeypatch.setattr("socket.gethostname", lambda: "loket3.stad.example")
    return "/srv/people/an peeters"


def members(*findings: Finding, config: Path | None = None) -> dict[str, str]:
    made = bundle(argparse.Namespace(config=config), findings, ["ACS ACR38U 00 00"])
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_what_is_in_it(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("KIOSK_ENVIRONMENT", "test")
    monkeypatch.setenv("KIOSK_SERVICE__URL", "http://127.0.0.1:9")
    monkeypatch.setenv("KIOSK_SERVICE__CLIENT__AUTH", "none")
    monkeypatch.setenv("KIOSK_SERVICE__CLIENT__KEY", "file:/secret/place.pem")
    monkeypatch.setenv("KIOSK_SERVICE__CLIENT__ID", "loket3")
    monkeypatch.setenv("KIOSK_UI__COUNTER", "Mevrouw Peeters")
    monkeypatch.setenv("KIOSK_CARD__CACHE_FOLDER", f"{home}/cache")
    found = members(fine("disk", f"7 MB free for {home}/cache"), warning("root", "not looked at"))
    assert sorted(found) == ["doctor.json", "settings.txt", "system.json", "versions.json"]
    report = json.loads(found["doctor.json"])
    assert report["ok"] is True
    assert report["layers"][0]["detail"] == "7 MB free for ~/cache"
    assert json.loads(found["system.json"])["readers"] == ["ACS ACR38U 00 00"]
    assert json.loads(found["versions.json"])["python"] == platform.python_version()
    settings = found["settings.txt"]
    assert 'card.cache_folder = "~/cache"  # environment variables' in settings
    assert 'service.client.key = "********"' in settings
    assert 'service.client.id = "(machine)"' in settings
    assert 'ui.counter = "(a text)"' in settings
    assert 'ui.desk.nl = ""' in settings
    everything = "".join(found.values()).casefold()
    for personal in ("peeters", "loket3", "secret/place"):
        assert personal not in everything


def test_a_wrong_configuration_is_told_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_ENVIROMENT", "test")
    assert "did you mean environment?" in members()["settings.txt"]


def test_the_same_facts_make_the_same_file() -> None:
    options = argparse.Namespace(config=None)
    findings = [fine("clock", "now")]
    assert bundle(options, findings, []) == bundle(options, findings, [])


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("/srv/people/an peeters/kiosk.toml: no file", "~/kiosk.toml: no file"),
        (f"{FOLDER}/x", "~/x"),
        ('"C:\\\\Users\\\\Jan Janssens\\\\x"', '"~\\\\x"'),
        ("C:\\Users\\Jan Janssens\\x", "~\\x"),
        ("APEETERS may not", "(user) may not"),
        ("at loket3.stad.example, loket3", "at (machine), (machine)"),
        ("loket30", "loket30"),
        (f"<{NUMBER}>", "<(number)>"),
        (f"{NUMBER[:2]}.{NUMBER[2:4]}.{NUMBER[4:6]}-{NUMBER[6:9]}.{NUMBER[9:]}", "(number)"),
        ("ab" * 32, "ab" * 32),
        ("0" * 64, "0" * 64),
    ],
)
def test_what_is_taken_out_of_a_text(text: str, cleaned: str) -> None:
    assert cleaner()(text) == cleaned


def test_technical_names_stay() -> None:
    clean = cleaner(user="root", host="localhost")
    assert clean("the root of localhost") == "the root of localhost"


def test_nobody_may_be_logged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> Any:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert cleaner()("a text") == "a text"


def test_a_system_without_a_release_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise OSError

    monkeypatch.setattr(platform, "freedesktop_os_release", missing)
    assert doctor_bundle._system([])["name"] == platform.version()


@given(st.text(), st.text())
def test_no_home_and_no_user_survives_any_text(before: str, after: str) -> None:
    clean = cleaner(user="jan", host="loket3")
    cleaned = clean(f"{before} {FOLDER}/{after}")
    assert FOLDER not in cleaned
