"""Whole visits, good and bad, and then a search of everything for the number."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.cardreader.simulator.persona import people
from tests.support.desk import Desk, desk

pytestmark = pytest.mark.e2e

CANARY = people()["an-peeters"]
VISITS = [
    ("1.8", ""),
    ("1.7", ""),
    ("1.8", "pull:4"),
    ("1.8", "silence:6"),
    ("1.8", "flip:4031:40"),
    ("1.8", "chip-copied"),
    ("1.8", "unknown-root"),
    ("1.8", "expired"),
    ("1.8", "tlv-doubled:signed"),
    ("1.7", "citizen-signed"),
]
COMMANDS = (
    ("check", "--json", "--timeout", "5"),
    ("check", "--timeout", "5"),
    ("doctor", "--json"),
)


def encodings(number: str) -> Iterator[bytes]:
    """Every form that a program may have written the number in."""
    dotted = f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"
    for text in (number, dotted):
        for codec in ("ascii", "utf-16-le", "utf-16-be", "utf-32-le"):
            yield text.encode(codec)
    raw = number.encode()
    yield raw.hex().encode()
    yield raw.hex(" ").encode()
    yield ", ".join(str(byte) for byte in raw).encode()
    yield number[:9].encode()
    for offset in range(3):
        yield base64.b64encode(b"x" * offset + raw)[4:-4]


def traces(folder: Path, number: str) -> list[str]:
    forms = list(encodings(number))
    return [
        str(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


@pytest.fixture
def counter(tmp_path: Path, pki: Path) -> Iterator[Desk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    with desk(folder, pki) as one:
        one.start_service()
        yield one


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pki")


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for number, form in enumerate(encodings(CANARY.number)):
        (tmp_path / str(number)).write_bytes(b"before " + form + b" after")
    assert len(traces(tmp_path, CANARY.number)) == len(list(encodings(CANARY.number)))


def test_no_visit_leaves_the_number_anywhere(counter: Desk, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "TMPDIR": str(home), "XDG_CACHE_HOME": str(home / ".cache")}
    with counter.card():
        pass  # its root becomes known
    said = tmp_path / "said"
    said.mkdir()
    for number, (applet, fault) in enumerate(VISITS):
        faults = ("--fault", fault) if fault else ()
        # Each command sees good cards and bad ones; every command with every card takes minutes.
        commands = (COMMANDS[number % len(COMMANDS)],) if fault else COMMANDS
        with counter.card("--applet", applet, *faults):
            for command in commands:
                done = counter.kiosk(*command, **own)
                name = f"{number}-{command[0]}-{len(command)}"
                (said / f"{name}.out").write_text(done.stdout)
                (said / f"{name}.err").write_text(done.stderr)
    with counter.card(), counter.bad_service("html") as url:
        done = counter.kiosk("check", **own, KIOSK_SERVICE__URL=url)
        (said / "html.out").write_text(done.stdout + done.stderr)
    assert traces(tmp_path, CANARY.number) == []
    printed = "".join(path.read_text() for path in said.iterdir())
    assert "GREEN" in printed
    assert CANARY.surname not in printed
    assert CANARY.given_names not in printed.split()


def test_the_exact_set_of_files_that_a_visit_leaves(counter: Desk, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    shutil.rmtree(counter.folder / "cache", ignore_errors=True)
    with counter.card():
        counter.kiosk("check", HOME=str(home), XDG_CACHE_HOME=str(home))
    assert list(home.rglob("*")) == []
    cached = list((counter.folder / "cache").iterdir())
    assert len(cached) == 2
    assert all(path.suffix == ".der" for path in cached)
