"""What is remembered of checks for a while, in this process's memory and nowhere else.

Answers, so that whoever asked can see theirs again; and of an answer that waits for a source, what
the other sources told, so that only the missing one need be asked again.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Generic, TypeVar

from kiosk.service.central.connectors import Answer
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.facts import ChannelKind

ANSWER_SECONDS: Final = 24 * 3600
RECHECK_SECONDS: Final = 15 * 60
"""As long as an answer may stay on a screen."""
CAPACITY: Final = 10_000
RECHECK_CAPACITY: Final = 2_000
"""What the sources told takes more room than an answer, and is of use for less long."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class About:
    """What a question was about; the person by pseudonym."""

    subject: str
    rule_set: str
    on_date: date
    channel: ChannelKind
    purpose: str


@dataclass(slots=True, kw_only=True)
class Afresh:
    """Nothing was told before: every group may be asked."""

    check_id: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict, repr=False)

    def use(self, about: About) -> None:
        """Any question will do."""


AFRESH: Final = Afresh()


@dataclass(slots=True, kw_only=True)
class Earlier(Afresh):
    """A check that waits for a source, and what the others told; good for one retry."""

    correlation_id: str
    about: About = field(repr=False)
    _is_used: bool = False

    def use(self, about: About) -> None:
        """Raise ``RECHECK_NOT_POSSIBLE`` for another question, or the second time."""
        if self._is_used or about != self.about:
            raise Refused(Refusal.RECHECK_NOT_POSSIBLE)
        self._is_used = True


class Memory(Generic[_T]):
    """Things by check and by who asked; each is gone after its time, or when there are too many."""

    def __init__(self, seconds: float, capacity: int) -> None:
        self._seconds = seconds
        self._capacity = capacity
        self._kept: OrderedDict[tuple[str, str], tuple[_T, asyncio.TimerHandle]] = OrderedDict()

    def keep(self, check_id: str, owner: str, thing: _T) -> None:
        """Remember something for whoever asked."""
        if len(self._kept) >= self._capacity:
            _, (_, timer) = self._kept.popitem(last=False)
            timer.cancel()
        key = (check_id, owner)
        # A timer, and not the next visit: nothing outlasts its time on a quiet evening.
        timer = asyncio.get_running_loop().call_later(self._seconds, self._kept.pop, key, None)
        self._kept[key] = thing, timer

    def find(self, check_id: str, owner: str) -> _T | None:
        """Return what is remembered for whoever asked, ``None`` for anybody else."""
        found = self._kept.get((check_id, owner))
        return None if found is None else found[0]


class Recall:
    """The answers of a day, and the checks that may be taken up again."""

    def __init__(self) -> None:
        self.answers: Memory[bytes] = Memory(ANSWER_SECONDS, CAPACITY)
        self.waiting: Memory[Earlier] = Memory(RECHECK_SECONDS, RECHECK_CAPACITY)

    def keep(self, owner: str, answer: bytes, earlier: Earlier, *, may_retry: bool) -> bytes:
        """Remember an answer and return it; what was told only while asking again may help."""
        self.answers.keep(earlier.check_id, owner, answer)
        if may_retry:
            self.waiting.keep(earlier.check_id, owner, earlier)
        return answer
