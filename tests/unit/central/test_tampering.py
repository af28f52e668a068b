"""Random changes to a chain, every one of which has to be found."""

import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.service.central.audit import AuditStore
from kiosk.service.central.storage.database import StorageUnavailable
from kiosk.service.central.storage.schema import audit_columns
from tests.support.storage import entry, sqlite_store, tamper

RECORDS = 40
CHANGES = 40
FLIPPED = 8
"""Of a closed file, one byte in seven is of a record."""
COLUMNS = [name for name in audit_columns() if name != "seq"]
COLOURS = ("green", "orange", "red")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed file with a chain in it."""
    file = tmp_path_factory.mktemp("original") / "audit.sqlite3"
    store = sqlite_store(file)
    for number in range(RECORDS):
        store.append(entry(check_id=f"c{number}", colour=COLOURS[number % 3]))
    store._database.close()
    return file


def _delete(dice: random.Random) -> list[str]:
    return [f"DELETE FROM audit_records WHERE seq = {dice.randint(1, RECORDS)}"]


def _cut_off(dice: random.Random) -> list[str]:
    return [f"DELETE FROM audit_records WHERE seq > {dice.randrange(RECORDS)}"]


def _behead(dice: random.Random) -> list[str]:
    return [f"DELETE FROM audit_records WHERE seq <= {dice.randint(1, RECORDS)}"]


def _edit(dice: random.Random) -> list[str]:
    name, seq = dice.choice(COLUMNS), dice.randint(1, RECORDS)
    from_another = (
        f"(SELECT other.{name} FROM audit_records other"
        f" WHERE other.{name} IS NOT audit_records.{name} LIMIT 1)"
    )
    other = dice.choice(
        [
            from_another,
            f"{name} || ' '",
            f"CAST({name} AS BLOB)",
            f"upper({name})",
            "'forged'",
            "''",
            str(dice.randint(-9, 9)),
        ]
    )
    return [f"UPDATE audit_records SET {name} = coalesce({other}, 'x') WHERE seq = {seq}"]


def _swap(dice: random.Random) -> list[str]:
    """Swap two records: all but their places, or all but the links between them."""
    first, second = dice.sample(range(1, RECORDS + 1), 2)
    return [
        f"UPDATE audit_records SET seq = -1 WHERE seq = {first}",
        f"UPDATE audit_records SET seq = {first} WHERE seq = {second}",
        f"UPDATE audit_records SET seq = {second} WHERE seq = -1",
    ]


def _insert(dice: random.Random) -> list[str]:
    place = dice.choice([0, -5, RECORDS + 1, RECORDS + 2, 10**12])
    like = dice.randint(1, RECORDS)
    rest = ", ".join(COLUMNS)
    return [
        f"INSERT INTO audit_records SELECT {place}, {rest} FROM audit_records WHERE seq = {like}"
    ]


def _slip_in(dice: random.Random) -> list[str]:
    """Put a copy of a record between others and move up what follows."""
    place, like = dice.randint(1, RECORDS), dice.randint(1, RECORDS)
    rest = ", ".join(COLUMNS)
    now_at = like if like < place else like + 1
    return [
        f"UPDATE audit_records SET seq = -seq - 1 WHERE seq >= {place}",
        "UPDATE audit_records SET seq = -seq WHERE seq < 0",
        f"INSERT INTO audit_records SELECT {place}, {rest} FROM audit_records WHERE seq = {now_at}",
    ]


KINDS: list[Callable[[random.Random], list[str]]] = [
    _delete,
    _cut_off,
    _behead,
    _edit,
    _edit,
    _edit,
    _swap,
    _insert,
    _slip_in,
]


def contents(file: Path) -> object:
    connection = sqlite3.connect(file)
    try:
        return connection.execute("SELECT * FROM audit_records ORDER BY seq").fetchall()
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return None
    finally:
        connection.close()


def tamper_and_look(original: Path, folder: Path, seed: int) -> bool:
    """Change a copy by chance; return whether it was a change."""
    dice = random.Random(seed)
    file = folder / "audit.sqlite3"
    shutil.copyfile(original, file)
    store = sqlite_store(file)
    end = store.verify().end
    assert end.seq == RECORDS
    before = contents(file)
    statements = dice.choice(KINDS)(dice)
    tamper(file, *statements)
    changed = contents(file) != before
    found = not store.verify({end.seq: end.seal}).is_sound
    assert found is changed, (seed, statements)
    store._database.close()
    return changed


def flip_and_look(original: Path, folder: Path, seed: int) -> bool:
    """Change one byte of a closed file by chance; return whether that changed a record."""
    dice = random.Random(seed)
    file = folder / "audit.sqlite3"
    flipped = bytearray(original.read_bytes())
    place = dice.randrange(len(flipped))
    flipped[place] ^= 1 << dice.randrange(8)
    file.write_bytes(flipped)
    changed = contents(file) != contents(original)
    store: AuditStore | None = None
    try:
        store = sqlite_store(file)
        found = store.verify().records != RECORDS or not store.verify().is_sound
    except StorageUnavailable:
        found = True
    finally:
        if store is not None:
            store._database.close()
    assert found or not changed, (seed, place)
    return changed


@pytest.mark.parametrize("part", range(3))
def test_every_change_is_found(original: Path, tmp_path: Path, part: int) -> None:
    changed = [tamper_and_look(original, tmp_path, part * 100 + n) for n in range(CHANGES)]
    assert sum(changed) > 0.9 * CHANGES


def test_every_flipped_bit_of_a_record_is_found(original: Path, tmp_path: Path) -> None:
    changed = seed = 0
    while changed < FLIPPED:
        changed += flip_and_look(original, tmp_path, seed)
        seed += 1


@pytest.mark.soak
def test_ten_thousand_changes_are_found(original: Path, tmp_path: Path) -> None:
    changed = found = seed = 0
    while changed < 10_000:
        seed += 1
        changed += tamper_and_look(original, tmp_path, 10_000 + seed)
        found += flip_and_look(original, tmp_path, seed)
    print(f"{changed} changes and {found} flipped bits, all of them found")
