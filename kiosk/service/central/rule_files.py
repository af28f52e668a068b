"""Rule sets on disk: read, checked, built, and looked up by use case and day."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Final

from kiosk.domain.verdict import Colour
from kiosk.service.central.rule_document import (
    Document,
    RowEntry,
    TariffEntry,
    conditions,
    ends_of,
    parse,
)
from kiosk.service.central.rule_lint import Complaint, lint
from kiosk.service.central.rule_rows import Between, Outcome, Row
from kiosk.service.central.rule_situations import Situations, read_situations, wrong_situations
from kiosk.service.central.rules import Book, GuidanceText, RuleSet, Table, Tariff

SITUATIONS: Final = ".situations.toml"
"""What follows the version in the name of the file of its situations."""


class RulesWrong(Exception):
    """The rules may not be used; ``complaints`` says everything that is wrong."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))


@dataclass(frozen=True, slots=True)
class Version:
    """One version with its file as it was read, and the situations that it is held to."""

    rule_set: RuleSet
    document: Document
    situations: Situations


class RuleBook:
    """All versions of all rule sets."""

    def __init__(self, versions: Iterable[Version]) -> None:
        self.versions = tuple(versions)
        self.rule_sets = tuple(version.rule_set for version in self.versions)

    def find(self, use_case: str, day: date) -> RuleSet | None:
        """Return the rules that hold for a use case on a day, if there are any."""
        for rule_set in self.rule_sets:
            if rule_set.id == use_case and rule_set.covers(day):
                return rule_set
        return None

    def replay(self, digest: str) -> RuleSet | None:
        """Return the rules by which an old decision was made, whatever holds today."""
        return next((each for each in self.rule_sets if each.digest == digest), None)


def load(folder: Path) -> RuleBook:
    """Read every ``USE_CASE/VERSION.toml`` of a folder, and hold it to its situations.

    Raises ``RulesWrong`` with every complaint.
    """
    complaints: list[Complaint] = []
    versions: list[Version] = []
    for path in sorted(folder.glob("*/*.toml")):
        if path.name.endswith(SITUATIONS):
            continue
        place = f"{path.parent.name}/{path.name}"
        try:
            versions.append(_read_version(path))
        except RulesWrong as wrong:
            complaints += (
                Complaint(c.check, f"{place}: {c.place}", c.message) for c in wrong.complaints
            )
        except (OSError, ValueError) as error:
            complaints.append(Complaint("file", place, str(error)))
    if not versions and not complaints:
        complaints.append(Complaint("file", str(folder), "holds no rules"))
    complaints += _overlapping_periods([version.rule_set for version in versions])
    if complaints:
        raise RulesWrong(complaints)
    return RuleBook(versions)


def load_file(path: Path) -> RuleSet:
    """Read one ``USE_CASE/VERSION.toml`` and its situations; raise as :func:`build` does."""
    return _read_version(path).rule_set


def load_situations(path: Path) -> Situations:
    """Read the situations beside the file of a version; raise ``ValueError`` for a wrong file."""
    beside = path.with_suffix(SITUATIONS)
    try:
        return read_situations(beside.read_bytes())
    except OSError as error:
        raise ValueError(f"{beside.name}: {error.strerror}") from error
    except ValueError as error:
        raise ValueError(f"{beside.name}: {error}") from error


def build(content: bytes, use_case: str, version: str) -> RuleSet:
    """Build one rule set; ``use_case`` and ``version`` are what its path says.

    Raises ``ValueError`` for a file of the wrong shape and ``RulesWrong`` for wrong rules.
    """
    document = parse(content)
    complaints = lint(document)
    if (document.id, document.version) != (use_case, version):
        complaints.append(Complaint("file", "id, version", f"is not {use_case}/{version}"))
    if complaints:
        raise RulesWrong(complaints)
    return RuleSet(
        id=document.id,
        version=document.version,
        digest=digest(content),
        effective_from=document.effective_from,
        effective_to=document.effective_to,
        table=table_of(document),
        book=_book(document),
    )


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file in Base64: in hexadecimal, runs of eleven digits are common."""
    return f"sha256:{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def _read_version(path: Path) -> Version:
    content = path.read_bytes()
    rule_set = build(content, path.parent.name, path.stem)
    situations = load_situations(path)
    found = wrong_situations(rule_set.table, situations)
    if complaints := [Complaint("situations", place, message) for place, message in found]:
        raise RulesWrong(complaints)
    return Version(rule_set, parse(content), situations)


def _overlapping_periods(rule_sets: list[RuleSet]) -> Iterable[Complaint]:
    for one, two in combinations(rule_sets, 2):
        if one.id == two.id and (one.covers(two.effective_from) or two.covers(one.effective_from)):
            yield Complaint(
                "dates", one.id, f"{one.version} and {two.version} hold on the same day"
            )


def table_of(document: Document) -> Table:
    """Compile the table of a document in which nothing was found wrong."""
    outcomes = {
        name: Outcome(name, entry.colour, entry.code, entry.manual, entry.tariff)
        for name, entry in document.outcomes.items()
    }

    def rows(entries: tuple[RowEntry, ...]) -> tuple[Row, ...]:
        return tuple(Row(e.id, conditions(e), outcomes[e.outcome]) for e in entries)

    otherwise, validity = document.otherwise, document.validity
    table_rows = rows(document.row)
    if validity.minimum_grant_days:
        ends_soon = outcomes[validity.ends_soon]
        table_rows = _with_minimum(table_rows, validity.minimum_grant_days, ends_soon)
    return Table(
        guards=rows(document.guard),
        rows=table_rows,
        otherwise=outcomes[otherwise.outcome],
        facts=tuple(document.facts),
        waits=otherwise.requires == "all-known",
    )


def _with_minimum(rows: Sequence[Row], days: int, ends_soon: Outcome) -> tuple[Row, ...]:
    """Let a green row hold only while its status lasts; the same without that is orange."""
    lasting, shorter = [], []
    for row in rows:
        ends = {name: Between(days, None, or_none=True) for name in ends_of(row.conditions)}
        if row.outcome.colour is Colour.GREEN and ends:
            lasting.append(Row(row.id, {**row.conditions, **ends}, row.outcome))
            shorter.append(Row(f"{row.id}-ends-soon", row.conditions, ends_soon))
        else:
            lasting.append(row)
    return (*lasting, *shorter)


def _book(document: Document) -> Book:
    validity = document.validity
    return Book(
        tariffs={name: _tariff(document, entry) for name, entry in document.tariffs.items()},
        until_years=validity.until_years,
        until_month=validity.until_month,
        until_day=validity.until_day,
        recheck_month=validity.recheck_month,
        manual_roles=document.manual.roles,
        manual_evidence=document.manual.evidence,
        open_codes=document.open_codes,
        guidance={
            code: GuidanceText(entry.level, entry.title, entry.steps)
            for code, entry in document.guidance.items()
        },
    )


def _tariff(document: Document, entry: TariffEntry) -> Tariff:
    share = document.amounts[entry.pay_percent].value if entry.pay_percent else None
    return Tariff(entry.code, entry.category, share, entry.label)
