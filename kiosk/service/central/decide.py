"""One question answered: ask the sources in stages, within the time, and apply the rules.

Only groups are asked that tell facts of the rule set. A vehicle is asked about before the person,
and the income only when it can still change the verdict. When the time is up, what has not
been told is unknown, and the verdict is made with what there is. No fact is in an answer: what was
told leaves this module only to come back, when a part is asked again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from kiosk.service.central.connectors import (
    Answer,
    Connector,
    Question,
    SourceState,
    unavailable,
)
from kiosk.service.central.connectors.asking import Heard, ask_all
from kiosk.service.central.connectors.replaced import ABOUT_THE_OLD, OWN_FILE, merged, settle
from kiosk.service.central.facts import FACTS, GROUPS, OPTIONAL, ChannelKind, Facts
from kiosk.service.central.rules import Finding, RuleSet, evaluate

STAGES = (("vehicle",), ("population", "social", "ocmw", "advice"), ("income",))
"""What is asked at once; a later stage only while it can still change what is found."""

NOTHING_TOLD: Mapping[str, Answer] = MappingProxyType({})
"""What is known before anybody is asked."""

_FAILURE_SHOWS_SECONDS = 60.0
_NOBODY_KNOWS = "unknown"
_NOBODY = Heard(Answer(state=SourceState.NOT_CONFIGURED), 0.0)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Called:
    """How one group fared in one check; holds no fact."""

    group: str
    state: SourceState
    milliseconds: int
    reason: str | None


@dataclass(frozen=True, slots=True)
class Blocked:
    """A group that could still change an orange, and how it answered."""

    group: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Decision:
    """The finding, the groups that block it, and what was asked for the audit record.

    ``told`` are the answers that asking again would not change. ``is_own_file``: a source found
    that the person is the officer who asks.
    """

    finding: Finding
    blocked: tuple[Blocked, ...]
    called: tuple[Called, ...]
    told: Mapping[str, Answer] = field(default_factory=dict, repr=False)
    is_own_file: bool = False

    @property
    def may_retry(self) -> bool:
        """Whether asking again could settle it."""
        return any(each.answer.shown.retryable for each in self.blocked)


@dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that a check may take in all, and each group on its own."""

    total: float
    groups: Mapping[str, float]


