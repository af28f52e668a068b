"""``eligibility rules``: what its four actions print, and how they end."""

import shutil
from pathlib import Path

import pytest

from kiosk.data import data_path
from kiosk.service.central import rule_commands
from kiosk.service.central.__main__ import main
from kiosk.service.central.rule_proof import Proof, Property

LEZ = data_path("rules", "lez")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the rules for the zone only."""
    shutil.copytree(LEZ, tmp_path / "rules" / "lez")
    monkeypatch.setenv("ELIGIBILITY_RULES__FOLDER", str(tmp_path / "rules"))
    return tmp_path / "rules"


def rules(*arguments: object) -> int:
    return main(["rules", *map(str, arguments)])


class TestCheck:
    def test_it_counts_the_situations(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("check") == 0
        printed = capsys.readouterr().out
        assert "38 situations" in printed
        assert printed.endswith("dates, situations\n")

    def test_a_situation_that_comes_out_otherwise(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = folder / "lez" / "2024.1.situations.toml"
        path.write_text(path.read_text("utf-8").replace('"LEZ-G03"', '"LEZ-G02"', 1), "utf-8")
        assert rules("check") == 1
        line = capsys.readouterr().out
        assert line == "lez/2024.1.toml: vt: comes out green LEZ-G03 [situations]\n"


class TestProve:
    def test_it_prints_what_it_counted(
        self, folder: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (folder / "lez" / "2024.1.toml").unlink()
        assert rules("prove") == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("lez 2020.1 sha256:")
        assert lines[1].strip().startswith("6,858,432 combinations of 10 facts, 777,600 that")
        assert [line.rpartition(": ")[2][:5] for line in lines[2:-1]] == ["holds"] * 6

    def test_a_failure_is_shown_and_ends_with_1(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        broken = Proof(9, 9, (Property("this", "9 facts", ("vt=yes",)),))
        monkeypatch.setattr(rule_commands, "prove", lambda _table: broken)
        assert rules("prove", "--use-case", "uitpas") == 1
        assert "  this: FAILS (9 facts)\n    vt=yes\n" in capsys.readouterr().out

    def test_of_no_rules(self) -> None:
        assert rules("prove", "--use-case", "cinema") == 64


class TestExplain:
    def test_a_situation_with_a_change(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("explain", "vt", "residence=other", "moved_out_days=unknown") == 0
        lines = capsys.readouterr().out.splitlines()
        told = {line.split()[0]: line.split(maxsplit=2)[1:] for line in lines[2:]}
        assert told["G6-region"] == ["false", "residence is other (asked: region)"]
        assert told["G6-just-moved"] == ["open", "moved_out_days is unknown (asked: <= 30)"]
        assert told["G6-outside"] == ["–"]
        assert lines[-2:] == ["→ orange", "  could still change it: population"]

    def test_in_dutch_with_a_tariff(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("explain", "--language", "nl", "--use-case", "lez", "vt") == 0
        lines = capsys.readouterr().out.splitlines()
        assert any(line.split()[:2] == ["3-vt", "waar"] for line in lines)
        assert lines[-2:] == [
            "→ groen; LEZ-G03 Toelating aan verlaagd tarief",
            "  tarief: Verlaagd tarief (lez-reduced, L2)",
        ]

    def test_what_is_not_told_is_unknown(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("explain", "vt=yes") == 0
        assert "could still change it: population" in capsys.readouterr().out

    def test_an_old_decision_by_its_digest(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("explain", "--use-case", "lez", "--on", "2024-04-26", "vt-buiten-zone") == 0
        before = capsys.readouterr().out
        digest = before.split()[2]
        assert rules("explain", "--digest", digest, "vt-buiten-zone") == 0
        assert capsys.readouterr().out == before
        assert before.endswith("→ red; LEZ-R01 Ordinary tariff\n")

    def test_a_version_by_its_name(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert rules("explain", "--use-case", "lez", "--version", "2020.1", "vt") == 0
        assert capsys.readouterr().out.startswith("lez 2020.1 ")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nobody"], "no situation is called nobody: geen-grond, "),
            (["vt=perhaps"], "not a value of vt"),
            (["age=-1"], "not a value of age"),
            (["age=1234567"], "not a value of age"),
            (["channel=unknown"], "not a value of channel"),
            (["euro_norm=4"], "the rules ask no euro_norm: channel, "),
            (["--digest", "sha256:x"], "there are no such rules"),
            (["--version", "1999.1"], "there are no such rules"),
            (["--on", "1999-01-01"], "there are no such rules"),
        ],
        ids=str,
    )
    def test_what_does_not_exist(
        self, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert rules("explain", *arguments) == 64
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith(f"eligibility rules: {said}")


HEADER = (
    "vehicle_class,fuel,euro_norm,vehicle_holder,person_state,residence,in_zone,vt,handicap_card"
)
MORE = ",handicap_allowance,child_with_disability,carer,automatic_gearbox"
PEOPLE = [
    "m1,diesel,4,subject,known,gent,no,yes,no,no,no,none,no",  # gains
    "m1,diesel,4,subject,known,gent,no,yes,no,no,no,none,no",
    "m1,diesel,4,subject,known,gent,no,no,yes,no,no,none,no",  # loses
    "m1,diesel,5,subject,,,,,,,,,",  # may enter
    "m1,diesel,4,subject,known,gent,no,no,no,no,no,none,no",  # pays
    "m1,,,subject",  # not known
]


class TestSimulate:
    @pytest.mark.parametrize("delimiter", [",", ";"])
    def test_old_against_new(
        self, delimiter: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = tmp_path / "people.csv"
        text = "\n".join([HEADER + MORE, *PEOPLE]).replace(",", delimiter)
        path.write_text(f"\ufeff{text}\n", "utf-8")
        versions = ("--old", "2020.1", "--new", "2024.1")
        assert rules("simulate", path, "--use-case", "lez", *versions) == 0
        lines = capsys.readouterr().out.splitlines()
        assert [line.split()[:3] for line in lines[:2]] == [
            ["old:", "lez", "2020.1"],
            ["new:", "lez", "2024.1"],
        ]
        assert [line.split() for line in lines[2:6]] == [
            ["old", "/", "new", "green", "orange", "red"],
            ["green", "1", "0", "1"],
            ["orange", "0", "1", "0"],
            ["red", "2", "0", "1"],
        ]
        assert lines[6:] == [
            "6 persons, 3 with other guidance",
            "           2  LEZ-R01 → LEZ-G03",
            "           1  LEZ-G02 → LEZ-R01",
        ]

    def test_objects_and_a_file_that_is_not_in_the_folder(
        self, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        apart = tmp_path / "lez"
        apart.mkdir()
        for name in ("2020.1.toml", "2020.1.situations.toml"):
            shutil.move(folder / "lez" / name, apart / name)
        path = tmp_path / "people.ndjson"
        path.write_text('{"fuel": "electric", "euro_norm": null}\n\n{"vt": "yes"}\n', "utf-8")
        assert rules("simulate", path, "--use-case", "lez", "--new", apart / "2020.1.toml") == 0
        printed = capsys.readouterr().out
        assert "2 persons, 0 with other guidance" in printed
        assert printed.startswith("old: lez 2024.1 ")

    @pytest.mark.parametrize(
        ("name", "content", "said"),
        [
            ("p.csv", "hair\nred\n", "line 2: no fact is called hair"),
            ("p.csv", "vt\nyes\nperhaps\n", "line 3: not a value of vt"),
            ("p.csv", "vt\nyes,no\n", "line 2: more cells than the header has"),
            ("p.ndjson", '{"vt": "no"}\n[1]\n', "line 2: not a JSON object"),
            ("p.ndjson", "{\n", "line 1: not a JSON object"),
            ("p.ndjson", '{"vt": true}\n', "line 1: not a value of vt"),
        ],
    )
    def test_a_file_that_is_wrong(
        self, name: str, content: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (tmp_path / name).write_text(content, "utf-8")
        assert rules("simulate", tmp_path / name, "--new", "2026.2") == 65
        assert said in capsys.readouterr().err

    def test_no_file_or_no_text(self, tmp_path: Path) -> None:
        assert rules("simulate", tmp_path / "none.csv", "--new", "2026.2") == 65
        (tmp_path / "binary.csv").write_bytes(b"vt\n\xff\n")
        assert rules("simulate", tmp_path / "binary.csv", "--new", "2026.2") == 65

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--new", "1999.1"],
            ["--new", "2026.2", "--old", "1999.1"],
            ["--new", "nowhere.toml"],
            ["--new", "2026.2", "--use-case", "cinema"],
        ],
        ids=str,
    )
    def test_no_such_version(self, arguments: list[str], tmp_path: Path) -> None:
        (tmp_path / "p.csv").write_text("vt\nyes\n")
        assert rules("simulate", tmp_path / "p.csv", *arguments) == 64
