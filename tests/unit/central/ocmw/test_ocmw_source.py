"""The connector over real databases: what is told, and every way in which nothing is."""

import asyncio
import logging
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.combined import combine
from kiosk.service.central.connectors.ocmw import database
from kiosk.service.central.connectors.ocmw.failures import NotRead, Reason
from kiosk.service.central.connectors.ocmw.settings import Columns, Ocmw
from kiosk.service.central.connectors.ocmw.source import OcmwSource
from kiosk.service.central.connectors.ocmw.workers import Workers
from kiosk.service.central.facts import YesNo
from tests.support.ocmw import (
    HEADING,
    KEYS,
    TODAY,
    ask,
    connect,
    dotted,
    number,
    question,
    sqlite_table,
    statuses,
    told,
)
from tests.support.postgres import Postgres, postgres_server

AN, BO, CIS = number(1), number(2), number(3)
ROWS = [(AN, "LL", "2026-01-01", None), (BO, "BB", "2025-01-01", "2026-11-12")]
NO = dict.fromkeys(("leefloon", "eq_leefloon", "ocmw_budget", "debt_settlement"), "no")


def outcome(answer: Answer) -> tuple[SourceState, str | None]:
    assert answer.state is SourceState.OK or not answer.facts
    return answer.state, answer.reason


@pytest.fixture
def table(tmp_path: Path) -> Ocmw:
    return statuses(url=sqlite_table(tmp_path / "city.sqlite3", ROWS))


