"""Who looked at a person: for the data protection officer, and for the citizen's access report.

The look leaves a record of its own before anything is told. It is about the person too, so the
next look tells of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import Response, post
from litestar.types import ControllerRouterHandler

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.audit import Entry
from kiosk.service.central.audit_reports import Lookup, who_asked
from kiosk.service.central.checks import Checks, Parts
from kiosk.service.central.clients.admission import Admission
from kiosk.service.central.clients.configuration import AUDIT_QUERY
from kiosk.service.central.clients.worker import Worker
from kiosk.service.central.envelope import correlation_id
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.identifiers import new_check_id
from kiosk.service.central.operations.audit_messages import (
    AuditQueryReply,
    AuditQueryRequest,
    LookupReply,
)
from kiosk.service.central.operations.door import Door, HttpRequest, about_body, answer
from kiosk.service.central.requests import require_number
from kiosk.service.central.storage.audit_rows import Unreadable
from kiosk.service.contract import NUMBER_SCHEME

AUDIT_QUERIES_PATH: Final = "/v1/audit/queries"
KIND: Final = "audit-query"
PURPOSE: Final = "urn:tariefwijzer:audit-query"
_CHECK: Final = "check"


@dataclass(frozen=True, slots=True)
class AuditQueries:
    """Answers the bodies of ``POST /v1/audit/queries``."""

    parts: Parts
    checks: Checks
    worker: Worker

    async def ask(self, request: AuditQueryRequest, admission: Admission) -> AuditQueryReply:
        """Record the look, then tell a page; raise ``Refused``."""
        number, query_id = request.subject.value, new_check_id()
        if request.subject.scheme != NUMBER_SCHEME:
            raise Refused(Refusal.INVALID_REQUEST)
        require_number(number, test_numbers=self.parts.test_numbers)
        await admission.count_query()
        await self.checks.record(self._entry(query_id, number, admission))
        found = await self.worker.do(lambda: self._all(number))
        after, until = (request.cursor or f".{query_id}").split(".")
        page, more = _page(found, after, until, request.limit)
        return AuditQueryReply(
            query_id=query_id,
            lookups=tuple(map(_told, page)),
            cursor=f"{page[-1].check_id}.{until}" if more else None,
        )

    def _all(self, number: NationalNumber) -> tuple[Lookup, ...]:
        try:
            return who_asked(self.parts.audit, self.parts.keys, number)
        except Unreadable as error:
            raise Refused(Refusal.SERVICE_UNAVAILABLE) from error

    def _entry(self, query_id: str, number: NationalNumber, admission: Admission) -> Entry:
        sealer, moment = self.parts.sealer, self.parts.clock()
        return Entry(
            kind=KIND,
            check_id=query_id,
            correlation_id=correlation_id(),
            asked_at=moment,
            client=admission.client,
            device="",
            channel="",
            site="",
            operator=admission.pseudonym,
            operator_sealed=sealer.seal_operator(admission.operator_id, query_id) if sealer else "",
            purpose=PURPOSE,
            use_case="",
            rule_set="",
            subject=self.parts.keys.pseudonym(number),
            subject_sealed=sealer.seal(number, query_id) if sealer else "",
            capture_method="back-office",
            proof="typed",
        )


def audit_routes(queries: AuditQueries, door: Door) -> list[ControllerRouterHandler]:
    """Return the handler."""

    @post(AUDIT_QUERIES_PATH, status_code=200)
    async def query(request: HttpRequest) -> Response[bytes]:
        admission = await door.admit(request.headers, AUDIT_QUERY)
        asked = None
        try:
            asked = await about_body(request, AuditQueryRequest)
            return answer(await queries.ask(asked, admission), headers=admission.headers())
        finally:
            admission.wipe()
            if asked is not None:
                asked.subject.value.wipe()

    return [query]


def _page(
    found: Sequence[Lookup], after: str, until: str, limit: int
) -> tuple[Sequence[Lookup], bool]:
    """Return a page of what was asked before the first page was; ids sort by time."""
    wanted = sorted((each for each in found if after < each.check_id < until), key=_id_of)
    return wanted[:limit], len(wanted) > limit


def _id_of(lookup: Lookup) -> str:
    return lookup.check_id


def _told(lookup: Lookup) -> LookupReply:
    return LookupReply(
        check_id=lookup.check_id,
        kind=KIND if lookup.kind == KIND else _CHECK,
        asked_at=lookup.asked_at,
        client=lookup.client,
        device_id=lookup.device,
        site_id=lookup.site,
        channel=lookup.channel,
        operator=lookup.operator,
        purpose=lookup.purpose,
        use_case=lookup.use_case,
        verdict=lookup.colour,
        override=lookup.override == "yes",
    )
