"""The controller: the visit machine with Qt's signals, timers and agents around it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pytestqt.qtbot import QtBot

from kiosk.agent.messages import (
    Begin,
    BeginTyped,
    CardHolder,
    Concluded,
    Proceeding,
    Progress,
    Status,
    TypedReason,
)
from kiosk.bootstrap.policy import mode_policy
from kiosk.domain.policy import Mode, ModePolicy
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, SourceState, UseCase, Verdict
from kiosk.domain.visit import (
    AwaitingRemoval,
    Checking,
    Idle,
    OutOfService,
    Reading,
    Showing,
    SlotName,
    Starting,
    State,
    Typing,
    VisitId,
)
from kiosk.ports import ReadersLost, ReadersReady, SlotEmptied, SlotEvent, SlotFilled
from kiosk.ui import visit_clock
from kiosk.ui.agents import AgentPool
from kiosk.ui.controller import Controller
from kiosk.ui.screens.parts import Act
from kiosk.ui.screens.view import Language, View

A, B = SlotName("reader A"), SlotName("reader B")
V1, V2 = VisitId(1), VisitId(2)
PULLED = Showing(V1, Problem(ProblemCode.CARD_REMOVED_EARLY), None, asked=False)
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DESK, SELF_SERVICE = mode_policy(Mode.DESK), mode_policy(Mode.SELF_SERVICE)
NO_READER = ReadersLost(Problem(ProblemCode.NO_READER))
GREEN = Verdict(check_id="answer-1", use_case="uitpas", colour=Colour.GREEN, determined=True)
NUMBER = "85613001239"


class Terminal:
    """A controller whose agents say what the test says."""

    def __init__(self, policy: ModePolicy) -> None:
        self.pool = AgentPool([sys.executable, "-c", ""])
        view = View(
            language=Language.DUTCH,
            languages=tuple(Language),
            use_case=UseCase.UITPAS,
            use_cases=(UseCase.UITPAS, UseCase.LEZ),
        )
        self.controller = Controller(self.pool, policy, view, lambda: NOON, None)

    def told(self, *events: SlotEvent) -> None:
        for event in events:
            self.controller.readers_told(event)

    def said(self, *messages: object) -> None:
        for message in messages:
            self.pool.said.emit(message)

    def state(self) -> State:
        return self.controller.state

    def view(self) -> View:
        return self.controller.view

    def begun(self) -> object:
        """What an agent was, or will be, given."""
        return self.pool._begin


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Terminal]:
    yield (terminal := Terminal(DESK))
    terminal.controller.clock.stop()


@pytest.fixture
def alone(qtbot: QtBot) -> Iterator[Terminal]:
    yield (terminal := Terminal(SELF_SERVICE))
    terminal.controller.clock.stop()


def test_a_visit_from_card_to_verdict(desk: Terminal) -> None:
    controller = desk.controller
    assert desk.state() == Starting()
    desk.told(ReadersReady((A,)))
    assert desk.state() == Idle()
    desk.told(SlotFilled(A))
    assert desk.state() == Reading(V1, A)
    assert desk.begun() == Begin(V1, A, UseCase.UITPAS)
    desk.said(Proceeding(V1, Progress.READING))
    assert desk.view().step is Progress.READING
    desk.said(CardHolder(V1, "Mila"), Proceeding(V1, Progress.ASKING))
    assert desk.state() == Checking(V1, A)
    assert desk.view().given_name == "Mila"
    desk.said(Concluded(V1, verdict=GREEN))
    assert desk.state() == Showing(V1, GREEN, A, asked=True)
    assert desk.view().given_name == ""
    assert controller.clock.total() == DESK.verdict_stays.total_seconds()
    controller.act(Act.DONE)
    assert desk.state() == AwaitingRemoval(V1, A)
    assert desk.view().step is None
    assert controller.clock.total() == 0
    desk.told(SlotEmptied(A))
    assert desk.state() == Idle()


def test_that_another_program_has_the_card_is_told_when_it_takes_long(
    desk: Terminal, qtbot: QtBot
) -> None:
    viewing = desk.controller.viewing
    viewing._wait_timer.setInterval(1)
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.said(Proceeding(V1, Progress.WAITING_FOR_CARD))
    assert desk.view().step is None
    qtbot.waitUntil(lambda: desk.view().step is Progress.WAITING_FOR_CARD)
    desk.said(Proceeding(V1, Progress.WAITING_FOR_CARD), Proceeding(V1, Progress.READING))
    assert not viewing._wait_timer.isActive()
    assert desk.view().step is Progress.READING


def test_self_service_knows_no_name(alone: Terminal) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    alone.said(CardHolder(V1, "Mila"), Proceeding(V1, Progress.ASKING))
    assert alone.view().given_name == ""


def test_messages_about_another_visit_change_nothing(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    before = desk.state(), desk.view()
    desk.said(
        CardHolder(V2, "Mila"),
        Proceeding(V2, Progress.READING),
        Proceeding(V2, Progress.ASKING),
        Concluded(V2, verdict=GREEN),
    )
    assert (desk.state(), desk.view()) == before


def test_a_verdict_that_comes_after_the_card_is_gone_is_never_shown(alone: Terminal) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    alone.said(Proceeding(V1, Progress.ASKING))
    alone.told(SlotEmptied(A))
    alone.said(Concluded(V1, verdict=GREEN))
    assert alone.state() == PULLED


def test_a_card_that_came_too_early_is_read_when_the_screen_is_free(alone: Terminal) -> None:
    alone.told(ReadersReady((A, B)), SlotFilled(A), SlotFilled(B))
    assert alone.state() == Reading(V1, A)
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    alone.told(SlotEmptied(A))
    assert alone.state() == Reading(V2, B)


def test_a_card_that_came_too_early_and_went_is_not_read(alone: Terminal) -> None:
    alone.told(ReadersReady((A, B)), SlotFilled(A), SlotFilled(B), SlotEmptied(B))
    alone.said(Proceeding(V1, Progress.ASKING))
    alone.told(SlotEmptied(A))
    assert alone.state() == PULLED


def test_a_card_that_was_in_when_agents_failed_is_read_when_they_work(desk: Terminal) -> None:
    desk.pool.failing.emit(Problem(ProblemCode.AGENT_LOST))
    desk.told(ReadersReady((A,)), SlotFilled(A))
    assert desk.state() == OutOfService(Problem(ProblemCode.AGENT_LOST))
    desk.pool.ready.emit()
    assert isinstance(desk.state(), Reading)


def test_failing_agents_come_before_a_missing_reader(desk: Terminal) -> None:
    desk.told(NO_READER)
    assert desk.state() == OutOfService(NO_READER.problem)
    desk.pool.failing.emit(Problem(ProblemCode.AGENT_LOST))
    assert desk.state() == OutOfService(Problem(ProblemCode.AGENT_LOST))
    desk.pool.ready.emit()
    assert desk.state() == OutOfService(NO_READER.problem)
    desk.told(ReadersReady((A,)))
    assert desk.state() == Idle()


def test_out_of_service_looks_for_readers_by_itself_and_when_asked(
    desk: Terminal, qtbot: QtBot
) -> None:
    desk.told(NO_READER)
    assert desk.controller.clock.total() == 30
    with qtbot.waitSignal(desk.controller.renewal_wanted, timeout=0):
        desk.controller.act(Act.TRY_NOW)
    with qtbot.waitSignal(desk.controller.renewal_wanted, timeout=0):
        desk.controller.clock.up.emit(desk.controller.clock._purpose)
    assert desk.controller.clock.left() > 29


def test_a_typed_number_goes_to_an_agent_and_stays_nowhere(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)))
    desk.controller.act(Act.TYPE_NUMBER)
    assert desk.state() == Typing(V1)
    assert desk.begun() is None
    desk.controller.type_number(NUMBER, TypedReason.CARD_FORGOTTEN.value)
    assert desk.state() == Checking(V1, None)
    assert desk.begun() == BeginTyped(V1, NUMBER, TypedReason.CARD_FORGOTTEN, UseCase.UITPAS)
    desk.controller.act(Act.STOP)
    assert desk.state() == Idle()
    assert desk.begun() is None


def test_a_number_typed_when_nobody_is_typing_is_dropped(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)))
    desk.controller.type_number(NUMBER, TypedReason.OTHER.value)
    assert (desk.state(), desk.begun()) == (Idle(), None)
    desk.told(SlotFilled(A))
    begun = desk.begun()
    desk.controller.type_number(NUMBER, TypedReason.OTHER.value)
    assert desk.begun() is begun


def test_the_next_visit_asks_about_the_use_case_that_was_chosen(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)))
    desk.controller.viewing.choose_use_case("lez")
    desk.controller.viewing.choose_use_case("school")  # not asked at this terminal
    desk.told(SlotFilled(A))
    assert desk.begun() == Begin(V1, A, UseCase.LEZ)
    desk.told(SlotEmptied(A))
    desk.controller.act(Act.DONE)
    assert desk.view().use_case is UseCase.LEZ


def test_a_language_stays_until_the_card_is_out(alone: Terminal) -> None:
    viewing = alone.controller.viewing
    alone.told(ReadersReady((A,)))
    viewing.choose_language("en")
    assert viewing._language_timer.isActive()
    alone.told(SlotFilled(A))
    assert not viewing._language_timer.isActive()
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    alone.controller.act(Act.DONE)
    assert alone.view().language is Language.ENGLISH
    alone.told(SlotEmptied(A))
    assert alone.view().language is Language.DUTCH


def test_a_language_that_nobody_uses_goes(alone: Terminal, qtbot: QtBot) -> None:
    viewing = alone.controller.viewing
    viewing._language_timer.setInterval(1)
    viewing.choose_language("en")
    qtbot.waitUntil(lambda: alone.view().language is Language.DUTCH)


def test_more_time_is_offered_while_the_card_is_in(alone: Terminal) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    assert not alone.view().can_extend
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    assert alone.view().can_extend
    for _ in range(10):
        alone.controller.act(Act.MORE_TIME)
    assert not alone.view().can_extend


def test_more_time_without_a_visit_changes_nothing(alone: Terminal) -> None:
    alone.controller.act(Act.MORE_TIME)
    assert alone.state() == Starting()


@pytest.mark.parametrize(
    ("until", "seconds"),
    [
        (NOON + timedelta(seconds=90), 90),
        (NOON + timedelta(minutes=15), 300),
        (NOON - timedelta(hours=1), 300),  # a clock is wrong; the verdict is new
        (None, 300),
    ],
)
def test_a_verdict_goes_when_the_service_says(
    desk: Terminal, until: datetime | None, seconds: float
) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    shown = replace(GREEN, display_until=until)
    desk.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=shown))
    assert desk.controller.clock.total() == pytest.approx(seconds, abs=0.1)


def test_the_clock_ends_the_phase_it_was_started_for(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    clock = desk.controller.clock
    clock.up.emit(clock._purpose)
    assert desk.state() == Showing(V1, Problem(ProblemCode.CARD_SILENT), A, asked=False)
    clock.up.emit("something else")
    assert isinstance(desk.state(), Showing)


def test_again_after_the_agent_was_lost_reads_the_card(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.said(Proceeding(V1, Progress.ASKING), Concluded(V1, problem="K902"))
    desk.controller.act(Act.AGAIN)
    assert isinstance(desk.state(), Reading)


def test_again_is_asked_of_an_agent_that_is_there_or_said_to_be_lost(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.said(Proceeding(V1, Progress.ASKING), Concluded(V1, problem="K402"))
    desk.controller.act(Act.AGAIN)  # nobody has an agent in this test
    assert desk.state() == Showing(V1, Problem(ProblemCode.AGENT_LOST), A, asked=False)
    assert desk.controller.clock.total() == DESK.problem_stays.total_seconds()


def test_the_lamps_are_those_of_the_last_status(desk: Terminal) -> None:
    lamps = (SourceState(group="social", state="ok"),)
    desk.said(Status(lamps, None))
    assert desk.view().sources == lamps
    assert desk.view().service_answers is True
    desk.said(Status((), "K401"))
    assert desk.view().sources == ()
    assert desk.view().service_answers is False


def test_giving_up_ends_the_visit(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.controller.give_up()
    assert desk.state() == AwaitingRemoval(V1, A)


HICCUP = (
    SlotEmptied(A, gone=True),
    ReadersLost(Problem(ProblemCode.PCSC_DOWN)),
    ReadersReady((A,)),
    SlotFilled(A, found=True),
)
"""What a restart of PC/SC looks like; nobody touched the card."""


def test_a_card_that_had_its_visit_is_not_read_again_by_a_hiccup(alone: Terminal) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    alone.controller.act(Act.DONE)
    alone.told(*HICCUP)
    assert isinstance(alone.state(), AwaitingRemoval)
    alone.told(SlotEmptied(A))
    assert alone.state() == Idle()
    alone.told(SlotFilled(A))
    assert isinstance(alone.state(), Reading)


def test_a_hiccup_never_puts_an_old_answer_before_somebody_else(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    desk.controller.act(Act.DONE)
    desk.controller.act(Act.TYPE_NUMBER)
    desk.controller.type_number(NUMBER, TypedReason.OTHER.value)
    red = replace(GREEN, check_id="answer-2", colour=Colour.RED)
    desk.said(Concluded(V2, verdict=red))
    desk.told(*HICCUP)
    assert desk.state() == Showing(V2, red, None, asked=True)
    desk.controller.act(Act.DONE)
    assert isinstance(desk.state(), AwaitingRemoval)  # the first card is still in


def test_failing_agents_do_not_have_a_forgotten_card_read_again(alone: Terminal) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    alone.controller.act(Act.DONE)
    alone.pool.failing.emit(Problem(ProblemCode.AGENT_LOST))
    alone.told(SlotFilled(A, found=True))  # a new monitor tells everything again
    alone.pool.ready.emit()
    assert isinstance(alone.state(), AwaitingRemoval)


def test_a_card_that_is_there_at_the_start_is_read_at_the_desk_only(
    desk: Terminal, alone: Terminal
) -> None:
    for terminal in (desk, alone):
        terminal.told(ReadersReady((A,)), SlotFilled(A, found=True))
    assert isinstance(desk.state(), Reading)
    assert isinstance(alone.state(), AwaitingRemoval)


def test_at_the_desk_a_waiting_card_is_read_when_the_other_is_out(desk: Terminal) -> None:
    desk.told(ReadersReady((A, B)), SlotFilled(A))
    desk.said(Proceeding(V1, Progress.ASKING))
    desk.told(SlotFilled(B))
    assert desk.state() == Checking(V1, A)
    desk.told(SlotEmptied(A))
    assert desk.state() == Reading(V2, B)


def test_a_name_stays_no_longer_than_the_question(desk: Terminal) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    desk.said(CardHolder(V1, "Mila"))
    desk.told(SlotEmptied(A))  # pulled before the question
    assert desk.view().given_name == ""
    desk.said(CardHolder(V1, "Mila"))
    assert desk.view().given_name == ""
    desk.told(SlotFilled(A))
    desk.said(Proceeding(V2, Progress.ASKING), Concluded(V2, verdict=GREEN))
    desk.said(CardHolder(V2, "Mila"))
    assert desk.view().given_name == ""


def test_more_time_does_not_go_beyond_what_the_service_allows(
    alone: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.told(ReadersReady((A,)), SlotFilled(A))
    shown = replace(GREEN, display_until=NOON + timedelta(seconds=45))
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=shown))
    began = alone.controller.clock.now()
    monkeypatch.setattr(visit_clock, "_now", lambda: began + 30)
    alone.controller.act(Act.MORE_TIME)
    assert alone.controller.clock.total() == pytest.approx(15, abs=0.1)


def test_the_next_person_at_another_reader_has_the_terminals_language(alone: Terminal) -> None:
    alone.told(ReadersReady((A, B)))
    alone.controller.viewing.choose_language("en")
    alone.told(SlotFilled(A))
    alone.said(Proceeding(V1, Progress.ASKING), Concluded(V1, verdict=GREEN))
    alone.controller.act(Act.DONE)
    assert alone.view().language is Language.ENGLISH
    alone.told(SlotFilled(B))
    assert alone.view().language is Language.DUTCH


def test_to_try_now_is_for_a_terminal_out_of_service(desk: Terminal, qtbot: QtBot) -> None:
    desk.told(ReadersReady((A,)), SlotFilled(A))
    with qtbot.assertNotEmitted(desk.controller.renewal_wanted):
        desk.controller.act(Act.TRY_NOW)
    assert desk.controller.clock.total() == DESK.read_deadline.total_seconds()
