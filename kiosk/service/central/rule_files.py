"""Rule sets on disk: read, checked, built, and looked up by use case and day."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import Path

from kiosk.service.central.rule_document import Document, RowEntry, conditions, parse
from kiosk.service.central.rule_lint import Complaint, lint
from kiosk.service.central.rules import Book, GuidanceText, Outcome, Row, RuleSet, Table


class RulesWrong(Exception):
    """The rules may not be used; ``complaints`` says everything that is wrong."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(map(str, self.complaints)))


class RuleBook:
    """All versions of all rule sets."""

    def __init__(self, rule_sets: Iterable[RuleSet]) -> None:
        self.rule_sets = tuple(rule_sets)

    def find(self, use_case: str, day: date) -> RuleSet | None:
        """Return the rules that hold for a use case on a day, if there are any."""
        for rule_set in self.rule_sets:
            if rule_set.id == use_case and rule_set.covers(day):
                return rule_set
        return None


def load(folder: Path) -> RuleBook:
    """Read every ``USE_CASE/VERSION.toml`` of a folder.

    Raises ``RulesWrong`` with every complaint.
    """
    complaints: list[Complaint] = []
    rule_sets: list[RuleSet] = []
    for path in sorted(folder.glob("*/*.toml")):
        place = f"{path.parent.name}/{path.name}"
        try:
            rule_sets.append(build(path.read_bytes(), path.parent.name, path.stem))
        except RulesWrong as wrong:
            complaints += (
                Complaint(c.check, f"{place}: {c.place}", c.message) for c in wrong.complaints
            )
        except (OSError, ValueError) as error:
            complaints.append(Complaint("file", place, str(error)))
    if not rule_sets and not complaints:
        complaints.append(Complaint("file", str(folder), "holds no rules"))
    complaints += _overlapping_periods(rule_sets)
    if complaints:
        raise RulesWrong(complaints)
    return RuleBook(rule_sets)


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
        table=_table(document),
        book=_book(document),
    )


def digest(content: bytes) -> str:
    """Return the SHA-256 of a file in Base64: in hexadecimal, runs of eleven digits are common."""
    return f"sha256:{base64.b64encode(hashlib.sha256(content).digest()).decode()}"


def _overlapping_periods(rule_sets: list[RuleSet]) -> Iterable[Complaint]:
    for one, two in combinations(rule_sets, 2):
        if one.id == two.id and (one.covers(two.effective_from) or two.covers(one.effective_from)):
            yield Complaint(
                "dates", one.id, f"{one.version} and {two.version} hold on the same day"
            )


def _table(document: Document) -> Table:
    outcomes = {
        name: Outcome(name, entry.colour, entry.code, entry.manual)
        for name, entry in document.outcomes.items()
    }

    def rows(entries: tuple[RowEntry, ...]) -> tuple[Row, ...]:
        return tuple(Row(e.id, conditions(e), outcomes[e.outcome]) for e in entries)

    otherwise = document.otherwise
    return Table(
        guards=rows(document.guard),
        rows=rows(document.row),
        otherwise=outcomes[otherwise.outcome],
        waits=otherwise.requires == "all-known",
    )


def _book(document: Document) -> Book:
    return Book(
        tariff_code=document.tariff.code,
        tariff_category=document.tariff.category,
        pay_percent=document.amounts[document.tariff.pay_percent].value,
        tariff_label=document.tariff.label,
        until_month=document.validity.until_month,
        until_day=document.validity.until_day,
        recheck_month=document.validity.recheck_month,
        manual_roles=document.manual.roles,
        manual_evidence=document.manual.evidence,
        open_codes=document.open_codes,
        guidance={
            code: GuidanceText(entry.level, entry.title, entry.steps)
            for code, entry in document.guidance.items()
        },
    )
