"""The nightly import: a whole list or none, whatever happens."""

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import SourceState
from kiosk.service.central.connectors.ocmw import imports, shelf
from kiosk.service.central.connectors.ocmw.flaws import MOST_TOLD, ListWrong
from kiosk.service.central.connectors.ocmw.imports import Import, Loaded
from kiosk.service.central.connectors.ocmw.settings import Columns, Ocmw
from kiosk.service.central.keys import Keys
from tests.support.ocmw import (
    HEADING,
    KEYS,
    STATUSES,
    TODAY,
    ask,
    dotted,
    imported,
    number,
    told,
    write_csv,
)

AN, BO, CIS = number(1), number(2), number(3)
ROWS = [(AN, "LL", "2026-01-01", ""), (BO, "BB", "2025-01-01", "2026-11-12")]
TIMES: dict[str, Any] = {"test_numbers": True}


def load(ocmw: Ocmw, path: Path, **how: Any) -> Loaded:
    return Import(ocmw, KEYS, **{**TIMES, **how}).run(path)


def flaws(ocmw: Ocmw, path: Path, **how: Any) -> list[str]:
    with pytest.raises(ListWrong) as caught:
        load(ocmw, path, **how)
    return [str(flaw) for flaw in caught.value.flaws]


@pytest.fixture
def ocmw(tmp_path: Path) -> Ocmw:
    return imported(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "list.csv", ROWS)


class TestTaken:
    def test_what_is_imported_is_told(self, ocmw: Ocmw, file: Path) -> None:
        loaded = load(ocmw, file)
        assert (loaded.rows, loaded.people) == (2, 2)
        answer = ask(ocmw, AN)
        assert told(answer)["leefloon"] == "yes"
        assert (answer.freshness, answer.as_of) == ("buffer", loaded.as_of)
        assert told(ask(ocmw, BO))["ocmw_ended_days"] == 10
        assert set(told(ask(ocmw, CIS)).values()) == {"no", None}

    @pytest.mark.parametrize(
        ("name", "how", "changes"),
        [
            ("a.csv", {"delimiter": ","}, {"delimiter": ","}),
            ("b.CSV", {"delimiter": "\t"}, {"delimiter": "tab"}),
            ("c.txt", {"quoting": 1, "lineterminator": "\n"}, {}),
        ],
    )
    def test_forms_of_csv(
        self, ocmw: Ocmw, tmp_path: Path, name: str, how: dict[str, Any], changes: dict[str, Any]
    ) -> None:
        path = write_csv(tmp_path / name, ROWS, **how)
        ocmw = replace(ocmw, imported=replace(ocmw.imported, **changes))
        assert load(ocmw, path).rows == 2

    def test_a_mark_of_the_byte_order_and_empty_lines(self, ocmw: Ocmw, file: Path) -> None:
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes() + b"\r\n\r\n")
        assert load(ocmw, file).rows == 2

    def test_other_columns_are_not_read(self, ocmw: Ocmw, tmp_path: Path) -> None:
        rows = [("Peeters", *row, "Korenmarkt 1") for row in ROWS]
        path = write_csv(tmp_path / "l.csv", rows, ("naam", *HEADING, "adres"))
        assert load(ocmw, path).rows == 2
        kept = Path(ocmw.imported.file).read_bytes()
        assert b"Peeters" not in kept
        assert b"Korenmarkt" not in kept

    def test_no_number_is_kept(self, ocmw: Ocmw, file: Path, tmp_path: Path) -> None:
        load(ocmw, file)
        kept = Path(ocmw.imported.file)
        assert AN.encode() not in kept.read_bytes()
        assert kept.stat().st_mode & 0o777 == 0o600
        assert {path.name for path in tmp_path.iterdir()} == {"list.csv", "list.sqlite3"}

    def test_ignored_statuses_are_not_kept(self, ocmw: Ocmw, tmp_path: Path) -> None:
        path = write_csv(tmp_path / "l.csv", [*ROWS, (CIS, "VOEDSEL", "2026-01-01", "")])
        loaded = load(replace(ocmw, ignored=("VOEDSEL",)), path)
        assert (loaded.rows, loaded.people) == (3, 2)

    def test_a_column_a_fact_with_points_and_belgian_dates(self, tmp_path: Path) -> None:
        ocmw = imported(
            tmp_path,
            layout="columns",
            number_format="dotted",
            dates="day-first",
            facts=("leefloon=leefloon", "einde=ocmw_ended_days"),
            columns=Columns(number="rr", as_of="peildatum"),
        )
        day = f"{datetime.now(UTC) - timedelta(days=1):%d/%m/%Y}"
        rows = [(dotted(AN), "ja", "", day), (dotted(BO), "nee", "12/11/2026", day)]
        path = write_csv(tmp_path / "l.csv", rows, ("rr", "leefloon", "einde", "peildatum"))
        loaded = load(ocmw, path)
        assert f"{loaded.as_of:%d/%m/%Y}" == day
        assert told(ask(ocmw, AN)) == {"leefloon": "yes", "ocmw_ended_days": None}
        answer = ask(ocmw, BO)
        assert told(answer) == {"leefloon": "no", "ocmw_ended_days": 10}
        assert answer.as_of == loaded.as_of

    def test_parquet(self, ocmw: Ocmw, tmp_path: Path) -> None:
        table = pa.table(
            {
                "national_number": pa.array([AN, BO]).dictionary_encode(),
                "status": ["LL", "BB"],
                "start_date": [date(2026, 1, 1), date(2025, 1, 1)],
                "end_date": pa.array([None, datetime(2026, 11, 12)], pa.timestamp("us")),  # noqa: DTZ001  # Parquet has days without a zone
                "naam": ["An", "Bo"],
            }
        )
        pq.write_table(table, tmp_path / "list.parquet")
        assert load(ocmw, tmp_path / "list.parquet").people == 2
        assert told(ask(ocmw, AN))["leefloon"] == "yes"
        assert told(ask(ocmw, BO))["ocmw_ended_days"] == 10

    def test_a_connector_sees_a_new_list_at_once(
        self, ocmw: Ocmw, file: Path, tmp_path: Path
    ) -> None:
        load(ocmw, file)
        place = shelf.ImportedList(ocmw, KEYS)
        key = place.key(NationalNumber(CIS))
        assert place.find(key).rows == []
        load(ocmw, write_csv(tmp_path / "l2.csv", [*ROWS, (CIS, "LL", "", "")]))
        assert len(place.find(key).rows) == 1
        place.close()


