"""What the rows of one person say: pure, three-valued, and never a no that is not certain.

A yes needs one sound row. A no needs a list that is complete, and nothing about the person in it
that is doubtful: an unreadable value, rows that contradict each other, a status nobody has named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from kiosk.service.central.connectors.ocmw.failures import Reason
from kiosk.service.central.connectors.ocmw.values import (
    NotAValue,
    as_day,
    as_moment,
    as_yes_no,
)
from kiosk.service.central.facts import FACTS, FactValue, YesNo

ENDED: Final = "ocmw_ended_days"
ENDS: Final = "ocmw_ends_days"
_NO_GROUNDS: Final = frozenset({"ocmw_residence"})
_DAY: Final = timedelta(days=1)

Row = Sequence[object]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to read rows. ``facts``: by status, or by column; ``statuses``: a row a status."""

    facts: Mapping[str, str]
    statuses: bool
    complete: bool
    day_first: bool = False
    ignored: frozenset[str] = frozenset()
    has_as_of: bool = False

    @property
    def tells(self) -> frozenset[str]:
        """The facts that the rows are there to tell."""
        days = {ENDED, ENDS} if self.statuses and self.complete else set()
        return frozenset(self.facts.values()) | days


@dataclass(slots=True)
class Told:
    """What is certain; ``doubt`` is why something is missing that should have been told.

    ``passes``: of what a list that is not complete has nothing to say.
    """

    facts: dict[str, FactValue] = field(default_factory=dict)
    doubt: Reason | None = None
    as_of: datetime | None = None
    passes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Period:
    start: date
    end: date

    def covers(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(slots=True)
class _Statuses:
    """The sound periods of each fact, and the facts of which some rows are not sound."""

    periods: dict[str, list[_Period]]
    doubtful: set[str] = field(default_factory=set)
    doubt: Reason | None = None

    def doubt_all(self, reason: Reason) -> None:
        self.doubtful |= self.periods.keys()
        self.doubt = reason


def read(rows: Sequence[Row], plan: Plan, day: date, today: date) -> Told:
    """Return what the rows say about a day.

    Of a day to come they say what holds already: what they do not know may begin before then.
    """
    if plan.statuses:
        told = _from_statuses(rows, plan, day)
    else:
        told = _from_columns(rows, plan, min(day, today))
        _leave_out_ended(told, plan, (day - today).days)
    if day > today:
        _leave_out_open(told)
    if plan.has_as_of:
        moments = []
        for row in rows:
            try:
                moments.append(as_moment(row[-1], day_first=plan.day_first))
            except NotAValue:
                told.doubt = told.doubt or Reason.BAD_VALUE
        told.as_of = min((moment for moment in moments if moment is not None), default=None)
    return told


def _leave_out_ended(told: Told, plan: Plan, ahead: int) -> None:
    """Leave out what holds today, and not certainly so many days ahead."""
    if ahead <= 0 or ENDS not in plan.facts.values():
        return
    ends = told.facts.get(ENDS, 0)
    if isinstance(ends, int) and ends < ahead:
        for fact in _grounds(told):
            del told.facts[fact]
        told.doubt = told.doubt or Reason.DAY_TO_COME


def _leave_out_open(told: Told) -> None:
    """Leave out what may still change before a day to come; not that something goes on."""
    goes_on = bool(_grounds(told)) and told.facts.get(ENDS, 0) is None
    lasting = {
        fact: value
        for fact, value in told.facts.items()
        if value is YesNo.YES or (fact == ENDS and goes_on)
    }
    if lasting != told.facts:
        told.facts = lasting
        told.doubt = told.doubt or Reason.DAY_TO_COME


def _grounds(told: Told) -> list[str]:
    """The grounds that are told to hold."""
    return [f for f, value in told.facts.items() if value is YesNo.YES and f not in _NO_GROUNDS]


def _from_statuses(rows: Sequence[Row], plan: Plan, day: date) -> Told:
    statuses = _collect(rows, plan)
    told = Told(doubt=statuses.doubt)
    for fact, periods in statuses.periods.items():
        if any(period.covers(day) for period in periods):
            told.facts[fact] = YesNo.YES
        elif plan.complete and fact not in statuses.doubtful:
            told.facts[fact] = YesNo.NO
    if not plan.complete:
        told.passes = frozenset(statuses.periods.keys() - statuses.doubtful - told.facts.keys())
    elif not statuses.doubtful:
        grounds = [each for name, each in statuses.periods.items() if name not in _NO_GROUNDS]
        told.facts |= {ENDED: _ended(grounds, day), ENDS: _ends(grounds, day)}
    return told


def _collect(rows: Sequence[Row], plan: Plan) -> _Statuses:
    statuses = _Statuses({fact: [] for fact in plan.facts.values()})
    ends: dict[tuple[str, date], date] = {}
    for status, start, end, *_ in rows:
        name = str(status).strip()
        if name in plan.ignored:
            continue
        fact = plan.facts.get(name)
        if fact is None:
            statuses.doubt_all(Reason.UNKNOWN_STATUS)
            continue
        try:
            period = _period(start, end, day_first=plan.day_first)
        except NotAValue:
            statuses.doubtful.add(fact)
            statuses.doubt = statuses.doubt or Reason.BAD_VALUE
            continue
        known = ends.setdefault((name, period.start), period.end)
        if known != period.end:
            statuses.doubtful.add(fact)
            statuses.doubt = statuses.doubt or Reason.CONTRADICTION
            ends[name, period.start] = min(known, period.end)  # what both rows say holds
    for (name, start), end in ends.items():
        statuses.periods[plan.facts[name]].append(_Period(start, end))
    return statuses


def _period(start: object, end: object, *, day_first: bool) -> _Period:
    first, last = as_day(start, day_first=day_first), as_day(end, day_first=day_first)
    period = _Period(first or date.min, last or date.max)
    if period.start > period.end:
        raise NotAValue
    return period


def _ended(grounds: list[list[_Period]], day: date) -> int | None:
    """How long ago the last of those ended that do not hold any more."""
    over = [
        max(period.end for period in periods if period.end < day)
        for periods in grounds
        if any(period.end < day for period in periods)
        and not any(period.covers(day) for period in periods)
    ]
    return (day - max(over)).days if over else None


def _ends(grounds: list[list[_Period]], day: date) -> int | None:
    """In how many days the last of those ends that hold; periods on end count as one."""
    lasts = [_holds_until(periods, day) for periods in grounds]
    held = [last for last in lasts if last is not None]
    return (max(held) - day).days if held and max(held) != date.max else None


def _holds_until(periods: list[_Period], day: date) -> date | None:
    last: date | None = None
    for period in sorted(periods, key=lambda period: period.start):
        if period.covers(day) or (last and last != date.max and period.start <= last + _DAY):
            last = max(last or period.end, period.end)
    return last


def _from_columns(rows: Sequence[Row], plan: Plan, day: date) -> Told:
    told = Told(passes=frozenset() if rows or plan.complete else plan.tells)
    for place, fact in enumerate(plan.facts.values()):
        yes_no = FACTS[fact].choices is not None
        if not rows:
            if plan.complete:
                told.facts[fact] = YesNo.NO if yes_no else None
            continue
        try:
            values = {_value(fact, row[place], plan, day) for row in rows}
        except NotAValue:
            told.doubt = told.doubt or Reason.BAD_VALUE
            continue
        if len(values) > 1:
            told.doubt = told.doubt or Reason.CONTRADICTION
            continue
        value = values.pop()
        if value is not None or not yes_no:
            told.facts[fact] = value
    return told


def _value(fact: str, value: object, plan: Plan, day: date) -> FactValue:
    if FACTS[fact].choices is not None:
        return as_yes_no(value)
    end = as_day(value, day_first=plan.day_first)
    if end is None:
        return None
    if fact == ENDED:  # an end that is only announced has not come
        return (day - end).days if end < day else None
    if end < day:
        raise NotAValue
    return (end - day).days
