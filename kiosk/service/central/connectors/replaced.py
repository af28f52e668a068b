"""What still counts when a source tells that the person has got another number.

Whoever was asked about the old number may not know the person any more: what it does not find
there is no proof. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from kiosk.service.central.connectors import Answer, SourceState, unavailable
from kiosk.service.central.facts import FACTS, VEHICLE, FactValue, Holder, YesNo

REPLACED: Final = "replaced-number"
"""The reason of an answer about an old number, of which only what speaks for the person is left."""

ABOUT_THE_OLD: Final[frozenset[str]] = frozenset()
"""What an answer about the old number is replaced by, once somebody told of a new one."""

OWN_FILE: Final = Answer(state=SourceState.REFUSED, reason="own-file")
"""What every group is answered once the new number is that of the officer who asks."""

_OTHER_PERSON: Final = "other-person"
_SPEAK_FOR: Final = frozenset({YesNo.YES, Holder.SUBJECT})
_OF_NOBODY: Final = frozenset(
    name for name, kind in FACTS.items() if kind.group == VEHICLE and name != "vehicle_holder"
)
"""Facts that hang on no person's number."""


def settle(answers: Sequence[Answer]) -> list[Answer]:
    """Return what counts of answers about one person, in their order.

    As long as nobody tells of a new number all of them count. Else those about the one new number
    count, and of the rest what speaks for the person. Sources that name different new numbers are
    about different people: none of them is believed.
    """
    if all(answer.replaced_by is None for answer in answers):
        return list(answers)
    numbers = merged(answers)
    return [_settled(answer, numbers or frozenset()) for answer in answers]


def merged(answers: Sequence[Answer]) -> frozenset[str] | None:
    """Return all new numbers that answers are about; ``None`` when none tells of one."""
    told = [answer.replaced_by for answer in answers if answer.replaced_by is not None]
    return frozenset().union(*told) if told else None


def _settled(answer: Answer, numbers: frozenset[str]) -> Answer:
    if len(numbers) == 1 and answer.replaced_by == numbers:
        return answer
    if len(numbers) > 1 and answer.replaced_by:
        return unavailable(_OTHER_PERSON, answer.replaced_by)
    return _without_denials(answer)


def _without_denials(answer: Answer) -> Answer:
    left = _speaking_for(answer.facts)
    if left == answer.facts:
        return replace(answer, passes=frozenset())
    return replace(
        answer,
        facts=left,
        passes=frozenset(),
        reason=answer.reason or REPLACED,
        gap=answer.gap or SourceState.NO_DATA,
    )


def _speaking_for(facts: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    return {n: value for n, value in facts.items() if value in _SPEAK_FOR or n in _OF_NOBODY}
