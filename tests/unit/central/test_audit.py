import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.audit import AuditStore, AuditUnavailable, Entry, SourceCall
from kiosk.service.central.keys import Keys, KeyUnusable, load_keys
from tests.unit.central.worlds import NOBODY

KEYS = Keys(b"k" * 32)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.sqlite3"


@pytest.fixture
def store(file: Path) -> AuditStore:
    return AuditStore(f"sqlite:///{file}", KEYS)


def entry(**changes: Any) -> Entry:
    values: dict[str, Any] = {
        "kind": "answered",
        "check_id": "c1",
        "correlation_id": "k1",
        "asked_at": datetime(2026, 11, 22, 10, 0, tzinfo=UTC),
        "client": "unauthenticated",
        "device": "dsk-1",
        "channel": "desk",
        "site": "zuid",
        "purpose": "urn:gent:ipdc:test",
        "use_case": "uitpas",
        "rule_set": "sha256:x",
        "subject": KEYS.pseudonym(NationalNumber(NOBODY)),
        "capture_method": "eid-chip",
        "proof": "chip",
        "answered_at": datetime(2026, 11, 22, 10, 1, tzinfo=UTC),
        "sources": (SourceCall("social", "ok", 12),),
        "colour": "green",
    }
    return Entry(**{**values, **changes})


def execute(file: Path, statement: str) -> None:
    connection = sqlite3.connect(file)
    with connection:
        connection.execute(statement)
    connection.close()


def test_records_are_chained(store: AuditStore) -> None:
    store.append(entry(kind="asked", answered_at=None, colour=None, sources=()))
    store.append(entry())
    rows = list(store.rows())
    assert [row["seq"] for row in rows] == [1, 2]
    assert rows[1]["previous"] == rows[0]["seal"]
    assert rows[1]["sources"] == '[{"group": "social", "state": "ok", "milliseconds": 12}]'
    chain = store.verify()
    assert (chain.records, chain.head, chain.is_sound) == (2, rows[1]["seal"], True)


def test_a_record_holds_no_number(store: AuditStore, file: Path) -> None:
    store.append(entry())
    assert NOBODY not in str(list(store.rows()))
    assert all(NOBODY.encode() not in path.read_bytes() for path in file.parent.iterdir())


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_records SET colour = 'red' WHERE seq = 2", 2),
        ("UPDATE audit_records SET subject = '' WHERE seq = 1", 1),
        ("UPDATE audit_records SET seal = previous WHERE seq = 3", 3),
        ("UPDATE audit_records SET seq = 9 WHERE seq = 4", 4),
        ("DELETE FROM audit_records WHERE seq = 2", 2),
        ("DELETE FROM audit_records WHERE seq = 1", 1),
    ],
)
def test_tampering_is_found(store: AuditStore, file: Path, statement: str, broken_at: int) -> None:
    for _ in range(4):
        store.append(entry())
    execute(file, statement)
    assert store.verify().broken_at == broken_at


def test_a_forger_needs_the_key(store: AuditStore, file: Path) -> None:
    forger = AuditStore(f"sqlite:///{file}", Keys(b"f" * 32))
    store.append(entry())
    forger.append(entry())
    assert store.verify().broken_at == 2


def test_what_is_cut_off_shows_in_the_head(store: AuditStore, file: Path) -> None:
    store.append(entry())
    store.append(entry())
    before = store.verify()
    execute(file, "DELETE FROM audit_records WHERE seq = 2")
    after = store.verify()
    assert after.is_sound
    assert (after.records, after.head) != (before.records, before.head)


def test_several_writers_make_one_chain(file: Path) -> None:
    stores = [AuditStore(f"sqlite:///{file}", KEYS) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: stores[n % 4].append(entry()), range(40)))
    assert stores[0].verify().records == 40
    assert stores[0].verify().is_sound


def test_a_seal_that_another_process_took_is_tried_again(
    store: AuditStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a database without SQLite's lock does: two writers build on the same record."""
    store.append(entry())
    insert = AuditStore._insert
    raced: list[bool] = []

    def race(self: AuditStore, connection: Any, row: Any) -> None:
        if not raced:
            raced.append(True)
            connection.exec_driver_sql("INSERT INTO audit_records SELECT * FROM audit_records")
        insert(self, connection, row)

    monkeypatch.setattr(AuditStore, "_insert", race)
    store.append(entry())
    assert store.verify().records == 2


def test_a_chain_where_others_are_always_first_gives_up(
    store: AuditStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.append(entry())

    def lose(self: AuditStore, connection: Any, row: Any) -> None:
        connection.exec_driver_sql("INSERT INTO audit_records SELECT * FROM audit_records")

    monkeypatch.setattr(AuditStore, "_insert", lose)
    with pytest.raises(AuditUnavailable, match="crowded"):
        store.append(entry())


def test_a_removed_directory_is_noticed(store: AuditStore, file: Path) -> None:
    store.append(entry())
    file.parent.rename(file.parent.with_name("gone"))
    for use in (lambda: store.append(entry()), store.probe, store.verify):
        with pytest.raises(AuditUnavailable):
            use()


def test_an_empty_file_in_its_place_is_noticed(store: AuditStore, file: Path) -> None:
    store.append(entry())
    file.unlink()
    file.touch()
    with pytest.raises(AuditUnavailable):
        store.append(entry())


def test_a_locked_database_is_noticed(store: AuditStore, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(AuditUnavailable):
        store.append(entry())
    other.execute("ROLLBACK")
    other.close()
    store.probe()
    assert store.verify().records == 0


def test_a_place_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(AuditUnavailable):
        AuditStore(f"sqlite:///{tmp_path}/file/audit.sqlite3", KEYS)
    with pytest.raises(AuditUnavailable):
        AuditStore("postgresql+nothing://localhost/audit", KEYS)


def test_other_databases_are_opened_as_they_are() -> None:
    """The driver is not installed here; the address gets as far as looking for it."""
    with pytest.raises(AuditUnavailable, match="ModuleNotFoundError"):
        AuditStore("postgresql+psycopg://localhost/audit", KEYS)


def test_the_file_is_for_its_owner_only(store: AuditStore, file: Path) -> None:
    store.append(entry())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


class TestKeys:
    def test_a_key_is_made_once_and_for_its_owner(self, tmp_path: Path) -> None:
        path = tmp_path / "new" / "key"
        first = load_keys(path, create=True)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert load_keys(path, create=True).seal(b"x") == first.seal(b"x")

    def test_each_purpose_has_its_own_key(self) -> None:
        number = NationalNumber(NOBODY)
        hashes = {
            KEYS.pseudonym(number),
            KEYS.seal(NOBODY.encode()),
            KEYS.fingerprint(NOBODY.encode()).hex(),
        }
        assert len(hashes) == 3

    @pytest.mark.parametrize(
        ("content", "mode", "reason"),
        [
            (None, 0o600, "does not exist"),
            ("zz" * 32, 0o600, "hexadecimal"),
            ("é" * 64, 0o600, "hexadecimal"),
            ("ab" * 31, 0o600, "fewer than"),
            ("ab" * 32, 0o640, "read by others"),
        ],
    )
    def test_a_key_that_is_not_one(
        self, tmp_path: Path, content: str | None, mode: int, reason: str
    ) -> None:
        path = tmp_path / "key"
        if content is not None:
            path.write_text(content, "utf-8")
            path.chmod(mode)
        with pytest.raises(KeyUnusable, match=reason):
            load_keys(path, create=False)

    def test_a_key_that_cannot_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(KeyUnusable):
            load_keys(tmp_path / "file" / "key", create=True)
