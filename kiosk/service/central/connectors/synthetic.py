"""Made-up registers about made-up people, from ``resources/central/people.toml``.

Only for tests and practice. Somebody who is not in the file is a number that the population
register does not know; the other registers then have no data.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec

from kiosk.domain.national_number import NationalNumber, NumberKind
from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.facts import (
    FACTS,
    GROUPS,
    OPTIONAL,
    UNKNOWN,
    FactValue,
    Fuel,
    Holder,
    Parents,
    PersonState,
    Residence,
    VehicleClass,
    YesNo,
    fact_from_text,
)

_SPECIAL: Mapping[str, FactValue] = {
    "person_state": PersonState.KNOWN,
    "residence": Residence.GENT,
    "parents_entitled": Parents.NOT_APPLICABLE,
    "vehicle_class": VehicleClass.M1,
    "vehicle_holder": Holder.SUBJECT,
    "fuel": Fuel.DIESEL,
    "euro_norm": 4,
}
_RETRY_AFTER = 60
_NOTHING = Answer(state=SourceState.NO_DATA, reason="no-dossier")


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    number: str
    birth: date
    answers: dict[str, dict[str, Any]] = {}


class _People(msgspec.Struct, frozen=True):
    person: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """One made-up person as the made-up registers know them."""

    id: str
    number: NationalNumber
    birth: date
    answers: Mapping[str, Answer]


def read_people(path: Path) -> tuple[Registered, ...]:
    """Read the file; raise ``ValueError`` for anything in it that is not right.

    A number that is not a test number is refused: it could be somebody's.
    """
    try:
        people = msgspec.convert(tomllib.loads(path.read_text("utf-8")), _People, strict=False)
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ValueError(f"{path.name}: {error}") from error
    return tuple(_registered(entry) for entry in people.person)


def connectors(path: Path) -> tuple[Connector, ...]:
    """Make one connector a group over the same people; of the optional ones only what is told."""
    people = read_people(path)
    told = {group for person in people for group in person.answers}
    return tuple(SyntheticConnector(group, people) for group in GROUPS if group in told)


class SyntheticConnector:
    """One group of the made-up registers."""

    def __init__(self, group: str, people: tuple[Registered, ...]) -> None:
        self.group = group
        self._people = people

    async def ask(self, question: Question) -> Answer:
        """Answer at once, or fail in the way that the file says."""
        person = next((p for p in self._people if p.number == question.number), None)
        if person is None:
            return self._stranger()
        answer = person.answers.get(self.group, _NOTHING)
        if answer.state is not SourceState.OK:
            return answer
        facts = dict(answer.facts)
        if self.group == "population":
            facts["age"] = _age(person.birth, question.on_date)
        return Answer(state=SourceState.OK, facts=facts, as_of=datetime.now(UTC))

    def status(self) -> SourceState:
        """Always in order: outages belong to persons of the file, not to the whole source."""
        return SourceState.OK

    def _stranger(self) -> Answer:
        if self.group == "population":
            facts = {"person_state": PersonState.UNKNOWN_NUMBER}
            return Answer(state=SourceState.OK, facts=facts, as_of=datetime.now(UTC))
        return _NOTHING


def _registered(entry: _Entry) -> Registered:
    number = NationalNumber(entry.number)
    if number.kind is not NumberKind.TEST:
        raise ValueError(f"{entry.id}: not a test number")
    strange = entry.answers.keys() - set(GROUPS)
    if strange:
        raise ValueError(f"{entry.id}: no group is called {min(strange)}")
    answers = {
        group: _answer(entry.id, group, entry.answers.get(group, {}))
        for group in GROUPS
        if group not in OPTIONAL or group in entry.answers
    }
    return Registered(entry.id, number, entry.birth, answers)


def _answer(person: str, group: str, told: Mapping[str, object]) -> Answer:
    if "state" in told:
        state = SourceState(told["state"])
        retry = _RETRY_AFTER if state.retryable else None
        return Answer(state=state, reason="simulated", retry_after_seconds=retry)
    facts = {name: _usual(name) for name, kind in FACTS.items() if kind.group == group}
    for name, raw in told.items():
        if name not in facts:
            raise ValueError(f"{person}: {group} tells no {name}")
        facts[name] = _fact(name, raw)
    return Answer(state=SourceState.OK, facts=facts)


def _fact(name: str, raw: object) -> FactValue:
    value = fact_from_text(name, str(raw))
    if value is UNKNOWN:
        raise ValueError(f"not a value of {name}")  # what is unknown is left out by its state
    return value


def _usual(name: str) -> FactValue:
    choices = FACTS[name].choices
    if name in _SPECIAL or choices is None:
        return _SPECIAL.get(name)
    return YesNo.NO if choices is YesNo else list(choices)[-1]


def _age(birth: date, day: date) -> int:
    had_birthday = (day.month, day.day) >= (birth.month, birth.day)
    return day.year - birth.year - (0 if had_birthday else 1)
