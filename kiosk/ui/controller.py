"""Runs the visit machine inside Qt: events in, effects out, one state.

What it knows about a person is what may be on the screen, and no longer than it is.
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
    Status,
    ToWindow,
    TypedReason,
)
from kiosk.domain.policy import ModePolicy
from kiosk.domain.problem import Problem
from kiosk.domain.transitions import advance, can_extend, may_read
from kiosk.domain.visit import (
    AskAgain,
    AskedAgain,
    CardForgotten,
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
    Reading,
    Showing,
    StartClock,
    Starting,
    StartVisit,
    State,
    TimeUp,
    Typing,
    TypingStarted,
    VisitId,
    current_visit,
    living_visit,
)
from kiosk.ports import Clock, ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from kiosk.ui.agents import AgentPool
from kiosk.ui.cards_seen import CardsSeen
from kiosk.ui.display_limit import DisplayLimit
from kiosk.ui.screens.parts import Act
from kiosk.ui.screens.view import View
from kiosk.ui.view_keeper import ViewKeeper
from kiosk.ui.visit_clock import VisitClock

_RETRY: Final = "retry"
_RETRY_EVERY: Final = timedelta(seconds=30)


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
        self.viewing = ViewKeeper(view, self)
        self.viewing.changed.connect(self._view_changed)
        self._state: State = Starting()
        self._visits = 0
        self._reader_fault: Problem | None = None
        self._agent_fault: Problem | None = None
        self._cards = CardsSeen(reads_found=policy.reads_found_cards)
        self._display = DisplayLimit(now, self.clock.now)
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
                if isinstance(self._state, OutOfService):
                    self._retry()
            case Act.MORE_TIME:
                visit = current_visit(self._state)
                if visit is not None:
                    self._happen(MoreTimeAsked(visit))
            case Act.CHECK_NUMBER:
                pass  # the digits come with ``type_number``
            case _:
                assert_never(act)

    @Slot(object, str)
    def type_number(self, digits: str, reason: str) -> None:
        """Give the typed digits to an agent; nothing of them stays here."""
        visit = current_visit(self._state)
        if visit is None or not isinstance(self._state, Typing):
            return
        self._happen(NumberTyped(visit))
        if isinstance(self.state, Checking):
            why = TypedReason(reason)
            self._pool.begin(visit, BeginTyped(visit, digits, why, self.viewing.view.use_case))

    @Slot(object)
    def readers_told(self, event: SlotEvent) -> None:
        """Take an event of the slot watch."""
        match event:
            case SlotFilled(slot, found):
                self._cards.came(slot, found=found)
                self._look_at_cards()
            case SlotEmptied(slot, gone):
                self._cards.went(slot, gone=gone)
                self._happen(CardRemoved(slot))
            case ReadersReady():
                self._reader_fault = None
                self._tell_faults()
            case ReadersLost(problem):
                self._reader_fault = problem
                self._tell_faults()
            case _:
                assert_never(event)

    @Slot()
    def give_up(self) -> None:
        """End what is going on: this program failed, or the machine slept."""
        self._happen(Dismissed())

    def _look_at_cards(self) -> None:
        """Read the card that waits, or ask for the one that was forgotten."""
        unread, forgotten = self._cards.unread(), self._cards.forgotten()
        if unread is not None and may_read(self._state, unread, self._policy):
            self._happen(CardInserted(self._next_visit(), unread))
        elif forgotten is not None and isinstance(self._state, Idle):
            self._happen(CardForgotten(self._next_visit(), forgotten))

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
                expected = isinstance(self._state, Reading | Checking)
                if expected and visit == living_visit(self._state) and self._policy.show_given_name:
                    self.viewing.see_name(given_name)
            case messages.Concluded(visit):
                self._happen(Concluded(visit, message.outcome))
            case Status():
                self.viewing.see_sources(message)
            case _:
                pass  # a pool tells of its waiting agents itself

    @Slot()
    def _agents_work(self) -> None:
        if self._agent_fault is not None:
            self._agent_fault = None
            self._tell_faults()

    @Slot(object)
    def _agents_fail(self, problem: Problem) -> None:
        self._agent_fault = problem
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
        before = self._state
        try:
            while self._events:
                self._step(self._events[0])
                self._events.popleft()
        finally:
            self._events.clear()
        if self._state != before:
            self.changed.emit()
            self._look_at_cards()

    def _step(self, event: Event) -> None:
        before = self._state
        self._state, effects = advance(before, event, self._policy)
        for effect in effects:
            self._cause(effect)
        if self._state != before:
            self._forget(before, event)
        if isinstance(self._state, OutOfService) and not isinstance(before, OutOfService):
            self.clock.start(_RETRY, _RETRY_EVERY)

    def _forget(self, before: State, event: Event) -> None:
        """Let go of what belonged to a question or a visit that is over."""
        visit = current_visit(self._state)
        if not isinstance(self._state, Reading | Checking):
            self.viewing.forget_name()
        if visit != current_visit(before):
            self.viewing.forget_visit()
        if visit is not None:
            self.viewing.keep_language()
        elif current_visit(before) is not None:
            self.clock.stop()
            self.clock.end_visit()
        over = isinstance(self._state, Idle | OutOfService)
        another = isinstance(event, CardInserted) and isinstance(self._state, Reading)
        if (over or another) and not isinstance(before, Idle):
            self.viewing.reset_language()

    @Slot()
    def _view_changed(self) -> None:
        if not self._events:  # else the state is on its way, and both are told at once
            self.changed.emit()

    def _cause(self, effect: Effect) -> None:
        match effect:
            case StartVisit(visit, slot):
                self.clock.begin_visit()
                if slot is not None:
                    self._cards.used(slot)
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
        if phase is not Phase.SHOWING or not isinstance(state := self._state, Showing):
            return duration
        if not state.extensions:
            self._display.begin(state.outcome)
        return self._display.at_most(duration)

    @Slot(object)
    def _rang(self, purpose: object) -> None:
        if isinstance(purpose, TimeUp):
            self._happen(purpose)
        elif isinstance(self._state, OutOfService):
            self._retry()

    def _retry(self) -> None:
        self.clock.start(_RETRY, _RETRY_EVERY)
        self.renewal_wanted.emit()
