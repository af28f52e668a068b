"""The messages both ends share."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.national_number import NationalNumber
from kiosk.domain.verdict import Colour, SourceState
from kiosk.service import contract
from kiosk.service.contract import NotUnderstood
from kiosk.service.verdicts import read_answer
from tests.support.people import CANARY

QUESTION: dict[str, Any] = {
    "useCase": "uitpas",
    "purpose": "urn:test",
    "subject": {"scheme": "be-nrn", "value": CANARY},
    "capture": {"method": "eid-chip", "proof": "chip"},
    "channel": {"kind": "desk", "deviceId": "dsk-1"},
}
ANSWER: dict[str, Any] = {
    "checkId": "c-1",
    "useCase": "uitpas",
    "verdict": "orange",
    "determined": False,
    "blockedBy": ["social"],
    "sources": [
        {"group": "social", "state": "unavailable", "reason": "timeout", "retryable": True}
    ],
    "guidance": [
        {"code": "COM-A09", "title": {"nl": "Later"}, "steps": {"nl": ["Probeer opnieuw"]}}
    ],
    "manualDecision": {"allowed": True, "roles": ["desk"], "evidence": ["attest-vt"]},
    "ruleSet": {"id": "uitpas", "version": "2026.2", "digest": "x", "effective": [None, None]},
    "displayUntil": "2026-11-22T10:13:14+01:00",
}


def test_a_question_survives_the_wire() -> None:
    question = contract.decode_as(json.dumps(QUESTION).encode(), contract.CheckRequest)
    assert json.loads(contract.encode(question)) == QUESTION


def test_an_id_is_never_taken_for_a_number() -> None:
    for _ in range(500):
        text = contract.new_id()
        assert str(uuid.UUID(text)) == text
        assert not re.search(r"\d{9}", text.replace("-", ""))


def test_an_answer_that_quotes_the_number_is_recognised() -> None:
    number = NationalNumber(CANARY)
    assert contract.quotes(number, f'{{"checkId": "{CANARY}"}}'.encode())
    assert not contract.quotes(number, json.dumps(ANSWER).encode())


@pytest.mark.parametrize("percent", [-500, -1, 101, 10**30])
def test_a_price_that_is_none_is_no_answer(percent: int) -> None:
    tariff = {"code": "kansentarief", "payPercent": percent}
    body = json.dumps(ANSWER | {"verdict": "green", "determined": True, "tariff": tariff}).encode()
    with pytest.raises(NotUnderstood):
        read_answer(body)


def test_a_question_does_not_print_its_number() -> None:
    question = contract.decode_as(json.dumps(QUESTION).encode(), contract.CheckRequest)
    assert CANARY not in repr(question)


def test_an_answer_becomes_a_verdict() -> None:
    verdict = read_answer(json.dumps(ANSWER).encode())
    assert verdict.colour is Colour.ORANGE
    assert not verdict.determined
    assert verdict.blocked_by == ("social",)
    assert verdict.sources[0].retryable
    assert verdict.guidance[0].steps == {"nl": ("Probeer opnieuw",)}
    assert verdict.manual_decision.evidence == ("attest-vt",)
    assert verdict.display_until is not None


@pytest.mark.parametrize("until", ["2026-11-22T23:59:00", "soon", 7, None])
def test_a_moment_without_a_time_zone_is_left_out(until: object) -> None:
    verdict = read_answer(json.dumps(ANSWER | {"displayUntil": until}).encode())
    assert verdict.display_until is None
    assert verdict.check_id == "c-1"


@pytest.mark.parametrize("colour", ["orange", "red", "purple", ""])
def test_only_a_green_carries_a_tariff(colour: str) -> None:
    reply = ANSWER | {"verdict": colour, "determined": True, "tariff": {"code": "kansentarief"}}
    assert read_answer(json.dumps(reply).encode()).tariff is None


@pytest.mark.parametrize("colour", ["orange", "red", "purple"])
def test_only_a_green_has_an_end(colour: str) -> None:
    validity = {"from": "2026-11-22", "until": "2027-04-30"}
    reply = ANSWER | {"verdict": colour, "determined": True, "validity": validity}
    assert read_answer(json.dumps(reply).encode()).valid_until is None
    green = json.dumps(reply | {"verdict": "green"}).encode()
    assert read_answer(green).valid_until == date(2027, 4, 30)


@pytest.mark.parametrize("colour", ["green", "red"])
@pytest.mark.parametrize("determined", [False, None, "yes", 1])
def test_a_colour_that_was_not_determined_is_no_answer(colour: str, determined: object) -> None:
    reply = ANSWER | {"verdict": colour, "determined": determined}
    with pytest.raises(NotUnderstood):
        read_answer(json.dumps(reply).encode())


GREEN: dict[str, Any] = ANSWER | {
    "verdict": "green",
    "determined": True,
    "tariff": {"code": "kansentarief", "payPercent": 20},
}


@pytest.mark.parametrize(
    "change",
    [
        {"tariff": "kansentarief"},
        {"tariff": {"code": None}},
        {"tariff": {"payPercent": 20}},
        {"tariff": {"code": "k", "payPercent": "20"}},
        {"tariff": {"code": "k", "payPercent": 20.5}},
        {"validity": "soon"},
        {"validity": {"until": "soon"}},
        {"validity": {"until": 20270430}},
        {"checkId": None},
        {"useCase": None},
        {"verdict": None},
    ],
    ids=repr,
)
def test_what_carries_the_verdict_is_read_strictly(change: dict[str, object]) -> None:
    with pytest.raises(NotUnderstood):
        read_answer(json.dumps(GREEN | change).encode())


@pytest.mark.parametrize(
    "change",
    [
        {"tariff": {"code": "k", "payPercent": 20.0, "label": None}},
        {"tariff": {"code": "k", "label": {"nl": None, "fr": "Tarif"}}},
        {"tariff": None},
        {"validity": {"until": "2027-04-30T00:00:00+02:00", "from": 3}},
        {"validity": {"until": None}},
        {"validity": None},
        {"guidance": None},
        {"guidance": "no"},
        {"guidance": [None, {"code": None}, {"code": "X", "title": None, "steps": "go"}]},
        {"guidance": [{"code": "X", "level": None, "title": {"nl": None}}]},
        {"sources": None},
        {"sources": [{"group": "a", "asOf": "2026-11-20", "retryAfterSeconds": 1.5}]},
        {"sources": [{"state": "ok"}, {"group": "a", "retryable": None, "state": None}]},
        {"blockedBy": None},
        {"blockedBy": [1, "social"]},
        {"manualDecision": {"allowed": None, "roles": None, "evidence": None}},
        {"manualDecision": "no"},
        {"displayUntil": "soon"},
        {"ruleSet": "uitpas-2026"},
        {"correlationId": 7},
    ],
    ids=repr,
)
def test_what_only_helps_takes_no_verdict_from_anybody(change: dict[str, object]) -> None:
    assert read_answer(json.dumps(GREEN | change).encode()).colour is Colour.GREEN


def test_an_orange_need_not_say_that_it_is_open() -> None:
    reply = {name: value for name, value in ANSWER.items() if name != "determined"}
    assert not read_answer(json.dumps(reply).encode()).determined


def without(path: str) -> bytes:
    question = json.loads(json.dumps(QUESTION))
    *above, last = path.split(".")
    place = question
    for name in above:
        place = place[name]
    del place[last]
    return json.dumps(question).encode()


@pytest.mark.parametrize(
    "body",
    [
        *map(without, ("useCase", "purpose", "subject", "subject.value", "capture", "channel")),
        json.dumps(QUESTION | {"subject": {"scheme": "be-nrn", "value": "1" * 11}}).encode(),
        json.dumps(QUESTION | {"subject": {"scheme": "be-nrn", "value": int(CANARY)}}).encode(),
        json.dumps(QUESTION | {"subject": {"scheme": "be-nrn", "value": "." + CANARY}}).encode(),
        CANARY.encode(),
        f'"{CANARY}"'.encode(),
        b"[" * 100_000,
        b"\xff",
        b"",
    ],
    ids=range(14),
)
def test_what_is_no_question_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        contract.decode_as(body, contract.CheckRequest)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@given(st.sampled_from(sorted(ANSWER)), json_values)
def test_any_value_anywhere_is_an_answer_or_refused(name: str, value: object) -> None:
    body = json.dumps(ANSWER | {name: value}).encode()
    try:
        verdict = read_answer(body)
    except NotUnderstood:
        return
    assert verdict.determined or verdict.colour is Colour.ORANGE


@given(st.binary(max_size=100))
def test_any_bytes_are_an_answer_or_refused(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read_answer(body)


LAMP: dict[str, Any] = {"group": "social", "state": "ok"}


def lamps(*sources: object, **more: object) -> bytes:
    return json.dumps({"sources": sources, **more}).encode()


def test_the_lamps_survive_the_wire() -> None:
    reply = contract.SourceStatusReply(
        sources=(
            contract.LampReply(group="population", state="ok"),
            contract.LampReply(group="social", state="too-busy"),
        )
    )
    assert contract.read_source_status(contract.encode(reply)) == (
        SourceState(group="population", state="ok"),
        SourceState(group="social", state="too-busy"),
    )


@pytest.mark.parametrize(
    "state", ["ok", "unavailable", "refused", "too-busy", "not-configured", "unknown"]
)
def test_the_states_of_a_lamp(state: str) -> None:
    body = lamps(LAMP | {"state": state, "reason": CANARY, "new": [1]}, asOf=CANARY)
    assert contract.read_source_status(body) == (SourceState(group="social", state=state),)


@pytest.mark.parametrize("state", ["no-data", "green", "x" * 40])
def test_a_state_of_a_later_version_is_unknown(state: str) -> None:
    (lamp,) = contract.read_source_status(lamps(LAMP | {"state": state}))
    assert lamp.state == "unknown"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"<html>",
        b"null",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b'{"sources": null}',
        b'{"sources": {"social": "ok"}}',
        b'{"groups": []}',
        lamps("social"),
        lamps({"group": "social"}),
        lamps({"state": "ok"}),
        lamps(LAMP | {"state": None}),
        lamps(LAMP | {"state": 1}),
        lamps(LAMP | {"state": ""}),
        lamps(LAMP | {"state": "OK"}),
        lamps(LAMP | {"state": "x" * 41}),
        lamps(LAMP | {"state": CANARY}),
        lamps(LAMP | {"group": CANARY}),
        lamps(LAMP | {"group": "social\n"}),
        lamps(LAMP | {"group": "Sociale bron"}),
        lamps(LAMP | {"group": int(CANARY)}),
        lamps(LAMP, LAMP),
        lamps(*({"group": "g" * n, "state": "ok"} for n in range(1, 18))),
    ],
    ids=range(25),
)
def test_what_are_no_lamps_is_refused_without_a_word_of_it(body: bytes) -> None:
    with pytest.raises(NotUnderstood) as caught:
        contract.read_source_status(body)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_sixteen_lamps_are_the_most() -> None:
    body = lamps(*({"group": "g" * n, "state": "ok"} for n in range(1, 17)))
    assert len(contract.read_source_status(body)) == 16


@given(st.sampled_from(["sources", "group", "state"]), json_values)
def test_any_value_anywhere_is_lamps_or_refused(name: str, value: object) -> None:
    body = lamps(**{name: value}) if name == "sources" else lamps(LAMP | {name: value})
    try:
        read = contract.read_source_status(body)
    except NotUnderstood:
        return
    assert not any(c.isdigit() for lamp in read for c in lamp.group + lamp.state)


@given(st.binary(max_size=100))
def test_any_bytes_are_lamps_or_refused(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        contract.read_source_status(body)


def test_something_that_is_no_number_is_not_disclosed() -> None:
    class Other(contract.CheckRequest, frozen=True, kw_only=True):
        extra: object

    question = contract.decode_as(json.dumps(QUESTION).encode(), contract.CheckRequest)
    fields = {name: getattr(question, name) for name in question.__struct_fields__}
    with pytest.raises(NotImplementedError):
        contract.encode(Other(**fields, extra=object()))
