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
    Status,
    ToAgent,
    ToWindow,
    TypedReason,
)
from kiosk.domain.problem import Problem, ProblemCode
from kiosk.domain.verdict import Colour, Guidance, SourceState, Tariff, UseCase, Verdict
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
LAMPS = (
    SourceState(group="population", state="ok"),
    SourceState(group="social", state="too-busy"),
)
OF_SERVICE = [code.code for code in ProblemCode if code.code.startswith("K4")]
TO_AGENT: list[ToAgent] = [
    *(Begin(VISIT, SlotName("r"), use_case) for use_case in UseCase),
    BeginTyped(VISIT, "1", TypedReason.CARD_FORGOTTEN, UseCase.UITPAS),
    AskAgain(),
]
TO_WINDOW: list[ToWindow] = [
    Ready(),
    Status(LAMPS, None),
    *(Status((), code) for code in OF_SERVICE),
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


def test_half_a_character_fits_in_no_line() -> None:
    with pytest.raises(MessageError) as caught:
        messages.line_of(Begin(VISIT, SlotName("Reader \ud800"), UseCase.UITPAS))
    assert caught.value.__cause__ is None
    assert "Reader" not in str(caught.value)


def test_an_outcome_is_a_verdict_or_a_problem() -> None:
    assert Concluded(VISIT, verdict=GREEN).outcome == GREEN
    assert Concluded(VISIT, problem="K202").outcome == Problem(ProblemCode.CARD_UNREADABLE)
    for wrong in ({}, {"verdict": GREEN, "problem": "K202"}, {"problem": "K000"}):
        with pytest.raises(ValueError, match="problem"):
            Concluded(VISIT, **wrong)


def test_a_typed_number_is_not_printed() -> None:
    assert CANARY not in repr(BeginTyped(VISIT, CANARY, TypedReason.OTHER, UseCase.UITPAS))


@pytest.mark.parametrize("reason", TypedReason)
def test_every_reason_for_typing_arrives(reason: TypedReason) -> None:
    typed = BeginTyped(VISIT, "1", reason, UseCase.UITPAS)
    assert messages.for_agent(messages.line_of(typed)) == typed


@pytest.mark.parametrize(
    ("field", "value"),
    [("use_case", "parking"), ("use_case", None), ("reason", "because"), ("reason", CANARY)],
)
def test_use_case_and_reason_are_closed_lists(field: str, value: object) -> None:
    typed = {"visit": 7, "digits": "1", "reason": "other", "use_case": "lez", "type": "begin-typed"}
    messages.for_agent(json.dumps(typed).encode())
    with pytest.raises(MessageError):
        messages.for_agent(json.dumps(typed | {field: value}).encode())
    without = {name: kept for name, kept in typed.items() if name != field}
    with pytest.raises(MessageError):
        messages.for_agent(json.dumps(without).encode())


def lamp(**changes: object) -> dict[str, object]:
    return {"group": "social", "state": "ok", **changes}


@pytest.mark.parametrize(
    "change",
    [
        {"sources": [lamp(group=CANARY)]},
        {"sources": [lamp(state=CANARY)]},
        {"sources": [lamp(group="")]},
        {"sources": [lamp(group="x" * 41)]},
        {"sources": [lamp(state="ok\n")]},
        {"sources": [lamp(reason="about somebody")]},
        {"sources": [lamp(retry_after_seconds=int(CANARY))]},
        {"sources": [lamp(retryable=True)]},
        {"sources": [lamp()] * (messages.MOST_SOURCES + 1)},
        {"sources": None},
        {"service": "K000"},
        {"service": "K201"},
        {"service": "K4"},
        {"service": CANARY},
        {"visit": 7},
    ],
    ids=repr,
)
def test_a_status_has_room_for_lamps_and_nothing_else(change: dict[str, object]) -> None:
    told = {"type": "status", "sources": [lamp()], "service": None}
    messages.for_window(json.dumps(told).encode())
    with pytest.raises(MessageError, match=r"^not a message$"):
        messages.for_window(json.dumps(told | change).encode())


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


def concluded(**changes: object) -> bytes:
    verdict = {"check_id": "c", "use_case": "lez", "colour": "green", "determined": True, **changes}
    return json.dumps({"type": "concluded", "visit": 7, "verdict": verdict}).encode()


@pytest.mark.parametrize(
    "change",
    [
        {"display_until": "2026-11-22T23:59:00"},
        *(
            {"tariff": {"code": "k", "label": {}, "pay_percent": percent}}
            for percent in (-1, 101, 2**63, 2**64)
        ),
    ],
    ids=repr,
)
def test_a_verdict_that_no_window_can_show_is_refused(change: dict[str, object]) -> None:
    messages.for_window(concluded(display_until="2026-11-22T23:59:00+01:00"))
    with pytest.raises(MessageError, match=r"^not a message$"):
        messages.for_window(concluded(**change))


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


WORDS = st.text("ab-1\n", max_size=4) | st.text()


@given(
    st.lists(st.fixed_dictionaries({"group": WORDS, "state": WORDS}), max_size=3),
    st.none() | st.sampled_from(OF_SERVICE) | st.text(),
)
def test_whatever_is_taken_for_a_status_holds_no_digit(
    sources: list[dict[str, str]], service: str | None
) -> None:
    line = json.dumps({"type": "status", "sources": sources, "service": service}).encode()
    try:
        taken = messages.for_window(line)
    except MessageError:
        return
    assert isinstance(taken, Status)
    assert not any(c.isdigit() for lamp in taken.sources for c in lamp.group + lamp.state)
