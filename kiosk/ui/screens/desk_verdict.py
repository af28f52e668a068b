"""A verdict at the desk: what is so on the left, what the officer does on the right."""

from __future__ import annotations

from typing import Final

from kiosk.domain.verdict import Colour, UseCase, Verdict
from kiosk.domain.visit import Showing
from kiosk.ui.screens import guidance, sources, verdicts
from kiosk.ui.screens.buttons import can_be_asked_again, of_outcome
from kiosk.ui.screens.parts import Backdrop, Clock, Kind, Screen, plain
from kiosk.ui.screens.phrases import foreign
from kiosk.ui.screens.view import View, Wording

_LONGEST_LABEL: Final = 40
_NAME_LENGTH: Final = 4


def screen(state: Showing, verdict: Verdict, view: View, words: Wording) -> Screen:
    """Return the screen of a verdict."""
    orange = verdict.colour is Colour.ORANGE
    heading = verdicts.heading(verdict, words)
    fact, sentence = _facts(verdict, view, words)
    steps = guidance.steps(verdict, view.language, words)
    return Screen(
        kind=Kind.VERDICT,
        backdrop=Backdrop.VERDICT,
        colour=verdict.colour,
        colour_name=verdicts.colour_name(verdict, words),
        heading=heading,
        announcement=plain(f"{heading}. {fact}. {steps[0]}"),
        subject=verdicts.subject_of(verdict, words),
        fact=fact,
        sentence=sentence,
        stage_list=sources.missing(verdict, words) if orange else None,
        panel_heading=words.translate("Desk", "Wat nu?"),
        steps=steps,
        evidence=guidance.evidence(verdict, words),
        clock=Clock.STAYS,
        clock_text=words.translate("Desk", "Blijft nog {left}"),
        reference=_reference(verdict, words),
        actions=of_outcome(
            words, again=can_be_asked_again(state), again_first=not verdict.determined
        ),
    )


def _facts(verdict: Verdict, view: View, words: Wording) -> tuple[str, str]:
    """Return the first thing under the heading, and the sentence below it."""
    if verdict.colour is Colour.GREEN:
        return _green(verdict, view, words)
    if verdict.colour is Colour.RED:
        return _red(verdict, view, words)
    return _decided_by_hand(verdict, words) if verdict.determined else _open(verdict, words)


def _green(verdict: Verdict, view: View, words: Wording) -> tuple[str, str]:
    tariff, until = verdict.tariff, verdict.valid_until
    label = _label(verdict, view)
    valid = ""
    if until is not None:
        day = words.date(until)
        valid = words.translate("Verdict", "Geldig tot en met {until}").replace("{until}", day)
    if tariff is None or tariff.pay_percent is None:
        return label or words.translate("Verdict", "Het lagere tarief geldt"), valid
    if not tariff.pay_percent:
        return words.translate("Verdict", "Betaalt niets"), valid
    pays = words.translate("Verdict", "Betaalt {percent} van de prijs")
    return pays.replace("{percent}", words.percent(tariff.pay_percent)), valid


def _label(verdict: Verdict, view: View) -> str:
    """Return the name of the tariff in the language of the screen, from the service."""
    labels = verdict.tariff.label if verdict.tariff else {}
    return foreign(labels.get(view.language.value, ""), _LONGEST_LABEL)


_DECEASED: Final = "COM-R01"
"""No decision comes later: what is said to every other red would hurt."""
_OUT_OF_AREA: Final = "UIT-R06"
_SUPERVISOR: Final = "COM-A15"


def _red(verdict: Verdict, view: View, words: Wording) -> tuple[str, str]:
    fact = words.translate("Verdict", "Gewoon tarief")
    first = next(iter(verdict.guidance), None)
    if first and first.code == _OUT_OF_AREA:
        fact = guidance.title(first, view.language, words) or fact
        here = words.translate(
            "Verdict", "Dit tarief geldt voor wie in Gent of een partnergemeente woont."
        )
        return fact, here
    if first and first.code == _DECEASED:
        return fact, ""
    if verdicts.use_case_of(verdict) is UseCase.UITPAS:
        shown = words.translate("Verdict", "De bronnen tonen vandaag geen recht op kansentarief.")
    else:
        shown = words.translate("Verdict", "De bronnen tonen vandaag geen recht.")
    late = words.translate("Verdict", "Een nieuwe beslissing staat er soms nog niet in.")
    return fact, f"{shown} {late}"


def _open(verdict: Verdict, words: Wording) -> tuple[str, str]:
    states = sources.open_states(verdict)
    without_file = sources.NO_DATA in states
    if without_file and set(states) == {sources.NO_DATA}:
        fact = words.translate("Verdict", "Er ontbreekt nog een dossier")
    elif len(states) == 1:
        fact = words.translate("Verdict", "Eén bron antwoordt nu niet")
    else:
        fact = words.translate("Verdict", "Niet alle bronnen antwoorden nu")
    sentence = words.translate(
        "Verdict",
        "Het recht kan er wel zijn. Dat weten we pas met een antwoord of met een bewijs.",
    )
    return fact, sentence


def _decided_by_hand(verdict: Verdict, words: Wording) -> tuple[str, str]:
    """Return the same for every reason: what is large is read by whoever stands there."""
    fact = words.translate("Verdict", "U beslist, met een bewijs")
    if any(each.code == _SUPERVISOR for each in verdict.guidance):
        fact = words.translate("Verdict", "Uw verantwoordelijke beslist")
    sentence = words.translate(
        "Verdict", "De bronnen alleen zijn niet genoeg. Rechts staat wat u vraagt."
    )
    return fact, sentence


def _reference(verdict: Verdict, words: Wording) -> str:
    """Return the short name by which a check is found again; empty when it has none."""
    letters = [each for each in verdict.check_id[-40:] if each.isascii() and each.isalnum()]
    name = "".join(letters[-_NAME_LENGTH:]).upper()
    return words.translate("Verdict", "Controle {name}").replace("{name}", name) if name else ""
