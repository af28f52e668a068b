"""The port for an adviser, and the connector over it: a silence is never a no."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

from kiosk.service.central.connectors import Answer, Question, SourceState, unavailable
from kiosk.service.central.connectors.guard import Guard
from kiosk.service.central.facts import ADVICE, AdviceCategory, ChannelKind, FactValue, YesNo

_NO_ADVICE: Final = "no-advice"
_UNKNOWN_CATEGORY: Final = "unknown-category"
_CONTRADICTION: Final = "contradiction"
_NOT_UNDERSTOOD: Final = "not-understood"
_TIMEOUT: Final = "timeout"


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What an engine says about one person. ``entitled``: ``None`` when it cannot tell.

    ``category``: the class of tariff, under the engine's own name; only with an entitlement.
    """

    entitled: bool | None
    category: str | None = None
    as_of: datetime | None = None
    """With its time zone; ``None`` is now."""


class Adviser(Protocol):
    """Asks one engine. May raise and may hang: both become an unknown."""

    async def advise(self, question: Question) -> Advice | None:
        """Return the advice, ``None`` when there is none about this person.

        After a ``ConnectionError``, which says that the engine was not reached, it is asked once
        more.
        """
        ...

    async def close(self) -> None:
        """Let go of what is open."""
        ...


class AdviceSource:
    """One adviser; ``categories`` gives its names for classes of tariff a place in the rules.

    ``seconds``: how long a question may take; less than the group's, or one that hangs would never
    be seen to fail.
    """

    group = ADVICE
    name = ADVICE

    def __init__(
        self,
        adviser: Adviser,
        categories: Mapping[str, AdviceCategory],
        seconds: float,
        guard: Guard,
    ) -> None:
        self._adviser = adviser
        self._categories = categories
        self._seconds = seconds
        self._guard = guard

    async def ask(self, question: Question) -> Answer:
        """Ask for advice; what is not said stays unknown. Raises what the adviser does."""
        held = self._guard.hold(batch=question.channel is ChannelKind.BATCH)
        if held is not None:
            return Answer(state=held.state, reason=held.reason, retry_after_seconds=held.seconds)
        # A question that is called off counts for neither: somebody else's time was up.
        try:
            async with asyncio.timeout(self._seconds):
                advice = await self._advise(question)
        except TimeoutError:
            self._guard.failed()
            return unavailable(_TIMEOUT)
        except Exception:
            self._guard.failed()
            raise
        except asyncio.CancelledError:
            self._guard.called_off()
            raise
        self._guard.answered()
        return self._read(advice)

    async def _advise(self, question: Question) -> Advice | None:
        try:
            return await self._adviser.advise(question)
        except ConnectionError:
            return await self._adviser.advise(question)

    def _read(self, advice: Advice | None) -> Answer:
        if advice is None or advice.entitled is None:
            return Answer(state=SourceState.NO_DATA, reason=_NO_ADVICE)
        entitled: object = advice.entitled  # of somebody else's program
        if not isinstance(entitled, bool) or not _is_moment(advice.as_of):
            return unavailable(_NOT_UNDERSTOOD)
        if not entitled and advice.category is not None:
            return Answer(state=SourceState.REFUSED, reason=_CONTRADICTION)
        return self._told(advice)

    def status(self) -> SourceState | None:
        """How it fares for everybody; nobody knows before it is asked."""
        return self._guard.status()

    async def close(self) -> None:
        """Let the adviser go."""
        await self._adviser.close()

    def _told(self, advice: Advice) -> Answer:
        facts: dict[str, FactValue] = {"advice": YesNo.YES if advice.entitled else YesNo.NO}
        category = AdviceCategory.NONE if not advice.entitled else None
        if advice.category is not None:
            category = self._categories.get(advice.category)
        if category is not None:
            facts["advice_category"] = category
        strange = advice.category is not None and category is None
        return Answer(
            state=SourceState.OK,
            facts=facts,
            reason=_UNKNOWN_CATEGORY if strange else None,
            as_of=advice.as_of or datetime.now(UTC),
            gap=SourceState.REFUSED if strange else None,
        )


def _is_moment(as_of: object) -> bool:
    """Whether it is a moment with a time zone, and none of somebody else's texts."""
    if as_of is None:
        return True
    return isinstance(as_of, datetime) and as_of.utcoffset() is not None
