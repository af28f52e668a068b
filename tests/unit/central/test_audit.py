import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.audit import AuditStore, ChainBroken, has_records
from kiosk.service.central.audit_chain import START
from kiosk.service.central.keys import Keys, KeyUnusable, load_keys
from kiosk.service.central.storage import audit_rows, sqlite
from kiosk.service.central.storage.database import Database, StorageUnavailable
from tests.support.storage import KEYS, entry, sqlite_store, tamper
from tests.unit.central.worlds import NOBODY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "audit.sqlite3"


@pytest.fixture
def store(file: Path) -> AuditStore:
    return sqlite_store(file)


def test_records_are_chained(store: AuditStore) -> None:
    store.append(entry(kind="asked", answered_at=None, colour=None, sources=()))
    store.append(entry())
    rows = list(store.rows())
    assert [row["seq"] for row in rows] == [1, 2]
    assert rows[1]["previous"] == rows[0]["seal"]
    assert rows[1]["sources"] == '[{"group":"social","state":"ok","milliseconds":12}]'
    assert rows[1]["key_id"] == KEYS.current_id
    chain = store.verify()
    assert (chain.records, chain.end, chain.is_sound) == (2, (2, rows[1]["seal"]), True)


def test_records_of_one_call_are_one_after_the_other(store: AuditStore) -> None:
    end = store.append(*[entry(check_id=f"c{n}") for n in range(5)])
    assert [row["check_id"] for row in store.rows()] == ["c0", "c1", "c2", "c3", "c4"]
    assert store.verify().end == end


def test_times_are_kept_so_that_they_sort(store: AuditStore) -> None:
    east = datetime.fromisoformat("2026-11-22T11:00:00+02:00")
    store.append(entry(asked_at=east))
    assert next(store.rows())["asked_at"] == "2026-11-22T09:00:00.000000+00:00"
    assert len(list(store.rows(since=east))) == 1
    assert list(store.rows(until=east)) == []


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
        ("UPDATE audit_records SET form = 2 WHERE seq = 4", 4),
        ("UPDATE audit_records SET key_id = 'other' WHERE seq = 3", 3),
        ("UPDATE audit_records SET subject = CAST(subject AS BLOB) WHERE seq = 2", 2),
        ("DELETE FROM audit_records WHERE seq = 2", 2),
        ("DELETE FROM audit_records WHERE seq = 1", 1),
    ],
)
def test_tampering_is_found(store: AuditStore, file: Path, statement: str, broken_at: int) -> None:
    for _ in range(4):
        store.append(entry())
    tamper(file, statement)
    assert store.verify().broken_at == broken_at


def test_a_forger_needs_the_key(store: AuditStore, file: Path) -> None:
    forger = sqlite_store(file, Keys(b"f" * 32))
    store.append(entry())
    forger.append(entry())
    assert store.verify().broken_at == 2


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_records SET colour = 'red'",
        "DELETE FROM audit_records",
        "UPDATE audit_checkpoints SET seq = 9",
        "DELETE FROM audit_checkpoints",
    ],
)
def test_the_database_itself_refuses_to_change_a_record(
    store: AuditStore, file: Path, statement: str
) -> None:
    store.append(entry(asked_at=datetime(2001, 1, 1, tzinfo=UTC)))
    store.prune(datetime(2011, 1, 1, tzinfo=UTC), datetime.now(UTC))
    store.append(entry())
    connection = sqlite3.connect(file)
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        connection.execute(statement)
    connection.close()
    assert store.verify().is_sound


def test_what_is_cut_off_shows_against_an_anchor(store: AuditStore, file: Path) -> None:
    store.append(entry())
    store.append(entry())
    end = store.verify().end
    tamper(file, "DELETE FROM audit_records WHERE seq = 2")
    assert store.verify().is_sound
    assert store.verify({end.seq: end.seal}).broken_at == 2


def test_a_chain_that_was_made_anew_shows_against_an_anchor(tmp_path: Path) -> None:
    """Whoever has database and key can write another past, but not change a note of this one."""
    first, second = (sqlite_store(tmp_path / name) for name in ("first", "second"))
    for store, colour in ((first, "green"), (second, "red")):
        store.append(entry(colour=colour))
        store.append(entry())
    end = first.verify().end
    assert first.verify({end.seq: end.seal}).is_sound
    assert second.verify({end.seq: end.seal}).broken_at == end.seq


