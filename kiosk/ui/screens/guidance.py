"""What an officer does next after a verdict, from the service or from here."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from datetime import date
from typing import Final, TypeVar

from kiosk.domain.verdict import Colour, Guidance, Verdict
from kiosk.ui.screens.guidance_texts import LOCAL
from kiosk.ui.screens.parts import Line, Mark, Marked
from kiosk.ui.screens.phrases import Phrase, foreign, say, translate
from kiosk.ui.screens.view import Language, Wording

MOST_STEPS: Final = 8
_LONGEST_STEP: Final = 240
_LONGEST_TITLE: Final = 60
_LONGEST_EVIDENCE: Final = 60
_MOST_EVIDENCE: Final = 6
_PREFERRED: Final = {code: rank for rank, code in enumerate(("nl", "en", "fr", "de"))}

Kept = TypeVar("Kept", bound=Sized)

_GENERIC_GREEN: Final = (translate("Guidance", "Pas het tarief toe."),)
_GENERIC_RED: Final = (
    translate("Guidance", "Vraag of er **een recente beslissing** op papier is."),
    translate("Guidance", "Nee? Dan geldt het gewone tarief."),
)
_GENERIC_OPEN: Final = (
    translate("Guidance", "Druk op **F5**. We vragen de bron opnieuw."),
    translate("Guidance", "Nog geen antwoord? Vraag of de persoon **een bewijs** bij heeft."),
    translate("Guidance", "Geen bewijs? Dan geldt nu het gewone tarief."),
)
_GENERIC_BY_HAND: Final = (
    translate("Guidance", "Vraag of de persoon **een bewijs** bij heeft."),
    translate("Guidance", "Twijfelt u? Vraag het aan uw verantwoordelijke."),
)

_EVIDENCE: Final = {
    "attest-vt": translate("Guidance", "Attest van het ziekenfonds, van dit jaar"),
    "attest-ocmw": translate("Guidance", "Attest van het OCMW"),
    "attest-csr": translate("Guidance", "Bewijs van collectieve schuldenregeling"),
    "attest-disability": translate("Guidance", "Attest of kaart voor personen met een handicap"),
    "attest-carer": translate("Guidance", "Attest van mantelzorger"),
    "registration-certificate": translate("Guidance", "Inschrijvingsbewijs van het voertuig"),
}


def steps(verdict: Verdict, language: Language, words: Wording) -> tuple[str, ...]:
    """Return what to do next, each thing once; there is always at least one."""
    told = [
        step
        for guidance in verdict.guidance
        for step in _steps_of(guidance, verdict.valid_until, language, words)
    ]
    generic = [say(words, phrase) for phrase in _generic(verdict)]
    return tuple(dict.fromkeys([*(told or generic), *_price(verdict, words)]))[:MOST_STEPS]


def title(guidance: Guidance, language: Language, words: Wording) -> str:
    """Return the title of one guidance; empty when nobody has one."""
    local = LOCAL.get(guidance.code)
    own = say(words, local.title) if local else ""
    readable = {code: foreign(text, _LONGEST_TITLE) for code, text in guidance.title.items()}
    return _chosen(readable, language, own) or ""


def evidence(verdict: Verdict, words: Wording) -> Marked | None:
    """Return what counts for more than the sources; by its kind, never by what it proves."""
    decision = verdict.manual_decision
    if verdict.colour is Colour.GREEN or not decision.allowed:
        return None
    named = (_evidence_name(code, words) for code in dict.fromkeys(decision.evidence))
    lines = tuple(Line(Mark.LATER, name) for name in named if name)[:_MOST_EVIDENCE]
    return Marked(words.translate("Guidance", "Dit bewijs gaat voor"), lines) if lines else None


def _evidence_name(code: str, words: Wording) -> str:
    known = _EVIDENCE.get(code)
    return foreign(code, _LONGEST_EVIDENCE) if known is None else say(words, known)


def _price(verdict: Verdict, words: Wording) -> tuple[str, ...]:
    """Return the step in which the citizen hears the price, where there is a share to name."""
    share = verdict.tariff.pay_percent if verdict.tariff else None
    if verdict.colour is not Colour.GREEN or not share:
        return ()
    step = words.translate("Guidance", "Zeg wat de persoon betaalt: **{percent} van de prijs**.")
    return (step.replace("{percent}", words.percent(share)),)


def _steps_of(
    guidance: Guidance, until: date | None, language: Language, words: Wording
) -> tuple[str, ...]:
    local = LOCAL.get(guidance.code)
    own = _local_steps(local.steps, until, words) if local else ()
    readable = {
        code: tuple(clean for line in lines if (clean := foreign(line, _LONGEST_STEP)))
        for code, lines in guidance.steps.items()
    }
    found = _chosen(readable, language, own)
    if found:
        return found
    named = title(guidance, language, words)
    return (named,) if named else ()


def _local_steps(
    phrases: tuple[Phrase, ...], until: date | None, words: Wording
) -> tuple[str, ...]:
    said = (say(words, phrase) for phrase in phrases)
    if until is None:
        return tuple(step for step in said if "{until}" not in step)
    return tuple(step.replace("{until}", words.date(until)) for step in said)


def _chosen(readable: Mapping[str, Kept], language: Language, own: Kept) -> Kept | None:
    """Return the service's text in the language, else ours, else the service's in any other."""
    others = sorted(readable, key=lambda code: (_PREFERRED.get(code, len(_PREFERRED)), code))
    candidates = (readable.get(language.value), own, *(readable[code] for code in others))
    return next((candidate for candidate in candidates if candidate), None)


def _generic(verdict: Verdict) -> tuple[Phrase, ...]:
    if verdict.colour is Colour.GREEN:
        return _GENERIC_GREEN
    if verdict.colour is Colour.RED:
        return _GENERIC_RED
    return _GENERIC_BY_HAND if verdict.determined else _GENERIC_OPEN
