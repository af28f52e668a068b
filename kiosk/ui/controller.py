"""Runs the visit machine inside Qt: events in, effects out, one state.

The only place where a state changes. What it knows about a person is what may
be on the screen: the outcome, and at the desk the given name while checking.
"""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never, final

from PySide6.QtCore import QObject, Signal, Slot

from kiosk.agent import messages
from kiosk.agent.messages import (
    Begin,
    BeginTyped,
    CardHolder,
    Proceeding,
    Progress,
    Ready,
    Status,
    ToWindow,
    TypedReason,
)
from kiosk.domain.policy import ModePolicy
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.transitions import advance, can_extend
from kiosk.domain.verdict import Verdict
from kiosk.domain.visit import (
    AskAgain,
    AskedAgain,
    CardInserted,
    CardRemoved,
    Checking,
    Concluded,
    Dismissed,
    Effect,
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
    SlotName,
    StartClock,
    Starting,
    StartVisit,
    State,
    TimeUp,
    TypingStarted,
    VisitId,
    living_visit,
)
from kiosk.ports import Clock, ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from kiosk.ui.agents import AgentPool
from kiosk.ui.screens.parts import Act
from kiosk.ui.screens.view import View
from kiosk.ui.view_keeper import ViewKeeper
from kiosk.ui.visit_clock import VisitClock

_RETRY_EVERY: Final = timedelta(seconds=30)
_SHORTEST_LOOK: Final = timedelta(seconds=20)
"""A verdict whose end is nearer than this says that a clock is wrong, not that it is old."""


class _Retry:
    """What the clock runs for while nobody's visit does."""