def test_several_writers_make_one_chain(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_BUSY_SECONDS", 30.0)  # the disk of a busy machine takes its time
    stores = [sqlite_store(file) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: stores[n % 4].append(entry()), range(40)))
    assert stores[0].verify().records == 40
    assert stores[0].verify().is_sound


def test_a_removed_directory_is_noticed(store: AuditStore, file: Path) -> None:
    store.append(entry())
    file.parent.rename(file.parent.with_name("gone"))
    for use in (lambda: store.append(entry()), store.probe, store.verify):
        with pytest.raises(StorageUnavailable):
            use()


def test_an_empty_file_in_its_place_is_noticed(store: AuditStore, file: Path) -> None:
    store.append(entry())
    file.unlink()
    file.touch()
    with pytest.raises(StorageUnavailable):
        store.append(entry())


def test_a_locked_database_is_noticed(store: AuditStore, file: Path) -> None:
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StorageUnavailable):
        store.append(entry())
    other.execute("ROLLBACK")
    other.close()
    store.probe()
    assert store.verify().records == 0


def test_nothing_can_be_added_to_an_end_that_was_changed(store: AuditStore, file: Path) -> None:
    assert store.require_sound_end() == START
    for _ in range(3):
        store.append(entry())
    assert store.require_sound_end() == store.verify().end
    tamper(file, "UPDATE audit_records SET colour = 'red' WHERE seq = 3")
    with pytest.raises(ChainBroken, match="record 3"):
        store.require_sound_end()


def test_a_chain_whose_key_is_not_there_cannot_be_continued(store: AuditStore, file: Path) -> None:
    store.append(entry())
    with pytest.raises(ChainBroken, match="record 1"):
        sqlite_store(file, Keys(b"n" * 32)).require_sound_end()


class TestAge:
    """Records are removed when they are old enough, and the chain still holds."""

    OLD, NOW = datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 11, 30, tzinfo=UTC)
    BEFORE = datetime(2016, 11, 30, tzinfo=UTC)

    def fill(self, store: AuditStore) -> None:
        for moment in (self.OLD, self.OLD, self.NOW, self.NOW):
            store.append(entry(asked_at=moment))

    def test_a_checkpoint_stands_for_what_was_removed(self, store: AuditStore) -> None:
        self.fill(store)
        before = store.verify()
        assert store.prune(self.BEFORE, self.NOW) == 2
        assert [row["seq"] for row in store.rows()] == [3, 4]
        after = store.verify({2: next(iter(store.rows()))["previous"], 4: before.end.seal})
        assert (after.records, after.end, after.is_sound) == (2, before.end, True)
        assert store.prune(self.BEFORE, self.NOW) == 0
        store.append(entry())
        assert store.verify().end.seq == 5

    def test_an_old_record_after_a_new_one_stays(self, store: AuditStore) -> None:
        """The clock was wrong for a while: only the beginning of the chain is removed."""
        for moment in (self.NOW, self.OLD):
            store.append(entry(asked_at=moment))
        assert store.prune(self.BEFORE, self.NOW) == 0
        assert store.verify().records == 2

    def test_a_chain_without_records_goes_on(self, store: AuditStore, file: Path) -> None:
        self.fill(store)
        end = store.verify().end
        assert store.prune(datetime(2030, 1, 1, tzinfo=UTC), self.NOW) == 4
        assert store.require_sound_end() == end
        assert has_records(Database(f"sqlite:///{file}"))
        assert store.append(entry()).seq == 5
        assert store.prune(datetime(2030, 1, 1, tzinfo=UTC), self.NOW) == 1
        assert store.verify().is_sound

    def test_the_traces_of_a_forgery_are_not_removed(self, store: AuditStore, file: Path) -> None:
        self.fill(store)
        tamper(file, "UPDATE audit_records SET colour = 'red' WHERE seq = 1")
        with pytest.raises(ChainBroken, match="record 1"):
            store.prune(self.BEFORE, self.NOW)
        assert len(list(store.rows())) == 4

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_checkpoints SET head = '' WHERE seq = 4",
            "UPDATE audit_checkpoints SET made_at = '' WHERE seq = 2",
            "UPDATE audit_checkpoints SET key_id = '' WHERE seq = 2",
            "UPDATE audit_checkpoints SET seq = 5 WHERE seq = 4",
            "DELETE FROM audit_checkpoints WHERE seq = 2",
            "DELETE FROM audit_checkpoints WHERE seq = 4",
            "DELETE FROM audit_checkpoints",
            "DELETE FROM audit_records WHERE seq = 5",
            (
                "INSERT INTO audit_checkpoints"
                " SELECT seq, seal, '', key_id, seal FROM audit_records WHERE seq = 5"
            ),
        ],
    )
    def test_a_checkpoint_cannot_be_forged(
        self, store: AuditStore, file: Path, statement: str
    ) -> None:
        self.fill(store)
        for year in (2017, 2027):
            store.prune(datetime(year, 1, 1, tzinfo=UTC), self.NOW)
        store.append(entry())
        end = store.append(entry())
        assert store.verify({end.seq: end.seal}).is_sound
        tamper(file, statement)
        assert not store.verify({end.seq: end.seal}).is_sound


