"""What can still be done with a check: see it again, decide by hand, say that it was wrong.

All of it only by who asked: the same client, the same device, the same operator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from kiosk.service.central.audit import Entry
from kiosk.service.central.checks import Checks, Parts
from kiosk.service.central.clients.admission import Admission
from kiosk.service.central.clients.worker import Worker
from kiosk.service.central.envelope import correlation_id
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.operations.check_messages import (
    DecisionReply,
    DecisionRequest,
    FeedbackRequest,
    PastCheckReply,
)
from kiosk.service.central.recall import Earlier
from kiosk.service.central.replies import last_day
from kiosk.service.central.storage.follow_up_rows import FollowUp
from kiosk.service.contract import CheckReply, decode_as, encode, new_id

_KEPT: Final = timedelta(days=730)
"""How long what the rules' owner looks at stays."""


@dataclass(frozen=True, slots=True)
class AfterChecks:
    """Answers what is asked about checks by their id."""

    parts: Parts
    checks: Checks
    worker: Worker

    async def again(self, check_id: str, admission: Admission) -> bytes:
        """Return the same answer, or what is told after a day; raise ``CHECK_NOT_FOUND``."""
        answer = self.checks.recall.answers.find(check_id, admission.name)
        if answer is not None:
            return answer
        record = await self._record(check_id, admission)
        return encode(
            PastCheckReply(
                check_id=check_id,
                use_case=record["use_case"],
                verdict=record["colour"],
                audit_ref=str(record["seq"]),
            )
        )

    async def earlier(self, check_id: str, admission: Admission) -> Earlier:
        """Return what a check waits with; raise ``CHECK_NOT_FOUND`` or ``RECHECK_NOT_POSSIBLE``."""
        earlier = self.checks.recall.waiting.find(check_id, admission.name)
        if earlier is None:
            await self._record(check_id, admission)
            raise Refused(Refusal.RECHECK_NOT_POSSIBLE)
        return earlier

    async def decide(
        self, check_id: str, decision: DecisionRequest, admission: Admission
    ) -> DecisionReply:
        """Record what an officer decided; raise ``Refused``."""
        answer = self.checks.recall.answers.find(check_id, admission.name)
        if answer is None:
            raise Refused(Refusal.CHECK_NOT_FOUND)
        reply = decode_as(answer, CheckReply)
        self._require_allowed(decision, reply)
        record = await self._record(check_id, admission)
        override = decision.outcome != reply.verdict
        await self.checks.record(self._entry(record, decision, admission, override=override))
        await self._follow_up(
            record,
            id=new_id(),
            kind="decision",
            outcome=decision.outcome,
            evidence=decision.evidence_kind or "",
            reason=decision.reason_code,
        )
        return DecisionReply(
            check_id=check_id,
            outcome=decision.outcome,
            override=override,
            until_date=decision.until_date,
            correlation_id=correlation_id(),
        )

    async def feedback(
        self, check_id: str, feedback: FeedbackRequest, admission: Admission
    ) -> None:
        """Put a check before whoever owns the rules; raise ``CHECK_NOT_FOUND``."""
        record, reason = await self._record(check_id, admission), feedback.reason_code
        await self._follow_up(
            record, id=f"{check_id} {reason}", kind="feedback", check_id=check_id, reason=reason
        )

    def _require_allowed(self, decision: DecisionRequest, reply: CheckReply) -> None:
        manual, rules = reply.manual_decision, reply.rule_set
        rule_set = None if rules is None else self.parts.rules.replay(rules.digest)
        if manual is None or not manual.allowed or rule_set is None:
            raise Refused(Refusal.DECISION_NOT_ALLOWED)
        until, today = decision.until_date, self.parts.clock().date()
        if decision.outcome == "red":
            fits = until is None and decision.evidence_kind is None
        else:
            within = until is not None and today <= until <= last_day(rule_set, today)
            fits = within and decision.evidence_kind in manual.evidence
        if not fits:
            raise Refused(Refusal.DECISION_NOT_ALLOWED)

    async def _record(self, check_id: str, admission: Admission) -> Mapping[str, Any]:
        """Return the record of an answer to whoever asked; raise ``CHECK_NOT_FOUND``."""
        record = await self.worker.do(lambda: self.parts.audit.answer_to(check_id))
        if record is None or not _is_of(record, admission):
            raise Refused(Refusal.CHECK_NOT_FOUND)
        return record

    def _entry(
        self,
        record: Mapping[str, Any],
        decision: DecisionRequest,
        admission: Admission,
        *,
        override: bool,
    ) -> Entry:
        """Return the record of a decision: about whom and where as the check, and no evidence."""
        sealer, moment, check_id = self.parts.sealer, self.parts.clock(), record["check_id"]
        same = ("check_id", "client", "device", "channel", "site", "purpose", "use_case")
        person = ("rule_set", "subject", "subject_sealed", "capture_method", "proof")
        return Entry(
            kind="override",
            correlation_id=correlation_id(),
            asked_at=moment,
            answered_at=moment,
            operator=admission.pseudonym,
            operator_sealed=sealer.seal_operator(admission.operator_id, check_id) if sealer else "",
            colour=decision.outcome,
            override="yes" if override else "no",
            **{name: record[name] for name in (*same, *person)},
        )

    async def _follow_up(self, record: Mapping[str, Any], **more: str) -> None:
        today = self.parts.clock().date()
        row = FollowUp(
            made_on=today.isoformat(),
            use_case=record["use_case"],
            rule_set=record["rule_set"],
            verdict=record["colour"],
            **more,
        )
        await self.worker.do(lambda: self.parts.audit.follow_up(row, _oldest(today)))


def _oldest(today: date) -> str:
    return (today - _KEPT).isoformat()


def _is_of(record: Mapping[str, Any], admission: Admission) -> bool:
    own_device = not admission.device or record["device"] == admission.device
    who = (record["client"], record["operator"])
    return own_device and who == (admission.client, admission.pseudonym)
