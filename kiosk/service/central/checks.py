"""One check from its body to its answer: read, record, ask, decide, record, answer."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime

from kiosk.service.central.attempts import Attempts
from kiosk.service.central.audit import AuditStore, Entry, SourceCall
from kiosk.service.central.audit_anchors import AnchorFile
from kiosk.service.central.audit_writer import AuditWriter
from kiosk.service.central.clients.access import Access
from kiosk.service.central.clients.admission import ANYBODY, Admission
from kiosk.service.central.connectors import Question
from kiosk.service.central.decide import Decider, Decision
from kiosk.service.central.envelope import longest_wait, request_id
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.identifiers import is_uuid, new_check_id
from kiosk.service.central.keys import Keys
from kiosk.service.central.recall import AFRESH, About, Afresh, Earlier, Recall
from kiosk.service.central.replays import Replays
from kiosk.service.central.replies import Occasion, reply_to
from kiosk.service.central.requests import day_of, is_listed_purpose, read_request
from kiosk.service.central.rule_files import RuleBook
from kiosk.service.central.rules import RuleSet
from kiosk.service.central.sealed_numbers import Sealer
from kiosk.service.central.storage.database import StorageUnavailable
from kiosk.service.central.terminals import Terminals
from kiosk.service.central.watch import UNWATCHED, Watch
from kiosk.service.contract import CheckRequest, encode


def now() -> datetime:
    """The time of day in the server's zone."""
    return datetime.now(UTC).astimezone()


async def nothing_to_close() -> None:
    """Do nothing: these sources hold nothing open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What checks are made with; ``clock`` is replaced in tests.

    Without a ``sealer`` no number is kept for the data protection officer; without ``access``
    everybody may ask everything. No verdict is there sooner than after ``least_seconds``.
    """

    decider: Decider
    rules: RuleBook
    audit: AuditStore
    keys: Keys
    test_numbers: bool
    sealer: Sealer | None = None
    anchors: AnchorFile | None = None
    purposes: tuple[str, ...] = ()
    access: Access | None = None
    least_seconds: float = 0.0
    clock: Callable[[], datetime] = now
    close_sources: Callable[[], Awaitable[None]] = nothing_to_close
    watch: Watch = UNWATCHED
    terminals: Terminals = field(default_factory=Terminals)