def test_a_record_that_the_database_cannot_give_is_broken(store: AuditStore, file: Path) -> None:
    for _ in range(4):
        store.append(entry())
    tamper(file, "UPDATE audit_records SET site = CAST(x'ff' AS TEXT) WHERE seq = 3")
    chain = store.verify()
    assert (chain.records, chain.broken_at) == (2, 3)


def test_a_reader_that_stumbles_once_reads_again(
    store: AuditStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        store.append(entry())
    read, calls = audit_rows.in_order, []

    def stumble(*arguments: Any, **named: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 1:
            raise audit_rows.Unreadable
        return read(*arguments, **named)

    monkeypatch.setattr(audit_rows, "in_order", stumble)
    assert store.verify().records == 3


def test_a_place_that_cannot_be_used_is_told_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageUnavailable):
        Database(f"sqlite:///{tmp_path}/file/audit.sqlite3")
    with pytest.raises(StorageUnavailable):
        Database("postgresql+nothing://localhost/audit")


def test_a_store_that_was_closed_opens_again(store: AuditStore, file: Path) -> None:
    store.append(entry())
    store.close()
    assert not Path(f"{file}-wal").exists()
    store.append(entry())
    assert store.verify().records == 2


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
            ("# nothing yet", 0o600, "fewer than"),
            (f"{'ab' * 32}\nab", 0o600, "fewer than"),
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

    @pytest.mark.parametrize("again", ["ab", "AB"])
    def test_a_key_that_comes_back(self, tmp_path: Path, again: str) -> None:
        path = tmp_path / "key"
        path.write_text("".join(f"{digits * 32}\n" for digits in ("ab", "cd", again)))
        path.chmod(0o600)
        with pytest.raises(KeyUnusable, match="holds a key twice"):
            load_keys(path, create=False)

    def test_the_last_line_is_the_current_key_and_the_others_still_read(
        self, tmp_path: Path
    ) -> None:
        path, number = tmp_path / "key", NationalNumber(NOBODY)
        path.write_text("ab" * 32 + "\n")
        path.chmod(0o600)
        first = load_keys(path, create=False)
        path.write_text("ab" * 32 + "\n# 2027\n\n" + "cd" * 32 + "\n")
        both = load_keys(path, create=False)
        assert both.current_id != first.current_id
        assert both.pseudonyms(number) == [first.pseudonym(number), both.pseudonym(number)]
        assert both.seal_with(first.current_id, b"x") == first.seal(b"x") != both.seal(b"x")
        assert first.seal_with(both.current_id, b"x") is None

    def test_a_chain_goes_over_from_one_key_to_the_next(self, tmp_path: Path) -> None:
        old, new = Keys(b"o" * 32), Keys(b"n" * 32, b"o" * 32)
        for keys in (old, new, new):
            sqlite_store(tmp_path / "audit", keys).append(entry())
        assert sqlite_store(tmp_path / "audit", new).verify().records == 3
        assert sqlite_store(tmp_path / "audit", old).verify().broken_at == 2
