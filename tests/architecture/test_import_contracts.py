"""The import contracts of pyproject.toml hold, and each is seen to break when it is violated."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
}

# Which contract breaks, when which file gets which line.
VIOLATIONS = [
    ("layers", "kiosk/ports.py", "import kiosk.service.contract"),
    ("layers", "kiosk/cardreader/__init__.py", "import kiosk.service.contract"),
    ("layers", "kiosk/agent/__init__.py", "import kiosk.ui"),
    ("layers", "kiosk/stray.py", "'A module without a layer.'"),
    ("simulator", "kiosk/cardreader/violation.py", "import kiosk.cardreader.simulator"),
    ("central", "kiosk/agent/violation.py", "import kiosk.service.central"),
    ("central", "kiosk/commands/violation.py", "from kiosk.service import central"),
    ("island", "kiosk/service/central/violation.py", "import kiosk.cardreader"),
    ("island", "kiosk/service/central/violation.py", "import kiosk.agent"),
    ("ui", "kiosk/ui/violation.py", "import httpx"),
    ("ui", "kiosk/ui/violation.py", "import kiosk.cardreader"),
    ("qt", "kiosk/agent/violation.py", "from PySide6.QtCore import QObject"),
    ("pcsc", "kiosk/cardreader/violation.py", "import smartcard.scard"),
    ("pcsc", "kiosk/commands/violation.py", "import smartcard"),
    ("pkcs11", "kiosk/agent/violation.py", "import pkcs11"),
    ("pkcs11", "kiosk/service/violation.py", "from pkcs11 import Attribute"),
    ("http", "kiosk/agent/violation.py", "import httpx"),
    ("jwt", "kiosk/service/central/violation.py", "import jwt"),
    ("jwt", "kiosk/agent/violation.py", "from jwt import algorithms"),
    ("sql", "kiosk/service/central/violation.py", "import sqlalchemy"),
    ("sql", "kiosk/agent/violation.py", "import sqlite3"),
    ("http", "kiosk/service/central/violation.py", "import httpx"),
    ("xml", "kiosk/service/central/violation.py", "import lxml.etree"),
    ("xml", "kiosk/service/central/connectors/magda/violation.py", "import signxml"),
    ("parquet", "kiosk/service/central/connectors/ocmw/violation.py", "import pyarrow"),
    ("metrics", "kiosk/service/central/violation.py", "import prometheus_client"),
    ("pure", "kiosk/domain/violation.py", "import time"),
    ("pure", "kiosk/domain/violation.py", "import logging"),
    ("pure", "kiosk/domain/violation.py", "from PySide6.QtCore import QObject"),
    ("cycles", "kiosk/domain/national_number.py", "import kiosk.domain.identity"),
]


def lint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo", *arguments],
        cwd=folder,
        env=os.environ | {"COLUMNS": "200", "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copied_tree(tmp_path: Path) -> Path:
    shutil.copytree(
        ROOT / "kiosk", tmp_path / "kiosk", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_contracts_hold() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "file", "line"), VIOLATIONS)
def test_a_violation_breaks_its_contract(
    copied_tree: Path, contract: str, file: str, line: str
) -> None:
    with (copied_tree / file).open("a") as module:
        module.write(f"\n{line}\n")
    result = lint(copied_tree, "--contract", contract)
    assert result.returncode == 1, result.stdout + result.stderr
    assert f"{CONTRACTS[contract]} BROKEN" in result.stdout


def test_every_contract_is_seen_to_break() -> None:
    assert {contract for contract, _, _ in VIOLATIONS} == set(CONTRACTS)
