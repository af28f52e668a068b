"""From the bytes of an answer to its content: is it one, to this question, about this person.

Only what is wholly that is looked at further. Everything else raises ``NotAnswered``, whose text
never holds anything of the answer.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Final

from kiosk.service.central.connectors.magda.failures import (
    REPLACED_CODE,
    Diagnosis,
    NotAnswered,
    Note,
    Reason,
    gravest,
    is_known,
    loggable,
    meaning_of,
)
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    LIVING_WAGE,
    SOAP,
    TAX,
    Service,
)
from kiosk.service.central.connectors.magda.xml import Node, NotXml, read

_OUR_FAULT: Final = "Client"
_SSIN: Final = "ConsultFilesByDateResponse/ssin"
_SUBJECTS: Final = {
    HANDICAP.name: _SSIN,
    TAX.name: "AanslagbiljetPersonenbelasting/GevraagdePersoon/INSZ",
}
_SUBJECT: Final = "Persoon/INSZ"
_REPLACED_BY: Final = "replacedBy"
_TRUE: Final = ("true", "1")
_ABSENCES: Final = frozenset({Reason.NO_DOSSIER, Reason.UNKNOWN_NUMBER, Reason.NO_INCOME_YEAR})
_ELEVEN_DIGITS: Final = re.compile(r"(?<!\d)\d{11}(?!\d)", re.ASCII)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Content:
    """What a service told. ``inside`` is its ``Inhoud``; ``None`` when only a note came.

    ``named`` is the digits of every number that is told as a new one.
    """

    inside: Node | None
    notes: frozenset[Note]
    named: frozenset[str] = field(default=frozenset(), repr=False)


def read_answer(body: bytes, service: Service, question: str) -> Content:
    """Read the answer to the question with this mark; raise ``NotAnswered``."""
    reply = _reply(body, service)
    paths = ("Uitzonderingen/Uitzondering", "Antwoorden/Antwoord/Uitzonderingen/Uitzondering")
    exceptions = [item for path in paths for item in reply.all(path)]
    meanings, named = _meanings(service, exceptions), _named(exceptions)
    for number in reply.all(f"Antwoorden/Antwoord/Inhoud/{_SSIN}"):
        if _is_replaced(number):
            meanings.add(Note.REPLACED)
            named |= {number.attribute(_REPLACED_BY)} - {""}
    try:
        return _content(reply, service, question, meanings, named)
    except NotAnswered as failure:
        failure.replaced_by = frozenset() if Note.REPLACED in meanings else None
        raise


def subject_of(content: Content, service: Service) -> str:
    """Return the digits of whom an answer says that it is about; empty when it does not say."""
    path = _SUBJECTS.get(service.name, _SUBJECT)
    return "" if content.inside is None else content.inside.text(path)


def require_subject(content: Content, service: Service, digits: str) -> None:
    """Raise ``NotAnswered`` when the answer says that it is about somebody else.

    The household and the living wage name their persons deeper down and are looked at there; the
    file of a handicap may come without a number.
    """
    if content.inside is None or service == LIVING_WAGE:
        return
    named = subject_of(content, service)
    household = content.inside.all("Gezinsleden/Gezinslid")
    if household:
        named = digits if digits in {member.text("INSZ") for member in household} else ""
    if named != digits and (named or service != HANDICAP):
        raise _misdirected(Reason.OTHER_PERSON, service)


def _content(
    reply: Node,
    service: Service,
    question: str,
    meanings: set[Reason | Note],
    named: frozenset[str],
) -> Content:
    answers = reply.all("Antwoorden/Antwoord")
    if len(answers) > 1:
        raise NotAnswered(Reason.NOT_UNDERSTOOD)
    if answers and answers[0].text("Referte") != question:
        raise _misdirected(Reason.OTHER_QUESTION, service)
    notes = frozenset(meaning for meaning in meanings if isinstance(meaning, Note))
    reasons = {meaning for meaning in meanings if isinstance(meaning, Reason)}
    if Note.REPLACED in notes and reasons and reasons <= _ABSENCES:
        # Nothing is there any more under the old number: that is what a new one is for.
        return Content(None, notes, named)
    if reasons:
        raise _told(gravest(reasons), service)
    insides = answers[0].all("Inhoud") if answers else ()
    if not answers or not (insides or notes) or not _is_one(insides):
        raise NotAnswered(Reason.NOT_UNDERSTOOD)
    return Content(insides[0] if insides else None, notes, named)


def _is_one(insides: tuple[Node, ...]) -> bool:
    """Whether one thing is told at most: of two, nobody knows which is the person's."""
    return sum(max(1, len(inside.children())) for inside in insides) <= 1


def _reply(body: bytes, service: Service) -> Node:
    try:
        envelope = read(body)
    except NotXml:
        raise NotAnswered(Reason.NOT_UNDERSTOOD) from None
    bodies = envelope.all(f"{{{SOAP}}}Body")
    inner = bodies[0].children() if len(bodies) == 1 else ()
    if envelope.name != f"{{{SOAP}}}Envelope" or len(inner) != 1:
        raise NotAnswered(Reason.NOT_UNDERSTOOD)
    if inner[0].name == f"{{{SOAP}}}Fault":
        raise _fault(inner[0])
    replies = inner[0].all("Repliek")
    if inner[0].name != service.response or len(replies) != 1 or not _is_of(replies[0], service):
        raise NotAnswered(Reason.NOT_UNDERSTOOD)
    return replies[0]


def _is_of(reply: Node, service: Service) -> bool:
    context = reply.find("Context")
    return (
        context is not None
        and context.text("Naam") == service.name
        and context.text("Versie") == service.version
        and context.text("Bericht/Type") in ("ANTWOORD", "UITZONDERING")
    )


def _fault(fault: Node) -> NotAnswered:
    # A fault of "Client" is about what we sent, and that may be one person's number.
    ours = fault.text("faultcode").rpartition(":")[2] == _OUR_FAULT
    return NotAnswered(Reason.SOURCE_ERROR if ours else Reason.SOAP_FAULT)


def _meanings(service: Service, exceptions: list[Node]) -> set[Reason | Note]:
    return {meaning for item in exceptions if (meaning := _meaning(service, item)) is not None}


def _meaning(service: Service, item: Node) -> Reason | Note | None:
    text = " ".join((item.text("Diagnose"), item.text("Omstandigheid")))
    diagnosis = Diagnosis(item.text("Identificatie"), item.text("Type"), text)
    if not is_known(diagnosis):
        _log.warning("%s: unknown exception %s", service.name, loggable(diagnosis.code))
    return meaning_of(diagnosis)


def _is_replaced(number: Node) -> bool:
    """Whether the KSZ marks a number as not the person's any more, as it may without a warning."""
    return bool(number.attribute(_REPLACED_BY)) or number.attribute("canceled") in _TRUE


def _told(reason: Reason, service: Service) -> NotAnswered:
    if reason in (Reason.NOT_AUTHORISED, Reason.FILTERED, Reason.INVALID_NUMBER):
        _log.error("%s: %s: look at what was agreed with MAGDA", service.name, reason.value)
    return NotAnswered(reason)


def _misdirected(reason: Reason, service: Service) -> NotAnswered:
    _log.error("%s answered %s", service.name, reason.value)
    return NotAnswered(reason)


def _named(exceptions: list[Node]) -> frozenset[str]:
    warnings = [item for item in exceptions if item.text("Identificatie") == REPLACED_CODE]
    texts = (text for item in warnings for text in item.texts())
    return frozenset(digits for text in texts for digits in _ELEVEN_DIGITS.findall(text))