class Checks:
    """Answers the bodies of ``POST /v1/checks``."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._replays = Replays(parts.keys)
        self._writer = AuditWriter(parts.audit, parts.anchors)
        self._attempts = Attempts(self.record)
        self.recall = Recall()

    async def answer(
        self,
        body: bytes,
        idempotency_key: str,
        correlation_id: str,
        admission: Admission = ANYBODY,
        earlier: Afresh = AFRESH,
    ) -> bytes:
        """Return the encoded answer; raise ``Refused`` when there is none.

        With an ``earlier`` check only the groups are asked that had not told then.
        """
        request, begun = None, False
        try:
            _require_key(idempotency_key)
            asked = request = read_request(body, test_numbers=self._parts.test_numbers)
            await self._require_allowed(request, correlation_id, admission)
            question, rule_set = self._question(request, correlation_id, admission)

            def begin() -> Coroutine[None, None, bytes]:
                nonlocal begun
                about = self._about(question, rule_set)
                earlier.use(about)
                begun = True  # from here on the check wipes the number, even if we are cancelled
                return self._check(asked, question, rule_set, about, admission, earlier)

            # A retry is apart from the check that it repeats, whatever key they send.
            who = f"{admission.name}{earlier.check_id} "
            return await self._replays.once(who, idempotency_key, body, begin)
        finally:
            if not begun:
                admission.wipe()
                if request is not None:
                    request.subject.value.wipe()

    async def ready(self) -> bool:
        """Whether a check could be recorded now."""
        try:
            await self._writer.probe()
        except StorageUnavailable:
            return False
        return True

    async def record(self, entry: Entry) -> None:
        """Return once a record is on disk; raise ``SERVICE_UNAVAILABLE``."""
        started = time.perf_counter()
        try:
            await self._writer.write(entry)
            self._parts.watch.recorded(time.perf_counter() - started)
        except StorageUnavailable as error:
            raise Refused(Refusal.SERVICE_UNAVAILABLE) from error

    def close(self) -> None:
        """Write what is being written, then stop."""
        self._writer.close()
        self._parts.audit.close()

    def _question(
        self, request: CheckRequest, correlation_id: str, admission: Admission
    ) -> tuple[Question, RuleSet]:
        """Return what the sources are asked, and the rules of that day."""
        day = day_of(request, self._parts.clock().date())
        rule_set = self._parts.rules.find(request.use_case, day)
        if rule_set is None:
            raise Refused(Refusal.NO_RULE_SET)
        question = Question(
            number=request.subject.value,
            on_date=day,
            channel=ChannelKind(request.channel.kind),
            purpose=request.purpose,
            correlation_id=correlation_id,
            operator=admission.number,
        )
        return question, rule_set

    async def _require_allowed(
        self, request: CheckRequest, correlation_id: str, admission: Admission
    ) -> None:
        """Refuse what this caller may not ask; the attempt counts, and leaves a record."""
        objection = admission.objection_to(request)
        if objection is None and not is_listed_purpose(request, self._parts.purposes):
            objection = Refusal.PURPOSE_NOT_ALLOWED
        if objection is not None:
            attempt = self._entry(request, correlation_id, admission)
            attempt = dataclasses.replace(attempt, kind=objection.code)
            await self._attempts.take(attempt, admission.name, admission.count(request))
            raise Refused(objection)

    async def _check(
        self,
        request: CheckRequest,
        question: Question,
        rule_set: RuleSet,
        about: About,
        admission: Admission,
        earlier: Afresh,
    ) -> bytes:
        ends = time.monotonic() + self._parts.least_seconds
        try:
            await admission.count(request)
            entry = self._entry(request, question.correlation_id, admission)
            asked = self._asked(entry, question, about)
            await self.record(asked)
            decision = await self._decide(asked, question, rule_set, earlier)
        finally:
            question.number.wipe()
            admission.wipe()
        # Before the time of the answer is taken, which is in it.
        await asyncio.sleep(ends - time.monotonic())
        answered_at = self._parts.clock()
        await self.record(_answered(asked, decision, answered_at))
        guided = "guidance" in request.want
        occasion = _occasion(asked, question, answered_at, guided=guided)
        reply = encode(reply_to(decision, rule_set, occasion))
        told = _earlier(asked, about, decision)
        return self.recall.keep(admission.name, reply, told, may_retry=decision.may_retry)

    async def _decide(
        self, asked: Entry, question: Question, rule_set: RuleSet, earlier: Afresh
    ) -> Decision:
        decision = await self._parts.decider.decide(
            question, question.channel, rule_set, earlier.answers, longest_wait()
        )
        if decision.is_own_file:
            await self.record(dataclasses.replace(asked, kind=Refusal.OWN_FILE.code))
            raise Refused(Refusal.OWN_FILE)
        self._parts.watch.decided(rule_set.id, decision)
        return decision

    def _about(self, question: Question, rule_set: RuleSet) -> About:
        subject = self._parts.keys.pseudonym(question.number)
        channel, purpose = question.channel, question.purpose
        return About(subject, rule_set.digest, question.on_date, channel, purpose)

    def _entry(self, request: CheckRequest, correlation_id: str, admission: Admission) -> Entry:
        """Return a record of a question without its person and without rules."""
        check_id, sealer = new_check_id(), self._parts.sealer
        sealed = sealer.seal_operator(admission.operator_id, check_id) if sealer else ""
        return Entry(
            kind="asked",
            check_id=check_id,
            correlation_id=correlation_id,
            request_id=request_id(),
            asked_at=self._parts.clock(),
            client=admission.client,
            device=request.channel.device_id,
            channel=request.channel.kind,
            site=request.channel.site_id,
            operator=admission.pseudonym,
            operator_sealed=sealed,
            purpose=request.purpose,
            use_case=request.use_case,
            rule_set="",
            subject="",
            capture_method=request.capture.method,
            proof=request.capture.proof,
        )

    def _asked(self, entry: Entry, question: Question, about: About) -> Entry:
        sealer = self._parts.sealer
        return dataclasses.replace(
            entry,
            rule_set=about.rule_set,
            subject=about.subject,
            subject_sealed=sealer.seal(question.number, entry.check_id) if sealer else "",
        )


def _earlier(asked: Entry, about: About, decision: Decision) -> Earlier:
    return Earlier(
        check_id=asked.check_id,
        correlation_id=asked.correlation_id,
        about=about,
        answers=decision.told,
    )


def _require_key(idempotency_key: str) -> None:
    if not is_uuid(idempotency_key):
        raise Refused(Refusal.INVALID_REQUEST)


def _occasion(asked: Entry, question: Question, answered_at: datetime, *, guided: bool) -> Occasion:
    return Occasion(
        check_id=asked.check_id,
        correlation_id=asked.correlation_id,
        on_date=question.on_date,
        answered_at=answered_at,
        with_guidance=guided,
        at_desk=question.channel is ChannelKind.DESK,
    )


def _answered(asked: Entry, decision: Decision, moment: datetime) -> Entry:
    calls = tuple(SourceCall(c.group, c.state.value, c.milliseconds) for c in decision.called)
    return dataclasses.replace(
        asked,
        kind="answered",
        answered_at=moment,
        sources=calls,
        colour=decision.finding.colour.value,
    )
