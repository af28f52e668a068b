"""The digits of a number come out in few places, each of them reviewed."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
REVIEWED = {
    "kiosk/service/contract.py:_disclose": "ELIGIBILITY_QUESTION",
    "kiosk/service/contract.py:quotes": "ANSWER_CHECK",
    "kiosk/service/central/keys.py:pseudonyms": "AUDIT_PSEUDONYM",
    "kiosk/service/central/sealed_numbers.py:seal": "AUDIT_SEAL",
    "kiosk/service/central/connectors/magda/client.py:_disclose": "SOURCE_QUESTION",
    "kiosk/service/central/connectors/ocmw/shelf.py:key": "OCMW_QUESTION",
    "kiosk/service/central/keys.py:listed": "OCMW_LIST",
}


def callers() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "kiosk").rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == "disclose"
                ):
                    (purpose,) = node.args
                    assert isinstance(purpose, ast.Attribute)
                    found[f"{path.relative_to(ROOT)}:{function.name}"] = purpose.attr
    return found


def test_every_caller_is_reviewed() -> None:
    assert callers() == REVIEWED


def test_nobody_reaches_behind_the_wrapper() -> None:
    inside = ROOT / "kiosk" / "domain" / "national_number.py"
    for path in (ROOT / "kiosk").rglob("*.py"):
        if path != inside:
            assert "._digits" not in path.read_text("utf-8"), path
