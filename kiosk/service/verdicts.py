"""What an answer of the central service means at the kiosk.

What carries the verdict is read strictly: which question, which colour, whether
it was determined, and of a green the tariff and its end. All else is help: what
of it is missing or malformed is left out, and takes no verdict from anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeVar

import msgspec

from kiosk.domain.verdict import (
    WHOLE_PRICE,
    Colour,
    Guidance,
    ManualDecision,
    SourceState,
    Tariff,
    Texts,
    Verdict,
)
from kiosk.service.contract import CheckRequest, NotUnderstood

T = TypeVar("T")

_DAY_LENGTH: Final = len("2026-11-22")
_APART: Final = timedelta(days=1)
"""How far the days of two clocks, or of two time zones, may lie apart."""


class _Answer(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    check_id: str
    use_case: str
    verdict: str
    determined: object = None
    tariff: object = None
    validity: object = None
    guidance: object = None
    blocked_by: object = None
    sources: object = None
    manual_decision: object = None
    display_until: object = None


def read_answer(body: bytes) -> Verdict:
    """Turn an answer into a verdict; a colour nobody knows is an orange.

    Raises ``NotUnderstood``, without a word of the content, for anything else
    than an answer and for what cannot be: a green or red that does not say that
    it was determined, a tariff or an end that cannot be read.
    """
    problem = ""
    try:
        return _verdict(msgspec.json.decode(body, type=_Answer))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        problem = type(error).__name__
    raise NotUnderstood(problem)  # outside the handler: no chained error quotes the content


def answers(verdict: Verdict, question: CheckRequest) -> bool:
    """Return whether a verdict is one on what was asked: that use case, and that day.

    A tariff whose end has come before the day of the question is no answer to it.
    """
    asked_on, until = question.on_date, verdict.valid_until
    in_time = asked_on is None or until is None or until >= asked_on - _APART
    return verdict.use_case == question.use_case and in_time


def _verdict(answer: _Answer) -> Verdict:
    is_known = answer.verdict in {colour.value for colour in Colour}
    colour = Colour(answer.verdict) if is_known else Colour.ORANGE
    is_green = colour is Colour.GREEN
    return Verdict(
        check_id=answer.check_id,
        use_case=answer.use_case,
        colour=colour,
        determined=is_known and answer.determined is True,
        tariff=_tariff(answer.tariff) if is_green else None,  # else it is read as a promise
        valid_until=_end(answer.validity) if is_green else None,
        guidance=tuple(_each(answer.guidance, _guidance)),
        blocked_by=tuple(_each(answer.blocked_by, _text)),
        sources=tuple(_each(answer.sources, _source)),
        manual_decision=_manual(answer.manual_decision),
        display_until=_moment(answer.display_until),
    )


def _tariff(value: object) -> Tariff | None:
    if value is None:
        return None
    fields = _table(value)
    percent = fields.get("payPercent")
    if percent is not None:
        percent = msgspec.convert(percent, float)
        if not (0 <= percent <= WHOLE_PRICE and percent.is_integer()):
            raise ValueError("a price that is none")
    code = msgspec.convert(fields.get("code"), str)
    whole = None if percent is None else int(percent)
    return Tariff(code=code, pay_percent=whole, label=_texts(fields.get("label")))


def _end(value: object) -> date | None:
    until = None if value is None else _table(value).get("until")
    if until is None:
        return None
    return date.fromisoformat(msgspec.convert(until, str)[:_DAY_LENGTH])


def _moment(value: object) -> datetime | None:
    moment = _leniently(value, datetime)
    has_zone = moment is not None and moment.utcoffset() is not None
    return moment if has_zone else None


def _guidance(value: object) -> Guidance | None:
    fields = _table(value)
    code = _text(fields.get("code"))
    steps = _leniently(fields.get("steps"), dict[str, tuple[str, ...]]) or {}
    level = _text(fields.get("level")) or "info"
    texts = _texts(fields.get("title"))
    return Guidance(code=code, level=level, title=texts, steps=steps) if code else None


def _source(value: object) -> SourceState | None:
    fields = _table(value)
    group = _text(fields.get("group"))
    seconds = _leniently(fields.get("retryAfterSeconds"), float)
    if not group:
        return None
    return SourceState(
        group=group,
        state=_text(fields.get("state")) or "unavailable",
        reason=_text(fields.get("reason")),
        retryable=fields.get("retryable") is True,
        retry_after_seconds=None if seconds is None else int(seconds),
    )


def _manual(value: object) -> ManualDecision:
    fields = value if isinstance(value, dict) else {}
    return ManualDecision(
        allowed=fields.get("allowed") is True,
        roles=tuple(_each(fields.get("roles"), _text)),
        evidence=tuple(_each(fields.get("evidence"), _text)),
    )


def _table(value: object) -> dict[str, Any]:
    return msgspec.convert(value, dict[str, Any])


def _each(value: object, read: Any) -> Iterable[Any]:
    for item in value if isinstance(value, list) else ():
        try:
            found = read(item)
        except (msgspec.ValidationError, ValueError, OverflowError):
            continue
        if found is not None:
            yield found


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: object) -> Texts:
    fields = value if isinstance(value, dict) else {}
    return {language: text for language, text in fields.items() if isinstance(text, str)}


def _leniently(value: object, kind: type[T]) -> T | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
