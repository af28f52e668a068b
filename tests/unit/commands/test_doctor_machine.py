"""The layers of ``kiosk doctor`` around a card."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from ctypes.util import find_library
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from kiosk.commands import doctor_machine
from kiosk.commands.doctor_findings import State
from kiosk.settings import CardSettings, Settings
from tests.support.middleware import SOFTHSM

MODULE = CardSettings(backend="pkcs11", pkcs11_module="/opt/eid/module.so")


@pytest.fixture
def usb(tmp_path: Path) -> Callable[..., Path]:
    def plug(name: str, kind: str) -> Path:
        interface = tmp_path / f"{name}:1.0"
        interface.mkdir()
        (interface / "bInterfaceClass").write_text(f"{kind}\n")
        device = tmp_path / name
        device.mkdir()
        (device / "idVendor").write_text("072f\n")
        (device / "idProduct").write_text("90cc\n")
        (device / "serial").write_text("SERIAL-4711\n")
        return tmp_path

    return plug


def test_a_reader_on_usb_without_a_driver(usb: Callable[..., Path]) -> None:
    devices = usb("1-2", "0b")
    usb("1-3", "03")
    finding = doctor_machine.driver([], devices)
    assert finding.state is State.WARNING
    assert "072f:90cc" in finding.detail
    assert "4711" not in finding.detail
    assert "libccid" in finding.next
    assert doctor_machine.driver(["ACS ACR38U 00 00"], devices).state is State.OK
    assert doctor_machine.driver(None, devices).detail == "not looked at"


def test_a_device_that_says_nothing_of_itself(usb: Callable[..., Path]) -> None:
    devices = usb("1-2", "0b")
    shutil.rmtree(devices / "1-2")
    assert doctor_machine.usb_readers(devices) == ["?:?"]


@pytest.mark.parametrize(
    ("there", "allowed", "state"),
    [(True, True, State.OK), (True, False, State.FAILED), (False, True, State.WARNING)],
)
def test_the_right_to_the_service(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, there: bool, allowed: bool, state: State
) -> None:
    socket = tmp_path / "pcscd.comm"
    if there:
        socket.touch()
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(socket))
    monkeypatch.setattr(os, "access", lambda *_: allowed)
    finding = doctor_machine.permission(refused=False)
    assert finding.state is state
    assert ("polkit" in finding.next) is not allowed


def test_windows_keeps_nobody_from_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert doctor_machine.permission(refused=False).state is State.OK
    assert doctor_machine.permission(refused=True).code == "K102"


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("", ""),
        ("raise SystemExit(78)", "K501"),
        ("import os; os.abort()", "K902"),
        ("raise SystemExit(1)", "K902"),
    ],
)
def test_a_module_is_loaded_elsewhere(script: str, code: str) -> None:
    finding = doctor_machine.module(MODULE, (sys.executable, "-c", script))
    assert finding.code == code
    assert finding.detail.startswith("module.so ")
    assert ("address and photo" in finding.detail) is (not code)


def test_a_module_that_does_not_return(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_machine, "_MODULE_SECONDS", 0.05)
    attempt = (sys.executable, "-c", "import threading; threading.Event().wait()")
    assert doctor_machine.module(MODULE, attempt).code == "K902"


def test_a_library_is_not_yet_a_module(tmp_path: Path) -> None:
    assert doctor_machine.try_module(str(tmp_path / "none.so")) == 78
    library = find_library("c")
    assert library
    assert doctor_machine.try_module(library) == 78


@pytest.mark.skipif(not SOFTHSM.exists(), reason="SoftHSM2 is missing (package softhsm2)")
def test_a_module_is_started_and_ended() -> None:
    assert doctor_machine.try_module(str(SOFTHSM)) == 0


def test_which_roots_count(tmp_path: Path) -> None:
    assert doctor_machine.trust(Settings()).state is State.OK
    key, cache = str(tmp_path / "key.pem"), str(tmp_path / "cache")
    card = CardSettings(trust_list=str(tmp_path / "no"), trust_key=key, cache_folder=cache)
    finding = doctor_machine.trust(Settings(card=card))
    assert finding.state is State.WARNING
    assert "refused: " in finding.detail
    tests = Settings(environment="test", card=CardSettings(test_roots=("ab" * 32,)))
    assert doctor_machine.trust(tests).detail.endswith("and 1 of a test")


def test_a_proxy_is_named_by_its_kind_only() -> None:
    secret = "http://an:secret@proxy.example:3128"
    finding = doctor_machine.proxy(lambda: {"https": secret, "http": secret})
    assert finding.detail == "none is used; the machine names some (http, https)"
    assert doctor_machine.proxy(dict).state is State.OK


def test_a_clock_that_is_behind(tmp_path: Path) -> None:
    product = tmp_path / "file"
    product.touch()
    os.utime(product, (1_800_000_000, 1_800_000_000))
    assert doctor_machine.clock(1_799_999_000, product).state is State.OK
    finding = doctor_machine.clock(0, product)
    assert (finding.state, finding.code) == (State.FAILED, "K501")
    assert "1970-01-01" in finding.detail
    assert doctor_machine.clock().state is State.OK


@pytest.mark.parametrize(
    ("seconds", "state", "told"),
    [
        (0, State.OK, "0 s behind"),
        (59, State.OK, "59 s ahead of"),
        (-60, State.WARNING, "60 s behind"),
        (299, State.WARNING, "299 s ahead of"),
        (-300, State.FAILED, "300 s behind"),
        (86_400 * 400, State.FAILED, "ahead of"),
    ],
)
def test_a_clock_that_differs_from_the_services(seconds: int, state: State, told: str) -> None:
    finding = doctor_machine.clock(ahead=timedelta(seconds=seconds))
    assert finding.state is state
    assert told in finding.detail
    assert bool(finding.next) is (state is not State.OK)
    assert finding.code == ("K501" if state is State.FAILED else "")


def test_room_for_certificates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = CardSettings(cache_folder=str(tmp_path / "one" / "two"))
    assert doctor_machine.disk(card).state is State.OK
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 20))
    assert doctor_machine.disk(card).detail.startswith("1 MB free for ")
    (tmp_path / "one").write_text("no folder")
    finding = doctor_machine.disk(card)
    assert finding.state is State.WARNING
    assert "card.cache_folder" in finding.next
