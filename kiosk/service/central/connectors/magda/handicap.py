"""Whether the federal service pays an allowance because of a handicap.

Of the file only the rights are asked for and read, and of an amount only whether there is one. The
schema of an answer for one day has one right; should there be more, every one of them is read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from kiosk.service.central.connectors.magda.dates import NotADate, Period, period_of
from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason
from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import FactValue, YesNo

_FOUND: Final = "DATA_FOUND"
_NOT_FOUND: Final = "NO_DATA_FOUND"
_NO_RESULT: Final = "NO_RESULT"
_RESULT: Final = "results/dgphResult"
_RIGHTS: Final = "file/rights"
_POSITIVE: Final = frozenset({"", "POSITIVE"})
_NEGATIVE: Final = "NEGATIVE"
_log = logging.getLogger(__name__)

NO_FILE: Final[Mapping[str, FactValue]] = {
    "handicap_allowance": YesNo.NO,
    "social_ended_days": None,
}
"""The source answered that it has no file: the only absence that is a definite no."""


def handicap_facts(content: Node, day: date) -> Mapping[str, FactValue]:
    """Return what the file tells; raise ``NotAnswered`` when the federal service told nothing."""
    response = content.find("ConsultFilesByDateResponse")
    result = response.find(_RESULT) if response is not None else None
    if response is None or result is None:
        raise NotAnswered(Reason.NOT_UNDERSTOOD)
    found = result.text("status/value")
    if found not in (_FOUND, _NOT_FOUND):
        raise NotAnswered(Reason.SOURCE_DOWN)
    rights = result.all(_RIGHTS)
    told = _of_rights([_of_right(right, day) for right in rights]) if rights else NO_FILE
    if _is_whole(response, result):
        return told
    return {name: value for name, value in told.items() if value is YesNo.YES}


def says_no_file(content: Node | None) -> bool:
    """Whether nothing in an answer contradicts a warning that there is no file."""
    response = None if content is None else content.find("ConsultFilesByDateResponse")
    return response is None or not (
        _is_filtered(response) or response.find(f"{_RESULT}/{_RIGHTS}") is not None
    )


def _is_whole(response: Node, result: Node) -> bool:
    """Whether what is missing is not there: nothing was left out, and nothing contradicts it."""
    if _is_filtered(response) or response.text("status/value") == _NO_RESULT:
        return False
    if result.text("status/value") == _FOUND:
        return result.find("file") is not None
    return result.find(_RIGHTS) is None


def _is_filtered(response: Node) -> bool:
    return response.find("dataFilters") is not None


def _of_rights(each: Sequence[Mapping[str, FactValue]]) -> Mapping[str, FactValue]:
    """Lay rights together: a yes of one is a yes; a no, and what has ended, needs all of them."""
    told = [right.get("handicap_allowance") for right in each]
    facts: dict[str, FactValue] = {}
    if YesNo.YES in told:
        facts["handicap_allowance"] = YesNo.YES
    elif None not in told:
        facts["handicap_allowance"] = YesNo.NO
    if None not in told:
        ended = [right["social_ended_days"] for right in each]
        days = [since for since in ended if isinstance(since, int)]
        facts["social_ended_days"] = min(days, default=None)
    return facts


def _of_right(right: Node, day: date) -> Mapping[str, FactValue]:
    try:
        period = period_of(right, "period/beginDate", "period/endDate")
    except NotADate:
        return {}
    value = _granted(right)
    if value is not YesNo.YES or period.covers(day):
        return {} if value is None else {"handicap_allowance": value, "social_ended_days": None}
    return {"handicap_allowance": YesNo.NO, "social_ended_days": _since(period, day)}


def _granted(right: Node) -> YesNo | None:
    decision = right.text("decisionStatus").upper()
    if decision == _NEGATIVE:
        return YesNo.NO
    if decision not in _POSITIVE:
        _log.warning("a handicap right came with an unknown decision")
        return None
    try:
        paid = Decimal(right.text("monthAmount")) > 0
        in_all = Decimal(right.text("totalMonthAmount") or 0) > 0
    except InvalidOperation:
        return None
    if in_all and not paid:  # something is granted, and not as it usually is
        return None
    return YesNo.YES if paid else YesNo.NO


def _since(period: Period, day: date) -> int | None:
    return (day - period.end).days if period.end is not None and period.ended(day) else None
