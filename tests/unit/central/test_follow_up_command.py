"""``eligibility follow-ups list``, as it is called."""

import json
from pathlib import Path
from typing import Any

import pytest

from kiosk.service.central.__main__ import main
from kiosk.service.central.storage.follow_up_rows import FollowUp
from tests.support.storage import sqlite_store

CHECK = "01KDZ0000000000000000000AB"


class Place:
    """A database and its settings, without any key."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "audit.sqlite3"
        self.config = folder / "eligibility.toml"
        self.config.write_text(
            f'[database]\nurl = "sqlite:///{self.file}"\n'
            f'[pseudonym]\nkey_file = "{folder}/no-key"\n'
        )

    def add(self, **changes: Any) -> None:
        """Keep a decision, or with ``check_id`` a complaint."""
        usual = {"use_case": "uitpas", "rule_set": "sha256:x", "verdict": "orange"}
        own = {"kind": "decision", "outcome": "green", "evidence": "attest-vt"}
        own = {"kind": "feedback", "verdict": "red"} if "check_id" in changes else own
        row = FollowUp(**{**usual, "reason": "other", **own, **changes})
        store = sqlite_store(self.file)
        store.follow_up(row, "2000-01-01")
        store.close()

    def run(self, *arguments: str) -> int:
        return main(["follow-ups", "list", *arguments, "--config", str(self.config)])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    sqlite_store(made.file).close()
    return made


def test_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.run() == 0
    assert capsys.readouterr().out == "there are none\n"
    assert place.run("--json") == 0
    assert capsys.readouterr().out == '{"followUps":[]}\n'


def test_a_line_for_each_the_oldest_first(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.add(id="b", made_on="2027-02-03", reason="other")
    place.add(id=f"{CHECK} x", made_on="2026-11-22", check_id=CHECK, reason="wrong-verdict")
    assert place.run() == 0
    assert capsys.readouterr().out.splitlines() == [
        f"2026-11-22  feedback  uitpas  red  -  wrong-verdict  {CHECK}  sha256:x",
        "2027-02-03  decision  uitpas  orange to green  attest-vt  other  -  sha256:x",
    ]


def test_as_json_with_null_for_what_is_not_there(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    place.add(id="b", made_on="2027-02-03", outcome="red", evidence="")
    place.add(id=f"{CHECK} x", made_on="2027-02-04", check_id=CHECK)
    assert place.run("--json") == 0
    decision, complaint = json.loads(capsys.readouterr().out)["followUps"]
    assert decision == {
        "madeOn": "2027-02-03",
        "kind": "decision",
        "useCase": "uitpas",
        "ruleSet": "sha256:x",
        "verdict": "orange",
        "outcome": "red",
        "evidence": None,
        "reason": "other",
        "checkId": None,
    }
    assert (complaint["kind"], complaint["checkId"]) == ("feedback", CHECK)
    assert complaint["outcome"] is complaint["evidence"] is None


def test_both_days_are_included(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    for day in range(1, 6):
        place.add(id=str(day), made_on=f"2027-02-0{day}")

    def days(*arguments: str) -> list[str]:
        assert place.run(*arguments) == 0
        return [line[9:10] for line in capsys.readouterr().out.splitlines()]

    assert days("--from", "2027-02-02", "--to", "2027-02-04") == ["2", "3", "4"]
    assert days("--from", "2027-02-04") == ["4", "5"]
    assert days("--to", "2027-02-01") == ["1"]


def test_a_day_that_is_none(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        place.run("--from", "2027-02-30")
    assert ended.value.code == 64
    assert "--from" in capsys.readouterr().err


def test_a_database_that_is_not_there(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.file.write_bytes(b"nonsense" * 1000)
    assert place.run() == 69
    assert "cannot be reached" in capsys.readouterr().err


def test_a_database_without_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert Place(tmp_path).run() == 78
    assert "run 'eligibility db upgrade'" in capsys.readouterr().err
