"""How a visit goes on: one pure function from state and event to state and effects."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from kiosk.domain.policy import ModePolicy
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import (
    AskAgain,
    AskedAgain,
    AwaitingRemoval,
    CardForgotten,
    CardInserted,
    CardRemoved,
    Checking,
    Concluded,
    Dismissed,
    EndVisit,
    Event,
    Idle,
    MoreTimeAsked,
    NumberTyped,
    OutOfService,
    PersonProven,
    Phase,
    ReaderLost,
    ReaderReady,
    Reading,
    Showing,
    SlotName,
    StartClock,
    Starting,
    StartVisit,
    State,
    Step,
    TimeUp,
    Typing,
    TypingStarted,
    VisitId,
    Visiting,
    living_visit,
)


def advance(state: State, event: Event, policy: ModePolicy) -> Step:
    """Return the next state and what to start; a late or foreign event changes nothing."""
    match event:
        case ReaderReady() | ReaderLost():
            return _readers_changed(state, event)
        case CardInserted(visit, slot):
            return _card_inserted(state, visit, slot, policy)
        case CardForgotten(visit, slot):
            return Step(AwaitingRemoval(visit, slot) if isinstance(state, Idle) else state)
        case CardRemoved(slot):
            return _card_removed(state, slot, policy)
        case TypingStarted(visit):
            return _typing_started(state, visit, policy)
        case NumberTyped(visit) | PersonProven(visit):
            return _asking(state, event, visit, policy)
        case Concluded(visit, outcome):
            return _concluded(state, visit, outcome, policy)
        case AskedAgain() | MoreTimeAsked() | Dismissed():
            return _wished(state, event, policy)
        case TimeUp(visit, phase):
            return _time_up(state, visit, phase, policy)
    assert_never(event)


def may_read(state: State, slot: SlotName, policy: ModePolicy) -> bool:
    """Tell whether a card that came into this slot would be read now."""
    match state:
        case Idle() | Typing() | AwaitingRemoval(fault=None) | Checking(slot=None):
            return True
        case Showing(slot=own):
            # The desk moves on to the next card, wherever it is put in.
            return own is None or (policy.question_survives_removal and own != slot)
        case _:
            return False


def can_extend(state: State, policy: ModePolicy) -> bool:
    """Tell whether more time may be asked for now: while the card is in, so many times."""
    match state:
        case Showing(_, _, slot, _, _, extensions):
            here = slot is not None or policy.question_survives_removal
            return here and extensions < policy.most_extensions
        case _:
            return False


_REMOVED_EARLY = Problem(ProblemCode.CARD_REMOVED_EARLY)
_AGENT_LOST = Problem(ProblemCode.AGENT_LOST)
"""The person went with the agent: only the card can be asked again."""
_LATE_OUTCOME = {
    Phase.READING: Problem(ProblemCode.CARD_SILENT),
    Phase.CHECKING: Problem(ProblemCode.SERVICE_TOO_SLOW),
}
_PHASE: dict[type, Phase] = {
    Typing: Phase.TYPING,
    Reading: Phase.READING,
    Checking: Phase.CHECKING,
    Showing: Phase.SHOWING,
}


def _readers_changed(state: State, event: ReaderReady | ReaderLost) -> Step:
    fault = event.problem if isinstance(event, ReaderLost) else None
    if isinstance(state, Visiting | AwaitingRemoval):
        return Step(replace(state, fault=fault))
    if fault is not None:
        return Step(OutOfService(fault))
    return Step(Idle() if isinstance(state, Starting | OutOfService) else state)


def _card_inserted(state: State, visit: VisitId, slot: SlotName, policy: ModePolicy) -> Step:
    return _read(state, visit, slot, policy) if may_read(state, slot, policy) else Step(state)


def _read(state: State, visit: VisitId, slot: SlotName, policy: ModePolicy) -> Step:
    clock = StartClock(visit, Phase.READING, policy.read_deadline)
    return Step(Reading(visit, slot), (*_end(state), StartVisit(visit, slot), clock))


def _card_removed(state: State, slot: SlotName, policy: ModePolicy) -> Step:
    match state:
        case Checking(_, own) if own == slot and policy.question_survives_removal:
            return Step(replace(state, slot=None))
        case Reading(visit, own, fault) | Checking(visit, own, fault) if own == slot:
            clock = StartClock(visit, Phase.SHOWING, policy.problem_stays)
            shown = Showing(visit, _REMOVED_EARLY, None, asked=False, fault=fault)
            return Step(shown, (*_end(state), clock))
        case Showing(_, _, own) if own == slot:
            return _card_removed_from_outcome(state, policy)
        case AwaitingRemoval(_, own, fault) if own == slot:
            return Step(Idle() if fault is None else OutOfService(fault))
        case _:
            return Step(state)


def _card_removed_from_outcome(state: Showing, policy: ModePolicy) -> Step:
    stays = policy.verdict_after_removal
    shorter = stays is not None and isinstance(state.outcome, Verdict)
    clock = (StartClock(state.visit, Phase.SHOWING, stays),) if stays and shorter else ()
    if not policy.question_survives_removal and not clock:
        return _left(state, card_out=True)
    return Step(replace(state, slot=None), clock)


def _typing_started(state: State, visit: VisitId, policy: ModePolicy) -> Step:
    """Go on by hand: nobody is there, only a reader is missing, or the card failed."""
    match state:
        case OutOfService(problem) if problem.code.concerns_reader:
            typing = Typing(visit, problem)
        case Showing(outcome=Problem(code), fault=fault) if code.concerns_card:
            typing = Typing(visit, fault)
        case Idle() | AwaitingRemoval(fault=None):
            typing = Typing(visit)
        case _:
            return Step(state)
    if not policy.manual_entry:
        return Step(state)
    clock = StartClock(visit, Phase.TYPING, policy.typing_stays)
    return Step(typing, (*_end(state), StartVisit(visit, None), clock))


def _asking(
    state: State, event: NumberTyped | PersonProven, visit: VisitId, policy: ModePolicy
) -> Step:
    clock = StartClock(visit, Phase.CHECKING, policy.check_deadline)
    match state, event:
        case Typing(own, fault), NumberTyped() if own == visit:
            return Step(Checking(visit, None, fault), (clock,))
        case Reading(own, slot, fault), PersonProven() if own == visit:
            return Step(Checking(visit, slot, fault), (clock,))
        case _:
            return Step(state)


def _concluded(
    state: State, visit: VisitId, outcome: Verdict | Problem, policy: ModePolicy
) -> Step:
    if isinstance(state, Checking) and state.visit == visit:
        return _show(state, outcome, policy)
    if isinstance(state, Reading) and state.visit == visit and isinstance(outcome, Problem):
        return _show(state, outcome, policy)
    return Step(state)


def _show(state: Reading | Checking, outcome: Verdict | Problem, policy: ModePolicy) -> Step:
    asked = isinstance(state, Checking) and outcome != _AGENT_LOST
    shown = Showing(state.visit, outcome, state.slot, asked, state.fault)
    over = () if asked else _end(state)
    return Step(shown, (*over, _showing_clock(shown, policy)))


def _showing_clock(shown: Showing, policy: ModePolicy) -> StartClock:
    stays = policy.verdict_stays if isinstance(shown.outcome, Verdict) else policy.problem_stays
    return StartClock(shown.visit, Phase.SHOWING, stays)


def _more_time(state: State, visit: VisitId, policy: ModePolicy) -> Step:
    if isinstance(state, Showing) and state.visit == visit and can_extend(state, policy):
        longer = replace(state, extensions=state.extensions + 1)
        return Step(longer, (_showing_clock(longer, policy),))
    return Step(state)


def _wished(state: State, wish: AskedAgain | MoreTimeAsked | Dismissed, policy: ModePolicy) -> Step:
    match wish:
        case AskedAgain(visit):
            return _asked_again(state, visit, policy)
        case MoreTimeAsked(visit):
            return _more_time(state, visit, policy)
        case Dismissed():
            return _left(state) if isinstance(state, Visiting) else Step(state)
    assert_never(wish)


def _asked_again(state: State, visit: VisitId, policy: ModePolicy) -> Step:
    match state:
        case Showing(own, _, slot, True, fault):
            clock = StartClock(own, Phase.CHECKING, policy.check_deadline)
            return Step(Checking(own, slot, fault), (AskAgain(own), clock))
        case Showing(_, _, slot, False) if slot is not None:
            return _read(state, visit, slot, policy)
        case _:
            return Step(state)


def _time_up(state: State, visit: VisitId, phase: Phase, policy: ModePolicy) -> Step:
    if not isinstance(state, Visiting) or (state.visit, _PHASE[type(state)]) != (visit, phase):
        return Step(state)
    if isinstance(state, Reading | Checking):
        return _show(state, _LATE_OUTCOME[phase], policy)
    return _left(state)


def _left(state: State, *, card_out: bool = False) -> Step:
    """End the visit: nothing of it stays but, perhaps, its card."""
    match state:
        case Reading(visit, slot, fault) if not card_out:
            after: State = AwaitingRemoval(visit, slot, fault)
        case Checking(visit, str(slot), fault) | Showing(visit, _, str(slot), fault=fault) if (
            not card_out
        ):
            after = AwaitingRemoval(visit, SlotName(slot), fault)
        case Typing(fault=Problem() as fault) | Reading(fault=Problem() as fault):
            after = OutOfService(fault)
        case Checking(fault=Problem() as fault) | Showing(fault=Problem() as fault):
            after = OutOfService(fault)
        case _:
            after = Idle()
    return Step(after, _end(state))


def _end(state: State) -> tuple[EndVisit, ...]:
    visit = living_visit(state)
    return () if visit is None else (EndVisit(visit),)
