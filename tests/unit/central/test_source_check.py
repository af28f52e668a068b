"""One question to every source: who answers is well, whatever goes wrong elsewhere."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any

import pytest

from kiosk.domain.national_number import NumberKind
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.source_check import check_sources

DAY = date(2026, 11, 22)


class Source:
    group = "social"

    def __init__(self, how: Answer | Exception | None) -> None:
        self.how = how
        self.asked: list[NumberKind] = []

    async def ask(self, question: Question) -> Answer:
        self.asked.append(question.number.kind)
        if self.how is None:
            await asyncio.Event().wait()
        if isinstance(self.how, Exception):
            raise self.how
        assert self.how is not None
        return self.how

    def status(self) -> SourceState | None:
        return None


def check(*sources: Source) -> list[Any]:
    return asyncio.run(check_sources(sources, DAY, 0.05))


@pytest.mark.parametrize(
    ("answer", "well"),
    [
        (Answer(state=SourceState.OK), True),
        (Answer(state=SourceState.NO_DATA, reason="no-dossier"), True),
        (Answer(state=SourceState.REFUSED, reason="invalid-number"), True),
        (Answer(state=SourceState.REFUSED, reason="not-authorised"), False),
        (Answer(state=SourceState.UNAVAILABLE, reason="timeout"), False),
        (Answer(state=SourceState.TOO_BUSY, reason="too-busy"), False),
        (ValueError("85613099922"), False),
        (None, False),
    ],
    ids=range(8),
)
def test_who_answers_is_well(answer: Answer | Exception | None, well: bool) -> None:
    source, other = Source(answer), Source(Answer(state=SourceState.OK))
    one, two = check(source, other)
    assert (one.is_well, two.is_well) == (well, True)
    assert "85613099922" not in str(one)
    assert source.asked == [NumberKind.TEST]
