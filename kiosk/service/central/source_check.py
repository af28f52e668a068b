"""One harmless question to every source: is it there, does it know us, does it answer.

Nobody is asked about: the number is a test number that nobody has. That the source does not know
it, or does not take it, is an answer.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import Answer, Connector, Question, SourceState

_NOBODY: Final = "66610100136"
_ANSWERED: Final = frozenset({SourceState.OK, SourceState.NO_DATA})
_NOT_TAKEN: Final = "invalid-number"


@dataclass(frozen=True, slots=True)
class Checked:
    """How one source fared."""

    group: str
    name: str
    answer: Answer
    milliseconds: int

    @property
    def is_well(self) -> bool:
        """Whether the source answered."""
        return self.answer.state in _ANSWERED or self.answer.reason == _NOT_TAKEN

    def __str__(self) -> str:
        """Say group, source, result and time in one line."""
        result = "answers" if self.is_well else f"{self.answer.state.value} ({self.answer.reason})"
        return f"{self.group} {self.name}: {result}, {self.milliseconds} ms"


def name_of(connector: Connector) -> str:
    """Return the name of a source within its group."""
    name: str = getattr(connector, "name", type(connector).__name__)
    return name


async def check_sources(
    connectors: Iterable[Connector], day: date, seconds: float
) -> list[Checked]:
    """Ask all of them at once; each may take so many seconds."""
    number = NationalNumber(_NOBODY)
    question = Question(number=number, on_date=day)
    asked = [_check(connector, question, seconds) for connector in connectors]
    return list(await asyncio.gather(*asked))


async def _check(connector: Connector, question: Question, seconds: float) -> Checked:
    started = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            answer = await connector.ask(question)
    except TimeoutError:
        answer = Answer(state=SourceState.UNAVAILABLE, reason="timeout")
    except Exception as error:  # noqa: BLE001  # a source may fail in any way; the others are asked
        answer = Answer(state=SourceState.UNAVAILABLE, reason=type(error).__name__)
    return Checked(
        connector.group, name_of(connector), answer, round((time.monotonic() - started) * 1000)
    )
