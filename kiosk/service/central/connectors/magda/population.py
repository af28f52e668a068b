"""What the population register tells: state, residence, age, household position, parents.

Source of the codes: the project's domain sheet, section 2.5, read from the answers of MAGDA's own
simulator.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk.service.central.connectors.magda.dates import (
    NotADate,
    full_years,
    is_in_force,
    is_no_later,
    whole_date,
)
from kiosk.service.central.connectors.magda.failures import loggable
from kiosk.service.central.connectors.magda.noticed import Noticed
from kiosk.service.central.connectors.magda.xml import Node
from kiosk.service.central.facts import FactValue, PersonState, Residence

NOT_RELATED: Final = "12"
"""The household position of somebody who merely lives there."""

_INSTITUTION: Final = "20"
_BIS_REGISTER: Final = "BIS"
_DECEASED: Final = "99990"
_STATES: Final = {
    _DECEASED: PersonState.DECEASED,
    "99991": PersonState.STRUCK_OFF,
    "99997": PersonState.STRUCK_OFF,
    "99996": PersonState.ABSENT,
    "99992": PersonState.ABSENT,
    "992": PersonState.ABSENT,
}
_NO_MUNICIPALITY: Final = "9999"
"""Codes that stand where a municipality stands begin so: the person is in none."""

_ORDER: Final = (
    PersonState.DECEASED,
    PersonState.PROTECTED,
    PersonState.STRUCK_OFF,
    PersonState.ABSENT,
    PersonState.INSTITUTION,
)
_NIS_CODE: Final = re.compile(r"[1-9]\d{4}", re.ASCII)
_log = logging.getLogger(__name__)
_noticed = Noticed()


@dataclass(frozen=True, slots=True)
class Area:
    """The municipalities of the tariff, by NIS code: the city's own, and its partners'."""

    home: frozenset[str]
    region: frozenset[str]

    def residence(self, code: str) -> Residence:
        """Return where a municipality lies."""
        if code in self.home:
            return Residence.GENT
        return Residence.REGION if code in self.region else Residence.OTHER


def population_facts(person: Node, day: date, area: Area, *, bis: bool) -> Mapping[str, FactValue]:
    """Return what a ``Persoon`` tells; ``bis`` says that the number is of the BIS register."""
    facts: dict[str, FactValue] = {}
    state = _state(person, day)
    if state is not None:
        facts["person_state"] = state
    home = _home(person, day)
    residence = _residence(person, home, day, area, bis=bis)
    if residence is not None:
        facts["residence"] = residence
        facts |= _moved_out(home, residence, day)
    age = age_of(person, day)
    if age is not None:
        facts["age"] = age
    return facts


def age_of(person: Node, day: date) -> int | None:
    """Return the age on a day; ``None`` when a part of the birth date is not known."""
    try:
        birth = whole_date(person.text("Geboorte/Datum"))
    except NotADate:
        return None
    return full_years(birth, day) if birth is not None and birth <= day else None


def parents_of(person: Node) -> tuple[str, ...]:
    """Return the digits of all parents; empty when one of them has no number or none is known."""
    parents = person.all("Afstammingen/Afstamming/Ouders/Ouder")
    digits = tuple(dict.fromkeys(map(_number_of, parents)))
    return digits if all(digits) else ()


def _number_of(parent: Node) -> str:
    """A parent's number; empty for a made-up one of the register, which may be somebody else's."""
    number = parent.find("INSZ")
    return "" if number is None or number.attribute("IsFictief") == "1" else number.text()


def _state(person: Node, day: date) -> PersonState | None:
    """Return the gravest state; ``None`` when the register says something that nobody knows."""
    statuses = [s for s in person.all("Statussen/Status") if is_in_force(s, day)]
    codes = {status.text("Code") for status in statuses}
    unknown = codes - _STATES.keys()
    for code in sorted(filter(_noticed.is_first, map(loggable, unknown))):
        _log.warning("the population register tells unknown status %s", code)
    states = {_STATES[code] for code in codes - unknown} | _signs(person, day)
    # A death that is over, or has no date, is no proof of life either.
    is_unclear = any(c.startswith(_NO_MUNICIPALITY) for c in unknown) or bool(
        person.all("Overlijden")
    )
    if PersonState.DECEASED not in states and is_unclear:
        return None
    return next((state for state in _ORDER if state in states), PersonState.KNOWN)


def _signs(person: Node, day: date) -> set[PersonState]:
    """The states that show in other elements than the status."""

    def holds(path: str) -> bool:
        return any(is_in_force(item, day) for item in person.all(path))

    told = {
        PersonState.DECEASED: any(_tells_death(item, day) for item in person.all("Overlijden")),
        PersonState.PROTECTED: holds("Adressen/NietMededeelbaarAdres"),
        PersonState.ABSENT: holds("Afwezigheid") or _lives_abroad(person, day),
        PersonState.INSTITUTION: holds("Adressen/TijdelijkeAfwezigheid")
        or _INSTITUTION in _positions(person, day),
    }
    return {state for state, shows in told.items() if shows}


def _tells_death(item: Node, day: date) -> bool:
    return bool(item.text("Datum")) and is_in_force(item, day)


def _lives_abroad(person: Node, day: date) -> bool:
    abroad = [
        address
        for address in person.all("Adressen/VerblijfplaatsBuitenland")
        if is_in_force(address, day)
    ]
    home = _home(person, day)
    # The main residence stays in the file of somebody who left: the later of the two counts,
    # and when it cannot be told which, somebody has to look.
    return any(
        home is None
        or not is_no_later(address.attribute("DatumBegin"), home.attribute("DatumBegin"))
        for address in abroad
    )


def _positions(person: Node, day: date) -> set[str]:
    """The person's own positions: towards the reference person, or as a member without a number."""
    own = person.text("INSZ")
    members = [m for m in person.all("Gezinsleden/Gezinslid") if m.text("INSZ") in ("", own)]
    towards = person.all("Referentiepersoon")
    return {item.text("Positie/Code") for item in (*towards, *members) if is_in_force(item, day)}


def _home(person: Node, day: date) -> Node | None:
    homes = person.all("Adressen/Hoofdverblijfplaats")
    return next((home for home in homes if is_in_force(home, day)), None)


def _residence(
    person: Node, home: Node | None, day: date, area: Area, *, bis: bool
) -> Residence | None:
    if bis or person.text("Register/Code") == _BIS_REGISTER:
        return Residence.UNCONFIRMED
    if home is None:
        return Residence.NONE
    code = home.text("NISCodeGemeente")
    if not _NIS_CODE.fullmatch(code):
        return None
    residence = area.residence(code)
    reference = home.find("ReferentieAdres")
    if residence is Residence.GENT and reference is not None and _holds(reference, day):
        return Residence.REFERENCE
    return residence


def _holds(reference: Node, day: date) -> bool:
    end = reference.text("Einddatum")
    return not end or end[:10] >= day.isoformat()


def _moved_out(home: Node | None, residence: Residence, day: date) -> Mapping[str, FactValue]:
    """Days since the address outside began; the register does not tell where it was before."""
    if home is None or residence not in (Residence.OTHER, Residence.REGION):
        return {"moved_out_days": None}
    try:
        begin = whole_date(home.attribute("DatumBegin"))
    except NotADate:
        return {}
    return {} if begin is None or begin > day else {"moved_out_days": (day - begin).days}
