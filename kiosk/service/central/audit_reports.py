"""What the data protection officer and a citizen may read out of the audit."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.audit import AuditStore
from kiosk.service.central.keys import Keys
from kiosk.service.central.sealed_numbers import Opener
from kiosk.service.central.storage.schema import audit_columns

NUMBER = "number"
"""The column of an opened number."""
OPERATOR = "operator_id"
"""The column of the login's name for an operator, opened."""


class TextFile(Protocol):
    """Something that takes text."""

    def write(self, text: str, /) -> object:
        """Take a piece of it."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """One check of a person, as a citizen is told of it. Times are UTC, as text.

    ``kind`` is that of its first record; a look at the audit itself is one too. ``colour`` is
    ``None`` when no answer left the service, and what an officer decided where ``override`` is yes.
    """

    check_id: str
    kind: str
    asked_at: str
    client: str
    device: str
    site: str
    channel: str
    operator: str
    purpose: str
    use_case: str
    colour: str | None
    override: str


def records_about(
    store: AuditStore, keys: Keys, number: NationalNumber
) -> Iterator[dict[str, Any]]:
    """Every record of a person, under all keys that are there; raises ``StorageUnavailable``."""
    return store.rows(subjects=keys.pseudonyms(number))


def who_asked(store: AuditStore, keys: Keys, number: NationalNumber) -> tuple[Lookup, ...]:
    """Tell every check of a person, the oldest first; raise ``StorageUnavailable``."""
    checks: dict[str, dict[str, Any]] = {}
    for record in records_about(store, keys, number):
        first = checks.get(record["check_id"], record)  # the answer comes after the question
        checks[record["check_id"]] = {**record, "kind": first["kind"]}
    return tuple(
        Lookup(**{name: record[name] for name in Lookup.__dataclass_fields__})
        for record in checks.values()
    )


def opened(records: Iterable[dict[str, Any]], opener: Opener | None) -> Iterator[dict[str, Any]]:
    """Add number and operator, where the key opens them; without a key records stay as they are."""
    for record in records:
        if opener is None:
            yield record
        else:
            check_id = record["check_id"]
            yield {
                **record,
                NUMBER: opener.open(record["subject_sealed"], check_id),
                OPERATOR: opener.open_operator(record["operator_sealed"], check_id),
            }


def write_ndjson(records: Iterable[dict[str, Any]], file: TextFile) -> None:
    """Write a line of JSON for each record."""
    for record in records:
        told = {**record, "sources": msgspec.Raw(record["sources"].encode())}
        file.write(f"{msgspec.json.encode(told).decode()}\n")


def write_csv(records: Iterable[dict[str, Any]], file: TextFile, *, with_number: bool) -> None:
    """Write a line of names, then one for each record."""
    opened_too = [NUMBER, OPERATOR] if with_number else []
    writer = csv.DictWriter(file, [*audit_columns(), *opened_too])
    writer.writeheader()
    writer.writerows(records)