class Decider:
    """Answers questions with a fixed set of connectors; groups without one stay unknown."""

    def __init__(self, connectors: Iterable[Connector], limits: TimeLimits) -> None:
        self._connectors = {connector.group: connector for connector in connectors}
        self._limits = limits
        self._failures: dict[str, tuple[float, SourceState]] = {}

    def states(self) -> dict[str, str]:
        """How every group fares now, for the lamps at the desks; asks nothing.

        A group whose last question failed, less than a minute ago, is as that
        question says; else it is as its connector says. Who was asked about, and
        what was answered, changes no lamp. Where nothing tells of vehicles, none is shown.
        """
        return {
            group: self._state(group)
            for group in GROUPS
            if group not in OPTIONAL or group in self._connectors
        }

    async def decide(
        self,
        question: Question,
        channel: ChannelKind,
        rule_set: RuleSet,
        told: Mapping[str, Answer] = NOTHING_TOLD,
        longest: float | None = None,
    ) -> Decision:
        """Ask and evaluate. Never raises for a source; takes the total limit at most.

        Groups of which an answer was ``told`` already are not asked. ``longest`` is a lower limit,
        in seconds.
        """
        limit = self._limits.total
        ends = time.monotonic() + (limit if longest is None else min(limit, longest))
        answers = dict(told)
        called: list[Called] = []
        finding = evaluate(rule_set.table, gather_facts(channel, answers))
        while groups := _next_stage(finding, rule_set, answers):
            heard = await self._ask(groups, question, ends - time.monotonic())
            called += [_called(group, one) for group, one in heard.items()]
            answers |= {group: one.answer for group, one in heard.items()}
            if question.replacements.is_own_file:
                # Of everybody, told or not yet asked: half a file is somebody's file too.
                answers = dict.fromkeys((*answers, *rule_set.table.groups), OWN_FILE)
            finding = evaluate(rule_set.table, gather_facts(channel, answers))
        counted = dict(zip(answers, settle(tuple(answers.values())), strict=True))
        blocked = tuple(Blocked(group, counted[group]) for group in finding.blocked_by)
        is_own_file = question.replacements.is_own_file
        return Decision(finding, blocked, tuple(called), _lasting(answers), is_own_file)

    async def _ask(
        self, groups: Iterable[str], question: Question, left: float
    ) -> Mapping[str, Heard]:
        """Ask groups side by side; ``left`` is how many seconds the check has."""
        heard = dict.fromkeys(groups, _NOBODY)
        asked = [self._connectors[group] for group in heard if group in self._connectors]
        if left <= 0:
            return heard | {each.group: Heard(unavailable("deadline"), 0.0) for each in asked}
        limits = [min(self._limits.groups[each.group], left) for each in asked]
        told = await ask_all(question, tuple(zip(asked, limits, strict=True)))
        for connector, one in zip(asked, told, strict=True):
            answer = _checked(connector.group, one.answer)
            self._note(connector.group, answer.shown)
            heard[connector.group] = Heard(answer, one.seconds)
        return heard

    def _note(self, group: str, state: SourceState) -> None:
        if state.retryable:
            self._failures[group] = (time.monotonic(), state)
        else:
            self._failures.pop(group, None)

    def _state(self, group: str) -> str:
        connector = self._connectors.get(group)
        if connector is None:
            return SourceState.NOT_CONFIGURED.value
        failed = self._failures.get(group)
        if failed is not None and time.monotonic() - failed[0] < _FAILURE_SHOWS_SECONDS:
            return failed[1].value
        state = connector.status()
        return _NOBODY_KNOWS if state is None else state.value


def _next_stage(
    finding: Finding, rule_set: RuleSet, answers: Mapping[str, Answer]
) -> tuple[str, ...]:
    """Return the groups of the first stage that can still change what is found."""
    for stage in STAGES:
        if any(group in stage and group not in answers for group in finding.blocked_by):
            return tuple(
                group for group in stage if group in rule_set.table.groups and group not in answers
            )
    return ()


def _lasting(answers: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """Return what need not be asked again.

    That a number was replaced outlasts whoever told it, and so do numbers that contradict each
    other: who named the second may be silent the next time.
    """
    numbers = merged(tuple(answers.values()))
    lasting = {group: each for group, each in answers.items() if not each.shown.retryable}
    if numbers is None:
        return lasting
    return {
        group: replace(each, replaced_by=numbers if each.replaced_by else ABOUT_THE_OLD)
        for group, each in lasting.items()
    }


def _called(group: str, heard: Heard) -> Called:
    answer = heard.answer
    return Called(group, answer.state, round(heard.seconds * 1000), answer.reason)


def gather_facts(channel: ChannelKind, answers: Mapping[str, Answer]) -> Facts:
    """Lay the answers of all groups together; the order of the groups does not matter.

    A no about a number that the person does not have any more is none.
    """
    counted = settle(tuple(answers.values()))
    told = {name: value for answer in counted for name, value in answer.facts.items()}
    return Facts(channel=channel, **told)  # type: ignore[arg-type]  # checked by Facts itself


def _checked(group: str, answer: Answer) -> Answer:
    """Let only an answered group bring facts, and only its own."""
    if answer.state is not SourceState.OK:
        return answer if not answer.facts else unavailable("not-understood", answer.replaced_by)
    for name, value in answer.facts.items():
        kind = FACTS.get(name)
        if kind is None or kind.group != group or not kind.accepts(value):
            _log.warning("source %s told something that it may not tell", group)
            return unavailable("not-understood", answer.replaced_by)
    return answer
