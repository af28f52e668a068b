"""Sources of facts. One connector a group; whatever goes wrong in one is an unknown, never a no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import Enum
from typing import Final, Protocol

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors.replacements import Replacements
from kiosk.service.central.facts import ChannelKind, FactValue

RETRY_SECONDS: Final = 60
"""When to ask again, where the source does not say."""


class SourceState(Enum):
    """How a group of sources fared; only ``OK`` brings facts."""

    OK = "ok"
    NO_DATA = "no-data"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    TOO_BUSY = "too-busy"
    NOT_CONFIGURED = "not-configured"

    @property
    def retryable(self) -> bool:
        """Whether asking again in a while can help."""
        return self in (SourceState.UNAVAILABLE, SourceState.TOO_BUSY)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, weakref_slot=True)
class Question:
    """Whom to ask about, and for which day; where from, why, and which officer asks, if any.

    ``replacements``: what sources tell meanwhile of a new number of the person.
    """

    number: NationalNumber
    on_date: date
    channel: ChannelKind = ChannelKind.DESK
    purpose: str = ""
    correlation_id: str = ""
    operator: NationalNumber | None = None
    replacements: Replacements = field(default_factory=Replacements, init=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a group told, by fact name; what it leaves out stays unknown.

    ``reason`` is one word of a closed set of the connector's, never text of the source.
    ``freshness``: ``live``, or ``buffer`` for a list that was filled at ``as_of``. ``gap``: how
    the worst part of a group fared whose other parts told something. ``passes``: facts of which the
    source, having answered, has nothing to say, so that others may say no.
    ``replaced_by``: ``None`` when no source told that the person has got another number; else the
    digits of the new one that the answer is about, none when it is about the old one, several when
    its sources disagree.
    """

    state: SourceState
    facts: Mapping[str, FactValue] = field(default_factory=dict, repr=False)
    reason: str | None = None
    as_of: datetime | None = None
    freshness: str = "live"
    retry_after_seconds: int | None = None
    gap: SourceState | None = None
    passes: frozenset[str] = frozenset()
    replaced_by: frozenset[str] | None = field(default=None, repr=False)

    @property
    def shown(self) -> SourceState:
        """The state for people who wait for what was not told."""
        return self.gap or self.state


def unavailable(reason: str, replaced_by: frozenset[str] | None = None) -> Answer:
    """Return the answer of a source that did not tell, and may in a while."""
    return Answer(
        state=SourceState.UNAVAILABLE,
        reason=reason,
        retry_after_seconds=RETRY_SECONDS,
        replaced_by=replaced_by,
    )


class Connector(Protocol):
    """One group of sources."""

    @property
    def group(self) -> str:
        """The group's name, one of :data:`kiosk.service.central.facts.GROUPS`."""
        ...

    async def ask(self, question: Question) -> Answer:
        """Ask about one person. May raise and may hang: the caller turns both into an unknown."""
        ...

    def status(self) -> SourceState | None:
        """How the source fares for everybody, ``None`` when nobody knows yet; asks nothing.

        Never drawn from the answer about one person: a protected file is no refusal of us.
        """
        ...


def local_today() -> date:
    """The day that it is here: of a later one, what is not known yet may still come."""
    return datetime.now(UTC).astimezone().date()
