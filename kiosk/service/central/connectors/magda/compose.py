"""From the settings to the connectors: one for each service that has an address and a group."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kiosk.service.central.connectors import local_today
from kiosk.service.central.connectors.magda import social, sources
from kiosk.service.central.connectors.magda.client import Agreement, Client
from kiosk.service.central.connectors.magda.messages import StatusCriteria
from kiosk.service.central.connectors.magda.population import Area
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    HOUSEHOLD,
    LIVING_WAGE,
    PERSON,
    SOCIAL_STATUS,
    TAX,
)
from kiosk.service.central.connectors.magda.settings import Magda, pairs
from kiosk.service.central.connectors.magda.signature import Signer
from kiosk.service.central.connectors.magda.sources import Source
from kiosk.service.central.connectors.magda.tax import Bands
from kiosk.service.central.connectors.magda.transport import Identity, Transport


@dataclass(frozen=True, slots=True)
class Connection:
    """MAGDA's connectors, and the transport under them, which is closed at the end."""

    sources: tuple[Source, ...]
    transport: Transport


def connect(magda: Magda, today: Callable[[], date] = local_today) -> Connection:
    """Make the connectors; raise ``Unusable`` for a certificate or key. Asks nothing yet."""
    transport = Transport(_identity(magda), magda.timeout_seconds)
    client = Client(_agreement(magda), transport.post, _signer(magda).envelope, today=today)
    return Connection(tuple(_sources(client, magda)), transport)


def _sources(client: Client, magda: Magda) -> list[Source]:
    made: list[Source] = []
    person = sources.person_file(client)
    if client.serves(PERSON):
        told = magda.municipalities
        area = Area(frozenset(told.home), frozenset(told.region))
        made.append(sources.population(client, person, area))
    made += _social(client, magda, person)
    if client.serves(LIVING_WAGE):
        made.append(sources.living_wage(client, magda.living_wage_lag_days))
    if client.serves(TAX):
        limits = magda.income
        bands = Bands(limits.limit_a_euro, limits.limit_b_euro, limits.codes)
        made.append(sources.income(client, bands, limits.years_back))
    return made


def _social(client: Client, magda: Magda, person: sources.PersonFile) -> list[Source]:
    file = social.StatusFile(client, _plan(magda))
    made: list[Source] = []
    if client.serves(SOCIAL_STATUS):
        groups = [group for group in ("social", "ocmw") if file.plan.names(group)]
        made += [social.statuses(group, client, file) for group in groups]
    if client.serves(HANDICAP):
        made.append(sources.handicap(client))
    if client.serves(PERSON) and made:
        may_ask = magda.statuses.ask_parents
        made.append(social.parents(client, person, file, may_ask=may_ask))
    return made


def _plan(magda: Magda) -> social.StatusPlan:
    told = magda.statuses
    criteria = StatusCriteria(
        names=(),
        place=told.place,
        postcodes=told.postcodes,
        age_from=told.age_from,
        age_to=told.age_to,
    )
    return social.StatusPlan(facts=pairs(told.facts), criteria=criteria, grace_days=told.grace_days)


def _agreement(magda: Magda) -> Agreement:
    urls = magda.urls
    addresses = {
        PERSON: urls.person,
        HOUSEHOLD: urls.household,
        SOCIAL_STATUS: urls.social_status,
        HANDICAP: urls.handicap,
        LIVING_WAGE: urls.living_wage,
        TAX: urls.tax,
    }
    return Agreement(
        urls={service: url for service, url in addresses.items() if url},
        sender=magda.sender,
        senders=pairs(magda.senders),
        capacity=magda.capacity,
        pace=magda.pace,
    )


def _identity(magda: Magda) -> Identity:
    tls = magda.tls
    return Identity(
        certificate=Path(tls.certificate),
        key=Path(tls.key),
        password=tls.password,
        ca=tls.ca_file,
    )


def _signer(magda: Magda) -> Signer:
    own = magda.signing if magda.signing.certificate else magda.tls
    return Signer(Path(own.certificate), Path(own.key), own.password)
