"""What the kiosk needs from the outside world, in its own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from kiosk.domain.identity import Subject, VerifiedIdentity
from kiosk.domain.problem import KioskError, Problem
from kiosk.domain.verdict import SourceState, UseCase, Verdict
from kiosk.domain.visit import SlotName


@dataclass(frozen=True, slots=True)
class Response:
    """What a card said back: data and the two status bytes as one number."""

    data: bytes = field(repr=False)
    status: int


class CardError(KioskError):
    """The exchange with the card failed; the problem says how."""


class CardReset(Exception):
    """Another program reset the card: what was read so far counts for nothing."""


class Card(Protocol):
    """One powered card. Implementations: PC/SC, a local socket, a simulated applet."""

    @property
    def atr(self) -> bytes:
        """The answer to reset: a hint at the card's kind, never a proof."""
        ...

    def transmit(self, command: bytes) -> Response:
        """Exchange one APDU as it is.

        Raise ``CardError`` when the card is gone, mute or unreadable, and
        ``CardReset`` when another program reset it.
        """
        ...


class CardSlot(Protocol):
    """A reader that may hold a card."""

    @property
    def name(self) -> SlotName:
        """The name PC/SC gives the slot."""
        ...

    def open(self) -> AbstractContextManager[Card]:
        """Connect and hold the card for one undisturbed conversation."""
        ...


@dataclass(frozen=True, slots=True)
class SlotFilled:
    """A card is in this slot.

    ``found`` tells that nobody was seen putting it in: it was there when the
    slot was first looked at, at the start or after the readers were lost.
    """

    slot: SlotName
    found: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class SlotEmptied:
    """The card left this slot.

    ``gone`` tells that the slot itself, or all of PC/SC, went away: nobody knows
    whether the card is still in it.
    """

    slot: SlotName
    gone: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class ReadersReady:
    """There is at least one reader to put a card in."""

    slots: tuple[SlotName, ...]


@dataclass(frozen=True, slots=True)
class ReadersLost:
    """No card can be put in anywhere, and why."""

    problem: Problem


SlotEvent = SlotFilled | SlotEmptied | ReadersReady | ReadersLost


class SlotMonitor(Protocol):
    """Tells which reader has a card; reads no card."""

    def wait(self, at_most: timedelta) -> Sequence[SlotEvent]:
        """Block until something changed or the time is over; never raise."""
        ...

    def close(self) -> None:
        """End a wait that another thread is in, and let go of PC/SC."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReport:
    """What a read cost and reached, free of anything personal."""

    applet: str
    apdus: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reading:
    """A proven person and what the read cost."""

    identity: VerifiedIdentity
    report: CardReport


class IdentityReader(Protocol):
    """Card in, checked person out: reading and verifying are one operation."""

    def read(self, slot: CardSlot) -> Reading:
        """Raise ``KioskError`` with the code that the screen should show."""
        ...


class EligibilityClient(Protocol):
    """Ask the central service one question about one person."""

    def check(self, subject: Subject, use_case: UseCase) -> Verdict:
        """Block until a verdict or the deadline. Raise ``KioskError`` otherwise."""
        ...

    def source_status(self) -> tuple[SourceState, ...]:
        """Ask how each group of sources fares; empty when this service does not tell.

        Concerns no person. Raise ``KioskError`` when the service did not answer.
        """
        ...

    def warm_up(self) -> None:
        """Open the connection ahead of the question; failing here is no problem yet."""
        ...

    def close(self) -> None:
        """Close the connection; a question still under way fails."""
        ...


Clock = Callable[[], datetime]
"""The time of day with its zone; injected, so that the domain needs none."""
