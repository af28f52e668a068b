"""``kiosk doctor`` on a made-up PC/SC service: every layer, whatever the one before said."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk import __main__ as program
from kiosk.agent.watchdog import Watchdog
from kiosk.cardreader import pcsc
from kiosk.cardreader.simulator.layout import Applet
from kiosk.cardreader.simulator.slot import SimulatedSlot
from kiosk.commands import doctor, doctor_card, doctor_findings, doctor_machine
from kiosk.commands.doctor_findings import ORDER, State
from kiosk.domain.problem import KioskError, ProblemCode
from tests.support.cards import Cards
from tests.support.fake_scard import FakeScard

READER = "ACME Reader 00 00"
REFUSED = 0x8010006A
CONFIGURATION = {
    "KIOSK_ENVIRONMENT": "test",
    "KIOSK_SERVICE__URL": "http://127.0.0.1:9",
    "KIOSK_SERVICE__CLIENT__AUTH": "none",
}

Rows = dict[str, dict[str, str]]
Doctor = Callable[..., tuple[int, Rows]]


class Ended(BaseException):
    """Stands in for the end of the process."""


@pytest.fixture
def scard(monkeypatch: pytest.MonkeyPatch) -> FakeScard:
    return FakeScard(READER).install(monkeypatch)


@pytest.fixture
def look(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Doctor:
    monkeypatch.setattr(doctor, "keep_memory_private", lambda: None)
    monkeypatch.setenv("KIOSK_CARD__CACHE_FOLDER", str(tmp_path / "cache"))
    monkeypatch.setenv("PCSCLITE_CSOCK_NAME", str(tmp_path))
    monkeypatch.setattr(doctor_machine, "_USB_DEVICES", tmp_path)
    for name, value in CONFIGURATION.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> tuple[int, Rows]:
        status = program.main(["doctor", "--json", *arguments])
        report = json.loads(capsys.readouterr().out)
        assert report["ok"] is (status == 0)
        return status, {row["layer"]: row for row in report["layers"]}

    return run


def states(rows: Rows) -> dict[str, str]:
    return {name: row["state"] for name, row in rows.items()}


def test_every_layer_is_told_once_and_in_order(scard: FakeScard, look: Doctor) -> None:
    status, rows = look()
    assert status == 20
    assert list(rows) == [layer for layer in ORDER if layer != "pkcs11"]
    assert rows["service"]["code"] == "K401"
    assert rows["reader"]["detail"] == READER
    assert rows["card"]["detail"] == "no card in"
    behind = {rows[layer]["detail"] for layer in doctor_card.LAYERS[1:]}
    assert behind == {"not looked at"}
    assert scard.leftovers() == (0, 0, 0)


def test_a_wrong_configuration_keeps_nobody_from_looking_on(
    scard: FakeScard, look: Doctor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_NONSENSE", "1")
    status, rows = look()
    assert status == 78
    assert rows["configuration"]["code"] == rows["service"]["code"] == "K501"
    assert rows["service"]["detail"] == "not asked"
    assert states(rows)["pcsc"] == states(rows)["reader"] == "ok"


def test_a_user_without_the_right_is_told_of_the_polkit_rule(
    scard: FakeScard, look: Doctor
) -> None:
    scard.service = REFUSED
    status, rows = look()
    assert status == 10
    assert rows["pcsc"]["code"] == rows["permission"]["code"] == "K102"
    assert "org.debian.pcsc-lite.access_card" in rows["permission"]["next"]


def test_the_right_to_the_card_is_another_one(scard: FakeScard, look: Doctor) -> None:
    scard.insert(READER)
    scard.fail("SCardConnect", REFUSED)
    status, rows = look()
    assert status == 10
    assert states(rows)["pcsc"] == "ok"
    assert rows["card"]["code"] == rows["permission"]["code"] == "K102"


def test_no_service_leaves_the_card_alone(scard: FakeScard, look: Doctor) -> None:
    scard.stop()
    status, rows = look()
    assert status == 10
    assert rows["pcsc"]["code"] == rows["reader"]["code"] == "K101"
    assert rows["card"]["detail"] == rows["driver"]["detail"] == "not looked at"


def test_a_card_that_is_no_eid(scard: FakeScard, look: Doctor) -> None:
    scard.insert(READER)
    scard.answers = [(0, [0x6A, 0x82])] * 9
    status, rows = look()
    assert status == 13
    assert rows["applet"]["code"] == "K203"
    assert states(rows)["card"] == "ok"


def test_a_module_that_cannot_be_loaded_is_not_loaded_here(
    scard: FakeScard, look: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(b"no module")
    monkeypatch.setenv("KIOSK_CARD__BACKEND", "pkcs11")
    monkeypatch.setenv("KIOSK_CARD__PKCS11_MODULE", str(module))
    scard.insert(READER)
    status, rows = look()
    assert status == 78
    assert rows["pkcs11"]["code"] == "K501"
    assert rows["card"]["detail"] == "not looked at"
    assert program.main(["doctor", "--try-module", str(module)]) == 78


def test_what_blocks_this_process_is_told(
    scard: FakeScard, look: Doctor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expire: list[Callable[[ProblemCode], None]] = []

    def watchdog(expired: Callable[[ProblemCode], None]) -> Watchdog:
        expire.append(expired)
        return Watchdog(expired)

    def blocked() -> tuple[str, ...]:
        expire[0](ProblemCode.PCSC_DOWN)
        raise AssertionError

    def end(status: int) -> None:
        raise Ended(status)

    monkeypatch.setattr(doctor, "Watchdog", watchdog)
    monkeypatch.setattr(pcsc, "reader_names", blocked)
    monkeypatch.setattr(os, "_exit", end)
    file = tmp_path / "support.zip"
    with pytest.raises(Ended) as ended:
        look("--bundle", str(file))
    assert ended.value.args == (10,)
    with zipfile.ZipFile(file) as archive:
        report = json.loads(archive.read("doctor.json"))
    rows = {row["layer"]: row for row in report["layers"]}
    assert rows["pcsc"]["state"] == "ok"
    assert rows["reader"]["code"] == "K101"
    assert rows["chip"]["detail"] == "not looked at"


def test_a_bundle_replaces_nothing(
    scard: FakeScard, look: Doctor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "support.zip"
    file.write_text("mine")
    assert program.main(["doctor", "--bundle", str(file)]) == 64
    assert file.read_text() == "mine"
    out, err = capsys.readouterr()
    assert out == ""
    assert "is there already" in err
    assert scard.calls == []
    assert program.main(["doctor", "--bundle", str(tmp_path / "none" / "a.zip")]) == 64
    assert "no folder" in capsys.readouterr().err


def test_a_bundle_that_cannot_be_written_says_so(
    scard: FakeScard, look: Doctor, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "support.zip"
    file.symlink_to(tmp_path / "none" / "elsewhere")
    assert program.main(["doctor", "--bundle", str(file)]) == 64
    assert "support.zip: " in capsys.readouterr().err


def test_people_get_lines(
    scard: FakeScard, look: Doctor, capsys: pytest.CaptureFixture[str]
) -> None:
    scard.plug("\x1b[31mRed")
    assert program.main(["doctor"]) == 20
    lines = capsys.readouterr().out.splitlines()
    assert "ok       configuration  environment test" in lines
    assert any(line.lstrip().startswith("-> Put a card in") for line in lines)
    assert "\x1b" not in "".join(lines)


def found(cards: Cards, applet: Applet, *faults: str) -> dict[str, Any]:
    slot = SimulatedSlot(cards.card(applet, *faults))
    try:
        findings = doctor_card.read_card(cards.reader(), slot)
    except KioskError as error:
        findings = doctor_card.of_problem(error.problem.code)
    assert {finding.layer for finding in findings} == set(doctor_card.LAYERS)
    return {finding.layer: finding for finding in findings}


def test_a_proven_card_is_told_without_the_person(cards: Cards) -> None:
    card = cards.card(Applet.V1_8)
    findings = doctor_card.read_card(cards.reader(), SimulatedSlot(card))
    assert {finding.state for finding in findings} == {State.OK}
    told = doctor_findings.told(findings, json_wanted=False)
    assert "applet 1.8, proven by its chip" in told
    assert f"{card.log.bytes} bytes in {card.log.commands} commands" in told
    for personal in (card.persona.given_names, card.persona.surname, card.persona.number):
        assert personal not in told


def test_an_old_card_is_called_legacy_and_has_no_chip_to_ask(cards: Cards) -> None:
    findings = found(cards, Applet.V1_1)
    assert "legacy" in findings["signature"].detail
    assert findings["chip"].detail.startswith("not asked")


@pytest.mark.parametrize(
    ("fault", "layer", "unseen"),
    [
        ("not-an-eid", "applet", {"files", "root", "signature", "chip"}),
        ("unknown-root", "root", {"signature", "chip"}),
        ("flip:4031:40", "signature", {"chip"}),
        ("chip-copied", "chip", set()),
        ("expired", "card", set()),
    ],
)
def test_the_layer_that_fails_is_named(
    cards: Cards, fault: str, layer: str, unseen: set[str]
) -> None:
    findings = found(cards, Applet.V1_8, fault)
    failing = {name for name, one in findings.items() if one.state is State.FAILED}
    waiting = {name for name, one in findings.items() if one.state is State.WARNING}
    assert failing == {layer}
    assert waiting == unseen


@pytest.mark.parametrize("code", ProblemCode)
def test_every_problem_of_a_read_has_one_layer(code: ProblemCode) -> None:
    findings = doctor_card.of_problem(code)
    assert sorted(finding.layer for finding in findings) == sorted(doctor_card.LAYERS)
    assert [finding.code for finding in findings if finding.code] == [code.code]


def test_the_person_is_forgotten_at_once(cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[Any] = []
    reader = cards.reader()

    class Remembering:
        def read(self, slot: Any) -> Any:
            readings.append(reader.read(slot))
            return readings[0]

    doctor_card.read_card(Remembering(), SimulatedSlot(cards.card(Applet.V1_8)))
    buffer = readings[0].identity.national_number._digits
    assert not any(digit in b"123456789" for digit in bytes(buffer))


def test_an_error_nobody_expected_tells_its_place_and_not_its_text(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def broken() -> Any:
        raise RuntimeError("the text of an error may hold anything")

    finding = doctor_findings.guarded("clock", broken)
    assert finding.code == "K901"
    assert "anything" not in str(finding) + capsys.readouterr().err
