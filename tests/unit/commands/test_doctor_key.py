"""The layer of ``kiosk doctor`` about the key of this terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.commands.doctor_findings import State
from kiosk.commands.doctor_key import credentials
from kiosk.domain.problem import KioskError
from kiosk.settings import ClientSettings
from tests.support.signing import ec_key, private_file
from tests.support.tokens import PIN, TokenBox, token_box

ATTEMPT = (sys.executable, "-m", "kiosk", "doctor", "--try-module")
STARTS = (sys.executable, "-c", "")


@pytest.fixture
def box(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TokenBox]:
    yield from token_box(tmp_path_factory, monkeypatch)


def own(key: str) -> ClientSettings:
    return ClientSettings(id="desk-1", key=key)


def test_a_key_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "key.pem"
    with pytest.raises(KioskError, match="K502"):
        credentials(own(f"file:{file}"), ())
    key = own(private_file(ec_key(), file))
    file.chmod(0o640)
    assert credentials(key, ()).state is State.OK
    file.chmod(0o644)
    finding = credentials(key, ())
    assert finding.state is State.WARNING
    assert str(file) not in finding.detail + finding.next


def test_no_key_is_needed() -> None:
    assert credentials(ClientSettings(auth="none", key="pkcs11:"), ()).state is State.OK


def test_a_key_in_a_token(box: TokenBox) -> None:
    box.make_ec()
    finding = credentials(own(box.uri()), ATTEMPT)
    assert (finding.state, finding.next) == (State.OK, "")
    box.pin_file.chmod(0o644)
    finding = credentials(own(box.uri()), STARTS)
    assert (finding.state, "chmod o=" in finding.next) == (State.WARNING, True)
    assert str(box.pin_file) not in finding.detail + finding.next


def test_a_pin_in_the_settings(box: TokenBox) -> None:
    box.make_ec()
    finding = credentials(own(box.uri(pin=f"pin-value={PIN}")), STARTS)
    assert (finding.state, "pin-source" in finding.next) == (State.WARNING, True)
    assert PIN not in repr(finding)


def test_a_key_is_not_seen_without_a_pin(box: TokenBox) -> None:
    box.make_ec()
    with pytest.raises(KioskError, match="K502"):
        credentials(own(box.uri(pin="x=1")), STARTS)


@pytest.mark.parametrize(
    ("script", "told"),
    [("raise SystemExit(78)", "cannot be started"), ("import os; os.abort()", "ends the program")],
)
def test_a_module_that_fails_is_not_loaded_here(box: TokenBox, script: str, told: str) -> None:
    finding = credentials(own(box.uri()), (sys.executable, "-c", script))
    assert (finding.state, finding.code) == (State.FAILED, "K503")
    assert told in finding.detail
    assert "module-path" in finding.next
    assert box.calls == []


def test_a_pin_that_was_refused_is_tried_when_somebody_looks(box: TokenBox) -> None:
    box.make_ec()
    box.write_pin("00000000")
    before = box.logins
    for _ in range(2):
        with pytest.raises(KioskError, match="K505"):
            credentials(own(box.uri()), STARTS)
    assert box.logins == before + 2
