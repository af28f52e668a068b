"""The schema, its steps, and a SQLite file whose connections stay open."""

import compileall
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from kiosk.service.central.storage import migrate
from kiosk.service.central.storage.address import is_sqlite, mistake_in, with_driver
from kiosk.service.central.storage.database import Database, StorageUnavailable
from kiosk.service.central.storage.migrate import SchemaState, UpgradeFailed, state_of, upgrade
from kiosk.service.central.storage.schema import metadata
from tests.support.storage import HEAD, entry, sqlite_database, sqlite_store

SHIPPED = Path(migrate.__file__).with_name("migrations")
NEXT_STEP = """
import os, signal
from alembic import op
revision, down_revision = "9999", "{head}"
def upgrade():
    op.execute("CREATE TABLE half_done (x INTEGER)")
    op.execute("DROP TABLE audit_checkpoints")
    {then}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "audit.sqlite3"


@contextmanager
def raw(file: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(file)
    with connection:
        yield connection
    connection.close()


def steps(folder: Path, then: str) -> Path:
    """The shipped steps, and one more that ends in a way of its own."""
    copied = folder / "migrations"
    shutil.copytree(SHIPPED, copied, ignore=shutil.ignore_patterns("__pycache__"))
    (copied / "versions" / "v9999_next.py").write_text(NEXT_STEP.format(head=HEAD, then=then))
    return copied


def test_the_steps_lead_to_the_tables_that_the_program_knows(file: Path) -> None:
    with sqlite_database(file).reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []


def test_an_upgrade_is_made_once(file: Path) -> None:
    database = Database(f"sqlite:///{file}")
    assert state_of(database) is SchemaState.EMPTY
    assert upgrade(database) == HEAD
    assert state_of(database) is SchemaState.CURRENT
    assert upgrade(database) == HEAD


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        ("UPDATE alembic_version SET version_num = '8888'", SchemaState.NEWER),
        ("DROP TABLE alembic_version", SchemaState.FOREIGN),
    ],
)
def test_a_schema_that_is_not_ours_is_left_alone(
    file: Path, statement: str, state: SchemaState
) -> None:
    database = sqlite_database(file)
    with raw(file) as connection:
        connection.execute(statement)
    assert state_of(database) is state
    before = file.read_bytes()
    with pytest.raises(UpgradeFailed, match=state.value):
        upgrade(database)
    assert file.read_bytes() == before


def test_an_older_schema_is_known_as_one(file: Path, tmp_path: Path) -> None:
    assert state_of(sqlite_database(file), steps(tmp_path, "pass")) is SchemaState.OLDER


def test_a_step_that_works(file: Path, tmp_path: Path) -> None:
    assert upgrade(sqlite_database(file), steps(tmp_path, "pass")) == "9999"


def test_steps_that_are_there_as_compiled_files_only(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So they lie in a bundle."""
    folder = steps(tmp_path, "pass")
    assert compileall.compile_dir(folder, legacy=True, quiet=1)
    for source in folder.rglob("*.py"):
        source.unlink()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    database = Database(f"sqlite:///{file}")
    assert upgrade(database, folder) == "9999"
    assert state_of(database, folder) is SchemaState.CURRENT


def test_a_step_that_fails_leaves_the_old_version_working(file: Path, tmp_path: Path) -> None:
    sqlite_store(file).append(entry())
    with pytest.raises(UpgradeFailed, match="OperationalError"):
        upgrade(sqlite_database(file), steps(tmp_path, "op.execute('nonsense')"))
    require_old_version(file)


def test_a_step_that_is_killed_leaves_the_old_version_working(file: Path, tmp_path: Path) -> None:
    sqlite_store(file).append(entry())
    folder = steps(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    program = (
        "import sys; from pathlib import Path;"
        "from kiosk.service.central.storage.database import Database;"
        "from kiosk.service.central.storage.migrate import upgrade;"
        "upgrade(Database(sys.argv[1]), Path(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, f"sqlite:///{file}", str(folder)]
    assert subprocess.run(command, check=False).returncode == -9
    require_old_version(file)


def require_old_version(file: Path) -> None:
    store = sqlite_store(file)
    assert state_of(sqlite_database(file)) is SchemaState.CURRENT
    store.append(entry())
    assert store.verify().records == 2
    with raw(file) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE name = 'half_done'")
        assert found.fetchone() is None


@pytest.mark.parametrize("suffix", ["", "-wal"])
def test_a_file_that_is_removed_under_an_open_connection_is_noticed(
    file: Path, suffix: str
) -> None:
    """Before a transaction a new connection is tried; after one it is too late."""
    database = sqlite_database(file)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE x (y INTEGER)")

    def write_and_remove() -> None:
        with database.writing() as connection:
            connection.exec_driver_sql("INSERT INTO x VALUES (1)")
            Path(f"{file}{suffix}").unlink()

    with pytest.raises(StorageUnavailable, match="moved"):
        write_and_remove()


def test_a_copy_in_its_place_is_written_to_from_then_on(file: Path, tmp_path: Path) -> None:
    """What a restore does while the service runs."""
    store = sqlite_store(file)
    store.append(entry())
    with raw(file) as connection:
        connection.execute(f"VACUUM INTO '{tmp_path / 'copy'}'")
    store.append(entry())
    for name in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        name.unlink()
    (tmp_path / "copy").rename(file)
    store.append(entry())
    with raw(file) as connection:
        assert connection.execute("SELECT count(*) FROM audit_records").fetchone() == (2,)
    assert store.verify().records == 2


def test_a_reader_hinders_no_writer_and_sees_one_state(file: Path) -> None:
    store = sqlite_store(file)
    store.append(entry())
    rows = store.rows()
    next(rows)
    store.append(entry())
    assert list(rows) == []
    assert store.verify().records == 2


def test_what_an_address_says() -> None:
    assert mistake_in("postgresql://host/audit") is None
    assert with_driver("postgresql://host/audit").drivername == "postgresql+psycopg"
    assert not is_sqlite("postgresql://host/audit")
    assert "does not know" in str(mistake_in("mysql+pymysql://host/audit"))
    assert "can open" in str(mistake_in("oracle9000://host/audit"))


def test_a_connection_waits_for_the_disk_again_after_it_counted(file: Path) -> None:
    database = sqlite_database(file)
    asked = "PRAGMA synchronous"
    for transaction, synchronous in (
        (database.writing, 2),
        (database.counting, 1),
        (database.counting, 1),
        (database.writing, 2),
        (database.reading, 2),
    ):
        with transaction() as connection:
            assert connection.exec_driver_sql(asked).scalar() == synchronous
    database.close()
