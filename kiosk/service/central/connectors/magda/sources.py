"""Connectors: each asks one service of MAGDA and tells the facts of one group.

What a service does not tell stays unknown. Every failure is an answer with a reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from kiosk.domain.national_number import NationalNumber, NumberKind
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.magda.client import Client, Told
from kiosk.service.central.connectors.magda.failures import NotAnswered, Note, Reason
from kiosk.service.central.connectors.magda.handicap import (
    NO_FILE,
    handicap_facts,
    says_no_file,
)
from kiosk.service.central.connectors.magda.living_wage import living_wage_facts
from kiosk.service.central.connectors.magda.messages import (
    ask_handicap,
    ask_living_wage,
    ask_person,
    ask_tax,
)
from kiosk.service.central.connectors.magda.population import Area, population_facts
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    LIVING_WAGE,
    PERSON,
    TAX,
    Service,
)
from kiosk.service.central.connectors.magda.shared import Shared
from kiosk.service.central.connectors.magda.tax import Bands, income_band
from kiosk.service.central.facts import FactValue, Parents, PersonState, Residence, YesNo

Facts = Mapping[str, FactValue]
_ENDED: Final = frozenset({"social_ended_days", "ocmw_ended_days"})
_DENIALS: Final = frozenset({YesNo.NO, Parents.NONE, Parents.ONE, Residence.OTHER})
"""What speaks against the person, and may have changed by a day to come."""
PersonFile = Shared[Told]
"""The file of the population register, which several groups need."""


def person_file(client: Client) -> PersonFile:
    """Return the shared file."""

    async def ask(question: Question) -> Told:
        return await client.ask(question, lambda digits: ask_person(digits, bis=_is_bis(digits)))

    return Shared(ask)


class Source:
    """One service for one group; ``facts`` asks and reads, and may ask others ``beside`` it."""

    def __init__(
        self,
        group: str,
        service: Service,
        client: Client,
        facts: Callable[[Question], Awaitable[Facts]],
        tells: frozenset[str],
        beside: tuple[Service, ...] = (),
    ) -> None:
        self.group = group
        self.name = service.name
        self.tells = tells
        self._service = service
        self._services = tuple(each.name for each in (service, *beside))
        self._client = client
        self._facts = facts

    async def ask(self, question: Question) -> Answer:
        """Ask, and turn what was not answered into its state and reason."""
        try:
            facts = await self._facts(question)
            if question.on_date > self._client.today():
                facts = _so_far(facts)
        except NotAnswered as failure:
            return Answer(
                state=failure.state,
                reason=failure.reason.value,
                retry_after_seconds=failure.retry_after,
                replaced_by=question.replacements.of(*self._services),
            )
        return Answer(
            state=SourceState.OK,
            facts=facts,
            as_of=datetime.now(UTC),
            replaced_by=question.replacements.of(*self._services),
        )

    def status(self) -> SourceState | None:
        """How the service fares for everybody."""
        return self._client.status(self._service)


def _so_far(facts: Facts) -> Facts:
    """Return what holds of a day to come: what nobody has reported yet may still be granted."""
    return {name: value for name, value in facts.items() if not _may_change(name, value)}


def _may_change(name: str, value: FactValue) -> bool:
    return name in _ENDED or value in _DENIALS


def population(client: Client, file: PersonFile, area: Area) -> Source:
    """The population register."""

    async def facts(question: Question) -> Facts:
        try:
            told = await file.get(question)
        except NotAnswered as failure:
            if failure.reason is Reason.UNKNOWN_NUMBER:
                return {"person_state": PersonState.UNKNOWN_NUMBER}
            raise
        bis = _is_bis(told.digits)  # of the number that counts, should it be a new one
        return population_facts(told.at("Persoon"), question.on_date, area, bis=bis)

    tells = frozenset({"person_state", "residence", "moved_out_days", "age"})
    return Source("population", PERSON, client, facts, tells)


def _is_bis(digits: str) -> bool:
    number = NationalNumber(digits)
    try:
        return number.kind is NumberKind.BIS
    finally:
        number.wipe()


def handicap(client: Client) -> Source:
    """The allowance because of a handicap."""

    async def facts(question: Question) -> Facts:
        day = question.on_date
        told = await client.ask(question, lambda digits: ask_handicap(digits, day))
        if Note.NO_DATA in told.notes and says_no_file(told.inside):
            return NO_FILE
        return handicap_facts(told.at(), day)

    return Source("social", HANDICAP, client, facts, frozenset(NO_FILE))


def living_wage(client: Client, lag_days: int) -> Source:
    """Living wage and equivalent, as the OCMWs have reported them."""

    async def facts(question: Question) -> Facts:
        day = question.on_date
        told = await client.ask(question, lambda digits: ask_living_wage(digits, day.year))
        return living_wage_facts(told.at(), day, told.digits, lag_days)

    tells = frozenset({"leefloon", "eq_leefloon", "ocmw_ended_days"})
    return Source("ocmw", LIVING_WAGE, client, facts, tells)


def income(client: Client, bands: Bands, years_back: int) -> Source:
    """The band of the family income of the newest assessed year, or of the one before it."""

    async def of_year(question: Question, year: int) -> Facts:
        told = await client.ask(question, lambda digits: ask_tax(digits, year, bands.codes))
        assessment = told.at("AanslagbiljetPersonenbelasting")
        if assessment.text("Inkomensjaar") != str(year):
            raise NotAnswered(Reason.OTHER_YEAR)
        band = income_band(assessment, bands)
        if band is None:
            # Not "no such year": an older one would pass for what this one says.
            raise NotAnswered(Reason.NOT_UNDERSTOOD)
        return {"income_band": band}

    async def facts(question: Question) -> Facts:
        newest = question.on_date.year - years_back
        try:
            return await of_year(question, newest)
        except NotAnswered as failure:
            if failure.reason is not Reason.NO_INCOME_YEAR:
                raise
        return await of_year(question, newest - 1)

    return Source("income", TAX, client, facts, frozenset({"income_band"}))
