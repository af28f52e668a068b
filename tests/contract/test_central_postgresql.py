"""The service on a real PostgreSQL: roles, two processes, a server that goes and comes."""

import dataclasses
import re
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.data import data_path
from kiosk.layered import ConfigurationError
from kiosk.service.central.audit import AuditStore
from kiosk.service.central.keys import load_keys
from kiosk.service.central.serve import compose
from kiosk.service.central.settings import load_settings
from kiosk.service.central.storage.database import Database, StorageUnavailable
from kiosk.service.central.storage.follow_up_rows import FollowUp
from kiosk.service.central.storage.migrate import (
    SchemaState,
    UpgradeFailed,
    state_of,
    upgrade,
)
from tests.architecture.tree import ROOT
from tests.contract.central_server import (
    NUMBER_RUN,
    PEOPLE,
    CentralServer,
    in_process,
    question,
)
from tests.support.dpo import DpoKey
from tests.support.postgres import Postgres, postgres_server
from tests.support.storage import KEYS, entry
from tests.unit.central.test_storage import steps

pytestmark = pytest.mark.xdist_group("postgresql")

OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
GRANTS = data_path("central", "postgresql-service-role.sql")


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        server.sql("CREATE ROLE service LOGIN", "postgres")
        yield server


@pytest.fixture(autouse=True)
def _closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test opens: psycopg warns of connections that are forgotten."""
    opened: list[Database] = []
    prepare = Database.__init__

    def remember(database: Database, url: str) -> None:
        prepare(database, url)
        opened.append(database)

    monkeypatch.setattr(Database, "__init__", remember)
    yield
    for database in opened:
        database.close()


@pytest.fixture
def name(postgres: Postgres) -> str:
    """A database with its tables, in which the role of the service may add and read."""
    name = postgres.new_database()
    upgrade(Database(postgres.url(name)))
    postgres.run("psql", "-v", "ON_ERROR_STOP=1", "-v", "role=service", "-f", str(GRANTS), name)
    return name


@pytest.fixture
def store(postgres: Postgres, name: str) -> AuditStore:
    return AuditStore(Database(postgres.url(name, "service")), KEYS)


def chain(server: CentralServer) -> int:
    keys = load_keys(server.folder / "pseudonym.key", create=False)
    state = AuditStore(Database(server.url), keys).verify()
    assert state.is_sound
    return state.records


class TestRole:
    def test_it_adds_and_reads(self, store: AuditStore) -> None:
        for _ in range(3):
            store.append(entry(), entry())
        store.probe()
        assert store.verify().records == 6
        assert len(list(store.rows(subjects=["ab" * 32]))) == 6

    @pytest.mark.parametrize("table", ["audit_records", "audit_checkpoints"])
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE {table} SET seq = seq",
            "DELETE FROM {table}",
            "TRUNCATE {table}",
            "DROP TABLE {table}",
            "ALTER TABLE {table} DISABLE TRIGGER ALL",
        ],
    )
    def test_it_cannot_change_what_is_there(
        self, postgres: Postgres, name: str, store: AuditStore, table: str, statement: str
    ) -> None:
        store.append(entry())
        refused = postgres.try_sql(statement.format(table=table), name, "service")
        assert refused.returncode
        assert "permission denied" in refused.stderr or "must be owner" in refused.stderr
        assert store.verify().records == 1

    def test_it_cannot_make_checkpoints_or_other_schemas(
        self, postgres: Postgres, name: str
    ) -> None:
        for statement in (
            "INSERT INTO audit_checkpoints VALUES (1, '', '', '', '')",
            "UPDATE alembic_version SET version_num = '0002'",
            "CREATE TABLE mine (x int)",
        ):
            assert "permission denied" in postgres.try_sql(statement, name, "service").stderr

    @pytest.mark.parametrize(
        "statement", ["UPDATE {} SET seq = seq", "DELETE FROM {}", "TRUNCATE {}"]
    )
    def test_not_even_the_owner_changes_a_record_by_mistake(
        self, postgres: Postgres, name: str, store: AuditStore, statement: str
    ) -> None:
        store.append(entry())
        refused = postgres.try_sql(statement.format("audit_records"), name)
        assert "the audit is only added to" in refused.stderr

    def test_only_the_owner_removes_by_age(
        self, postgres: Postgres, name: str, store: AuditStore
    ) -> None:
        store.append(entry(asked_at=datetime(2001, 1, 1, tzinfo=UTC)), entry())
        bounds = datetime(2011, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
        with pytest.raises(StorageUnavailable):
            store.prune(*bounds)
        assert AuditStore(Database(postgres.url(name)), KEYS).prune(*bounds) == 1
        assert store.verify().records == 1
        assert store.append(entry()).seq == 3

    def test_in_production_a_role_that_may_change_records_is_refused(
        self, postgres: Postgres, name: str, tmp_path: Path
    ) -> None:
        key = tmp_path / "key"
        key.write_text("ab" * 32)
        key.chmod(0o600)
        environment = {
            "ELIGIBILITY_DATABASE__URL": postgres.url(name),
            "ELIGIBILITY_PSEUDONYM__KEY_FILE": str(key),
            "ELIGIBILITY_AUDIT__DPO_KEY": str(DpoKey(tmp_path / "dpo").public),
        }
        nothing = tmp_path / "nothing"
        owner = load_settings(environment=environment, machine_file=nothing).settings
        with pytest.raises(ConfigurationError, match="may change audit records"):
            compose(owner)
        environment["ELIGIBILITY_DATABASE__URL"] = postgres.url(name, "service")
        parts = compose(load_settings(environment=environment, machine_file=nothing).settings)
        parts.audit.append(entry())
        assert parts.audit.verify().records == 1


class TestFollowUps:
    ROW = FollowUp(
        id="a",
        made_on="2026-11-22",
        kind="decision",
        use_case="uitpas",
        rule_set="sha256:x",
        verdict="orange",
        reason="other",
        outcome="green",
    )

    def test_the_service_adds_them_once_and_removes_what_is_old(
        self, postgres: Postgres, name: str, store: AuditStore
    ) -> None:
        for _ in range(2):
            store.follow_up(self.ROW, "2000-01-01")
        assert postgres.sql("SELECT id FROM follow_ups", name) == "a"
        store.follow_up(dataclasses.replace(self.ROW, id="b", made_on="2028-11-23"), "2026-11-23")
        assert postgres.sql("SELECT id FROM follow_ups", name) == "b"

    @pytest.mark.parametrize(
        "statement",
        ["UPDATE follow_ups SET reason = ''", "TRUNCATE follow_ups", "DROP TABLE follow_ups"],
    )
    def test_the_service_changes_none(
        self, postgres: Postgres, name: str, store: AuditStore, statement: str
    ) -> None:
        store.follow_up(self.ROW, "2000-01-01")
        refused = postgres.try_sql(statement, name, "service").stderr
        assert "permission denied" in refused or "must be owner" in refused
        assert postgres.sql("SELECT reason FROM follow_ups", name) == "other"

    def test_who_owns_the_rules_reads_them_and_nothing_else(
        self, postgres: Postgres, name: str, store: AuditStore, tmp_path: Path
    ) -> None:
        """With the role of docs/operations.md, made as it says."""
        store.follow_up(self.ROW, "2000-01-01")
        store.append(entry())
        told = re.findall(r"^(?:CREATE ROLE|GRANT) .*rules_owner.*;$", OPERATIONS, re.MULTILINE)
        assert len(told) == 2
        for statement in told:
            postgres.sql(statement, name)
        config = tmp_path / "eligibility.toml"
        config.write_text(f'[database]\nurl = "{postgres.url(name, "rules_owner")}"\n')
        listed = in_process("follow-ups", "list", "--config", str(config))
        assert (listed.returncode, listed.stdout[:20]) == (0, "2026-11-22  decision")
        for table in ("audit_records", "audit_checkpoints", "devices", "rate_limits"):
            refused = postgres.try_sql(f"SELECT * FROM {table}", name, "rules_owner")
            assert "permission denied" in refused.stderr, table
        for statement in ("DELETE FROM follow_ups", "UPDATE follow_ups SET reason = ''"):
            assert "permission denied" in postgres.try_sql(statement, name, "rules_owner").stderr


class TestSchema:
    def test_serve_makes_no_tables_by_itself(self, postgres: Postgres, tmp_path: Path) -> None:
        url = postgres.url(postgres.new_database())
        environment = {"ELIGIBILITY_ENVIRONMENT": "test", "ELIGIBILITY_DATABASE__URL": url}
        settings = load_settings(environment=environment, machine_file=tmp_path / "no").settings
        with pytest.raises(ConfigurationError, match="run 'eligibility db upgrade'"):
            compose(settings)

    def test_a_step_that_fails_leaves_the_old_version_working(
        self, postgres: Postgres, name: str, store: AuditStore, tmp_path: Path
    ) -> None:
        store.append(entry())
        owner = Database(postgres.url(name))
        with pytest.raises(UpgradeFailed, match="ProgrammingError"):
            upgrade(owner, steps(tmp_path, "op.execute('nonsense')"))
        assert state_of(owner) is SchemaState.CURRENT
        store.append(entry())
        assert store.verify().records == 2


class TestServer:
    @pytest.fixture
    def server(self, postgres: Postgres, name: str, tmp_path: Path) -> Iterator[CentralServer]:
        server = CentralServer(tmp_path, postgres.url(name, "service"))
        yield server
        server.close()
        assert NUMBER_RUN.search(server.log) is None
        assert "Traceback" not in server.log

    def test_two_processes_make_one_chain(
        self, server: CentralServer, postgres: Postgres, name: str, tmp_path: Path
    ) -> None:
        folder = tmp_path / "second"
        folder.mkdir()
        (folder / "pseudonym.key").symlink_to(tmp_path / "pseudonym.key")
        second = CentralServer(folder, server.url)
        try:
            people = list(PEOPLE)
            with ThreadPoolExecutor(8) as pool:
                replies = list(
                    pool.map(
                        lambda n: (server, second)[n % 2].check(people[n % len(people)]), range(60)
                    )
                )
        finally:
            second.close()
        assert [reply.status for reply in replies] == [200] * 60
        assert chain(server) == 120
        known = {reply.json["checkId"] for reply in replies}
        assert len(known) == 60
        listed = postgres.sql("SELECT check_id FROM audit_records WHERE kind = 'answered'", name)
        assert set(listed.split()) == known

    def test_without_its_database_there_is_no_verdict_and_it_comes_back(
        self, server: CentralServer, postgres: Postgres
    ) -> None:
        assert server.check("an-peeters").status == 200
        postgres.kill()
        try:
            reply = server.check("an-peeters")
            assert (reply.status, reply.json["code"]) == (503, "service-unavailable")
            assert server.request("GET", "/health/ready").status == 503
        finally:
            postgres.start()
        assert server.check("an-peeters").status == 200
        assert chain(server) == 4

    def test_a_database_that_hangs_is_not_waited_for(
        self, server: CentralServer, postgres: Postgres
    ) -> None:
        assert server.check("an-peeters").status == 200
        postgres.pause(signal.SIGSTOP)
        try:
            assert server.check("an-peeters").status == 503
        finally:
            postgres.pause(signal.SIGCONT)
        assert server.check("an-peeters").status == 200
        chain(server)

    def test_a_database_that_is_read_only_or_locked(
        self, server: CentralServer, postgres: Postgres, name: str
    ) -> None:
        postgres.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on", "postgres")
        postgres.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            "postgres",
        )
        assert server.post(question(PEOPLE["an-peeters"]["number"])).status == 503
        postgres.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only", "postgres")
        postgres.sql(
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
            "postgres",
        )
        assert server.check("an-peeters").status == 200
        with Database(postgres.url(name)).writing() as connection:
            connection.exec_driver_sql("LOCK TABLE audit_records IN ACCESS EXCLUSIVE MODE")
            assert server.check("an-peeters").status == 503
        assert server.check("an-peeters").status == 200
        assert chain(server) == 4
