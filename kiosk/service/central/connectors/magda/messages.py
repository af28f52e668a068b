"""What is asked of each service, as its schema wants it, and never more than is needed.

Parts only: digits come in as text from the one place that may disclose them, and nothing here
knows a clock or makes an id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    HOUSEHOLD,
    LIVING_WAGE,
    PERSON,
    SOCIAL_STATUS,
    TAX,
    Service,
)
from kiosk.service.central.connectors.magda.xml import Part

_LANGUAGE: Final = Part("Taal", "nl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Who asks, and the marks of this one message.

    ``sender``: the URI that was agreed with MAGDA; it names controller and purpose. ``capacity``:
    the hoedanigheid, which is being phased out. ``user``: the digits of the officer, if there is
    one. ``reference`` marks the message, ``question`` comes back in the answer; both at most 36
    characters.
    """

    sender: str
    capacity: str = ""
    user: str = ""
    reference: str
    question: str
    moment: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCriteria:
    """Which statuses are asked for, and for whom they count: a place by name or by postcodes."""

    names: Sequence[str]
    place: str = ""
    postcodes: Sequence[str] = ()
    age_from: int | None = None
    age_to: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """One service and the content of one question to it."""

    service: Service
    content: tuple[Part, ...]


def ask_person(digits: str, *, bis: bool) -> Demand:
    """Ask for a person's file; numbers of the BIS register are kept by the KSZ."""
    source = Part("Bron", "KSZ" if bis else "RR")
    return Demand(PERSON, (_inside("Inhoud", _criteria(digits), source, _LANGUAGE),))


def ask_household(digits: str) -> Demand:
    """Ask who is registered in the same household."""
    return Demand(HOUSEHOLD, (_inside("Inhoud", _criteria(digits), _LANGUAGE),))


def ask_statuses(digits: str, criteria: StatusCriteria, day: date) -> Demand:
    """Ask whether one to eight statuses apply on a day."""
    statuses = _inside("SocialeStatuten", *(_status(n, criteria, day) for n in criteria.names))
    return Demand(SOCIAL_STATUS, (_inside("Inhoud", _criteria(digits, statuses)),))


def ask_handicap(digits: str, day: date) -> Demand:
    """Ask the federal service for the right to an allowance, and for nothing else of the file."""
    criteria = _inside(
        "ConsultFilesByDateCriteria",
        Part("ssin", digits),
        _inside("handicapAuthenticSources", Part("DGPH", "true")),
        Part("referenceDate", day.isoformat()),
        _inside("parts", Part("rights", "true")),
        Part("decisionStatus", "true"),
    )
    return Demand(HANDICAP, (_inside("Criteria", criteria),))


def ask_living_wage(digits: str, year: int) -> Demand:
    """Ask for the living wage of one year."""
    return Demand(LIVING_WAGE, (_inside("Inhoud", _criteria(digits, Part("Jaar", str(year)))),))


def ask_tax(digits: str, year: int, codes: Sequence[str]) -> Demand:
    """Ask for single codes of the tax assessment of one income year."""
    wanted = _inside("IPCALCodes", *(Part("IPCALCode", code) for code in codes))
    criteria = _criteria(digits, Part("Inkomensjaar", str(year)), wanted)
    return Demand(TAX, (_inside("Inhoud", criteria, Part("Bron", "FODFIN"), _LANGUAGE),))


def request(demand: Demand, heading: Heading) -> Part:
    """Return the whole request: context and question."""
    service = demand.service
    message = _inside(
        "Bericht",
        Part("Type", "VRAAG"),
        _moment(heading.moment),
        _inside("Afzender", *_sender(heading)),
    )
    context = _inside(
        "Context", Part("Naam", service.name), Part("Versie", service.version), message
    )
    question = _inside("Vraag", Part("Referte", heading.question), *demand.content)
    return _inside(service.request, _inside("Verzoek", context, _inside("Vragen", question)))


def _inside(name: str, *inner: Part) -> Part:
    return Part(name, inner)


def _criteria(digits: str, *more: Part) -> Part:
    return _inside("Criteria", Part("INSZ", digits), *more)


def _moment(moment: datetime) -> Part:
    time = moment.time().isoformat(timespec="milliseconds")
    return _inside("Tijdstip", Part("Datum", moment.date().isoformat()), Part("Tijd", time))


def _sender(heading: Heading) -> list[Part]:
    told = {
        "Identificatie": heading.sender,
        "Referte": heading.reference,
        "Hoedanigheid": heading.capacity,
        "Gebruiker": heading.user,
    }
    return [Part(name, text) for name, text in told.items() if text]


def _status(name: str, criteria: StatusCriteria, day: date) -> Part:
    parts = [Part("Naam", name), _inside("Datum", Part("Datum", day.isoformat()))]
    if criteria.place:
        parts.append(_inside("Locatie", Part("Naam", criteria.place)))
    elif criteria.postcodes:
        codes = (Part("Postcode", code) for code in criteria.postcodes)
        parts.append(_inside("Locatie", _inside("Postcodes", *codes)))
    ages = {"Minimum": criteria.age_from, "Maximum": criteria.age_to}
    told = [Part(limit, str(age)) for limit, age in ages.items() if age is not None]
    if told:
        parts.append(_inside("Leeftijd", *told))
    return _inside("SociaalStatuut", *parts)
