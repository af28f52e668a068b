from __future__ import annotations

import contextlib
import copy
import dataclasses
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.domain.national_number import (
    InvalidNationalNumber,
    NationalNumber,
    NumberKind,
    Purpose,
    Wiped,
)
from tests.support.people import CANARY, number_text, person

WAYS_TO_SHOW: dict[str, Callable[[Any], str]] = {
    "str": str,
    "repr": repr,
    "format": "{}".format,
    "format with a spec": "{:>20}".format,
    "percent": lambda n: "%s %r" % (n, n),  # noqa: UP031 - one of the ways
    "inside a list": lambda n: repr([n]),
    "inside a dataclass": lambda n: repr(person()) + "hidden",
}


@pytest.mark.parametrize("show", WAYS_TO_SHOW.values(), ids=WAYS_TO_SHOW)
def test_showing_prints_a_mask(show: Callable[[Any], str]) -> None:
    shown = show(NationalNumber(CANARY))
    assert CANARY not in shown
    assert "hidden" in shown


WAYS_TO_DUPLICATE: dict[str, Callable[[Any], object]] = {
    "pickle": pickle.dumps,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "json": json.dumps,
    "hash": hash,
    "dict key": lambda n: {n: 1},
    "vars": vars,
    "asdict of the identity": lambda n: dataclasses.asdict(person()),
    "pickle of the identity": lambda n: pickle.dumps(person()),
    "bytes": bytes,
    "iteration": list,
}


@pytest.mark.parametrize("take", WAYS_TO_DUPLICATE.values(), ids=WAYS_TO_DUPLICATE)
def test_duplicating_is_refused(take: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        take(NationalNumber(CANARY))


def test_the_log_shows_a_mask(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        logging.getLogger("x").info("person %s / %r", person(), NationalNumber(CANARY))
    assert CANARY not in caplog.text


def test_a_refused_number_is_not_quoted_in_the_traceback() -> None:
    wrong = CANARY[:-1] + str((int(CANARY[-1]) + 1) % 10)
    with pytest.raises(InvalidNationalNumber) as caught:
        NationalNumber(wrong)
    assert wrong not in "".join(traceback.format_exception(caught.value))


def test_wiping_ends_disclosure() -> None:
    number = NationalNumber(CANARY)
    number.wipe()
    number.wipe()
    assert number.is_wiped
    with pytest.raises(Wiped):
        number.disclose(Purpose.ELIGIBILITY_QUESTION)
    with pytest.raises(Wiped):
        _ = number.kind


def test_a_person_is_wiped_with_its_number() -> None:
    proven = person()
    proven.wipe()
    assert proven.national_number.is_wiped


def test_equality_is_by_value_and_only_among_numbers() -> None:
    assert NationalNumber(CANARY) == NationalNumber(CANARY)
    assert NationalNumber(CANARY) != NationalNumber(number_text("856730", 35))
    assert NationalNumber(CANARY) != CANARY


@given(st.dates(), st.integers(1, 997), st.booleans(), st.sampled_from(["", ".", "-", " "]))
def test_every_well_formed_number_is_accepted(
    birth: Any, serial: int, from_2000: bool, gap: str
) -> None:
    text = number_text(f"{birth:%y%m%d}", serial, from_2000=from_2000)
    spaced = gap.join([text[:2], text[2:4], text[4:6], text[6:9], text[9:]])
    assert NationalNumber(spaced).disclose(Purpose.AUDIT_PSEUDONYM) == text


@pytest.mark.parametrize(
    ("month", "kind"),
    [
        *[(month, NumberKind.REGISTER) for month in (0, 1, 12, 13, 19, 33, 39, 53, 60, 73, 99)],
        *[(month, NumberKind.BIS) for month in (20, 21, 32, 40, 41, 52)],
        *[(month, NumberKind.TEST) for month in (61, 72)],
    ],
)
def test_the_month_tells_which_register(month: int, kind: NumberKind) -> None:
    assert NationalNumber(number_text(f"85{month:02d}30", 33)).kind is kind


@given(st.text(max_size=20) | st.text("0123456789", min_size=10, max_size=12))
def test_nonsense_is_refused_without_a_crash(text: str) -> None:
    with contextlib.suppress(InvalidNationalNumber):
        assert NationalNumber(text).disclose(Purpose.ELIGIBILITY_QUESTION).isdigit()


@given(st.integers(0, 10), st.integers(1, 9))
def test_a_typing_error_of_one_digit_is_always_found(place: int, shift: int) -> None:
    digits = list(CANARY)
    digits[place] = str((int(digits[place]) + shift) % 10)
    with pytest.raises(InvalidNationalNumber):
        NationalNumber("".join(digits))


@pytest.mark.parametrize("text", ["\u0661" * 11, "1" * 10, "1" * 12, "", "8567300332a"])
def test_other_digits_and_lengths_are_refused(text: str) -> None:
    with pytest.raises(InvalidNationalNumber):
        NationalNumber(text)
