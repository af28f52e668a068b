"""Living wage and its equivalent, from the months that an OCMW has reported.

Months are reported after they are paid, so a period that ended just now may be going on. Of an
amount only whether it is one is looked at; a period without any is one of aid all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from kiosk.service.central.connectors.magda.dates import NotADate, Period, period_of
from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason
from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import FactValue, YesNo

_NOTHING_PAID: Final = "0"
_KINDS: Final = {"leefloon": "Leefloon", "eq_leefloon": "EquivalentLeefloon"}
_EVERY_KIND: Final = (*_KINDS.values(), "Kinderbijslag")


@dataclass(frozen=True, slots=True)
class _Aid:
    """A period of one kind. ``is_open``: its month is over, and nothing says that it has ended."""

    period: Period
    is_paid: bool
    is_open: bool

    def is_doubtful(self, day: date, lag_days: int) -> bool:
        """Whether it may or may not go on: neither a yes nor a no."""
        if self.is_paid:
            return self.is_open
        return self.period.end is None or (day - self.period.end).days <= lag_days


def living_wage_facts(
    content: Node, day: date, digits: str, lag_days: int
) -> Mapping[str, FactValue]:
    """Return what the year of a day tells; raise ``NotAnswered`` for another person or year.

    ``lag_days``: within so many days after its last reported day a period counts as unknown.
    """
    years = content.all("Leefloonbedragen/Leefloonbedrag")
    of_year = [year for year in years if year.text("Jaar") == str(day.year)]
    if len(of_year) != 1:
        raise NotAnswered(Reason.OTHER_YEAR)
    (year,) = of_year
    _require_person(year, digits)
    try:
        paid = {fact: _aid(year, kind, day) for fact, kind in _KINDS.items()}
    except NotADate:
        return {}
    if not _is_told(year):
        return {}
    open_ones = {
        fact
        for fact, kind in _KINDS.items()
        if _lacks_months(year, kind) or any(aid.is_doubtful(day, lag_days) for aid in paid[fact])
    }
    certain = {
        fact: [aid.period for aid in told if aid.is_paid and not aid.is_open]
        for fact, told in paid.items()
    }
    return _facts(certain, open_ones, day, lag_days)


def _facts(
    paid: Mapping[str, list[Period]], open_ones: set[str], day: date, lag_days: int
) -> Mapping[str, FactValue]:
    # The last months of the year before were not asked for, and may be going on.
    of_year = (day - date(day.year, 1, 1)).days
    facts: dict[str, FactValue] = {}
    for fact, periods in paid.items():
        last = min(((day - p.end).days for p in periods if p.end), default=of_year)
        if any(period.covers(day) for period in periods):
            facts[fact] = YesNo.YES
        elif last > lag_days and fact not in open_ones:
            facts[fact] = YesNo.NO
    ended = [
        (day - p.end).days for periods in paid.values() for p in periods if p.end and p.ended(day)
    ]
    is_over = YesNo.YES not in facts.values() and not open_ones
    if is_over and (ended or of_year > lag_days):
        facts["ocmw_ended_days"] = min(ended, default=None)
    return facts


def _aid(year: Node, kind: str, day: date) -> list[_Aid]:
    return [
        _Aid(
            period=(period := period_of(item, "Periode/Begin", "Periode/Einde")),
            is_paid=not item.text("Bedrag") or _is_amount(item.text("Bedrag")),
            is_open=period.end is None and month.attribute("JaarMaand") < day.isoformat()[:7],
        )
        for month in year.all("Tegemoetkoming/Maandelijks/Maand")
        for item in month.all(_periods_of(kind))
    ]


def _is_told(year: Node) -> bool:
    """Whether nothing was paid, or the months tell of something that was."""
    if year.text("Uitbetaling") == _NOTHING_PAID:
        return True
    months = "Tegemoetkoming/Maandelijks/Maand"
    return any(year.find(f"{months}/{_periods_of(kind)}") is not None for kind in _EVERY_KIND)


def _lacks_months(year: Node, kind: str) -> bool:
    """Whether a total of the year is told, and no month that it was paid in."""
    has_total = _is_amount(year.text(f"Tegemoetkoming/Jaarlijks/{kind}/Bedrag"))
    months = f"Tegemoetkoming/Maandelijks/Maand/{_periods_of(kind)}"
    return has_total and year.find(months) is None


def _periods_of(kind: str) -> str:
    return f"{kind}PerPeriode/{kind}Periode"


def _is_amount(text: str) -> bool:
    try:
        return Decimal(text) > 0
    except InvalidOperation:
        return False


def _require_person(year: Node, digits: str) -> None:
    named = {one.text() for one in year.all("Begunstigden/Begunstigde")}
    if named and digits not in named:
        raise NotAnswered(Reason.OTHER_PERSON)
    for kind in _EVERY_KIND:
        for item in year.all(f"Tegemoetkoming/Maandelijks/Maand/{_periods_of(kind)}"):
            if digits not in (item.text("Begunstigde/INSZ"), item.text("Partner/INSZ")):
                raise NotAnswered(Reason.OTHER_PERSON)
