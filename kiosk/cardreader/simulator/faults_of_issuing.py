"""Faults of who issued the card, and of what was signed: forgeries and refused cards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from kiosk.cardreader.simulator.encoding import split_tlvs, tlvs
from kiosk.cardreader.simulator.fault_kinds import FaultKind
from kiosk.cardreader.simulator.identity import NUMBER
from kiosk.cardreader.simulator.layout import Applet, File
from kiosk.cardreader.simulator.pki import Forgery, Scheme
from kiosk.cardreader.simulator.plan import Plan

_Change = Callable[[Plan, Sequence[str]], Plan]

_LONG_NAME: Final = "Anna-Allegonda Wilhelmina Van den Bogaerde-Zonnebloem " * 2
_OTHER_PERSON: Final = b"90610100155"


def _forged(forgery: Forgery) -> _Change:
    return lambda plan, _: plan.forged(forgery)


def _persona(**changes: Any) -> _Change:
    return lambda plan, _: plan.persona(lambda persona: replace(persona, **changes))


def _document_type(plan: Plan, given: Sequence[str]) -> Plan:
    if not given[0].isalnum():
        raise ValueError(given[0])
    return plan.persona(lambda persona: replace(persona, document_type=given[0]))


def _other_signature(plan: Plan, _: Sequence[str]) -> Plan:
    """Sign another person's identity, and put this person's back on the card."""
    kept: list[bytes] = []

    def sign_other(content: bytes) -> bytes:
        kept[:] = [content]
        elements = [(t, _OTHER_PERSON if t == NUMBER else v) for t, v in split_tlvs(content)]
        return tlvs(elements)

    return plan.edited(sign_other).with_file(File.IDENTITY, lambda _: kept[0])


def _without_number(plan: Plan, _: Sequence[str]) -> Plan:
    return plan.edited(lambda content: tlvs(e for e in split_tlvs(content) if e[0] != NUMBER))


def _wrong_number(plan: Plan, _: Sequence[str]) -> Plan:
    def last_digit_changed(number: str) -> str:
        return number[:-1] + str((int(number[-1]) + 1) % 10)

    return plan.persona(lambda persona: replace(persona, number=last_digit_changed(persona.number)))


def _rekeyed(plan: Plan, _: Sequence[str]) -> Plan:
    if plan.order.applet is not Applet.V1_7:
        raise ValueError("only 1.7")
    return replace(plan, order=replace(plan.order, rekeyed=True))


def _other_hash(plan: Plan, _: Sequence[str]) -> Plan:
    if plan.order.scheme is Scheme.EC_SHA384:
        raise ValueError("only RSA")
    return replace(plan, order=replace(plan.order, other_hash=True))


OF_ISSUING: Final = (
    FaultKind(
        "other-signature", (), "the signature of another person's identity", _other_signature
    ),
    FaultKind("citizen-signed", (), "signed with a citizen's own key", _forged(Forgery.CITIZEN)),
    FaultKind("unknown-root", (), "a second complete PKI", _forged(Forgery.UNKNOWN_ROOT)),
    FaultKind("forged-root", (), "the root's name with another key", _forged(Forgery.FORGED_ROOT)),
    FaultKind(
        "forged-rrn", (), "that root's RRN beside the right root", _forged(Forgery.FORGED_RRN)
    ),
    FaultKind("root-expired", (), "the root's validity is over", _forged(Forgery.ROOT_EXPIRED)),
    FaultKind("rrn-expired", (), "the RRN's validity is over", _forged(Forgery.RRN_EXPIRED)),
    FaultKind("rrn-not-yet-valid", (), "the RRN is not valid yet", _forged(Forgery.RRN_NOT_YET)),
    FaultKind("rrn-authority", (), "the RRN is an authority", _forged(Forgery.RRN_AUTHORITY)),
    FaultKind("rrn-name", (), "the RRN has another name", _forged(Forgery.RRN_NAME)),
    FaultKind(
        "rrn-intermediate", (), "not the root issued the RRN", _forged(Forgery.RRN_INTERMEDIATE)
    ),
    FaultKind("expired", (), "the card's validity is over", _persona(valid_until=date(2021, 3, 2))),
    FaultKind("not-yet-valid", (), "valid from 2050 on", _persona(valid_from=date(2050, 1, 1))),
    FaultKind("document-type", ("TYPE",), "another kind of document: 7, 8, …", _document_type),
    FaultKind("no-number", (), "a signed identity without a number", _without_number),
    FaultKind("wrong-number", (), "a signed number with wrong check digits", _wrong_number),
    FaultKind("long-names", (), "an identity of two blocks", _persona(given_names=_LONG_NAME)),
    FaultKind("rekeyed", (), "a 1.7 card signed anew with P-384 (no fault)", _rekeyed),
    FaultKind("other-hash", (), "an RSA card signed with the other hash (no fault)", _other_hash),
)