BAD_ROWS = [
    ((AN[:10], "LL", "", ""), "row 2, national_number: is not eleven digits"),
    ((dotted(AN), "LL", "", ""), "row 2, national_number: is not eleven digits"),
    (("", "LL", "", ""), "row 2, national_number: is not eleven digits"),
    (("85613001238", "LL", "", ""), "row 2, national_number: has other check digits"),
    ((AN, "LEEF", "", ""), "row 2, status: is not one of those under 'facts' and 'ignored'"),
    ((AN, "", "", ""), "row 2, status: is not one of those under 'facts' and 'ignored'"),
    ((AN, "LL", "1/2/2026", ""), "row 2, start_date: is not a date such as 2026-11-22"),
    ((AN, "LL", "", "2026-02-30"), "row 2, end_date: is not a date such as 2026-11-22"),
    ((AN, "LL", "2026-02-02", "2026-02-01"), "row 2, start_date: lies after end_date"),
    ((AN, "LL", ""), "row 2: has not as many fields as the heading"),
    ((AN, "LL", "", "", "x"), "row 2: has not as many fields as the heading"),
]


class TestRefused:
    @pytest.fixture(autouse=True)
    def before(self, ocmw: Ocmw, file: Path) -> Callable[[], None]:
        """A list that was imported before, and that has to be there still."""
        load(ocmw, file)

        def look() -> None:
            assert told(ask(ocmw, AN))["leefloon"] == "yes"
            assert {p.suffix for p in file.parent.iterdir()} <= {".csv", ".parquet", ".sqlite3"}

        return look

    @pytest.mark.parametrize(("row", "flaw"), BAD_ROWS, ids=range(len(BAD_ROWS)))
    def test_a_row(
        self,
        ocmw: Ocmw,
        tmp_path: Path,
        before: Callable[[], None],
        row: tuple[str, ...],
        flaw: str,
    ) -> None:
        assert flaws(ocmw, write_csv(tmp_path / "bad.csv", [row, *ROWS])) == [flaw]
        before()

    def test_every_mistake_is_told_and_no_value(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        rows = [row for row, _ in BAD_ROWS] * 10
        with pytest.raises(ListWrong) as caught:
            load(ocmw, write_csv(tmp_path / "bad.csv", rows))
        assert (len(caught.value.flaws), caught.value.count) == (MOST_TOLD, len(rows))
        for row in rows:
            for value in row:
                assert len(value) < 3 or value not in str(caught.value)
        before()

    def test_a_test_number_outside_a_test_environment(
        self, ocmw: Ocmw, file: Path, before: Callable[[], None]
    ) -> None:
        told_flaws = flaws(ocmw, file, test_numbers=False)
        assert told_flaws == [f"row {row}, national_number: is a test number" for row in (2, 3)]
        before()

    @pytest.mark.parametrize("end", ["", "2026-12-31"])
    def test_the_same_status_twice(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None], end: str
    ) -> None:
        rows = [*ROWS, (AN, "LL", "2026-01-01", end)]
        path = write_csv(tmp_path / "bad.csv", rows)
        assert flaws(ocmw, path) == ["row 4, national_number: tells of the same as row 2"]
        assert flaws(ocmw, path, force=True) != []
        before()

    def test_the_same_person_twice_with_a_column_a_fact(
        self, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        other = imported(tmp_path, layout="columns", facts=("ll=leefloon",))
        path = write_csv(tmp_path / "b.csv", [(AN, 1), (BO, 0), (AN, 0)], ("national_number", "ll"))
        assert flaws(other, path) == ["row 4, national_number: tells of the same as row 2"]
        bad = write_csv(tmp_path / "c.csv", [(AN, "x")], ("national_number", "ll"))
        assert flaws(other, bad) == ["row 2, ll: is neither yes nor no"]
        before()

    @pytest.mark.parametrize(
        ("heading", "told_flaws"),
        [
            (
                (AN, "LL", "", ""),
                [
                    f"{name}: stands not in the heading (is the delimiter right?)"
                    for name in HEADING
                ],
            ),
            (
                ("national_number", "status", "status", "start_date"),
                [
                    "status: stands more than once in the heading (is the delimiter right?)",
                    "end_date: stands not in the heading (is the delimiter right?)",
                ],
            ),
        ],
        ids=["none", "doubled"],
    )
    def test_a_heading(
        self,
        ocmw: Ocmw,
        tmp_path: Path,
        before: Callable[[], None],
        heading: tuple[str, ...],
        told_flaws: list[str],
    ) -> None:
        assert flaws(ocmw, write_csv(tmp_path / "bad.csv", ROWS, heading)) == told_flaws
        before()

    @pytest.mark.parametrize(
        ("content", "flaw"),
        [
            (b"", "national_number: stands not in the heading (is the delimiter right?)"),
            ("national_number;status".encode("utf-16"), "row 1: is not UTF-8"),
            (b"%s;LL;;\r\n\xff;LL;;\r\n", "row 3: is not UTF-8"),
            (b'%s;LL;;\r\n%s;"LL;;\r\n', "row 3: is not CSV"),
            (b'%s;LL;;\r\n%s;"L"L;;\r\n', "row 3: is not CSV"),
            (b"%s;LL;;\r\n" + b"x" * 300_000, "row 3: has not as many fields as the heading"),
        ],
        ids=["empty", "utf-16", "latin", "open-quote", "bad-quote", "long"],
    )
    def test_bytes(
        self,
        ocmw: Ocmw,
        tmp_path: Path,
        before: Callable[[], None],
        content: bytes,
        flaw: str,
    ) -> None:
        path = tmp_path / "bad.csv"
        heading = b";".join(name.encode() for name in HEADING) + b"\r\n"
        filled = content.replace(b"%s", AN.encode(), 1).replace(b"%s", BO.encode())
        path.write_bytes(heading + filled if AN.encode() in filled else filled)
        assert flaws(ocmw, path)[0].startswith(flaw)
        before()

    def test_a_file_that_is_not_there(self, ocmw: Ocmw, before: Callable[[], None]) -> None:
        assert flaws(ocmw, Path("/nowhere.csv")) == ["the file cannot be read"]
        assert flaws(ocmw, Path("/nowhere.parquet")) == ["the file is not Parquet, or not whole"]
        before()

    def test_parquet_of_other_columns_or_types(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        path = tmp_path / "bad.parquet"
        pq.write_table(pa.table({"national_number": [AN], "status": ["LL"]}), path)
        assert flaws(ocmw, path) == [
            "start_date: is not one of the columns",
            "end_date: is not one of the columns",
        ]
        values = {"status": ["LL"], "start_date": [20260101], "end_date": [None]}
        pq.write_table(pa.table({"national_number": [int(AN)], **values}), path)
        assert flaws(ocmw, path) == [
            "row 1, national_number: is not eleven digits",
            "row 1, start_date: is not a date such as 2026-11-22",
        ]
        before()

    def test_parquet_that_was_cut_or_changed(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        path = tmp_path / "bad.parquet"
        many = [number(place) for place in range(5000)]
        empty = [None] * len(many)
        columns = {"national_number": many, "status": ["LL"] * len(many)}
        pq.write_table(pa.table({**columns, "start_date": empty, "end_date": empty}), path)
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        assert flaws(ocmw, path) == ["the file is not Parquet, or not whole"]
        path.write_bytes(whole[:100] + b"\0" * 400 + whole[500:])
        assert "the file is not Parquet, or not whole" in flaws(ocmw, path)[-1]
        before()

    def test_a_day_in_the_future_or_none(self, tmp_path: Path, before: Callable[[], None]) -> None:
        ocmw = imported(tmp_path, columns=Columns(as_of="at"))
        rows = [(*ROWS[0], "2999-01-01"), (*ROWS[1], ""), (CIS, "LL", "", "", "x")]
        assert flaws(ocmw, write_csv(tmp_path / "bad.csv", rows, (*HEADING, "at"))) == [
            "row 2, at: lies in the future",
            "row 3, at: is not a date",
            "row 4, at: is not a date",
        ]
        before()

    def test_a_list_that_is_much_shorter(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        rows = [(number(place), "LL", "", "") for place in range(1, 11)]
        load(ocmw, write_csv(tmp_path / "long.csv", rows))
        load(ocmw, write_csv(tmp_path / "half.csv", rows[:5]))
        short = write_csv(tmp_path / "short.csv", rows[:2])
        assert flaws(ocmw, short) == [
            "holds 2 rows, fewer than 50 % of the 5 before; --force takes it all the same"
        ]
        before()
        assert load(ocmw, short, force=True).rows == 2

    def test_a_list_without_rows(
        self, ocmw: Ocmw, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        empty = write_csv(tmp_path / "empty.csv", [])
        assert flaws(ocmw, empty) == ["holds no rows; --force takes it all the same"]
        before()
        assert load(ocmw, empty, force=True).rows == 0

    def test_no_room_for_the_new_list(
        self, file: Path, tmp_path: Path, before: Callable[[], None]
    ) -> None:
        gone = imported(tmp_path / "gone")
        with pytest.raises(OSError, match="No such file"):
            load(gone, file)
        before()


class TestUsed:
    """An imported list that may not be asked."""

    def test_before_the_first_import(self, ocmw: Ocmw) -> None:
        answer = ask(ocmw, AN)
        assert (answer.state, answer.reason) == (SourceState.UNAVAILABLE, "not-imported")

    def test_under_another_key_nobody_would_be_found(self, ocmw: Ocmw, file: Path) -> None:
        load(ocmw, file)
        answer = ask(ocmw, AN, keys=Keys(b"x" * 32))
        assert (answer.state, answer.reason) == (SourceState.UNAVAILABLE, "other-key")

    @pytest.mark.parametrize(
        "changes",
        [
            {"facts": (*STATUSES, "RA=ocmw_residence")},
            {"facts": STATUSES[1:]},
            {"layout": "columns", "facts": ("ll=leefloon",)},
            {"columns": Columns(as_of="at")},
        ],
        ids=["more", "fewer", "layout", "as-of"],
    )
    def test_one_that_was_imported_for_other_facts(
        self, ocmw: Ocmw, file: Path, changes: dict[str, Any]
    ) -> None:
        load(ocmw, file)
        answer = ask(replace(ocmw, **changes), AN)
        assert answer.state is SourceState.UNAVAILABLE
        assert answer.reason in {"other-list", "other-schema"}

    def test_an_old_one(self, tmp_path: Path) -> None:
        ocmw = imported(tmp_path, columns=Columns(as_of="at"))
        for age, state in ((3, SourceState.OK), (5, SourceState.UNAVAILABLE)):
            day = f"{datetime.now(UTC) - timedelta(days=age):%Y-%m-%d}"
            rows = [(*row, day) for row in ROWS]
            load(ocmw, write_csv(tmp_path / "l.csv", rows, (*HEADING, "at")))
            assert ask(ocmw, AN).state is state
        assert ask(ocmw, AN).reason == "stale"

    def test_of_a_day_to_come_it_knows_no_no(self, ocmw: Ocmw, file: Path) -> None:
        load(ocmw, file)
        tomorrow = TODAY + timedelta(days=1)
        answer = ask(ocmw, CIS, tomorrow)
        assert (answer.state, answer.reason) == (SourceState.NO_DATA, "day-to-come")
        answer = ask(ocmw, AN, tomorrow)
        assert (told(answer), answer.gap) == (
            {"leefloon": "yes", "ocmw_ends_days": None},
            SourceState.NO_DATA,
        )

    def test_one_that_was_damaged(self, ocmw: Ocmw, file: Path) -> None:
        load(ocmw, file)
        path = Path(ocmw.imported.file)
        path.write_bytes(path.read_bytes()[:3000])
        assert ask(ocmw, AN).state is SourceState.UNAVAILABLE
        path.unlink()
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE about_list (form, key_check, as_of, row_count)")
        connection.execute("CREATE TABLE list_rows (person, status, start, 'end')")
        for row in ([], [("x", "y", "z", "n")]):
            connection.executemany("INSERT INTO about_list VALUES (?, ?, ?, ?)", row)
            connection.commit()
            assert ask(ocmw, AN).reason == "not-understood"
        connection.close()
        assert load(ocmw, file).rows == 2


def test_what_a_killed_import_left_is_removed(
    ocmw: Ocmw, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = file.parent / "list.sqlite3-abc.new"
    left.touch()
    load(ocmw, file)
    assert left.exists()  # it may be somebody else's, still running
    monkeypatch.setattr(imports, "_LEFT_BEHIND_SECONDS", -1.0)
    load(ocmw, file)
    assert not left.exists()


PROGRAM = """
import sys
from pathlib import Path
from kiosk.service.central.connectors.ocmw.imports import Import
from tests.support.ocmw import KEYS, imported
folder = Path(sys.argv[1])
how = Import(imported(folder), KEYS, test_numbers=True)
print("ready", flush=True)
how.run(folder / sys.argv[2])
"""


def test_killed_at_any_moment_there_is_one_whole_list(tmp_path: Path) -> None:
    """Two lists that differ in everything; after each kill it is all of one or all of the other."""
    size = 4000
    people = [number(place) for place in range(1, size + 1)]
    for name, status in (("a.csv", "LL"), ("b.csv", "BB")):
        write_csv(tmp_path / name, [(each, status, "", "") for each in people])
    ocmw = imported(tmp_path)
    began = time.monotonic()
    load(ocmw, tmp_path / "a.csv")
    duration = time.monotonic() - began
    chance = random.Random(20261122)
    killed = 0
    for turn in range(8):
        name = "ba"[turn % 2] + ".csv"
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path), name], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 1.3 * duration))
            process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        answers = [told(ask(ocmw, each)) for each in (people[0], people[size // 2], people[-1])]
        assert answers[0] == answers[1] == answers[2]
        assert {answers[0]["leefloon"], answers[0]["ocmw_budget"]} == {"yes", "no"}
        connection = sqlite3.connect(f"file:{ocmw.imported.file}?mode=ro", uri=True)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM list_rows").fetchone() == (size,)
        connection.close()
    assert killed >= 2
    assert load(ocmw, tmp_path / "b.csv").rows == size
    assert told(ask(ocmw, people[0]))["ocmw_budget"] == "yes"
