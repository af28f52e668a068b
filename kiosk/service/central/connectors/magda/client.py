"""Asking one service one question: guarded, signed, sent, and believed only if it fits."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Protocol

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber, Purpose
from kiosk.service.central.connectors import Question, SourceState, local_today
from kiosk.service.central.connectors.guard import Guard, Pace
from kiosk.service.central.connectors.magda.answers import (
    Content,
    read_answer,
    require_subject,
    subject_of,
)
from kiosk.service.central.connectors.magda.failures import NotAnswered, Note, Reason
from kiosk.service.central.connectors.magda.messages import Demand, Heading, request
from kiosk.service.central.connectors.magda.services import HANDICAP, Service
from kiosk.service.central.connectors.magda.xml import Node, Part
from kiosk.service.central.facts import ChannelKind
from kiosk.service.contract import new_id

Ask = Callable[[str], Demand]
"""Makes a question to a service from digits."""


class Post(Protocol):
    """Sends a message; see :class:`.transport.Transport`."""

    def __call__(self, url: str, message: bytes, headers: Mapping[str, str]) -> Awaitable[bytes]:
        """Return the XML that came back; raise ``NotAnswered``."""
        ...


Seal = Callable[[Part, str, datetime], bytes]
"""Puts a request into its envelope; see :class:`.signature.Signer`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What was agreed with MAGDA: addresses by service, senders by purpose, capacity, pace."""

    urls: Mapping[Service, str]
    sender: str
    senders: Mapping[str, str] = field(default_factory=dict)
    capacity: str = ""
    pace: Pace = Pace()  # noqa: RUF009  # frozen: it may be shared


@dataclass(frozen=True, slots=True)
class Told:
    """What a service told, and the digits of the person it is about (new ones, if replaced)."""

    inside: Node | None
    notes: frozenset[Note]
    digits: str = field(repr=False)

    def at(self, path: str = ".") -> Node:
        """The element at a path; raise ``NotAnswered`` when it is not there."""
        found = None if self.inside is None else self.inside.find(path)
        if found is None:
            raise NotAnswered(Reason.NOT_UNDERSTOOD)
        return found


class Client:
    """Asks the services that have an address."""

    def __init__(
        self,
        agreement: Agreement,
        post: Post,
        seal: Seal,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], date] = local_today,
    ) -> None:
        self.today = today
        self._agreement = agreement
        self._post = post
        self._seal = seal
        self._guards = {service.name: Guard(agreement.pace, clock) for service in agreement.urls}

    def serves(self, service: Service) -> bool:
        """Whether a service may be asked at all."""
        return service in self._agreement.urls

    def status(self, service: Service) -> SourceState | None:
        """How a service fares for everybody, ``None`` before its first answer."""
        return self._guards[service.name].status()

    async def ask(
        self, question: Question, demand: Ask, about: NationalNumber | None = None
    ) -> Told:
        """Ask about the person of the question, or ``about`` another; raise ``NotAnswered``.

        A new number that the answer names is followed once. Without one, nothing is told: what is
        found under the old number is no proof of anything.
        """
        asked = _disclose(question.number if about is None else about)
        service = demand(asked).service
        try:
            told = await self._follow(question, demand, asked, is_subject=about is None)
        except NotAnswered as failure:
            # What merely did not come tells nothing of numbers; a definite absence does.
            if about is None and (failure.replaced_by is not None or not failure.state.retryable):
                question.replacements.note(service.name, failure.replaced_by)
            raise
        if about is None:
            news = None if told.digits == asked else frozenset({told.digits})
            question.replacements.note(service.name, news)
        return told

    async def _follow(
        self, question: Question, demand: Ask, digits: str, *, is_subject: bool
    ) -> Told:
        service = demand(digits).service
        content = await self._call(question, demand(digits))
        if Note.REPLACED not in content.notes:
            return _told(content, service, digits)
        new = _new_number(content, service, digits)
        if is_subject:  # now: there may be no time left for the answer about it
            question.replacements.note(service.name, frozenset({new}))
        try:
            if is_subject and question.operator is not None and _is(question.operator, new):
                question.replacements.is_own_file = True
                raise NotAnswered(Reason.OWN_FILE)
            if subject_of(content, service) != new:
                content = await self._call(question, demand(new))
                if Note.REPLACED in content.notes:
                    raise NotAnswered(Reason.REPLACED)
            return _told(content, service, new)
        except NotAnswered as failure:
            failure.replaced_by = _numbers_of(failure, new)
            raise

    async def _call(self, question: Question, demand: Demand) -> Content:
        guard = self._guards[demand.service.name]
        held = guard.hold(batch=question.channel is ChannelKind.BATCH)
        if held is not None:
            raise NotAnswered(Reason(held.reason), held.seconds)
        # A call that is cancelled counts for neither: somebody else's time was up.
        try:
            content = await self._exchange(question, demand)
        except NotAnswered as failure:
            _note(guard, failure)
            raise
        except asyncio.CancelledError:
            guard.called_off()
            raise
        guard.answered()
        return content

    async def _exchange(self, question: Question, demand: Demand) -> Content:
        service, moment = demand.service, datetime.now(UTC).astimezone()
        user = "" if question.operator is None else _disclose(question.operator)
        heading = Heading(
            sender=self._agreement.senders.get(question.purpose, self._agreement.sender),
            capacity=self._agreement.capacity,
            user=user,
            reference=new_id(),
            question=new_id(),
            moment=moment,
        )
        message = self._seal(request(demand, heading), service.namespace, moment)
        headers = {"X-Correlation-ID": question.correlation_id or new_id()}
        if user:
            headers["X-Magda-Enduser-ID"] = user
        body = await self._post(self._agreement.urls[service], message, headers)
        return read_answer(body, service, heading.question)


def _note(guard: Guard, failure: NotAnswered) -> None:
    """Tell the guard of a service what a failure says of it."""
    if failure.is_of_one_answer:
        return
    if failure.state.retryable:
        guard.failed()
    else:
        refused = failure.reason is Reason.NOT_AUTHORISED
        guard.answered(SourceState.REFUSED if refused else SourceState.OK)


def _disclose(number: NationalNumber) -> str:
    return number.disclose(Purpose.SOURCE_QUESTION)


def _told(content: Content, service: Service, digits: str) -> Told:
    require_subject(content, service, digits)
    absent = content.inside is None or Note.NO_DATA in content.notes
    if absent and (service != HANDICAP or Note.NO_DATA not in content.notes):
        raise NotAnswered(Reason.NO_DOSSIER)
    return Told(content.inside, content.notes, digits)


def _new_number(content: Content, service: Service, asked: str) -> str:
    """Return the one new number that a warning names, if the answer is about it or about the old.

    An answer about anybody else is not that of the person, whatever it warns of.
    """
    named = content.named - {asked}
    subject = subject_of(content, service)
    reason = Reason.REPLACED
    if len(named) == 1:
        (new,) = named
        if _is_number(new) and subject in ("", asked, new):
            return new
        reason = Reason.OTHER_PERSON
    elif named and subject not in ("", asked, *named):
        reason = Reason.OTHER_PERSON
    failure = NotAnswered(reason)
    failure.replaced_by = frozenset()
    raise failure


def _numbers_of(failure: NotAnswered, new: str) -> frozenset[str]:
    """The new number; and beside it a place for the next one, when that was replaced as well.

    Two numbers are believed by nobody, so that a no about the first of them is none either.
    """
    again = failure.reason is Reason.REPLACED or failure.replaced_by is not None
    return frozenset({new, ""} if again else {new})


def _is_number(digits: str) -> bool:
    try:
        NationalNumber(digits).wipe()
    except InvalidNationalNumber:
        return False
    return True


def _is(number: NationalNumber, digits: str) -> bool:
    other = NationalNumber(digits)
    try:
        return number == other
    finally:
        other.wipe()
