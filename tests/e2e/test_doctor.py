"""``kiosk doctor`` at a desk of real parts, and with broken ones."""

from __future__ import annotations

import base64
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people
from tests.support.desk import Desk, desk
from tests.support.middleware import SOFTHSM

pytestmark = pytest.mark.e2e

CANARY = people()["an-peeters"]
LAYERS = [
    *("configuration", "pcsc", "permission", "driver", "reader"),
    *("card", "applet", "files", "signature", "root", "chip"),
    *("trust", "proxy", "service", "credentials", "clock", "disk"),
]


def test_doctor_looks_at_every_layer(counter: Desk) -> None:
    with counter.card() as card:
        done = counter.kiosk("doctor", "--json")
        challenges = [one for one in card.exchanges if one["header"].startswith("0088")]
    report = json.loads(done.stdout)
    assert done.returncode == 0, report
    assert report["ok"]
    assert [layer["layer"] for layer in report["layers"]] == LAYERS
    assert {layer["state"] for layer in report["layers"]} == {"ok"}
    assert all(set(row) == {"layer", "state", "detail", "next", "code"} for row in report["layers"])
    assert "applet 1.8, proven by its chip" in done.stdout
    assert len(challenges) == 1


@pytest.mark.parametrize(
    ("fault", "status", "layer"),
    [
        ("silence:3", 14, "card"),
        ("mute", 14, "card"),
        ("not-an-eid", 13, "applet"),
        ("flip:4031:40", 15, "signature"),
        ("unknown-root", 15, "root"),
        ("chip-copied", 15, "chip"),
        ("expired", 16, "card"),
    ],
)
def test_doctor_says_which_layer_fails(counter: Desk, fault: str, status: int, layer: str) -> None:
    with counter.card("--fault", fault):
        done = counter.kiosk("doctor", "--json")
    rows = json.loads(done.stdout)["layers"]
    failed = [row for row in rows if row["state"] == "failed"]
    assert done.returncode == status
    assert [row["layer"] for row in rows] == LAYERS
    assert [row["layer"] for row in failed] == [layer]
    assert failed[0]["next"]


def test_doctor_names_a_service_that_hangs(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki) as one:
        one.stack.stop_pcscd()
        done = one.kiosk("doctor", "--json")
        one.stack.continue_pcscd()
    rows = {row["layer"]: row["code"] for row in json.loads(done.stdout)["layers"]}
    assert rows["pcsc"] == "K101"
    assert done.returncode == 10


def test_doctor_goes_on_after_a_failure(tmp_path: Path, pki: Path) -> None:
    with desk(tmp_path, pki, reader=False) as one:
        done = one.kiosk("doctor", KIOSK_NONSENSE="1")
    assert done.returncode == 78
    assert "failed   configuration" in done.stdout
    assert "ok       pcsc" in done.stdout
    assert "failed   reader" in done.stdout


@pytest.mark.skipif(not SOFTHSM.exists(), reason="SoftHSM2 is missing (package softhsm2)")
def test_doctor_says_what_a_module_can_read(counter: Desk) -> None:
    other_way = {"KIOSK_CARD__BACKEND": "pkcs11", "KIOSK_CARD__PKCS11_MODULE": str(SOFTHSM)}
    done = counter.kiosk("doctor", "--json", **other_way)
    rows = {row["layer"]: row for row in json.loads(done.stdout)["layers"]}
    assert rows["pkcs11"]["state"] == "ok"
    assert "address and photo" in rows["pkcs11"]["detail"]


def personal() -> Iterator[bytes]:
    """What must not be found, in every form that a program may have written it in."""
    number, chip = CANARY.number, CANARY.chip_number
    dotted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    texts = (number, number[:9], dotted, CANARY.printed_card_number, CANARY.surname)
    for text in (*texts, CANARY.given_names, CANARY.street):
        for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
            if len(text) > 2:
                yield text.encode(codec)
    for raw in (number.encode(), chip, CANARY.printed_card_number.encode()):
        yield from (raw.hex().encode(), raw.hex().upper().encode(), raw.hex(" ").encode())
        yield ", ".join(map(str, raw)).encode()
        yield from (base64.b64encode(b"x" * offset + raw)[4:-4] for offset in range(3))
    yield chip


def test_the_search_finds_what_is_there() -> None:
    said = f"{CANARY.surname}, {CANARY.number}, chip {CANARY.chip_number.hex()}".encode()
    assert len([form for form in personal() if form in said]) >= 3


@pytest.mark.parametrize(
    ("applet", "fault"),
    [("1.8", ""), ("1.7", ""), ("1.8", "flip:4031:40"), ("1.8", "expired"), ("1.8", "silence:6")],
)
def test_nobody_is_in_the_bundle(counter: Desk, tmp_path: Path, applet: str, fault: str) -> None:
    file = tmp_path / "support.zip"
    home = tmp_path / "anneke"
    home.mkdir()
    faults = ("--fault", fault) if fault else ()
    own = {"HOME": str(home), "LOGNAME": "anneke", "KIOSK_CARD__CACHE_FOLDER": f"{home}/cache"}
    with counter.card("--person", CANARY.id, "--applet", applet, *faults):
        done = counter.kiosk("doctor", "--bundle", str(file), **own)
    assert CANARY.number not in done.stdout + done.stderr
    with zipfile.ZipFile(file) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
        dates = {entry.date_time for entry in archive.infolist()}
    assert sorted(found) == ["doctor.json", "settings.txt", "system.json", "versions.json"]
    assert dates == {(1980, 1, 1, 0, 0, 0)}
    assert json.loads(found["doctor.json"])["ok"] is (done.returncode == 0)
    everything = b"\n".join([*found.values(), file.read_bytes()])
    assert [form for form in personal() if form in everything] == []
    assert b"anneke" not in everything
    assert b"~/cache" in found["settings.txt"]
