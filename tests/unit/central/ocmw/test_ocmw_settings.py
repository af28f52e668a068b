"""What is wrong with the settings, all at once and without a part of an address."""

from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.layered import is_secret
from kiosk.service.central.connectors.ocmw.settings import (
    Columns,
    Imported,
    Ocmw,
    mistakes_in_ocmw,
)
from kiosk.service.central.servable import mistakes_in_serving
from kiosk.service.central.settings import Settings, load_settings
from tests.support.ocmw import imported, statuses

GOOD = statuses(url="sqlite:////srv/ocmw.sqlite3")
COLUMNS = replace(GOOD, layout="columns", facts=("ll=leefloon", "over=ocmw_ended_days"))


def keys(ocmw: Ocmw) -> list[str]:
    return [key for key, _ in mistakes_in_ocmw(ocmw)]


@pytest.mark.parametrize(
    "ocmw",
    [
        Ocmw(),
        Ocmw(facts=("nonsense",)),
        GOOD,
        COLUMNS,
        replace(GOOD, table="stad.tariff", ignored=("VOEDSEL",)),
        replace(GOOD, url="postgresql+psycopg://reader:secret@db.example/ocmw"),
        imported(Path("/var/lib/tariefwijzer")),
    ],
    ids=["off", "off-anyway", "statuses", "columns", "schema", "postgresql", "imported"],
)
def test_what_is_right(ocmw: Ocmw) -> None:
    assert keys(ocmw) == []


@pytest.mark.parametrize(
    ("ocmw", "wrong"),
    [
        (replace(GOOD, imported=Imported(file="/srv/list.sqlite3")), ["imported.file"]),
        (replace(GOOD, url="", imported=Imported(file="list.sqlite3")), ["imported.file"]),
        (replace(GOOD, url="no address"), ["url"]),
        (replace(GOOD, url="sqlite://"), ["url"]),
        (replace(GOOD, url="sqlite:///ocmw.sqlite3"), ["url"]),
        (replace(GOOD, url="oracle+nodriver://a:b@c/d"), ["url"]),
        (replace(GOOD, table=""), ["table"]),
        (replace(GOOD, table="tariff; DROP TABLE x"), ["table"]),
        (replace(GOOD, table="a.b.c"), ["table"]),
        (replace(GOOD, facts=()), ["facts"]),
        (replace(GOOD, facts=("LL",)), ["facts"]),
        (replace(GOOD, facts=("LL=leefloon", "LL=eq_leefloon")), ["facts"]),
        (replace(GOOD, facts=("LL=vt",)), ["facts"]),
        (replace(GOOD, facts=("LL=leefloon", "X=ocmw_ended_days")), ["facts"]),
        (replace(GOOD, ignored=("LL",)), ["ignored"]),
        (replace(COLUMNS, facts=("a=leefloon", "b=leefloon")), ["facts"]),
        (replace(COLUMNS, facts=("a b=leefloon",)), ["facts"]),
        (replace(COLUMNS, facts=("national_number=leefloon",)), ["columns"]),
        (replace(GOOD, columns=Columns(number="")), ["columns.number"]),
        (replace(GOOD, columns=Columns(start="d", end="d")), ["columns"]),
        (replace(GOOD, columns=Columns(as_of="a-b")), ["columns.as_of"]),
        (replace(GOOD, timeout_seconds=0), ["timeout_seconds"]),
        (replace(GOOD, connections=0), ["connections"]),
        (replace(GOOD, imported=Imported(floor_percent=101)), ["imported.floor_percent"]),
        (replace(GOOD, imported=Imported(oldest_days=0)), ["imported.oldest_days"]),
        (
            Ocmw(url="sqlite://", connections=99, timeout_seconds=31),
            ["url", "table", "facts", "timeout_seconds", "connections"],
        ),
    ],
)
def test_what_is_wrong(ocmw: Ocmw, wrong: list[str]) -> None:
    assert keys(ocmw) == wrong


def test_an_address_is_a_secret_and_no_message_holds_a_part_of_it() -> None:
    assert is_secret(Settings, "sources.ocmw.url")
    ocmw = replace(GOOD, url="oracle+nodriver://reader:hunter2@db.example/x")
    assert "hunter2" not in repr(ocmw)
    assert all("hunter2" not in text for _, text in mistakes_in_ocmw(ocmw))


def test_they_are_told_with_those_of_the_service(tmp_path: Path) -> None:
    config = tmp_path / "eligibility.toml"
    config.write_text(
        'environment = "test"\naddress = "https://tariff.example"\naudit = {dpo_key = "dpo.pub"}\n'
        '[[clients]]\nid = "kiosks"\nproves_with = "devices"\nenvironment = "test"\n'
        '[sources.ocmw]\nurl = "sqlite:////srv/x.sqlite3"\ntable = "t"\nfacts = ["LL=lefloon"]\n'
    )
    settings = load_settings(config, environment={}, machine_file=Path("nowhere")).settings
    told = dict(mistakes_in_serving(settings))
    assert list(told) == ["sources.ocmw.facts"]
    assert "leefloon" in told["sources.ocmw.facts"]
