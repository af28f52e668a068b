"""The coverage ratchet of `make test` holds in both directions."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules, name_of

SCRIPT = ROOT / "scripts" / "coverage_ratchet.py"
LISTED = "kiosk/domain/listed.py"
UNLISTED = "kiosk/domain/unlisted.py"
UNWATCHED = "kiosk/elsewhere.py"


def ratchet(folder: Path, **missing: tuple[int, int]) -> subprocess.CompletedProcess[str]:
    names = {"listed": LISTED, "unlisted": UNLISTED, "unwatched": UNWATCHED}
    files = {
        names[key]: {
            "summary": {"num_statements": 9, "missing_lines": lines, "missing_branches": branches}
        }
        for key, (lines, branches) in missing.items()
    }
    coverage = folder / "coverage.json"
    coverage.write_text(json.dumps({"files": files}))
    project = folder / "pyproject.toml"
    project.write_text(
        "[tool.tariefwijzer.perfect-files]\n"
        f'watched = ["kiosk/domain/*.py"]\nperfect = ["{LISTED}"]\n'
    )
    return subprocess.run(
        [sys.executable, SCRIPT, coverage, project], capture_output=True, text=True, check=False
    )


def test_complete_as_listed_passes(tmp_path: Path) -> None:
    result = ratchet(tmp_path, listed=(0, 0), unlisted=(1, 0), unwatched=(0, 0))
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("missing", [(1, 0), (0, 1)])
def test_a_listed_file_below_full_coverage_fails(tmp_path: Path, missing: tuple[int, int]) -> None:
    result = ratchet(tmp_path, listed=missing)
    assert result.returncode == 1
    assert f"{LISTED}: has to be complete" in result.stdout


def test_a_watched_file_that_became_complete_has_to_be_listed(tmp_path: Path) -> None:
    result = ratchet(tmp_path, listed=(0, 0), unlisted=(0, 0))
    assert result.returncode == 1
    assert f"{UNLISTED}: is complete now" in result.stdout


def test_a_listed_file_that_is_gone_fails(tmp_path: Path) -> None:
    result = ratchet(tmp_path, unlisted=(1, 0))
    assert result.returncode == 1
    assert f"{LISTED}: listed, and not there" in result.stdout


def test_every_listed_file_is_watched_and_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lists = project["tool"]["tariefwijzer"]["perfect-files"]
    present = {name_of(path) for path in modules("kiosk")}
    watched = {name_of(path) for pattern in lists["watched"] for path in ROOT.glob(pattern)}
    assert set(lists["perfect"]) <= present & watched
