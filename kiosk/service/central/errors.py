"""Everything that the service refuses, as problem+json with a stable code (RFC 9457).

A refusal says which kind it is and nothing of what was sent.
"""

from __future__ import annotations

import functools
import tomllib
from enum import Enum
from http import HTTPStatus
from typing import Any

from kiosk.data import data_path
from kiosk.service.central.languages import LANGUAGES
from kiosk.service.contract import ProblemReply

_TYPE = "urn:tariefwijzer:problem:"


class Refusal(Enum):
    """Code, HTTP status, and whether the same question may be asked again later."""

    INVALID_REQUEST = "invalid-request", HTTPStatus.BAD_REQUEST, False
    INVALID_NUMBER = "invalid-number", HTTPStatus.BAD_REQUEST, False
    TOKEN_INVALID = "token-invalid", HTTPStatus.UNAUTHORIZED, False
    USE_CASE_NOT_ALLOWED = "use-case-not-allowed", HTTPStatus.FORBIDDEN, False
    CHANNEL_NOT_ALLOWED = "channel-not-allowed", HTTPStatus.FORBIDDEN, False
    OPERATOR_MISSING = "operator-missing", HTTPStatus.FORBIDDEN, False
    OWN_FILE = "own-file", HTTPStatus.FORBIDDEN, False
    SCOPE_MISSING = "scope-missing", HTTPStatus.FORBIDDEN, False
    ENROLMENT_REFUSED = "enrolment-refused", HTTPStatus.FORBIDDEN, False
    PURPOSE_NOT_ALLOWED = "purpose-not-allowed", HTTPStatus.FORBIDDEN, False
    CHECK_NOT_FOUND = "check-not-found", HTTPStatus.NOT_FOUND, False
    NOT_FOUND = "not-found", HTTPStatus.NOT_FOUND, False
    METHOD_NOT_ALLOWED = "method-not-allowed", HTTPStatus.METHOD_NOT_ALLOWED, False
    RECHECK_NOT_POSSIBLE = "recheck-not-possible", HTTPStatus.CONFLICT, False
    IDEMPOTENCY_CONFLICT = "idempotency-conflict", HTTPStatus.CONFLICT, False
    REQUEST_TOO_LARGE = "request-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, False
    UNSUPPORTED_MEDIA = "unsupported-media", HTTPStatus.UNSUPPORTED_MEDIA_TYPE, False
    DECISION_NOT_ALLOWED = "decision-not-allowed", HTTPStatus.UNPROCESSABLE_ENTITY, False
    NO_RULE_SET = "no-rule-set-for-date", HTTPStatus.UNPROCESSABLE_ENTITY, False
    RATE_LIMITED = "rate-limited", HTTPStatus.TOO_MANY_REQUESTS, True
    INTERNAL_ERROR = "internal-error", HTTPStatus.INTERNAL_SERVER_ERROR, True
    SERVICE_UNAVAILABLE = "service-unavailable", HTTPStatus.SERVICE_UNAVAILABLE, True

    def __init__(self, code: str, status: HTTPStatus, retryable: bool) -> None:  # noqa: FBT001  # an enum's members are given by position
        self.code = code
        self.status = status
        self.retryable = retryable


class Refused(Exception):
    """A question is not answered; carries the kind of refusal and nothing else."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


_LATER = {"Retry-After": "60", "RateLimit-Remaining": "0", "RateLimit-Reset": "60"}
"""The same for every limit: how long it really takes would tell which one it was."""
_HEADERS = {
    Refusal.TOKEN_INVALID: {"WWW-Authenticate": 'Bearer error="invalid_token"'},
    Refusal.RATE_LIMITED: _LATER,
}
# Of several with one status the last is the one for everything else.
_BY_STATUS = {
    int(refusal.status): refusal for refusal in Refusal if refusal is not Refusal.INVALID_NUMBER
}


def refusal_for(status: int) -> Refusal:
    """Return the refusal for a status that the web framework chose."""
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return Refusal.INVALID_REQUEST if 400 <= status < 500 else Refusal.INTERNAL_ERROR


def headers_of(refusal: Refusal, language: str) -> dict[str, str]:
    """Return the headers that a refusal has of its own, and those of its language."""
    told = {"Content-Language": language, "Vary": "Accept-Language"}
    return {**_HEADERS.get(refusal, {}), **told}


def problem(refusal: Refusal, correlation_id: str, language: str) -> ProblemReply:
    """Return the body of a refusal; the title is in one language, the message in all."""
    texts = _texts()[refusal.code]
    return ProblemReply(
        type=f"{_TYPE}{refusal.code}",
        title=texts["title"][language],
        status=int(refusal.status),
        code=refusal.code,
        end_user_message={each: texts[each] for each in LANGUAGES},
        correlation_id=correlation_id,
        retryable=refusal.retryable,
    )


@functools.cache
def _texts() -> dict[str, dict[str, Any]]:
    with data_path("central", "problems.toml").open("rb") as file:
        return tomllib.load(file)
