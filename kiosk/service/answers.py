"""One answer of the service as it came, and what kind of answer it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final, TypeVar

from kiosk.domain.problem import KioskError, ProblemCode
from kiosk.service import contract

T = TypeVar("T")

_REFUSED: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers that matter, and body."""

    status: int
    kind: str
    """The media type, in small letters, without parameters."""
    correlation: str
    date: str
    body: bytes

    @property
    def sent_at(self) -> datetime | None:
        """When the service says that it answered (RFC 9110, 6.6.1); ``None`` if it does not."""
        try:
            moment = parsedate_to_datetime(self.date)
        except ValueError:
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def understood(answer: Answer, correlation: str, read: Callable[[bytes], T]) -> T:
    """Return what an answer to this question says; raise ``KioskError`` for any other."""
    if answer.status != HTTPStatus.OK:
        raise KioskError(problem_of(answer))
    # A stream of answers that is one off would give the answer to somebody else's question.
    foreign = answer.correlation.lower() not in ("", correlation)
    try:
        if answer.kind == contract.JSON and not foreign:
            return read(answer.body)
    except contract.NotUnderstood:
        pass
    raise KioskError(ProblemCode.SERVICE_UNINTELLIGIBLE)


def problem_of(answer: Answer) -> ProblemCode:
    """Return the problem behind an answer that is none to the question."""
    if answer.status in _REFUSED:
        return ProblemCode.SERVICE_REFUSED_US
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return ProblemCode.SERVICE_BUSY
    if answer.status == HTTPStatus.REQUEST_TIMEOUT:
        return ProblemCode.SERVICE_TOO_SLOW
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ProblemCode.SERVICE_FAILING
    explained = answer.status >= HTTPStatus.BAD_REQUEST and answer.kind == contract.PROBLEM_JSON
    return ProblemCode.QUESTION_REFUSED if explained else ProblemCode.SERVICE_UNINTELLIGIBLE