class TestSqlite:
    def test_a_person_in_the_table(self, table: Ocmw) -> None:
        answer = ask(table, AN)
        days = {"ocmw_ended_days": None, "ocmw_ends_days": None}
        assert told(answer) == {**NO, **days, "leefloon": "yes"}
        assert (answer.freshness, answer.reason, answer.gap) == ("live", None, None)
        assert answer.as_of is not None
        assert told(ask(table, BO))["ocmw_ended_days"] == 10
        assert told(ask(table, BO, TODAY - timedelta(days=20)))["ocmw_budget"] == "yes"

    def test_a_person_who_is_not_in_it(self, table: Ocmw) -> None:
        assert set(told(ask(table, CIS)).values()) == {"no", None}
        partial = replace(table, complete=False)
        assert outcome(ask(partial, CIS)) == (SourceState.NO_DATA, "not-listed")
        assert told(ask(partial, AN)) == {"leefloon": "yes"}

    def test_a_day_to_come(self, table: Ocmw) -> None:
        soon = TODAY + timedelta(days=40)
        assert outcome(ask(table, CIS, soon)) == (SourceState.NO_DATA, "day-to-come")
        assert told(ask(table, AN, soon)) == {"leefloon": "yes", "ocmw_ends_days": None}
        assert outcome(ask(table, BO, soon)) == (SourceState.NO_DATA, "day-to-come")

    def test_numbers_with_points_and_a_dash(self, tmp_path: Path) -> None:
        url = sqlite_table(tmp_path / "d.sqlite3", [(dotted(AN), *ROWS[0][1:])])
        assert told(ask(statuses(url=url, number_format="dotted"), AN))["leefloon"] == "yes"

    def test_a_column_a_fact_under_other_names(self, tmp_path: Path) -> None:
        heading = ("nr", "leefloon_jn", "laatste_einde", "peildatum")
        rows = [(AN, "J", None, "2026-11-20"), (BO, "N", "2026-11-12", "2026-11-20")]
        url = sqlite_table(tmp_path / "c.sqlite3", rows, heading)
        ocmw = Ocmw(
            url=url,
            table="tariff",
            layout="columns",
            facts=("leefloon_jn=leefloon", "laatste_einde=ocmw_ended_days"),
            freshness="buffer",
            columns=Columns(number="nr", as_of="peildatum"),
        )
        assert told(ask(ocmw, AN)) == {"leefloon": "yes", "ocmw_ended_days": None}
        answer = ask(ocmw, BO)
        assert told(answer) == {"leefloon": "no", "ocmw_ended_days": 10}
        assert answer.as_of is not None
        assert (answer.freshness, answer.as_of.date().isoformat()) == ("buffer", "2026-11-20")
        assert connect(ocmw, KEYS).tells == {"leefloon", "ocmw_ended_days"}

    def test_a_doubt_is_told_with_what_is_certain(self, tmp_path: Path) -> None:
        rows = [*ROWS, (AN, "BB", "2026-01-01", "soon"), (CIS, "?", None, None)]
        ocmw = statuses(url=sqlite_table(tmp_path / "c.sqlite3", rows))
        answer = ask(ocmw, AN)
        assert told(answer) == {"leefloon": "yes", "eq_leefloon": "no", "debt_settlement": "no"}
        assert (answer.reason, answer.gap) == ("bad-value", SourceState.REFUSED)
        assert outcome(ask(ocmw, CIS)) == (SourceState.REFUSED, "unknown-status")

    @pytest.mark.parametrize("numbers", [[], [dotted(AN)], [int(AN)], [f"{AN} "], [None]], ids=repr)
    def test_where_no_number_is_of_the_form_nobody_is_told_to_have_nothing(
        self, tmp_path: Path, numbers: list[object]
    ) -> None:
        url = sqlite_table(tmp_path / "c.sqlite3", [(each, "LL", None, None) for each in numbers])
        answer = ask(statuses(url=url), CIS)
        assert outcome(answer) == (SourceState.UNAVAILABLE, "no-numbers")
        assert outcome(ask(statuses(url=url), AN)) == (SourceState.UNAVAILABLE, "no-numbers")

    def test_more_rows_than_a_person_has(self, tmp_path: Path) -> None:
        rows = [(AN, "LL", None, None)] * (database.MOST_ROWS + 1)
        ocmw = statuses(url=sqlite_table(tmp_path / "c.sqlite3", rows))
        assert outcome(ask(ocmw, AN)) == (SourceState.REFUSED, "too-many-rows")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"table": "nowhere"}, "other-schema"),
            ({"columns": Columns(status="soort")}, "other-schema"),
            ({"columns": Columns(number="soort")}, "other-schema"),
        ],
    )
    def test_another_schema(self, table: Ocmw, changes: dict[str, object], reason: str) -> None:
        ocmw = replace(table, **changes)  # type: ignore[arg-type]  # fields by their names
        assert outcome(ask(ocmw, AN)) == (SourceState.UNAVAILABLE, reason)

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        ocmw = statuses(url=f"sqlite:///{tmp_path}/none.sqlite3")
        assert outcome(ask(ocmw, AN)) == (SourceState.UNAVAILABLE, "no-connection")
        assert list(tmp_path.iterdir()) == []

    def test_a_file_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "x.sqlite3").write_bytes(b"no database at all " * 100)
        ocmw = statuses(url=f"sqlite:///{tmp_path}/x.sqlite3")
        assert outcome(ask(ocmw, AN)) == (SourceState.UNAVAILABLE, "not-understood")

    def test_a_locked_file(self, table: Ocmw, tmp_path: Path) -> None:
        writer = sqlite3.connect(tmp_path / "city.sqlite3", isolation_level=None)
        writer.execute("BEGIN EXCLUSIVE")
        hasty = replace(table, timeout_seconds=0.2)
        assert ask(hasty, AN).state is SourceState.UNAVAILABLE
        assert ask(hasty, AN).reason in {"locked", "timeout"}
        writer.execute("ROLLBACK")
        writer.close()
        assert told(ask(table, AN))["leefloon"] == "yes"

    def test_a_query_that_takes_too_long_is_ended(self, tmp_path: Path) -> None:
        path = tmp_path / "slow.sqlite3"
        connection = sqlite3.connect(path)
        connection.execute(
            "CREATE VIEW tariff AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
            "SELECT i AS national_number, 'LL' AS status, 0 AS start_date, 0 AS end_date FROM n"
        )
        connection.close()
        before = threading.active_count()
        started = time.monotonic()
        ocmw = statuses(url=f"sqlite:///{path}", timeout_seconds=0.3)
        assert outcome(ask(ocmw, AN)) == (SourceState.UNAVAILABLE, "timeout")
        assert time.monotonic() - started < 5
        while threading.active_count() > before:  # the query ends, and its thread with it
            assert time.monotonic() - started < 60
            time.sleep(0.05)

    def test_it_cannot_be_written_to(self, table: Ocmw, tmp_path: Path) -> None:
        reader = database.Reader(database.Place(table.url, 1.0))
        with (
            reader._engine.connect() as connection,
            pytest.raises(sa.exc.OperationalError, match="readonly"),
        ):
            connection.exec_driver_sql("INSERT INTO tariff VALUES (1, 2, 3, 4)")
        assert [path.name for path in tmp_path.iterdir()] == ["city.sqlite3"]

    def test_the_lamp_knows_what_lasts(self, table: Ocmw) -> None:
        source = connect(table, KEYS)
        assert source.status() is None
        asyncio.run(source.ask(question(CIS)))
        assert source.status() is SourceState.OK
        broken = connect(replace(table, table="nowhere"), KEYS)
        asyncio.run(broken.ask(question(CIS)))
        assert broken.status() is SourceState.UNAVAILABLE
        away = connect(replace(table, url="sqlite:////nowhere/at/all"), KEYS)
        asyncio.run(away.ask(question(CIS)))
        assert away.status() is None

    def test_nothing_of_the_person_is_logged(
        self, table: Ocmw, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        for ocmw in (table, replace(table, table="nowhere")):
            ask(ocmw, AN)
        assert AN not in caplog.text
        with pytest.raises(NotRead) as caught:
            connect(replace(table, table="nowhere"), KEYS)._shelf.find(AN)
        assert (str(caught.value), caught.value.__cause__) == ("other-schema", None)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with postgres_server() as server:
        yield server


class Other:
    """Another source of the group, that knows of no living wage."""

    group = "ocmw"
    tells = frozenset({"leefloon"})

    async def ask(self, question: Question) -> Answer:
        return Answer(state=SourceState.OK, facts={"leefloon": YesNo.NO})

    def status(self) -> SourceState | None:
        return None


class TestBesideAnother:
    def together(self, ocmw: Ocmw, digits: str) -> dict[str, object]:
        source = connect(ocmw, KEYS)
        (group,) = combine([source, Other()], {"ocmw": 5.0})
        answer = asyncio.run(group.ask(question(digits)))
        source.close()
        return told(answer)

    def test_a_no_of_the_other_stands_for_who_is_not_in_a_part(self, table: Ocmw) -> None:
        part = replace(table, complete=False)
        assert self.together(part, CIS) == {"leefloon": "no"}
        assert self.together(part, AN) == {"leefloon": "yes"}
        columns = replace(part, layout="columns", facts=("status=leefloon",))
        assert self.together(columns, CIS) == {"leefloon": "no"}

    def test_it_does_not_stand_for_who_is_doubtful_or_could_not_be_looked_for(
        self, tmp_path: Path
    ) -> None:
        rows = [(CIS, "LL", "soon", None)]
        part = statuses(url=sqlite_table(tmp_path / "c.sqlite3", rows), complete=False)
        assert "leefloon" not in self.together(part, CIS)
        assert "leefloon" not in self.together(replace(part, table="nowhere"), CIS)


class TestDocumented:
    """The view of docs/ocmw.md, word for word."""

    def test_the_view_of_the_docs(self, postgres: Postgres) -> None:
        text = (Path(__file__).parents[4] / "docs" / "ocmw.md").read_text("utf-8")
        view = text.split("```sql\n")[1].split("```")[0]
        name = postgres.new_database()
        postgres.sql("CREATE TABLE clients (id int, national_number text)", name)
        columns = "client_id int, kind text, valid_from date, valid_until date"
        postgres.sql(f"CREATE TABLE decisions ({columns})", name)
        postgres.sql(f"INSERT INTO clients VALUES (1, '{AN}')", name)
        postgres.sql("INSERT INTO decisions VALUES (1, 'LL', '2026-01-01', NULL)", name)
        postgres.sql(view, name)
        ocmw = statuses(url=postgres.url(name, "tariefwijzer"))
        assert told(ask(ocmw, AN))["leefloon"] == "yes"
        table = replace(ocmw, table="clients", layout="columns", facts=("id=leefloon",))
        assert ask(table, AN).reason == "not-authorised"


class TestWorkers:
    def test_a_call_that_hangs_holds_neither_the_loop_nor_the_others(self) -> None:
        release = threading.Event()
        workers = Workers(2, "test")

        async def scene() -> int:
            hanging = asyncio.ensure_future(workers.run(release.wait))
            done = await asyncio.wait_for(workers.run(lambda: 7), 5)
            hanging.cancel()
            return done

        try:
            assert asyncio.run(scene()) == 7
        finally:
            release.set()
            workers.close(lambda: None)

    def test_with_all_of_them_hanging_a_crowd_is_sent_away(self) -> None:
        release = threading.Event()
        workers = Workers(1, "test")

        begun = threading.Event()

        def hang() -> None:
            begun.set()
            release.wait()

        async def scene() -> Reason:
            waiting = [asyncio.ensure_future(workers.run(hang))]
            await asyncio.to_thread(begun.wait)
            waiting += [asyncio.ensure_future(workers.run(hang)) for _ in range(50)]
            await asyncio.sleep(0)
            with pytest.raises(NotRead) as caught:
                await workers.run(release.wait)
            for task in waiting:
                task.cancel()
            return caught.value.reason

        try:
            assert asyncio.run(scene()) is Reason.TOO_BUSY
        finally:
            release.set()
            workers.close(lambda: None)

    def test_what_nobody_waits_for_any_more_is_not_done(self) -> None:
        release, made = threading.Event(), []
        workers = Workers(1, "test")

        async def scene() -> None:
            first = asyncio.ensure_future(workers.run(release.wait))
            second = asyncio.ensure_future(workers.run(lambda: made.append(1)))
            await asyncio.sleep(0)
            second.cancel()
            await asyncio.sleep(0)
            release.set()
            await first
            await workers.run(lambda: made.append(2))

        asyncio.run(scene())
        ended = threading.Event()
        workers.close(ended.set)
        assert ended.wait(5)
        assert made == [2]


InPostgres = tuple[Ocmw, Callable[[str], str]]
"""Settings for a database with the table, and what runs a statement in it."""


@pytest.fixture
def in_postgres(postgres: Postgres) -> InPostgres:
    name = postgres.new_database()
    columns = "national_number text, status text, start_date date, end_date date"
    postgres.sql(f"CREATE TABLE tariff ({columns})", name)
    for person, status, start, end in ROWS:
        last = f"'{end}'" if end else "NULL"
        postgres.sql(f"INSERT INTO tariff VALUES ('{person}', '{status}', '{start}', {last})", name)
    ocmw = statuses(url=postgres.url(name), table="public.tariff")
    return ocmw, lambda statement: postgres.sql(statement, name)


class TestPostgresql:
    def test_people(self, in_postgres: InPostgres) -> None:
        ocmw, _ = in_postgres
        assert told(ask(ocmw, AN))["leefloon"] == "yes"
        assert told(ask(ocmw, BO))["ocmw_ended_days"] == 10
        assert set(told(ask(ocmw, CIS)).values()) == {"no", None}

    def test_a_column_a_fact(self, in_postgres: InPostgres) -> None:
        ocmw, sql = in_postgres
        sql(
            "CREATE VIEW plain AS SELECT national_number AS nr, true AS ll, 0 AS bb, "
            "now() AS at FROM tariff"
        )
        plain = Ocmw(
            url=ocmw.url,
            table="plain",
            layout="columns",
            facts=("ll=leefloon", "bb=ocmw_budget"),
            columns=Columns(number="nr", as_of="at"),
        )
        answer = ask(plain, AN)
        assert told(answer) == {"leefloon": "yes", "ocmw_budget": "no"}
        assert answer.as_of is not None
        assert answer.as_of.tzinfo is not None

    def test_transactions_are_read_only(self, in_postgres: InPostgres) -> None:
        ocmw, sql = in_postgres
        sql("CREATE SEQUENCE writes")
        sql(
            "CREATE VIEW writing AS SELECT national_number, 'LL' AS status, "
            "NULL::date AS start_date, "
            "CASE WHEN nextval('writes') > 0 THEN NULL::date END AS end_date FROM tariff"
        )
        answer = ask(replace(ocmw, table="writing"), AN)
        assert outcome(answer) == (SourceState.UNAVAILABLE, "not-understood")
        assert sql("SELECT is_called FROM writes") == "f"

    @pytest.mark.parametrize(
        ("statement", "reason"),
        [
            ("ALTER TABLE tariff RENAME TO other", "other-schema"),
            ("ALTER TABLE tariff RENAME COLUMN status TO soort", "other-schema"),
            ("ALTER TABLE tariff ALTER national_number TYPE bigint USING 1", "other-schema"),
            ("UPDATE tariff SET national_number = ' ' || national_number", "no-numbers"),
            ("TRUNCATE tariff", "no-numbers"),
        ],
    )
    def test_another_schema(
        self,
        in_postgres: InPostgres,
        statement: str,
        reason: str,
    ) -> None:
        ocmw, sql = in_postgres
        sql(statement)
        assert outcome(ask(ocmw, CIS)) == (SourceState.UNAVAILABLE, reason)

    def test_a_role_that_may_not_read(self, in_postgres: InPostgres) -> None:
        ocmw, sql = in_postgres
        sql("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
        strange = replace(ocmw, url=ocmw.url.replace("owner@", "stranger@"))
        assert outcome(ask(strange, AN)) == (SourceState.REFUSED, "not-authorised")

    def test_a_locked_table(self, in_postgres: InPostgres) -> None:
        ocmw, _ = in_postgres
        import psycopg

        with psycopg.connect(ocmw.url.replace("+psycopg", "")) as other:
            other.execute("LOCK TABLE tariff IN ACCESS EXCLUSIVE MODE")
            started = time.monotonic()
            answer = ask(replace(ocmw, timeout_seconds=0.3), AN)
            assert answer.state is SourceState.UNAVAILABLE
            assert answer.reason in {"locked", "timeout"}
            assert time.monotonic() - started < 5

    def test_dates_that_are_none(self, in_postgres: InPostgres) -> None:
        ocmw, sql = in_postgres
        sql("UPDATE tariff SET end_date = 'infinity'")
        answer = ask(ocmw, AN)
        assert "leefloon" not in answer.facts
        assert answer.state is SourceState.UNAVAILABLE

    def test_a_server_that_hangs_and_one_that_comes_back(
        self, postgres: Postgres, in_postgres: InPostgres
    ) -> None:
        ocmw, _ = in_postgres
        source = connect(replace(ocmw, timeout_seconds=0.5, connections=2), KEYS)

        async def scene() -> None:
            assert (await source.ask(question(AN))).state is SourceState.OK
            postgres.pause(signal.SIGSTOP)
            try:
                started = time.monotonic()
                answers = await asyncio.gather(*(source.ask(question(AN)) for _ in range(6)))
                assert time.monotonic() - started < 5
            finally:
                postgres.pause(signal.SIGCONT)
            assert {answer.state for answer in answers} == {SourceState.UNAVAILABLE}
            await _until_it_answers(source)

        asyncio.run(scene())
        source.close()

    def test_a_server_that_was_killed(self) -> None:
        with postgres_server() as server:
            name = server.new_database()
            server.sql("CREATE TABLE tariff (national_number text, status text)", name)
            server.sql("ALTER TABLE tariff ADD start_date date, ADD end_date date", name)
            server.sql(f"INSERT INTO tariff VALUES ('{AN}', 'LL')", name)
            source = connect(statuses(url=server.url(name)), KEYS)

            async def scene() -> None:
                assert (await source.ask(question(AN))).state is SourceState.OK
                server.kill()
                answer = await source.ask(question(AN))
                assert outcome(answer) == (SourceState.UNAVAILABLE, "no-connection")
                server.start()
                await _until_it_answers(source)

            asyncio.run(scene())
            source.close()


async def _until_it_answers(source: OcmwSource) -> None:
    for _ in range(100):
        if (await source.ask(question(AN))).state is SourceState.OK:
            return
        await asyncio.sleep(0.1)
    raise AssertionError


def test_the_headings_are_those_of_the_settings() -> None:
    names = Columns()
    assert (names.number, names.status, names.start, names.end) == HEADING
