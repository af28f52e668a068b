"""The wire messages of the central service, version 1: what both ends agree on.

Both are read leniently where a later version may say more: a field that this
one does not know is ignored, a colour that it does not know is an orange. The national
number is a :class:`NationalNumber` on both sides, so that no message prints it.
"""

from __future__ import annotations

import re
import uuid
from datetime import date, datetime
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from kiosk.domain.national_number import NationalNumber, Purpose
from kiosk.domain.verdict import SourceState

CHECKS_PATH = "/v1/checks"
SOURCE_STATUS_PATH = "/v1/source-status"
TOKEN_PATH = "/v1/token"  # noqa: S105  # an address
DEVICES_PATH = "/v1/devices"
ENROLMENTS_PATH = "/v1/devices/enrolments"
NUMBER_SCHEME = "be-nrn"
JSON = "application/json"
PROBLEM_JSON = "application/problem+json"
_NUMBER_LENGTH = 11
_RUN = re.compile(r"\d{9}")
_UNKNOWN = "unknown"
_LAMP_STATES = frozenset(
    {"ok", "unavailable", "refused", "too-busy", "not-configured", _UNKNOWN},
)
_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_Word: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[a-z-]{1,40}\Z")]


class _Request(msgspec.Struct, rename="camel", frozen=True, kw_only=True, omit_defaults=True):
    pass


class _Reply(msgspec.Struct, rename="camel", frozen=True, kw_only=True):
    pass


class SubjectRef(_Request, frozen=True, kw_only=True):
    """Whom the question is about."""

    scheme: str
    value: NationalNumber


class Notice(_Request, frozen=True, kw_only=True):
    """What the person was told before the card was read."""

    version: str
    basis: str
    shown_at: datetime


class Capture(_Request, frozen=True, kw_only=True):
    """How the number was obtained; the proof is computed at the kiosk."""

    method: str
    proof: str
    notice: Notice | None = None
    alternative_offered: bool = True


class Relation(_Request, frozen=True, kw_only=True):
    """On whose behalf the question is asked (a parent for a child)."""

    role: str
    of_subject: SubjectRef


class Channel(_Request, frozen=True, kw_only=True):
    """The place the question comes from: desk, self-service, web-service or batch."""

    kind: str
    device_id: str
    site_id: str = ""


class CheckRequest(_Request, frozen=True, kw_only=True):
    """The body of ``POST /v1/checks``."""

    use_case: str
    purpose: str
    subject: SubjectRef
    capture: Capture
    channel: Channel
    on_date: date | None = None
    relation: Relation | None = None
    want: tuple[str, ...] = ("verdict", "guidance")


class TariffReply(_Reply, frozen=True, kw_only=True):
    """A tariff class; ``category`` is a class, never a ground."""

    code: str
    category: str | None = None
    pay_percent: int | None = None
    label: dict[str, str] = {}


class Validity(_Reply, frozen=True, kw_only=True):
    """From when until when the answer holds."""

    from_: date | None = msgspec.field(default=None, name="from")
    until: date | None = None
    end_kind: str | None = None
    recheck_from: date | None = None


class GuidanceReply(_Reply, frozen=True, kw_only=True):
    """What to do next, in the languages of the service."""

    code: str
    level: str = "info"
    title: dict[str, str] = {}
    steps: dict[str, list[str]] = {}


class SourceReply(_Reply, frozen=True, kw_only=True):
    """Why a group of sources could not settle an orange."""

    group: str
    state: str
    reason: str | None = None
    retryable: bool = False
    retry_after_seconds: int | None = None
    freshness: str | None = None
    as_of: datetime | None = None


class ManualDecisionReply(_Reply, frozen=True, kw_only=True):
    """Whether and on what evidence an officer may decide."""

    allowed: bool = False
    roles: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()


class RuleSetReply(_Reply, frozen=True, kw_only=True):
    """Which rules decided, so that the decision can be replayed."""

    id: str
    version: str
    digest: str
    effective: tuple[date | None, ...] = ()


