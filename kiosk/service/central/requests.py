"""What a request must look like before anybody thinks about it.

Texts that end in the audit record are held to a narrow form, so that none of them can carry a
name or a national number into it.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TypeVar

import msgspec

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber, NumberKind
from kiosk.domain.verdict import UseCase
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.identifiers import holds_number, is_harmless_name
from kiosk.service.contract import JSON, NUMBER_SCHEME, CheckRequest, NotUnderstood, decode_as

METHODS = {"eid-chip", "kids-id", "foreigner-card", "eid-barcode", "manual", "back-office"}
PROOFS = {"chip", "signature", "typed"}
_TYPED_METHODS = {"manual", "back-office", "eid-barcode"}
"""No chip took part in these, so nothing is proven by one."""
FURTHEST_AHEAD = timedelta(days=366)
"""Nobody knows the rules of a later day."""

_T = TypeVar("_T", bound=msgspec.Struct)
_URN = re.compile(r"urn:[A-Za-z0-9][A-Za-z0-9-]{1,31}:[A-Za-z0-9._:-]{1,160}")


class _Value(msgspec.Struct, frozen=True):
    value: str


class _Subject(msgspec.Struct, frozen=True):
    subject: _Value


def require_json(content_type: str, content_encoding: str) -> None:
    """Refuse a body that is not plain JSON in UTF-8."""
    media, _, parameters = content_type.partition(";")
    charset = parameters.replace(" ", "").replace('"', "").lower()
    plain = content_encoding.strip().lower() in ("", "identity")
    if media.strip().lower() != JSON or charset not in ("", "charset=utf-8") or not plain:
        raise Refused(Refusal.UNSUPPORTED_MEDIA)


def read_request(body: bytes, *, test_numbers: bool) -> CheckRequest:
    """Read and check a body; raise ``Refused`` without a word of its content.

    A test number is a number only where ``test_numbers`` says so.
    """
    request = decode_about(body, CheckRequest)
    if not _is_well_formed(request):
        raise Refused(Refusal.INVALID_REQUEST)
    require_number(request.subject.value, test_numbers=test_numbers)
    return request


def decode_about(body: bytes, kind: type[_T]) -> _T:
    """Read a message about somebody; say whether it is their number that is wrong."""
    try:
        return decode_as(body, kind)
    except NotUnderstood:
        refusal = Refusal.INVALID_NUMBER if _has_wrong_number(body) else Refusal.INVALID_REQUEST
    raise Refused(refusal)  # outside the handler: no chained error


def require_number(number: NationalNumber, *, test_numbers: bool) -> None:
    """Refuse a test number where there are none."""
    if number.kind is NumberKind.TEST and not test_numbers:
        raise Refused(Refusal.INVALID_NUMBER)


def is_listed_purpose(request: CheckRequest, purposes: tuple[str, ...]) -> bool:
    """Whether a purpose is on the list; an empty list holds every purpose."""
    return not purposes or request.purpose in purposes


def day_of(request: CheckRequest, today: date) -> date:
    """Return the day that is asked about; refuse one too far ahead to know its rules."""
    day = request.on_date or today
    if day - today > FURTHEST_AHEAD:
        raise Refused(Refusal.NO_RULE_SET)
    return day


def _has_wrong_number(body: bytes) -> bool:
    try:
        text = msgspec.json.decode(body, type=_Subject).subject.value
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return not _is_number(text)


def _is_number(text: str) -> bool:
    try:
        NationalNumber(text)
    except InvalidNationalNumber:
        return False
    return True


def _is_well_formed(request: CheckRequest) -> bool:
    channel, capture = request.channel, request.capture
    return (
        request.use_case in {case.value for case in UseCase}
        and request.subject.scheme == NUMBER_SCHEME
        and request.relation is None  # for minors in school questions, which have no rules yet
        and channel.kind in {kind.value for kind in ChannelKind}
        and capture.method in METHODS
        and capture.proof in PROOFS
        and (capture.method in _TYPED_METHODS) == (capture.proof == "typed")
        and _URN.fullmatch(request.purpose) is not None
        and not holds_number(request.purpose)
        and is_harmless_name(channel.device_id)
        and (channel.site_id == "" or is_harmless_name(channel.site_id))
    )
