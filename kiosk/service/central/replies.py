"""From a decision to the message on the wire.

Nothing here may depend on which ground granted: two greens differ in their ids and times only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer
from kiosk.service.central.decide import Blocked, Decision
from kiosk.service.central.rules import RuleSet, Tariff
from kiosk.service.contract import (
    CheckReply,
    GuidanceReply,
    ManualDecisionReply,
    RuleSetReply,
    SourceReply,
    TariffReply,
    Validity,
)

DISPLAY = timedelta(minutes=15)
"""How long an answer may stay on a screen."""

_NEVER_TOLD: Final = frozenset({"filtered"})
"""A file that is protected: no reason is given, to anybody."""
_NO_ANSWER: Final = "no-answer"
_NOT_TOLD: Final = "not-told"


@dataclass(frozen=True, slots=True)
class Occasion:
    """What belongs to one check besides its decision.

    ``at_desk``: an officer reads the answer, and may know why a source told nothing.
    """

    check_id: str
    correlation_id: str
    on_date: date
    answered_at: datetime
    with_guidance: bool
    at_desk: bool = False


def reply_to(decision: Decision, rule_set: RuleSet, occasion: Occasion) -> CheckReply:
    """Compose the answer."""
    finding, book = decision.finding, rule_set.book
    green = finding.colour is Colour.GREEN
    until = last_day(rule_set, occasion.on_date)
    codes = _codes(decision, book.open_codes) if occasion.with_guidance else ()
    shown = occasion.answered_at.replace(microsecond=0)
    return CheckReply(
        check_id=occasion.check_id,
        use_case=rule_set.id,
        verdict=finding.colour.value,
        determined=finding.determined,
        tariff=_tariff(rule_set.book.tariffs[finding.tariff]) if green else None,
        validity=_validity(rule_set, occasion.on_date, until) if green else None,
        guidance=tuple(_guidance(rule_set, code, until) for code in codes),
        blocked_by=finding.blocked_by,
        sources=tuple(_source(one, at_desk=occasion.at_desk) for one in decision.blocked),
        manual_decision=_manual(rule_set, allowed=finding.manual),
        rule_set=rule_set_reply(rule_set),
        display_until=shown + DISPLAY,
        correlation_id=occasion.correlation_id,
    )


def _codes(decision: Decision, open_codes: Mapping[str, str]) -> Iterable[str]:
    codes = list(decision.finding.codes)
    for blocked in decision.blocked:
        state = blocked.answer.shown.value
        codes.append(open_codes.get(f"{blocked.group}.{state}", open_codes[state]))
    return dict.fromkeys(codes)


def rule_set_reply(rule_set: RuleSet) -> RuleSetReply:
    """Say which rules decided."""
    return RuleSetReply(
        id=rule_set.id,
        version=rule_set.version,
        digest=rule_set.digest,
        effective=(rule_set.effective_from, rule_set.effective_to),
    )


def last_day(rule_set: RuleSet, day: date) -> date:
    """Return the last day of a tariff that is granted on a day."""
    book = rule_set.book
    return date(day.year + book.until_years, book.until_month, book.until_day)


def _validity(rule_set: RuleSet, day: date, until: date) -> Validity:
    recheck = max(day, date(until.year, rule_set.book.recheck_month, 1))
    return Validity(from_=day, until=until, end_kind="scheme-date", recheck_from=recheck)


def _tariff(tariff: Tariff) -> TariffReply:
    return TariffReply(
        code=tariff.code,
        category=tariff.category,
        pay_percent=tariff.pay_percent,
        label=dict(tariff.label),
    )


def _guidance(rule_set: RuleSet, code: str, until: date) -> GuidanceReply:
    text, day = rule_set.book.guidance[code], until.strftime("%d/%m/%Y")
    steps = {
        language: [line.replace("{until}", day) for line in lines]
        for language, lines in text.steps.items()
    }
    return GuidanceReply(code=code, level=text.level, title=dict(text.title), steps=steps)


def _source(blocked: Blocked, *, at_desk: bool) -> SourceReply:
    answer = blocked.answer
    return SourceReply(
        group=blocked.group,
        state=answer.shown.value,
        reason=_reason(answer, at_desk=at_desk),
        retryable=answer.shown.retryable,
        retry_after_seconds=answer.retry_after_seconds,
        freshness=answer.freshness,
        as_of=answer.as_of,
    )


def _reason(answer: Answer, *, at_desk: bool) -> str | None:
    """Return why a source told nothing: one word of its own at a desk, a coarse one elsewhere.

    The fine words tell of the person: that a register has no file of them, or does not know them.
    """
    if answer.reason is None or answer.reason in _NEVER_TOLD:
        return None
    if at_desk:
        return answer.reason
    return _NO_ANSWER if answer.shown.retryable else _NOT_TOLD


def _manual(rule_set: RuleSet, *, allowed: bool) -> ManualDecisionReply:
    if not allowed:
        return ManualDecisionReply()
    book = rule_set.book
    return ManualDecisionReply(allowed=True, roles=book.manual_roles, evidence=book.manual_evidence)
