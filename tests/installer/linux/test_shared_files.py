"""What the packages add to the program: settings, manual, menu entries. Nothing is built here."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from installer import linux
from installer.drawing import on_a_tile
from kiosk import __main__ as program
from kiosk import settings
from kiosk.commands.exit_status import ExitStatus
from kiosk.layered import flatten, is_secret
from kiosk.settings import Settings

SHARED = Path(linux.__file__).parent / "shared"
CONFIG = (SHARED / "kiosk.toml").read_text("utf-8")
MANUAL = (SHARED / "kiosk.1").read_text("utf-8")
SETTING = re.compile(r"(?m)^#(?=[a-z_0-9]+ = )")
FILLED_IN = {
    "url": '"https://tariff.example.org"',
    "id": '"terminal-1"',
    "key": '"file:/etc/tariefwijzer/terminal.key"',
    "token_url": '"https://login.example.org/token"',
}


def known() -> dict[str, object]:
    """Every setting with its default."""
    return dict(_values(Settings()))


def _values(one: object, above: str = "") -> Iterator[tuple[str, object]]:
    for name in type(one).__slots__:  # type: ignore[attr-defined]  # dataclasses with slots
        value = getattr(one, name)
        if hasattr(type(value), "__slots__") and type(value).__module__ == settings.__name__:
            yield from _values(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def uncommented() -> dict[str, object]:
    """Every setting in the file, with what is written there."""
    return flatten(tomllib.loads(SETTING.sub("", CONFIG)))


def test_the_settings_say_nothing_as_they_are_installed() -> None:
    assert flatten(tomllib.loads(CONFIG)) == {}


def test_the_settings_explain_every_key_and_no_other() -> None:
    assert uncommented().keys() - {"locked", "released"} == known().keys()


def test_what_is_shown_is_the_default() -> None:
    examples = {f"service.{key}" for key in ("url", "ca_file")} | {
        f"service.client.{key}" for key in ("id", "key", "token_url")
    }
    for key, default in known().items():
        if key not in examples and not is_secret(Settings, key):
            shown = uncommented()[key]
            plain = getattr(default, "value", default)
            assert shown == (list(plain) if isinstance(plain, tuple) else plain), key


def test_the_settings_are_right_once_the_four_lines_are_filled_in(tmp_path: Path) -> None:
    text = CONFIG
    for key, value in FILLED_IN.items():
        text, found = re.subn(rf"(?m)^#{key} = .*$", f"{key} = {value}", text)
        assert found == 1
    path = tmp_path / "kiosk.toml"
    path.write_text(text, "utf-8")
    loaded = settings.load(None, {}, machine=path).settings
    assert loaded.service.url == "https://tariff.example.org"


def test_the_manual_tells_every_command_and_every_exit_status() -> None:
    for name in program._COMMANDS:
        assert re.search(rf"(?m)^\.It Cm {name}\b", MANUAL), name
    for status in ExitStatus:
        assert f"\n.It {status.value}\n" in MANUAL, status


@pytest.mark.parametrize(
    "command", ["check", "demo", "desk", "doctor", "enrol", "self-service", "version"]
)
def test_the_manual_tells_every_option(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program.main([command, "--help"])
    for option in re.findall(r"--([a-z-]+)", capsys.readouterr().out):
        assert f"Fl -{option}" in MANUAL, option


def test_the_manual_is_well_formed(tmp_path: Path) -> None:
    page = tmp_path / "kiosk.1"
    page.write_text(MANUAL.replace("@DATE-IN-WORDS@", "January 1, 2026"), "utf-8")
    checks = {
        "mandoc": ("mandoc", "-T", "lint", "-W", "warning,stop", str(page)),
        "man": ("man", "--warnings", "--local-file", str(page)),
    }
    for name, command in checks.items():
        if shutil.which(name) is None:
            pytest.skip(f"missing packages: {name.replace('man', 'man-db', 1)}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert done.stderr == ""


@pytest.mark.parametrize("name", ["tariefwijzer", "tariefwijzer-demo"])
def test_the_menu_entry_is_well_formed(name: str) -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("missing packages: desktop-file-utils")
    path = SHARED / f"{name}.desktop"
    done = subprocess.run(["desktop-file-validate", path], capture_output=True, check=False)
    assert done.stdout + done.stderr == b""
    text = path.read_text("utf-8")
    for field in ("Name", "GenericName", "Comment"):
        assert f"\n{field}=" in text
    for field in ("GenericName", "Comment", "Keywords"):
        assert f"\n{field}[nl]=" in text
        assert f"\n{field}[fr]=" in text


def test_the_description_for_software_centres_is_well_formed(tmp_path: Path) -> None:
    if shutil.which("appstreamcli") is None:
        pytest.skip("missing packages: appstream")
    text = (SHARED / "tariefwijzer.metainfo.xml").read_text("utf-8")
    page = tmp_path / "tariefwijzer.metainfo.xml"
    filled = text.replace("@VERSION@", "1.0").replace("@DATE@", "2026-01-01")
    page.write_text(filled, "utf-8")
    command = ("appstreamcli", "validate", "--no-net", str(page))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_icon_is_a_drawing_with_a_ground_and_a_colour() -> None:
    made = on_a_tile('<svg viewBox="0 0 24 24" stroke="currentColor"><path d="M1 1"/></svg>')
    root = ET.fromstring(made)
    assert root.get("stroke") == "#ffffff"
    assert [child.tag for child in root] == ["rect", "g"]
