"""Facts from social statuses: the person's own, the household's, the parents'."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.service.central.connectors import Question
from kiosk.service.central.connectors.magda.client import Client
from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason
from kiosk.service.central.connectors.magda.household import is_family
from kiosk.service.central.connectors.magda.messages import (
    StatusCriteria,
    ask_household,
    ask_statuses,
)
from kiosk.service.central.connectors.magda.population import age_of, parents_of
from kiosk.service.central.connectors.magda.services import HOUSEHOLD, PERSON, SOCIAL_STATUS
from kiosk.service.central.connectors.magda.shared import Shared
from kiosk.service.central.connectors.magda.sources import Facts, PersonFile, Source
from kiosk.service.central.connectors.magda.statuses import Status, read_statuses
from kiosk.service.central.facts import FACTS, FactValue, Parents, YesNo

ADULT: Final = 18
HOUSEHOLD_FACT: Final = "household_status"
_ENDED: Final = {"social": "social_ended_days", "ocmw": "ocmw_ended_days"}

Statuses = Mapping[str, Status]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusPlan:
    """Which status tells which fact, the criteria of the question, and the days of grace.

    ``grace_days``: a status that applied so many days ago and does not any more has just ended;
    0 asks nothing about the past.
    """

    facts: Mapping[str, str]
    criteria: StatusCriteria
    grace_days: int

    def names(self, group: str) -> tuple[str, ...]:
        """The statuses that tell a fact of a group."""
        return tuple(name for name, fact in self.facts.items() if FACTS[fact].group == group)


class StatusFile:
    """Asks for statuses: once a check for those of the day, whichever groups need them."""

    def __init__(self, client: Client, plan: StatusPlan) -> None:
        self._client = client
        self.plan = plan
        self.today = Shared(self._of_today)

    async def on(
        self,
        question: Question,
        names: Sequence[str],
        day: date,
        about: NationalNumber | None = None,
    ) -> Statuses:
        """Return what is known of these statuses on a day; raise ``NotAnswered``."""
        criteria = replace(self.plan.criteria, names=names)
        told = await self._client.ask(
            question, lambda digits: ask_statuses(digits, criteria, day), about
        )
        return read_statuses(told.at(), tuple(names), day)

    async def _of_today(self, question: Question) -> Statuses:
        return await self.on(question, tuple(self.plan.facts), question.on_date)


def statuses(group: str, client: Client, file: StatusFile) -> Source:
    """The statuses that tell facts of a group."""
    names = file.plan.names(group)

    async def facts(question: Question) -> Facts:
        told = await file.today.get(question)
        if not any(name in told for name in names):
            raise NotAnswered(Reason.NO_DOSSIER)
        found = _facts(file.plan.facts, names, told)
        found |= await _ended(group, file, question, told)
        if found.get(HOUSEHOLD_FACT) is YesNo.YES and not await _belongs(client, question, found):
            del found[HOUSEHOLD_FACT]
        return found

    tells = {file.plan.facts[name] for name in names} | {_ENDED[group]}
    return Source(group, SOCIAL_STATUS, client, facts, frozenset(tells), (HOUSEHOLD,))


def parents(client: Client, person: PersonFile, file: StatusFile, *, may_ask: bool) -> Source:
    """Whether the parents of a minor are entitled; asks for them only where that was agreed."""
    own = tuple(name for name, fact in file.plan.facts.items() if fact != HOUSEHOLD_FACT)

    async def facts(question: Question) -> Facts:
        register = (await person.get(question)).at("Persoon")
        age = age_of(register, question.on_date)
        if age is None:
            return {}
        if age >= ADULT:
            return {"parents_entitled": Parents.NOT_APPLICABLE}
        asked = parents_of(register) if may_ask else ()
        return _parents(
            await asyncio.gather(*(_is_entitled(file, question, own, one) for one in asked))
        )

    return Source("social", PERSON, client, facts, frozenset({"parents_entitled"}))


def _facts(plan: Mapping[str, str], names: Sequence[str], told: Statuses) -> dict[str, FactValue]:
    facts: dict[str, FactValue] = {}
    for fact in {plan[name] for name in names}:
        values = [told[n].value if n in told else None for n in names if plan[n] == fact]
        if YesNo.YES in values:
            facts[fact] = YesNo.YES
        elif None not in values:
            facts[fact] = YesNo.NO
    return facts


async def _ended(
    group: str, file: StatusFile, question: Question, told: Statuses
) -> dict[str, FactValue]:
    """Days since a status of the group ended, as far as it matters: while none applies."""
    names, grace = file.plan.names(group), file.plan.grace_days
    if any(name not in told or told[name].value is YesNo.YES for name in names):
        return {}
    days = min((d for n in names if (d := told[n].ended_days) is not None), default=None)
    if days is None and grace:
        try:
            before = await file.on(question, names, question.on_date - timedelta(days=grace))
        except NotAnswered:
            return {}
        if any(status.value is YesNo.YES for status in before.values()):
            days = grace
        elif any(name not in before for name in names):
            return {}
    return {_ENDED[group]: days}


async def _belongs(client: Client, question: Question, found: Mapping[str, FactValue]) -> bool:
    """Whether a status of the household counts for the person: not for one who merely lives there.

    Nobody is asked when a status of the person's own proves as much.
    """
    own = any(value is YesNo.YES for fact, value in found.items() if fact != HOUSEHOLD_FACT)
    if own:
        return True
    if not client.serves(HOUSEHOLD):
        return False
    try:
        told = await client.ask(question, ask_household)
        return is_family(told.at(), told.digits, question.on_date) is True
    except NotAnswered:
        return False


async def _is_entitled(
    file: StatusFile, question: Question, names: Sequence[str], digits: str
) -> bool | None:
    try:
        parent = NationalNumber(digits)
    except InvalidNationalNumber:
        return None
    try:
        told = await file.on(question, names, question.on_date, parent)
    except NotAnswered:
        return None
    finally:
        parent.wipe()
    if any(status.value is YesNo.YES for status in told.values()):
        return True
    return False if all(name in told for name in names) else None


def _parents(entitled: Sequence[bool | None]) -> Facts:
    if not entitled or None in entitled:
        return {}
    if all(entitled):
        return {"parents_entitled": Parents.ALL}
    return {"parents_entitled": Parents.ONE if any(entitled) else Parents.NONE}
