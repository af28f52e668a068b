"""The messages about a check that was answered."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec


class _Message(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class PastCheckReply(_Message, frozen=True):
    """What is told of a check after a day: its colour, and the number of its audit record."""

    check_id: str
    use_case: str
    verdict: str
    audit_ref: str


class DecisionRequest(_Message, frozen=True):
    """The body of ``POST /v1/checks/{id}/decisions``: what an officer decided.

    Evidence was seen and is not kept. A green one names the kind of evidence and its last day, a
    red one neither. Reasons are a closed list, so that no name or number is ever in one.
    """

    outcome: Literal["green", "red"]
    reason_code: Literal[
        "registry-not-updated", "registry-wrong", "source-unavailable", "no-evidence", "other"
    ]
    evidence_kind: str | None = None
    until_date: date | None = None


class DecisionReply(_Message, frozen=True):
    """A decision that was recorded; with ``override`` it differs from the verdict."""

    check_id: str
    outcome: str
    override: bool
    until_date: date | None
    correlation_id: str


class FeedbackRequest(_Message, frozen=True):
    """The body of ``POST /v1/checks/{id}/feedback``; the reasons are a closed list."""

    reason_code: Literal[
        "wrong-verdict", "wrong-tariff", "guidance-unclear", "source-wrong", "other"
    ]
