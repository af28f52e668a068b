"""What a target is: where its inputs begin, and what must hold for every one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.cardreader import eid, trust_list
from kiosk.domain.problem import KioskError, ProblemCode
from tests.support.cards import Cards

Check = Callable[[bytes], None]
"""Tries one input. What it raises is a finding."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a target may use: cards of one test PKI, and an empty folder of its own."""

    cards: Cards
    folder: Path


@dataclass(frozen=True, slots=True)
class Target:
    """A parser, or a conversation, and its share of ten million inputs."""

    name: str
    prepare: Callable[[Bench], Check]
    seeds: Callable[[Cards], Iterable[bytes]]
    runs: int
    longest: int = 1024
    """Bytes of an input; no more is tried."""


def problem(error: KioskError, expected: Iterable[ProblemCode]) -> None:
    """Let pass only what is documented."""
    assert error.problem.code in set(expected), error.problem.code


def said(error: Exception, text: str) -> None:
    """Let pass only these words: nothing of the input is quoted."""
    assert str(error) == text


def quicken(patch: pytest.MonkeyPatch) -> None:
    """Leave out what only takes time: pauses, and reading the same list over and over."""
    patch.setattr(eid, "_DOUBT_SECONDS", 0)
    patch.setattr(eid, "_OLD_CARD_SECONDS", 0)
    patch.setattr(trust_list, "built_in", functools.cache(trust_list.built_in))
