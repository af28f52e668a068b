"""What an agent and the window may say to each other, and nothing else."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.agent import messages
from kiosk.agent.messages import (
    AskAgain,
    Begin,
    BeginTyped,
    CardHolder,
    Concluded,
    MessageError,
    Proceeding,
    Progress,
    Ready,
    ToAgent,
    ToWindow,
)
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, Tariff, Verdict
from kiosk.domain.visit import SlotName, VisitId
from tests.support.people import CANARY

VISIT = VisitId(7)
GREEN = Verdict(
    check_id="c-1",
    use_case="uitpas",
    colour=Colour.GREEN,
    determined=True,
    tariff=Tariff(code="kansentarief", pay_percent=20, label={"nl": "Kansentarief"}),
    guidance=(Guidance(code="UIT-G01", title={"nl": "Toekennen"}, steps={"nl": ("Doe dit",)}),),
)
TO_AGENT: list[ToAgent] = [Begin(VISIT, SlotName("r")), BeginTyped(VISIT, "1", "lost"), AskAgain()]
TO_WINDOW: list[ToWindow] = [
    Ready(),
    Proceeding(VISIT, Progress.READING),
    CardHolder(VISIT, "Canaria"),
    Concluded(VISIT, verdict=GREEN),
    *(Concluded(VISIT, problem=code.code) for code in ProblemCode),
]


@pytest.mark.parametrize("message", TO_AGENT, ids=repr)
def test_what_the_window_says_arrives(message: ToAgent) -> None:
    assert messages.for_agent(messages.line_of(message)) == message


@pytest.mark.parametrize("message", TO_WINDOW, ids=repr)
def test_what_the_agent_says_arrives(message: ToWindow) -> None:
    assert messages.for_window(messages.line_of(message)) == message


@pytest.mark.parametrize("message", TO_WINDOW, ids=repr)
def test_no_direction_takes_the_messages_of_the_other(message: ToWindow) -> None:
    with pytest.raises(MessageError):
        messages.for_agent(messages.line_of(message))


def test_an_outcome_is_a_verdict_or_a_problem() -> None:
    assert Concluded(VISIT, verdict=GREEN).outcome == GREEN
    assert Concluded(VISIT, problem="K202").outcome == Problem(ProblemCode.CARD_UNREADABLE)
    for wrong in ({}, {"verdict": GREEN, "problem": "K202"}, {"problem": "K000"}):
        with pytest.raises(ValueError, match="problem"):
            Concluded(VISIT, **wrong)


def test_a_typed_number_is_not_printed() -> None:
    assert CANARY not in repr(BeginTyped(VISIT, CANARY, "card lost"))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"type":"concluded","visit":7}',
        b'{"type":"concluded","visit":7,"problem":"K000"}',
        b'{"type":"ready","number":"x"}',
        b'{"type":"proceeding","visit":7,"step":"dancing"}',
        b'{"type":"elsewhere"}',
        b"[" * 60_000,
        b'{"type":"card-holder","visit":7,"given_name":"' + b"x" * messages.LONGEST_LINE + b'"}',
    ],
    ids=range(10),
)
def test_anything_else_is_refused_without_being_quoted(line: bytes) -> None:
    with pytest.raises(MessageError, match=r"^not a message$") as caught:
        messages.for_window(line)
    assert caught.value.__cause__ is None


def test_a_line_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(MessageError):
        messages.line_of(CardHolder(VISIT, "x" * messages.LONGEST_LINE))


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(line: bytes) -> None:
    for read in (messages.for_agent, messages.for_window):
        with contextlib.suppress(MessageError):
            read(line)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
        max_leaves=10,
    )
)
def test_any_json_is_a_message_or_refused(value: object) -> None:
    for tag in ("begin", "begin-typed", "ask-again", "ready", "concluded"):
        line = json.dumps({"type": tag, "visit": value, "verdict": value}).encode()
        for read in (messages.for_agent, messages.for_window):
            with contextlib.suppress(MessageError):
                read(line)
