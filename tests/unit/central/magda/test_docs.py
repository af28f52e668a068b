"""docs/magda.md names every reason, every number and every setting, and no other number."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import Any

from kiosk.service.central.connectors.magda import failures, settings
from kiosk.service.central.connectors.magda.failures import Reason
from kiosk.service.central.connectors.magda.services import SERVICES

TEXT = (Path(__file__).parents[4] / "docs" / "magda.md").read_text("utf-8")


def keys(kind: Any, above: str = "") -> set[str]:
    found: set[str] = set()
    for item in dataclasses.fields(kind):
        nested = item.default if dataclasses.is_dataclass(item.default) else None
        found |= keys(nested, f"{above}{item.name}.") if nested else {f"{above}{item.name}"}
    return found


def flat(tree: dict[str, Any], above: str = "") -> set[str]:
    found: set[str] = set()
    for name, value in tree.items():
        inner = isinstance(value, dict)
        found |= flat(value, f"{above}{name}.") if inner else {f"{above}{name}"}
    return found


def test_every_reason_is_described() -> None:
    assert {reason.value for reason in Reason if f"`{reason.value}`" not in TEXT} == set()


def test_every_number_is_described_and_no_other() -> None:
    table = TEXT[TEXT.index("### Exceptional answers") : TEXT.index("## Failing calls")]
    told = set(re.findall(r"\b\d{5}\b", table))
    assert told == failures._REASONS.keys() | failures._NOTES.keys()


def test_every_setting_is_shown() -> None:
    shown = TEXT[TEXT.index("```toml") + 7 :].partition("```")[0].replace("# age_", "age_")
    shown = re.sub(r"(age_from = 0) .*", r"\1\nage_to = 17", shown)
    assert flat(tomllib.loads(shown)["sources"]["magda"]) == keys(settings.Magda)


def test_every_service_is_named_in_its_version() -> None:
    for service in SERVICES:
        assert f"{service.name} {service.version[:5]}" in TEXT
