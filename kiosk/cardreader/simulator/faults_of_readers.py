"""Faults between card and program: readers that cut, garble, or help too much."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kiosk.cardreader.simulator.fault_kinds import (
    FaultKind,
    file,
    is_selected,
    number,
    position,
    status_word,
)
from kiosk.cardreader.simulator.plan import Forward, Plan

_READ: Final = bytes.fromhex("00B0")
_END_OF_FILE: Final = bytes.fromhex("6B00")
# One byte is no answer: PC/SC programs see a failed exchange with the card still there.
_GARBLED: Final = b"\x67"


def _resolves_length(plan: Plan, _: Sequence[str]) -> Plan:
    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if len(answer) == 2 and answer[0] == 0x6C:
            return forward(command[:4] + answer[1:])
        return answer

    return plan.wrapped(wrap)


def _refuses_256(plan: Plan, given: Sequence[str]) -> Plan:
    refusal = status_word(given[0]) if given else _GARBLED

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        is_full = command.startswith(_READ) and command[4:5] == b"\0"
        return refusal if is_full else forward(command)

    return plan.wrapped(wrap)


def _garbled(plan: Plan, given: Sequence[str]) -> Plan:
    at = position(given[0])

    def wrap(command_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        return _GARBLED if command_number == at else answer

    return plan.wrapped(wrap)


def _short_block(plan: Plan, given: Sequence[str]) -> Plan:
    at = position(given[0])

    def wrap(command_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        if command_number != at or len(answer) == 2:
            return answer
        return answer[: (len(answer) - 2) // 3] + answer[-2:]

    return plan.wrapped(wrap)


def _ends_early(plan: Plan, given: Sequence[str]) -> Plan:
    selected = is_selected(file(given[0]))
    end = number(given[1])
    word = status_word(given[2]) if len(given) > 2 else _END_OF_FILE

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        answer = forward(command)
        beyond = command.startswith(_READ) and int.from_bytes(command[2:4], "big") >= end
        return word if selected(command, answer) and beyond else answer

    return plan.wrapped(wrap)


OF_READERS: Final = (
    FaultKind("resolves-6c", (), "a reader that resolves 6Cxx: a short block", _resolves_length),
    FaultKind("refuses-256", ("[SW]",), "no full block: broken answer, or SW", _refuses_256),
    FaultKind("garbled", ("K",), "the answer to command K is broken, once", _garbled),
    FaultKind("short-block", ("K",), "a third of the answer to command K, once", _short_block),
    FaultKind(
        "ends-early", ("FILE", "BYTE", "[SW]"), "end of file from a byte on (6B00)", _ends_early
    ),
)
