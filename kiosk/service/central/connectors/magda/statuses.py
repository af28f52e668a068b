"""What GeefSociaalStatuut tells of each status that was asked for.

A status applies (1), does not (0), or nothing is known of it. Beside that a source may send a
status code of its own, whose meaning nobody has published: it is noted, and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk.service.central.connectors.magda.dates import NotADate, Period, period_of
from kiosk.service.central.connectors.magda.failures import loggable
from kiosk.service.central.connectors.magda.noticed import Noticed
from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import YesNo

_APPLIES: Final = "1"
_DOES_NOT: Final = "0"
_log = logging.getLogger(__name__)
_noticed = Noticed()


@dataclass(frozen=True, slots=True)
class Status:
    """One status on one day; ``ended_days`` since its last period ended, if one is told."""

    value: YesNo
    ended_days: int | None = None


def read_statuses(content: Node, names: tuple[str, ...], day: date) -> Mapping[str, Status]:
    """Return what is known by name; a name that is told twice in two ways is not known."""
    told: dict[str, Status] = {}
    contradicted: set[str] = set()
    for item in content.all("Persoon/SocialeStatuten/SociaalStatuut"):
        name = item.text("Naam")
        status = _status(item, day) if name in names else None
        if status is None or told.setdefault(name, status).value is not status.value:
            contradicted.add(name)
    return {name: status for name, status in told.items() if name not in contradicted}


def _status(item: Node, day: date) -> Status | None:
    if item.find("Status") is not None:
        mark = loggable(item.text("Status/Code"))
        if _noticed.is_first(mark):
            _log.info("a social status came with status code %s", mark)
    code = item.text("Resultaat/Code")
    try:
        periods = [
            period_of(period, "Begindatum", "Einddatum") for period in item.all("Periodes/Periode")
        ]
    except NotADate:
        return None
    if code == _APPLIES:
        # A status that applies only in days gone by is a contradiction, not a yes and not a no.
        covered = not periods or any(period.covers(day) for period in periods)
        return Status(YesNo.YES) if covered else None
    if code == _DOES_NOT:
        return Status(YesNo.NO, _ended_days(periods, day))
    _log.warning("a social status came with an unknown result")
    return None


def _ended_days(periods: list[Period], day: date) -> int | None:
    ends = [(day - period.end).days for period in periods if period.end and period.ended(day)]
    return min(ends, default=None)
