"""One question answered: ask the sources in stages, within the time, and apply the rules.

Only groups are asked that tell facts of the rule set. A vehicle is asked about before the person,
and the income only when it can still change the verdict. When the time is up, what has not
been told is unknown, and the verdict is made with what there is. No fact is in an answer: what was
told leaves this module only to come back, when a part is asked again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.connectors.replaced import settle
from kiosk.service.central.facts import FACTS, GROUPS, OPTIONAL, ChannelKind, Facts
from kiosk.service.central.rules import Finding, RuleSet, evaluate

STAGES = (("vehicle",), ("population", "social", "ocmw", "advice"), ("income",))
"""What is asked at once; a later stage only while it can still change what is found."""

NOTHING_TOLD: Mapping[str, Answer] = MappingProxyType({})
"""What is known before anybody is asked."""

_RETRY_AFTER_SECONDS = 60
_FAILURE_SHOWS_SECONDS = 60.0
_NOBODY_KNOWS = "unknown"
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

    ``told`` are the answers that asking again would not change.
    """

    finding: Finding
    blocked: tuple[Blocked, ...]
    called: tuple[Called, ...]
    told: Mapping[str, Answer] = field(default_factory=dict, repr=False)

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
            asked = await asyncio.gather(*(self._ask(group, question, ends) for group in groups))
            for record, answer in asked:
                called.append(record)
                answers[record.group] = answer
            finding = evaluate(rule_set.table, gather_facts(channel, answers))
        counted = dict(zip(answers, settle(tuple(answers.values())), strict=True))
        blocked = tuple(Blocked(group, counted[group]) for group in finding.blocked_by)
        lasting = {group: each for group, each in answers.items() if not each.shown.retryable}
        return Decision(finding, blocked, tuple(called), lasting)

    async def _ask(self, group: str, question: Question, ends: float) -> tuple[Called, Answer]:
        started = time.monotonic()
        connector = self._connectors.get(group)
        if connector is None:
            answer = Answer(state=SourceState.NOT_CONFIGURED)
        else:
            seconds = min(self._limits.groups[group], ends - started)
            answer = _checked(group, await _within(connector, question, seconds))
            if seconds > 0:
                self._note(group, answer.shown)
        milliseconds = round((time.monotonic() - started) * 1000)
        return Called(group, answer.state, milliseconds, answer.reason), answer

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


def gather_facts(channel: ChannelKind, answers: Mapping[str, Answer]) -> Facts:
    """Lay the answers of all groups together; the order of the groups does not matter.

    A no about a number that the person does not have any more is none.
    """
    counted = settle(tuple(answers.values()))
    told = {name: value for answer in counted for name, value in answer.facts.items()}
    return Facts(channel=channel, **told)  # type: ignore[arg-type]  # checked by Facts itself


async def _within(connector: Connector, question: Question, seconds: float) -> Answer:
    if seconds <= 0:
        return _unavailable("deadline")
    task = asyncio.ensure_future(connector.ask(question))
    try:
        # Not wait_for: a connector that holds on to its cancellation must not hold the check.
        await asyncio.wait({task}, timeout=seconds)
    finally:
        finished = task.done()
        if not finished:
            task.cancel()
            task.add_done_callback(_forget)
    if not finished:
        return _unavailable("timeout")
    if task.cancelled():  # by the connector itself
        return _unavailable("failure")
    failure = task.exception()
    if failure is not None:
        # The text of a foreign error may quote the question: only its type is logged.
        _log.warning("source %s failed: %s", connector.group, type(failure).__name__)
        return _unavailable("failure")
    return task.result()


def _forget(task: asyncio.Future[Answer]) -> None:
    if not task.cancelled():
        task.exception()  # taken, so that asyncio does not print it


def _checked(group: str, answer: Answer) -> Answer:
    """Let only an answered group bring facts, and only its own."""
    if answer.state is not SourceState.OK:
        return answer if not answer.facts else _unavailable("not-understood")
    for name, value in answer.facts.items():
        kind = FACTS.get(name)
        if kind is None or kind.group != group or not kind.accepts(value):
            _log.warning("source %s told something that it may not tell", group)
            return _unavailable("not-understood")
    return answer


def _unavailable(reason: str) -> Answer:
    return Answer(
        state=SourceState.UNAVAILABLE, reason=reason, retry_after_seconds=_RETRY_AFTER_SECONDS
    )
