"""``eligibility audit …`` and ``eligibility db upgrade``, as they are called."""

import csv
import io
import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.__main__ import main
from kiosk.service.central.audit import AuditStore
from kiosk.service.central.audit_command import _years_earlier
from kiosk.service.central.audit_reports import who_asked
from kiosk.service.central.keys import Keys
from kiosk.service.central.sealed_numbers import load_sealer
from tests.support.dpo import DpoKey
from tests.support.storage import HEAD, entry, sqlite_store, tamper
from tests.unit.central.worlds import NOBODY

OTHER = "85613099823"
OLD_SECRET, SECRET = b"o" * 32, b"k" * 32


class Place:
    """A database with its keys and its settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "audit.sqlite3"
        self.config = folder / "eligibility.toml"
        self.dpo = DpoKey(folder / "dpo")
        key = folder / "key"
        key.write_text(f"{OLD_SECRET.hex()}\n{SECRET.hex()}\n")
        key.chmod(0o600)
        self.config.write_text(
            f'[database]\nurl = "sqlite:///{self.file}"\n[pseudonym]\nkey_file = "{key}"\n'
            f'[audit]\ndpo_key = "{self.dpo.public}"\n'
        )

    def store(self, *secrets: bytes) -> AuditStore:
        return sqlite_store(self.file, Keys(*(secrets or (SECRET, OLD_SECRET))))

    def record(self, number: str, *secrets: bytes, **changes: Any) -> None:
        """Keep both records of a check."""
        keys, check_id = Keys(*(secrets or (SECRET, OLD_SECRET))), changes.pop("check_id", "c1")
        secret_number = NationalNumber(number)
        sealed = load_sealer(self.dpo.public).seal(secret_number, check_id)
        about = {
            "check_id": check_id,
            "subject": keys.pseudonym(secret_number),
            "subject_sealed": sealed,
            **changes,
        }
        begun = {"kind": "asked", "answered_at": None, "colour": None, "sources": ()}
        self.store(*secrets).append(entry(**{**begun, **about}), entry(**about))

    def run(self, *arguments: str) -> int:
        return main([*arguments, "--config", str(self.config)])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


class TestVerify:
    def test_a_sound_chain_ends_with_its_anchor(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.record(NOBODY)
        assert place.run("audit", "verify") == 0
        told, anchor = capsys.readouterr().out.splitlines()
        assert told == "2 records are sound, up to number 2"
        anchors = place.folder / "anchors"
        anchors.write_text(f"{anchor}\n")
        assert place.run("audit", "verify", "--anchor", str(anchors)) == 0
        tamper(place.file, "DELETE FROM audit_records WHERE seq = 2")
        assert place.run("audit", "verify") == 0
        capsys.readouterr()
        assert place.run("audit", "verify", "--anchor", str(anchors)) == 1
        assert capsys.readouterr().out.startswith("record 2 is not as it was written, or is miss")

    def test_a_broken_chain_says_where(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        for number in range(3):
            place.record(NOBODY, check_id=f"c{number}")
        tamper(place.file, "UPDATE audit_records SET colour = 'red' WHERE seq = 4")
        assert place.run("audit", "verify") == 1
        told = capsys.readouterr().out
        assert told.startswith("record 4 is not")
        assert "sound before it: 3 records" in told

    def test_a_file_of_anchors_that_is_none(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.store()
        assert place.run("audit", "verify", "--anchor", str(place.folder / "nothing")) == 78
        assert "--anchor" in capsys.readouterr().err

    def test_a_database_without_tables(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert place.run("audit", "verify") == 78
        assert "run 'eligibility db upgrade'" in capsys.readouterr().err

    def test_a_database_that_cannot_be_read(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.file.write_bytes(b"nonsense" * 1000)
        assert place.run("audit", "verify") == 69
        assert "cannot be reached" in capsys.readouterr().err


class TestExport:
    def test_everything_without_a_number(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.record(NOBODY)
        assert place.run("audit", "export") == 0
        asked, answered = lines(capsys)
        assert (asked["kind"], asked["colour"]) == ("asked", None)
        assert answered["sources"] == [{"group": "social", "state": "ok", "milliseconds": 12}]
        assert "number" not in answered
        assert NOBODY not in json.dumps([asked, answered])

    def test_the_dpo_sees_the_number(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.record(NOBODY)
        place.store().append(entry())  # nothing was sealed
        assert place.run("audit", "export", "--dpo-key", str(place.dpo.private)) == 0
        assert [line["number"] for line in lines(capsys)] == [NOBODY, NOBODY, None]

    def test_the_dpo_sees_who_sat_there(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        sealed = load_sealer(place.dpo.public).seal_operator("officer-17", "c1")
        place.record(NOBODY, operator="ab" * 32, operator_sealed=sealed)
        assert place.run("audit", "export", "--dpo-key", str(place.dpo.private)) == 0
        assert [line["operator_id"] for line in lines(capsys)] == ["officer-17"] * 2
        assert place.run("audit", "export") == 0
        assert "officer-17" not in capsys.readouterr().out

    def test_a_key_with_a_passphrase_asks_for_it(
        self, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.dpo = DpoKey(place.folder / "hidden", "long and secret")
        place.record(NOBODY)
        command = ("audit", "export", "--dpo-key", str(place.dpo.private))
        monkeypatch.setattr(sys, "stdin", io.StringIO("wrong\n"))
        assert place.run(*command) == 78
        assert "the passphrase is wrong" in capsys.readouterr().err
        monkeypatch.setattr(sys, "stdin", io.StringIO("long and secret\n"))
        assert place.run(*command) == 0
        assert [line["number"] for line in lines(capsys)] == [NOBODY, NOBODY]

    def test_some_days(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        for day in (1, 2, 3, 4):
            moment = datetime(2026, 11, day, 12, 0).astimezone()
            place.record(NOBODY, check_id=f"c{day}", asked_at=moment)
        assert place.run("audit", "export", "--from", "2026-11-02", "--to", "2026-11-03") == 0
        assert [line["check_id"] for line in lines(capsys)] == ["c2", "c2", "c3", "c3"]

    @pytest.mark.parametrize("terminal", [True, False])
    def test_one_person_under_every_key(
        self,
        place: Place,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        terminal: bool,
    ) -> None:
        place.record(NOBODY, OLD_SECRET, check_id="old")
        place.record(OTHER, check_id="other")
        place.record(NOBODY, check_id="new")
        stdin = io.StringIO(f"{NOBODY}\n")
        monkeypatch.setattr(stdin, "isatty", lambda: terminal)
        monkeypatch.setattr(sys, "stdin", stdin)
        monkeypatch.setattr("getpass.getpass", lambda prompt: NOBODY)
        assert place.run("audit", "export", "--person") == 0
        assert [line["check_id"] for line in lines(capsys)] == ["old", "old", "new", "new"]

    def test_what_is_no_number(
        self, place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.store()
        monkeypatch.setattr(sys, "stdin", io.StringIO("85613099921\n"))
        assert place.run("audit", "export", "--person") == 78
        assert "85613099921" not in capsys.readouterr().err

    def test_a_table_in_a_file_for_its_owner_only(self, place: Place) -> None:
        place.record(NOBODY)
        out = place.folder / "out.csv"
        command = ("audit", "export", "--format", "csv", "--out", str(out))
        assert place.run(*command) == 0
        rows = list(csv.DictReader(out.read_text().splitlines()))
        assert [row["kind"] for row in rows] == ["asked", "answered"]
        assert "number" not in rows[0]
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert place.run(*command) == 78  # it is not written over
        with_key = (*command[:-1], f"{out}2", "--dpo-key", str(place.dpo.private))
        assert place.run(*with_key) == 0
        opened = list(csv.DictReader(Path(f"{out}2").read_text().splitlines()))
        assert [row["number"] for row in opened] == [NOBODY, NOBODY]

    def test_a_day_that_is_none(self, place: Place) -> None:
        with pytest.raises(SystemExit) as caught:
            place.run("audit", "export", "--from", "yesterday")
        assert caught.value.code == 64


class TestPrune:
    def test_records_stay_ten_years(self, place: Place, capsys: pytest.CaptureFixture[str]) -> None:
        now = datetime.now(UTC)
        for years, check_id in ((11, "old"), (9, "younger"), (0, "new")):
            place.record(NOBODY, check_id=check_id, asked_at=_years_earlier(now, years))
        assert place.run("audit", "prune") == 0
        assert capsys.readouterr().out.startswith("2 records asked before ")
        assert [row["check_id"] for row in place.store().rows()][::2] == ["younger", "new"]
        assert place.run("audit", "verify") == 0

    def test_nothing_goes_when_the_chain_is_broken(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.record(NOBODY, asked_at=datetime(2001, 1, 1, tzinfo=UTC))
        tamper(place.file, "UPDATE audit_records SET colour = 'red' WHERE seq = 2")
        assert place.run("audit", "prune") == 1
        assert "nothing was removed: record 2" in capsys.readouterr().out

    def test_a_leap_day_has_an_anniversary(self) -> None:
        assert _years_earlier(datetime(2028, 2, 29, tzinfo=UTC), 10).date().day == 28


class TestUpgrade:
    def test_an_empty_place_gets_its_tables(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert place.run("db", "upgrade") == 0
        assert capsys.readouterr().out == f"the schema is that of version {HEAD}\n"
        assert place.run("audit", "verify") == 0

    def test_a_newer_schema_is_left_alone(
        self, place: Place, capsys: pytest.CaptureFixture[str]
    ) -> None:
        place.store()
        tamper(place.file, "UPDATE alembic_version SET version_num = '8888'")
        assert place.run("db", "upgrade") == 1
        assert "newer than this version knows" in capsys.readouterr().out


def test_a_database_that_is_not_there_is_another_status(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.config.write_text(
        place.config.read_text().replace(
            f"sqlite:///{place.file}", f"postgresql://nobody@/x?host={place.folder}"
        )
    )
    assert place.run("audit", "verify") == 69
    assert "cannot be reached" in capsys.readouterr().err


def test_who_asked_about_somebody(place: Place) -> None:
    place.record(NOBODY, OLD_SECRET, check_id="old", colour="red")
    place.record(OTHER, check_id="other")
    keys = Keys(SECRET, OLD_SECRET)
    about = {"subject": keys.pseudonym(NationalNumber(NOBODY)), "colour": None}
    place.store().append(entry(kind="asked", check_id="unanswered", answered_at=None, **about))
    told = who_asked(place.store(), keys, NationalNumber(NOBODY))
    assert [(look.check_id, look.colour) for look in told] == [("old", "red"), ("unanswered", None)]
    assert (told[0].purpose, told[0].use_case) == ("urn:gent:ipdc:test", "uitpas")
    assert told[0].asked_at == "2026-11-22T10:00:00.000000+00:00"