@final
class Controller(QObject):
    """One terminal: its state, its view, and what people and cards do to it."""

    changed = Signal()
    """State or view are not what they were."""
    renewal_wanted = Signal()
    """Somebody, or the clock, wants the readers to be looked for anew."""

    def __init__(
        self, pool: AgentPool, policy: ModePolicy, view: View, now: Clock, parent: QObject | None
    ) -> None:
        super().__init__(parent)
        self.clock = VisitClock(self)
        self._pool = pool
        self._policy = policy
        self._now = now
        self.viewing = ViewKeeper(view, self)
        self.viewing.changed.connect(self.changed)
        self._state: State = Starting()
        self._visits = 0
        self._reader_fault: Problem | None = None
        self._agent_fault: Problem | None = None
        self._unread: list[SlotName] = []
        self._events: deque[Event] = deque()
        self.clock.up.connect(self._rang)
        pool.said.connect(self._agent_said)
        pool.ready.connect(self._agents_work)
        pool.failing.connect(self._agents_fail)

    @property
    def state(self) -> State:
        """Where the visit is."""
        return self._state

    @property
    def view(self) -> View:
        """What else the screen needs."""
        return replace(self.viewing.view, can_extend=can_extend(self._state, self._policy))

    @Slot(object)
    def act(self, act: Act) -> None:
        """Do what a button says."""
        match act:
            case Act.DONE | Act.STOP | Act.BACK:
                self._happen(Dismissed())
            case Act.AGAIN:
                self._happen(AskedAgain(self._next_visit()))
            case Act.TYPE_NUMBER:
                self._happen(TypingStarted(self._next_visit()))
            case Act.TRY_NOW:
                self._retry()
            case Act.MORE_TIME:
                visit = living_visit(self._state)
                if visit is not None:
                    self._happen(MoreTimeAsked(visit))
            case Act.CHECK_NUMBER:
                pass  # the digits come with ``type_number``
            case _:
                assert_never(act)

    @Slot(str, str)
    def type_number(self, digits: str, reason: str) -> None:
        """Give the typed digits to an agent; nothing of them stays here."""
        visit = living_visit(self._state)
        before = self._state
        if visit is None:
            return
        self._happen(NumberTyped(visit))
        if self._state != before:
            why = TypedReason(reason)
            self._pool.begin(visit, BeginTyped(visit, digits, why, self.viewing.view.use_case))

    @Slot(object)
    def readers_told(self, event: SlotEvent) -> None:
        """Take an event of the slot watch."""
        match event:
            case SlotFilled(slot):
                self._inserted(slot)
            case SlotEmptied(slot):
                self._unread = [other for other in self._unread if other != slot]
                self._happen(CardRemoved(slot))
            case ReadersReady():
                self._reader_fault = None
                self._tell_faults()
            case ReadersLost(problem):
                self._reader_fault = problem
                self._tell_faults()
            case _:
                assert_never(event)

    def give_up(self) -> None:
        """End whatever is going on: something in this program went wrong."""
        self._happen(Dismissed())

    def _inserted(self, slot: SlotName) -> None:
        """Read the card, or remember that it waits: another visit may be going on."""
        visit = self._next_visit()
        self._happen(CardInserted(visit, slot))
        if living_visit(self._state) != visit and slot not in self._unread:
            self._unread.append(slot)
            self._read_waiting_card()

    def _read_waiting_card(self) -> None:
        if isinstance(self._state, Idle) and self._unread:
            self._inserted(self._unread.pop(0))

    def _tell_faults(self) -> None:
        fault = self._agent_fault or self._reader_fault
        self._happen(ReaderReady() if fault is None else ReaderLost(fault))

    @Slot(object)
    def _agent_said(self, message: ToWindow) -> None:
        match message:
            case Proceeding(visit, Progress.ASKING):
                self._happen(PersonProven(visit))
            case Proceeding(visit, step):
                if visit == living_visit(self._state):
                    self.viewing.see_step(step)
            case CardHolder(visit, given_name):
                if visit == living_visit(self._state) and self._policy.show_given_name:
                    self.viewing.see_name(given_name)
            case messages.Concluded(visit):
                self._happen(Concluded(visit, message.outcome))
            case Status():
                self.viewing.see_sources(message)
            case Ready():
                pass
            case _:
                assert_never(message)

    @Slot()
    def _agents_work(self) -> None:
        if self._agent_fault is not None:
            self._agent_fault = None
            self._tell_faults()

    @Slot()
    def _agents_fail(self) -> None:
        self._agent_fault = Problem(ProblemCode.AGENT_LOST)
        self.viewing.forget_sources()
        self._tell_faults()

    def _next_visit(self) -> VisitId:
        self._visits += 1
        return VisitId(self._visits)

    def _happen(self, event: Event) -> None:
        """Take one event after the other: an effect may tell of the next at once."""
        self._events.append(event)
        if len(self._events) > 1:
            return
        try:
            while self._events:
                self._step(self._events[0])
                self._events.popleft()
        finally:
            self._events.clear()
        self._read_waiting_card()

    def _step(self, event: Event) -> None:
        before = self._state
        self._state, effects = advance(before, event, self._policy)
        for effect in effects:
            self._cause(effect)
        if self._state == before and not effects:
            return
        self._forget(before)
        if isinstance(self._state, OutOfService) and not isinstance(before, OutOfService):
            self.clock.start(_Retry(), _RETRY_EVERY)
        self.changed.emit()

    def _forget(self, before: State) -> None:
        """Let go of what belonged to a question or a visit that is over."""
        if isinstance(before, Checking) and not isinstance(self._state, Checking):
            self.viewing.forget_name()
        if living_visit(self._state) != living_visit(before):
            self.viewing.forget_visit()
        if living_visit(self._state) is not None:
            self.viewing.keep_language()
        elif living_visit(before) is not None:
            self.clock.stop()
            self.clock.end_visit()
        if isinstance(self._state, Idle | OutOfService) and not isinstance(before, Idle):
            self.viewing.reset_language()

    def _cause(self, effect: Effect) -> None:
        match effect:
            case StartVisit(visit, slot):
                self.clock.begin_visit()
                if slot is not None:
                    self._pool.begin(visit, Begin(visit, slot, self.viewing.view.use_case))
            case EndVisit():
                self._pool.end()
            case AskAgain():
                self._pool.tell(messages.AskAgain())
            case StartClock(visit, phase, duration):
                self.clock.start(TimeUp(visit, phase), self._at_most(phase, duration))
            case _:
                assert_never(effect)

    def _at_most(self, phase: Phase, duration: timedelta) -> timedelta:
        """Shorten the time of a verdict that the service wants off the screen earlier."""
        outcome = getattr(self._state, "outcome", None)
        if phase is not Phase.SHOWING or not isinstance(outcome, Verdict):
            return duration
        if outcome.display_until is None:
            return duration
        until = outcome.display_until - self._now()
        return min(duration, until) if until >= _SHORTEST_LOOK else duration

    @Slot(object)
    def _rang(self, purpose: object) -> None:
        if isinstance(purpose, TimeUp):
            self._happen(purpose)
        elif isinstance(self._state, OutOfService):
            self._retry()

    def _retry(self) -> None:
        self.clock.start(_Retry(), _RETRY_EVERY)
        self.renewal_wanted.emit()
