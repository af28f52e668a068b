"""One visit as values: its states, what happens to it, and what it starts.

No clock, thread, Qt or secret in here. States carry a visit number, a slot and
an outcome, never a person, so they may be logged. Every card event names its
slot: what happens in another reader never ends a visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import NamedTuple, NewType, TypeAlias

from kiosk.domain.problem import Problem
from kiosk.domain.verdict import Verdict

VisitId = NewType("VisitId", int)
SlotName = NewType("SlotName", str)


class Phase(Enum):
    """The waiting states; a clock belongs to one of them."""

    TYPING = "typing"
    READING = "reading"
    CHECKING = "checking"
    SHOWING = "showing"


# States. ``fault`` is what is wrong with the readers meanwhile: it decides
# whether the end of the visit leads to Idle or to OutOfService. ------------


@dataclass(frozen=True, slots=True)
class Starting:
    """Nobody knows yet whether there is a reader."""


@dataclass(frozen=True, slots=True)
class OutOfService:
    """No card can be put in, and why."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class Idle:
    """A reader, no card: the invitation screen."""


@dataclass(frozen=True, slots=True)
class Typing:
    """An officer types a number."""

    visit: VisitId
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The agent reads and proves the card in this slot."""

    visit: VisitId
    slot: SlotName
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Checking:
    """The service is being asked. ``slot`` is where this visit's card still is."""

    visit: VisitId
    slot: SlotName | None
    fault: Problem | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """The outcome is on screen.

    ``asked`` tells that the agent holds a proven person; ``extensions`` how
    often more time was asked for.
    """

    visit: VisitId
    outcome: Verdict | Problem
    slot: SlotName | None
    asked: bool
    fault: Problem | None = None
    extensions: int = 0


@dataclass(frozen=True, slots=True)
class AwaitingRemoval:
    """The outcome is off the screen, or there never was one; the card is still in its reader."""

    visit: VisitId
    slot: SlotName
    fault: Problem | None = None


Visiting: TypeAlias = Typing | Reading | Checking | Showing
State: TypeAlias = Starting | OutOfService | Idle | Visiting | AwaitingRemoval


# Events ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReaderReady:
    """There is a reader."""


@dataclass(frozen=True, slots=True)
class ReaderLost:
    """There is no reader, or no PC/SC service, any more."""

    problem: Problem


@dataclass(frozen=True, slots=True)
class CardInserted:
    """A card came into a slot; ``visit`` is the number to give its visit."""

    visit: VisitId
    slot: SlotName


@dataclass(frozen=True, slots=True)
class CardForgotten:
    """A card is in a slot that had its visit, or that nobody put in; it is not read."""

    visit: VisitId
    slot: SlotName


@dataclass(frozen=True, slots=True)
class CardRemoved:
    """The card left a slot, or the slot went away."""

    slot: SlotName


@dataclass(frozen=True, slots=True)
class TypingStarted:
    """An officer opened manual entry; ``visit`` is the number to give it."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class NumberTyped:
    """The typed digits went to the agent, which asks the service."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class PersonProven:
    """The agent has a proven person and asks the service."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class Concluded:
    """Reading failed, checking failed, or a verdict came."""

    visit: VisitId
    outcome: Verdict | Problem


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """Somebody wants another try; ``visit`` numbers it if the card must be read anew."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class MoreTimeAsked:
    """Somebody is not done reading the outcome."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class TimeUp:
    """The clock of this visit's phase ran out."""

    visit: VisitId
    phase: Phase


@dataclass(frozen=True, slots=True)
class Dismissed:
    """Somebody pressed the key that ends the visit, whatever it is doing."""


Event: TypeAlias = (
    ReaderReady
    | ReaderLost
    | CardInserted
    | CardForgotten
    | CardRemoved
    | TypingStarted
    | NumberTyped
    | PersonProven
    | Concluded
    | AskedAgain
    | MoreTimeAsked
    | TimeUp
    | Dismissed
)


# Effects --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartVisit:
    """Give an agent this visit; without a slot it waits for typed digits."""

    visit: VisitId
    slot: SlotName | None


@dataclass(frozen=True, slots=True)
class EndVisit:
    """Kill this visit's agent, and the number with it."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class AskAgain:
    """Let this visit's agent ask the service once more."""

    visit: VisitId


@dataclass(frozen=True, slots=True)
class StartClock:
    """Restart the one clock there is; an older one never fires any more."""

    visit: VisitId
    phase: Phase
    duration: timedelta


Effect: TypeAlias = StartVisit | EndVisit | AskAgain | StartClock


class Step(NamedTuple):
    """Where an event leads, and what to start for it."""

    state: State
    effects: tuple[Effect, ...] = ()


def current_visit(state: State) -> VisitId | None:
    """Return the visit that the screen is about."""
    return state.visit if isinstance(state, Visiting) else None


def living_visit(state: State) -> VisitId | None:
    """Return the only visit whose agent may be alive in this state."""
    if isinstance(state, Showing) and not state.asked:
        return None  # its agent could do nothing more
    return current_visit(state)
