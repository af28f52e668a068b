"""What an answer of the central service means at the kiosk."""

from __future__ import annotations

from kiosk.domain.verdict import (
    Colour,
    Guidance,
    ManualDecision,
    SourceState,
    Tariff,
    Verdict,
)
from kiosk.service.contract import (
    CheckReply,
    GuidanceReply,
    ManualDecisionReply,
    NotUnderstood,
    SourceReply,
)

_ALL_OF_IT = 100


def verdict_of(reply: CheckReply) -> Verdict:
    """Turn an answer into a verdict; a colour nobody knows is an orange.

    Raises ``NotUnderstood`` for what cannot be: a green or red that says of
    itself that it was not determined, a price below nothing or above all of it.
    """
    known = {colour.value for colour in Colour}
    colour = Colour(reply.verdict) if reply.verdict in known else Colour.ORANGE
    determined = reply.determined and reply.verdict in known
    if colour is not Colour.ORANGE and not determined:
        raise NotUnderstood("a colour without determination")
    percent = reply.tariff.pay_percent if reply.tariff else None
    if percent is not None and not 0 <= percent <= _ALL_OF_IT:
        raise NotUnderstood("a price that is none")
    return Verdict(
        check_id=reply.check_id,
        use_case=reply.use_case,
        colour=colour,
        determined=determined,
        tariff=_tariff(reply, colour),
        valid_until=reply.validity.until if reply.validity else None,
        guidance=tuple(map(_guidance, reply.guidance)),
        blocked_by=reply.blocked_by,
        sources=tuple(map(_source, reply.sources)),
        manual_decision=_manual(reply.manual_decision),
        display_until=reply.display_until,
    )


def _tariff(reply: CheckReply, colour: Colour) -> Tariff | None:
    if reply.tariff is None or colour is not Colour.GREEN:
        return None  # a tariff beside an orange or red would be read as a promise
    return Tariff(
        code=reply.tariff.code,
        pay_percent=reply.tariff.pay_percent,
        label=reply.tariff.label,
    )


def _guidance(item: GuidanceReply) -> Guidance:
    steps = {language: tuple(lines) for language, lines in item.steps.items()}
    return Guidance(code=item.code, level=item.level, title=item.title, steps=steps)


def _source(item: SourceReply) -> SourceState:
    return SourceState(
        group=item.group,
        state=item.state,
        reason=item.reason,
        retryable=item.retryable,
        retry_after_seconds=item.retry_after_seconds,
    )


def _manual(item: ManualDecisionReply | None) -> ManualDecision:
    if item is None:
        return ManualDecision()
    return ManualDecision(allowed=item.allowed, roles=item.roles, evidence=item.evidence)
