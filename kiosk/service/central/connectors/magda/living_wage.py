"""Living wage and its equivalent, from the months that an OCMW has reported.

Months are reported after they are paid, so a period that ended just now may be going on.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from kiosk.service.central.connectors.magda.dates import NotADate, Period, period_of
from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason
from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import FactValue, YesNo

_NOTHING_PAID: Final = "0"
_KINDS: Final = {
    "leefloon": "LeefloonPerPeriode/LeefloonPeriode",
    "eq_leefloon": "EquivalentLeefloonPerPeriode/EquivalentLeefloonPeriode",
}


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
    aid = year.find("Tegemoetkoming")
    if aid is None:
        nothing = year.text("Uitbetaling") == _NOTHING_PAID
        return _facts({fact: [] for fact in _KINDS}, day, lag_days) if nothing else {}
    _require_person(aid, digits)
    try:
        paid = {fact: _periods(aid, path) for fact, path in _KINDS.items()}
    except NotADate:
        return {}
    return _facts(paid, day, lag_days)


def _facts(paid: Mapping[str, list[Period]], day: date, lag_days: int) -> Mapping[str, FactValue]:
    # The last months of the year before were not asked for, and may be going on.
    of_year = (day - date(day.year, 1, 1)).days
    facts: dict[str, FactValue] = {}
    for fact, periods in paid.items():
        last = min(((day - p.end).days for p in periods if p.end), default=of_year)
        if any(period.covers(day) for period in periods):
            facts[fact] = YesNo.YES
        elif last > lag_days:
            facts[fact] = YesNo.NO
    ended = [
        (day - p.end).days for periods in paid.values() for p in periods if p.end and p.ended(day)
    ]
    if YesNo.YES not in facts.values() and (ended or of_year > lag_days):
        facts["ocmw_ended_days"] = min(ended, default=None)
    return facts


def _periods(aid: Node, path: str) -> list[Period]:
    return [
        period_of(item, "Periode/Begin", "Periode/Einde")
        for item in aid.all(f"Maandelijks/Maand/{path}")
    ]


def _require_person(aid: Node, digits: str) -> None:
    for path in (*_KINDS.values(), "KinderbijslagPerPeriode/KinderbijslagPeriode"):
        for item in aid.all(f"Maandelijks/Maand/{path}"):
            if digits not in (item.text("Begunstigde/INSZ"), item.text("Partner/INSZ")):
                raise NotAnswered(Reason.OTHER_PERSON)
