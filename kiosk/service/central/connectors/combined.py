"""Several sources of one group, asked side by side and laid together.

A yes of one is a yes. A no counts only when everybody who could have said yes has answered. What
they contradict each other in stays unknown. A source that is late is left behind, so that it does
not take the others' answers with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.connectors.asking import ask_all
from kiosk.service.central.connectors.replaced import merged, settle
from kiosk.service.central.facts import FACTS, Carer, FactValue, IncomeBand, Parents, YesNo

_GRAVEST: Final = (
    SourceState.UNAVAILABLE,
    SourceState.TOO_BUSY,
    SourceState.REFUSED,
    SourceState.NOT_CONFIGURED,
    SourceState.NO_DATA,
)
_SOONEST: Final = frozenset({"social_ended_days", "ocmw_ended_days"})
_BEST: Final = frozenset({Carer.SOCIAL_TARIFF, IncomeBand.UP_TO_A, Parents.ALL})
"""Nothing that another source may still tell is better: these count as a yes does."""

_SILENT: Final = object()


@dataclass(frozen=True, slots=True)
class Said:
    """What one source answered, and which facts it was there to tell."""

    answer: Answer
    tells: frozenset[str]


def combine(connectors: Iterable[Connector], seconds: Mapping[str, float]) -> tuple[Connector, ...]:
    """Return one connector a group; ``seconds`` is how long the sources of each may take."""
    groups: dict[str, list[Connector]] = {}
    for connector in connectors:
        groups.setdefault(connector.group, []).append(connector)
    return tuple(
        parts[0] if len(parts) == 1 else Combined(group, parts, seconds[group])
        for group, parts in groups.items()
    )


class Combined:
    """One group with several sources."""

    def __init__(self, group: str, parts: Sequence[Connector], seconds: float) -> None:
        self.group = group
        self._parts = tuple(parts)
        self._seconds = seconds

    async def ask(self, question: Question) -> Answer:
        """Ask all of them; who has not answered in time has not told."""
        heard = await ask_all(question, [(part, self._seconds) for part in self._parts])
        pairs = zip(self._parts, heard, strict=True)
        return lay_together([Said(one.answer, tells(part)) for part, one in pairs])

    def status(self) -> SourceState | None:
        """The worst that a source says of itself; ``None`` while one does not know."""
        states = [part.status() for part in self._parts]
        bad = [state for state in states if state in _GRAVEST]
        if bad:
            return min(bad, key=_GRAVEST.index)
        return None if None in states else SourceState.OK


def tells(part: Connector) -> frozenset[str]:
    """Which facts a source is there to tell: what it says itself, or all of its group."""
    of_group = frozenset(name for name, kind in FACTS.items() if kind.group == part.group)
    declared: frozenset[str] = getattr(part, "tells", of_group)
    return declared


def lay_together(said: Sequence[Said]) -> Answer:
    """Return the answer of a group. The order of its sources does not matter."""
    answers = settle([one.answer for one in said])
    said = [replace(one, answer=answer) for one, answer in zip(said, answers, strict=True)]
    told = [one.answer for one in said if one.answer.state is SourceState.OK]
    failed = [one.answer for one in said if one.answer.state is not SourceState.OK]
    worst = min(failed, key=_gravity, default=None)
    if not told and worst is not None:
        return replace(worst, replaced_by=merged(answers))
    gaps = [answer.state for answer in failed] + [a.gap for a in told if a.gap is not None]
    buffers = [answer for answer in told if answer.freshness != "live"]
    return Answer(
        state=SourceState.OK,
        facts=_facts(said),
        reason=None if worst is None else worst.reason,
        as_of=min((a.as_of for a in told if a.as_of is not None), default=None),
        freshness=buffers[0].freshness if buffers else "live",
        retry_after_seconds=None if worst is None else worst.retry_after_seconds,
        gap=min(gaps, key=_GRAVEST.index, default=None),
        replaced_by=merged(answers),
    )


def _facts(said: Sequence[Said]) -> Mapping[str, FactValue]:
    facts: dict[str, FactValue] = {}
    for name in {name for one in said for name in _told_by(one)}:
        values = [_told_by(one)[name] for one in said if name in _told_by(one)]
        silent = any(
            name in one.tells - one.answer.passes and name not in _told_by(one) for one in said
        )
        agreed = _agreed(name, values, silent=silent)
        if agreed is not _SILENT:
            facts[name] = agreed  # type: ignore[assignment]  # what is not silence is a value
    return facts


def _told_by(one: Said) -> Mapping[str, FactValue]:
    """What a source answered; what a failed one says beside its failure is none."""
    return one.answer.facts if one.answer.state is SourceState.OK else {}


def _agreed(name: str, values: list[FactValue], *, silent: bool) -> object:
    if YesNo.YES in values:
        return YesNo.YES
    if name in _SOONEST:
        days = [value for value in values if isinstance(value, int)]
        return _SILENT if silent else min(days, default=None)
    if YesNo.NO in values:
        return _SILENT if silent else YesNo.NO
    if silent and values[0] not in _BEST:
        return _SILENT
    return values[0] if all(value == values[0] for value in values) else _SILENT


def _gravity(answer: Answer) -> tuple[int, str]:
    return _GRAVEST.index(answer.state), answer.reason or ""
