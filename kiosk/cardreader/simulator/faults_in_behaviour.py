"""Faults in how a card answers: pulled, silent, slow, another card, a copied chip."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from kiosk.cardreader.simulator.certificates import public_bytes
from kiosk.cardreader.simulator.fault_kinds import FaultKind, position, status_word
from kiosk.cardreader.simulator.issue import CardImage
from kiosk.cardreader.simulator.keystore import new_ec_key
from kiosk.cardreader.simulator.layout import File, Folder
from kiosk.cardreader.simulator.plan import Forward, Plan, Pulled, ResetElsewhere, Silent

_NOT_FOUND: Final = bytes.fromhex("6A82")
_CONDITIONS: Final = bytes.fromhex("6985")
_OK: Final = bytes.fromhex("9000")
_UNLIKE_EID: Final = bytes.fromhex("3B6500002063CB6800")
"""The answer to reset of many a bank card."""
_SELECT: Final = bytes.fromhex("00A4")
_SELECT_NAME: Final = bytes.fromhex("00A404")
_CARD_DATA: Final = bytes.fromhex("80E4")
_CHALLENGE: Final = bytes.fromhex("0088")
_GET_RESPONSE: Final = bytes.fromhex("00C0")
_OLD_DIGEST: Final = bytes(range(48))


def _pull(plan: Plan, given: Sequence[str]) -> Plan:
    at = position(given[0])
    done = False

    def wrap(number: int, forward: Forward, command: bytes) -> bytes:
        nonlocal done
        if number == at and not done:  # who puts the card in again is more careful
            done = True
            raise Pulled
        return forward(command)

    return plan.wrapped(wrap)


def _silence(plan: Plan, given: Sequence[str]) -> Plan:
    since = position(given[0])

    def wrap(number: int, forward: Forward, command: bytes) -> bytes:
        if number >= since:
            raise Silent
        return forward(command)

    return plan.wrapped(wrap)


def _delay(plan: Plan, given: Sequence[str]) -> Plan:
    seconds = float(given[0])
    if not 0 <= seconds < 3600:
        raise ValueError(given[0])

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        time.sleep(seconds)
        return forward(command)

    return plan.wrapped(wrap)


def _reset(plan: Plan, given: Sequence[str]) -> Plan:
    at = position(given[0])
    done = False

    def wrap(number: int, forward: Forward, command: bytes) -> bytes:
        nonlocal done
        if number == at and not done:
            done = True
            raise ResetElsewhere
        return forward(command)

    return plan.wrapped(wrap)


def _status(plan: Plan, given: Sequence[str]) -> Plan:
    at, word = position(given[0]), status_word(given[1])

    def wrap(number: int, forward: Forward, command: bytes) -> bytes:
        return word if number == at else forward(command)

    return plan.wrapped(wrap)


def _mute(plan: Plan, _: Sequence[str]) -> Plan:
    return replace(plan, atr=b"")


def _wrong_atr(plan: Plan, given: Sequence[str]) -> Plan:
    atr = bytes.fromhex(given[0]) if given else _UNLIKE_EID
    if not 2 <= len(atr) <= 33:
        raise ValueError(given)
    return replace(plan, atr=atr)


def _not_an_eid(plan: Plan, _: Sequence[str]) -> Plan:
    def wrap(_number: int, _forward: Forward, command: bytes) -> bytes:
        return _NOT_FOUND if command.startswith(_SELECT) else bytes.fromhex("6D00")

    return replace(plan, atr=_UNLIKE_EID).wrapped(wrap)


def _not_activated(plan: Plan, given: Sequence[str]) -> Plan:
    word = status_word(given[0]) if given else _CONDITIONS

    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        in_id_folder = command.startswith(_SELECT) and Folder.ID.path[2:] in command[5:]
        return word if in_id_folder and len(command) > 9 else forward(command)

    return plan.wrapped(wrap)


def _refuses(command_wanted: bytes) -> Callable[[Plan, Sequence[str]], Plan]:
    def put_on(plan: Plan, given: Sequence[str]) -> Plan:
        word = status_word(given[0]) if given else _CONDITIONS

        def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
            return word if command.startswith(command_wanted) else forward(command)

        return plan.wrapped(wrap)

    return put_on


def _challenge_answer(change: Callable[[bytes], bytes]) -> Callable[[Plan, Sequence[str]], Plan]:
    def put_on(plan: Plan, _: Sequence[str]) -> Plan:
        def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
            answer = forward(command)
            collected = command.startswith(_GET_RESPONSE) and answer.endswith(_OK)
            return change(answer[:-2]) + _OK if collected else answer

        return plan.wrapped(wrap)

    return put_on


def _chip_repeats(plan: Plan, _: Sequence[str]) -> Plan:
    def wrap(_number: int, forward: Forward, command: bytes) -> bytes:
        is_challenge = command.startswith(_CHALLENGE)
        return forward(command[:7] + _OLD_DIGEST if is_challenge else command)

    return plan.wrapped(wrap)


def _other_key(image: CardImage) -> CardImage:
    return replace(image, basic_key=new_ec_key() if image.basic_key else None)


def _own_key(image: CardImage) -> CardImage:
    key = new_ec_key()
    files = {**image.files, File.BASIC_KEY.path: public_bytes(key)}
    return replace(image, files=files, basic_key=key)


BEHAVIOUR: Final = (
    FaultKind("pull", ("K",), "pulled out when command K comes (from 1), once", _pull),
    FaultKind("silence", ("K",), "answers nothing from command K on", _silence),
    FaultKind("delay", ("SECONDS",), "takes so long for every command", _delay),
    FaultKind("reset", ("K",), "another program resets the card before command K, once", _reset),
    FaultKind("status", ("K", "SW"), "answers command K with this status word only", _status),
    FaultKind("mute", (), "gives no answer to reset", _mute),
    FaultKind("wrong-atr", ("[ATR]",), "an eID with another answer to reset", _wrong_atr),
    FaultKind("not-an-eid", (), "some other card, such as a bank's", _not_an_eid),
    FaultKind("not-activated", ("[SW]",), "refuses its files (6985)", _not_activated),
    FaultKind("refuses-applet", ("[SW]",), "refuses to select (6985)", _refuses(_SELECT_NAME)),
    FaultKind("refuses-card-data", ("[SW]",), "refuses its card data (6985)", _refuses(_CARD_DATA)),
    FaultKind(
        "chip-copied",
        (),
        "a copy without the private key: another key signs the challenge",
        lambda plan, _: plan.spoiled(_other_key),
    ),
    FaultKind(
        "chip-own-key",
        (),
        "a copy with a key pair of its own in file 4040",
        lambda plan, _: plan.spoiled(_own_key),
    ),
    FaultKind("chip-refuses", ("[SW]",), "refuses the challenge (6985)", _refuses(_CHALLENGE)),
    FaultKind("chip-repeats", (), "answers an old challenge again", _chip_repeats),
    FaultKind(
        "chip-zeroes",
        (),
        "answers the challenge with zeros",
        _challenge_answer(lambda answer: bytes(len(answer))),
    ),
    FaultKind(
        "chip-cut",
        (),
        "answers the challenge one byte short",
        _challenge_answer(lambda answer: answer[:-1]),
    ),
    FaultKind(
        "chip-empty",
        (),
        "answers the challenge with nothing, and calls it a success",
        _challenge_answer(lambda _: b""),
    ),
)
"""``K`` counts commands since the card was put in; ``pull`` and ``reset`` happen once."""
