"""The MSI on a Windows: silent installation, upgrade, repair, removal, by Wine's msiexec."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from PySide6.QtGui import QImage

import kiosk
from tests.installer.windows.conftest import GONE_SINCE, NEWER, OLDER, Built
from tests.installer.windows.machine import KIOSK, MACHINE_FOLDER, PROGRAMS, Machine

pytestmark = [
    pytest.mark.installer,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("installer-windows"),
]

URL = "https://tariff.example.org"
GIVEN = (f"SERVICEURL={URL}", "MODE=self-service")
POLICY = {"service.url": URL, "mode": "self-service"}
SETTINGS = f"""
[service.client]
id = "terminal-1"
key = 'file:{MACHINE_FOLDER}\\key.pem'
token_url = "https://tokens.example.org/token"
"""


@pytest.fixture
def configured(machine: Machine, package: Path) -> Machine:
    """A machine with Tariefwijzer and with what only its administrator knows."""
    machine.install(package, *GIVEN)
    write_settings(machine)
    return machine


def write_settings(machine: Machine) -> Path:
    folder = machine.wine.inside(str(MACHINE_FOLDER))
    key = ec.generate_private_key(ec.SECP256R1())
    text = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(text)
    (folder / "kiosk.toml").write_text(SETTINGS, "utf-8")
    return folder / "kiosk.toml"


def test_a_silent_installation_puts_all_in_its_place(machine: Machine, first: Built) -> None:
    machine.install(first.package, *GIVEN)
    assert machine.policy() == POLICY
    assert machine.installed_files() == set(first.hashes)
    assert [path.stem for path in machine.shortcuts()] == ["Tariefwijzer"]
    assert b"kiosk-window.exe" in machine.shortcuts()[0].read_bytes().replace(b"\0", b"")
    assert list(machine.listed().values()) == [kiosk.__version__]
    assert machine.wine.inside(str(MACHINE_FOLDER)).is_dir()


def test_a_removal_leaves_nothing(machine: Machine, package: Path) -> None:
    before = set(machine.files())
    machine.install(package, *GIVEN)
    machine.remove(package)
    assert machine.traces() == []
    assert set(machine.files()) == before


def test_without_properties_nothing_is_set(machine: Machine, package: Path) -> None:
    machine.install(package)
    assert machine.policy() == {}
    assert KIOSK.name in machine.installed_files()


@pytest.mark.parametrize("wrong", ["MODE=kitchen", "SERVICEURL=http://tariff.example.org"])
def test_a_wrong_property_installs_nothing(machine: Machine, package: Path, wrong: str) -> None:
    assert machine.refuses(package, wrong)


def test_the_installed_program_says_what_it_is(machine: Machine, package: Path) -> None:
    machine.install(package)
    versions = json.loads(machine.wine.run([KIOSK, "version", "--json"]))
    assert versions["version"] == kiosk.__version__
    assert versions["python"].startswith("3.13.")
    assert versions["pcsc"].endswith("winscard.dll")
    assert not {"unknown", "not installed"} & set(versions.values())


def test_the_installed_program_obeys_the_policy(configured: Machine) -> None:
    shown = configured.wine.run([KIOSK, "config", "show"])
    assert f'service.url = "{URL}"  # HKLM' in shown
    assert 'mode = "self-service"  # HKLM' in shown
    assert 'service.client.id = "terminal-1"  # C:' in shown


@pytest.mark.parametrize("mode", ["desk", "self-service"])
@pytest.mark.parametrize("program", ["kiosk.exe", "kiosk-window.exe"])
def test_the_window_opens_and_its_agent_answers(
    configured: Machine, mode: str, program: str, tmp_path: Path
) -> None:
    picture = tmp_path / "window.png"
    configured.wine.run(
        [PROGRAMS / program, mode, "--trial", picture],
        environment={"QT_QPA_PLATFORM": "offscreen"},
    )
    image = QImage(str(picture))
    assert (image.width(), image.height()) >= (800, 600)
    colours = {
        image.pixel(x, y) for x in range(0, image.width(), 4) for y in range(0, image.height(), 4)
    }
    assert len(colours) > 10


def test_an_upgrade_goes_on_with_the_settings(machine: Machine, older: Path, first: Built) -> None:
    machine.install(older, *GIVEN)
    own = write_settings(machine)
    assert list(machine.listed().values()) == [OLDER]
    assert GONE_SINCE in machine.installed_files()
    machine.install(first.package)
    assert list(machine.listed().values()) == [kiosk.__version__]
    assert machine.policy() == POLICY
    assert machine.installed_files() == set(first.hashes)
    assert own.read_text("utf-8") == SETTINGS


def test_an_upgrade_takes_a_new_value(machine: Machine, older: Path, package: Path) -> None:
    machine.install(older, *GIVEN)
    machine.install(package, "SERVICEURL=https://other.example.org")
    assert machine.policy() == POLICY | {"service.url": "https://other.example.org"}


def test_an_upgrade_keeps_what_a_group_policy_changed(
    machine: Machine, older: Path, package: Path
) -> None:
    machine.install(older, *GIVEN)
    machine.set_policy("service.url", "https://group.example.org")
    machine.install(package)
    assert machine.policy() == POLICY | {"service.url": "https://group.example.org"}


def test_what_a_group_policy_set_is_not_ours_to_remove(
    machine: Machine, older: Path, package: Path
) -> None:
    machine.set_policy("mode", "desk")
    machine.install(older, f"SERVICEURL={URL}")
    machine.install(package)
    machine.remove(package)
    assert machine.policy() == {"mode": "desk"}


def test_an_older_package_does_not_replace_a_newer_one(
    machine: Machine, newer: Path, package: Path
) -> None:
    machine.install(newer)
    assert not machine.refuses(package)
    assert list(machine.listed().values()) == [NEWER]


def test_a_repair_brings_back_files_and_values(machine: Machine, first: Built) -> None:
    machine.install(first.package, *GIVEN)
    machine.wine.inside(str(KIOSK)).unlink()
    shutil.rmtree(machine.wine.inside(str(PROGRAMS / "_internal" / "resources")))
    machine.unset_policy("mode")
    machine.repair(first.package)
    assert machine.policy() == POLICY
    assert machine.installed_files() == set(first.hashes)


def test_the_administrators_file_outlives_the_program(machine: Machine, package: Path) -> None:
    machine.install(package, *GIVEN)
    own = write_settings(machine)
    machine.remove(package)
    assert own.read_text("utf-8") == SETTINGS
    assert machine.installed_files() == set()
    assert machine.policy() == {}