class CheckReply(_Reply, frozen=True, kw_only=True):
    """The body of a 200: always a verdict, also for somebody unknown."""

    check_id: str
    use_case: str
    verdict: str
    determined: bool
    tariff: TariffReply | None = None
    validity: Validity | None = None
    guidance: tuple[GuidanceReply, ...] = ()
    blocked_by: tuple[str, ...] = ()
    sources: tuple[SourceReply, ...] = ()
    manual_decision: ManualDecisionReply | None = None
    rule_set: RuleSetReply | None = None
    display_until: datetime | None = None
    correlation_id: str | None = None


class EnrolmentRequest(_Request, frozen=True, kw_only=True):
    """The body of ``POST /v1/devices/enrolments``; ``jwk`` is the public key of this machine."""

    code: Annotated[str, msgspec.Meta(max_length=64)]
    jwk: dict[str, Any]


class EnrolmentReply(_Reply, frozen=True, kw_only=True):
    """The name of a device from now on, and what it may ask."""

    device_id: str
    token_url: str = ""
    site_id: str = ""
    purposes: tuple[str, ...] = ()
    use_cases: tuple[str, ...] = ()


class LampReply(_Reply, frozen=True, kw_only=True):
    """How one group of sources fares for everybody; says nothing about any check."""

    group: _Word
    state: _Word


class SourceStatusReply(_Reply, frozen=True, kw_only=True):
    """The body of ``GET /v1/source-status``."""

    sources: Annotated[tuple[LampReply, ...], msgspec.Meta(max_length=16)]


class ProblemReply(_Reply, frozen=True, kw_only=True):
    """The body of an error: RFC 9457, with a stable code and a text for people."""

    type: str = "about:blank"
    title: str = ""
    status: int = 0
    code: str = ""
    end_user_message: dict[str, str] = {}
    correlation_id: str | None = None
    retryable: bool = False


class NotUnderstood(ValueError):
    """The bytes are not a message of this contract. They are never quoted."""


def encode(message: msgspec.Struct) -> bytes:
    """Return the JSON of a message; this is where a number leaves for the service."""
    return msgspec.json.encode(message, enc_hook=_disclose)


def decode_as(body: bytes, kind: type[_Struct]) -> _Struct:
    """Read a message of a kind; raise ``NotUnderstood`` without a word of its content."""
    problem = None
    try:
        return msgspec.json.decode(body, type=kind, dec_hook=_recognise)
    except (msgspec.MsgspecError, ValueError, RecursionError, OverflowError) as error:
        problem = type(error).__name__
    raise NotUnderstood(problem)  # outside the handler: no chained error quotes the content


def read_enrolment(body: bytes) -> EnrolmentRequest:
    """Read what a device sends to be registered; raise ``NotUnderstood``."""
    return decode_as(body, EnrolmentRequest)


def read_enrolment_reply(body: bytes) -> EnrolmentReply:
    """Read a device's registration; raise ``NotUnderstood``."""
    return decode_as(body, EnrolmentReply)


def read_source_status(body: bytes) -> tuple[SourceState, ...]:
    """Read the lamps; a state that this version does not know is ``unknown``.

    Raise ``NotUnderstood`` for anything but groups and states in plain words, each
    group once: what is told about nobody has no room for anything about somebody.
    """
    reply = decode_as(body, SourceStatusReply)
    if len({lamp.group for lamp in reply.sources}) < len(reply.sources):
        raise NotUnderstood("a group twice")
    return tuple(
        SourceState(group=lamp.group, state=lamp.state if lamp.state in _LAMP_STATES else _UNKNOWN)
        for lamp in reply.sources
    )


def new_id() -> str:
    """Return a random uuid that nobody can take for a national number.

    It has no nine digits in a row: searches for leaked numbers look for runs,
    and one random uuid in eight holds eleven digits.
    """
    while True:
        text = str(uuid.uuid4())
        if not _RUN.search(text.replace("-", "")):
            return text


def quotes(number: NationalNumber, body: bytes) -> bool:
    """Whether an answer holds the number that was asked about; none ever may."""
    return number.disclose(Purpose.ANSWER_CHECK).encode("ascii") in body


def _disclose(value: object) -> str:
    if isinstance(value, NationalNumber):
        return value.disclose(Purpose.ELIGIBILITY_QUESTION)
    raise NotImplementedError(type(value).__name__)


def _recognise(kind: type, value: object) -> object:
    if kind is NationalNumber and isinstance(value, str) and len(value) == _NUMBER_LENGTH:
        return NationalNumber(value)
    raise ValueError("not a national number")
