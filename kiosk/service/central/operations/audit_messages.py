"""The messages of a look into the audit."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kiosk.service.contract import SubjectRef

LONGEST_PAGE = 200


class _Message(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class AuditQueryRequest(_Message, frozen=True):
    """The body of ``POST /v1/audit/queries``; ``cursor`` is that of the page before."""

    subject: SubjectRef
    limit: Annotated[int, msgspec.Meta(ge=1, le=LONGEST_PAGE)] = 50
    cursor: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Z]{26}\.[0-9A-Z]{26}\Z")] | None = None


class LookupReply(_Message, frozen=True):
    """Somebody asked about a person: who, where, why, and what came out, without any fact.

    ``kind`` is ``check`` or ``audit-query``. ``operator`` is a pseudonym. ``verdict`` is none when
    no answer left the service; with ``override`` it is what an officer decided.
    """

    check_id: str
    kind: str
    asked_at: str
    client: str
    device_id: str
    site_id: str
    channel: str
    operator: str
    purpose: str
    use_case: str
    verdict: str | None
    override: bool


class AuditQueryReply(_Message, frozen=True):
    """A page, the oldest first; ``cursor`` is none after the last. ``queryId`` is in the audit."""

    query_id: str
    lookups: tuple[LookupReply, ...]
    cursor: str | None
