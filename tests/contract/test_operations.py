"""What docs/operations.md tells an administrator to do, done."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.data import data_path
from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.audit import AuditStore
from kiosk.service.central.sealed_numbers import load_opener, load_sealer
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.migrate import upgrade
from tests.architecture.tree import ROOT
from tests.support.postgres import Postgres, postgres_server
from tests.support.storage import KEYS, entry, sqlite_store
from tests.unit.central.worlds import NOBODY

TEXT = (ROOT / "docs" / "operations.md").read_text("utf-8")
UNIT = data_path("central", "tariefwijzer-eligibility.service")


def told(beginning: str) -> str:
    """The command of the text that begins so, without its comment."""
    lines = [line for line in TEXT.splitlines() if line.startswith(beginning)]
    assert len(lines) == 1, lines
    return lines[0].partition("#")[0].strip()


def needs(program: str) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"there is no {program}")


def shell(command: str, folder: Path) -> None:
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True, capture_output=True)


def test_a_copy_of_sqlite_made_while_it_is_written_to(tmp_path: Path) -> None:
    needs("sqlite3")
    file, backup = tmp_path / "audit.sqlite3", tmp_path / "backup"
    backup.mkdir()
    store = sqlite_store(file)
    copied = store.append(entry(), entry())
    command = told('sqlite3 /var/lib/tariefwijzer/audit.sqlite3 "VACUUM')
    command = command.replace("/var/lib/tariefwijzer", str(tmp_path))
    shell(command.replace("/backup", str(backup)), tmp_path)
    lost = store.append(entry())
    store.close()

    shell(f"rm -f {file}-wal {file}-shm", tmp_path)
    shutil.copyfile(next(backup.iterdir()), file)
    again = sqlite_store(file)
    assert again.verify().end == copied
    assert again.verify({lost.seq: lost.seal}).broken_at == 3
    assert again.append(entry()).seq == 3
    assert again.verify().is_sound
    delete = ["sqlite3", str(file), "DELETE FROM audit_records"]
    refused = subprocess.run(delete, capture_output=True, text=True, check=False)
    assert "only added to" in refused.stderr


@pytest.mark.xdist_group("postgresql")
class TestPostgresql:
    @pytest.fixture
    def postgres(self) -> Iterator[Postgres]:
        with postgres_server() as server:
            yield server

    def test_roles_a_dump_and_its_return(self, postgres: Postgres) -> None:
        for statement in re.findall(r"^CREATE (?:ROLE|DATABASE) .*;$", TEXT, re.MULTILINE):
            postgres.sql(statement, "postgres")
        owner = Database(postgres.url("audit", "tariefwijzer_owner"))
        upgrade(owner)
        self.grant(postgres, "audit")
        store = AuditStore(Database(postgres.url("audit", "tariefwijzer")), KEYS)
        copied = store.append(entry(), entry())
        dump = postgres.folder / "audit.dump"
        assert told("pg_dump ").startswith("pg_dump --format custom --file /backup/")
        postgres.run("pg_dump", "--format", "custom", "--file", dump, "audit")
        lost = store.append(entry())

        postgres.run("createdb", "--owner", "tariefwijzer_owner", "audit_new")
        assert told("pg_restore ").startswith("pg_restore --exit-on-error --dbname audit_new ")
        postgres.run("pg_restore", "--exit-on-error", "--dbname", "audit_new", dump)
        self.grant(postgres, "audit_new")
        again = AuditStore(Database(postgres.url("audit_new", "tariefwijzer")), KEYS)
        assert again.verify().end == copied
        assert again.verify({lost.seq: lost.seal}).broken_at == 3
        assert again.append(entry()).seq == 3
        for role in ("tariefwijzer", "tariefwijzer_owner"):
            refused = postgres.try_sql("DELETE FROM audit_records", "audit_new", role)
            assert refused.returncode, role
        for one in (store, again):
            one.close()
        owner.close()

    @staticmethod
    def grant(postgres: Postgres, database: str) -> None:
        file = data_path("central", "postgresql-service-role.sql")
        assert told("psql --set role=tariefwijzer --file postgresql-service-role.sql audit_new")
        options = ("--set", "ON_ERROR_STOP=1", "--set", "role=tariefwijzer")
        postgres.run("psql", "--username", "tariefwijzer_owner", *options, "--file", file, database)


def test_the_keys_of_the_dpo(tmp_path: Path) -> None:
    needs("openssl")
    shell(f"{told('openssl genpkey')} -pass pass:secret", tmp_path)
    shell(f"{told('openssl pkey')} -passin pass:secret", tmp_path)
    sealed = load_sealer(tmp_path / "dpo.pub").seal(NationalNumber(NOBODY), "c1")
    assert load_opener(tmp_path / "dpo.key", "secret").open(sealed, "c1") == NOBODY


def test_the_unit_is_one(tmp_path: Path) -> None:
    needs("systemd-analyze")
    copy = tmp_path / UNIT.name
    text, replaced = re.subn(
        r"^ExecStart=.*$", "ExecStart=/bin/true", UNIT.read_text(), flags=re.MULTILINE
    )
    assert replaced == 1
    copy.write_text(text)
    looked = subprocess.run(
        ["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False
    )
    assert (looked.returncode, looked.stderr) == (0, "")


def test_the_text_names_files_that_are_there() -> None:
    for name in set(re.findall(r"`(resources/[\w./-]+)`", TEXT)):
        assert (ROOT / name).is_file(), name
