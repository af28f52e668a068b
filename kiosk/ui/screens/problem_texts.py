"""What an officer reads about a problem: what happened, and what to do.

Nothing in here is about anybody’s right: a step that failed is no answer.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kiosk.domain.problem import ProblemCode
from kiosk.ui.screens.phrases import Phrase, translate


class ProblemText(NamedTuple):
    """The heading and the steps of a problem at the desk."""

    heading: Phrase
    steps: tuple[Phrase, ...]


_HELPDESK: Final = translate("Problem", "Bel de helpdesk en zeg de code.")
_ELSE_HELPDESK: Final = translate("Problem", "Lukt het niet? Bel de helpdesk en zeg de code.")
_ELSE_TYPE: Final = translate("Problem", "Lukt het niet? Typ het nummer in.")
_TYPE: Final = translate("Problem", "Typ het nummer in.")
_TAKE_OUT: Final = translate("Problem", "Haal de kaart uit de lezer.")
_PUT_BACK: Final = translate("Problem", "Steek de kaart weer in, chip boven.")
_CLEAN: Final = translate("Problem", "Veeg de chip schoon met een droge doek.")
_WAIT: Final = translate("Problem", "Wacht even en probeer het opnieuw.")
_OTHER_PROOF: Final = translate("Problem", "Vraag een ander bewijs van identiteit.")
_NOT_GENUINE: Final = (
    translate("Problem", "Neem deze kaart niet aan als bewijs."),
    _OTHER_PROOF,
    translate("Problem", "Ander bewijs met foto gezien? Typ dan het nummer in."),
    translate("Problem", "Meld de code aan uw verantwoordelijke."),
)

TEXTS: Final[dict[ProblemCode, ProblemText]] = {
    ProblemCode.PCSC_DOWN: ProblemText(
        translate("Problem", "De kaartdienst werkt niet"),
        (translate("Problem", "Start de computer opnieuw."), _ELSE_HELPDESK),
    ),
    ProblemCode.PCSC_REFUSED: ProblemText(
        translate("Problem", "Geen toegang tot de kaartdienst"), (_HELPDESK,)
    ),
    ProblemCode.NO_READER: ProblemText(
        translate("Problem", "Geen kaartlezer gevonden"),
        (
            translate("Problem", "Steek de USB-kabel van de lezer in de computer."),
            translate("Problem", "Gebruik een andere poort als dat niet helpt."),
            _ELSE_HELPDESK,
        ),
    ),
    ProblemCode.READER_LOST: ProblemText(
        translate("Problem", "De kaartlezer is losgekoppeld"),
        (
            translate("Problem", "Steek de USB-kabel van de lezer weer in de computer."),
            _ELSE_HELPDESK,
        ),
    ),
    ProblemCode.NO_CARD_IN_TIME: ProblemText(
        translate("Problem", "Er kwam geen kaart"),
        (translate("Problem", "Steek de kaart in de lezer, chip boven."),),
    ),
    ProblemCode.CARD_REMOVED_EARLY: ProblemText(
        translate("Problem", "De kaart ging er te vroeg uit"),
        (
            _PUT_BACK,
            translate("Problem", "Laat ze zitten tot het antwoord er is."),
        ),
    ),
    ProblemCode.CARD_UNREADABLE: ProblemText(
        translate("Problem", "We kunnen de kaart niet lezen"),
        (_TAKE_OUT, _CLEAN, _PUT_BACK, _ELSE_TYPE),
    ),
    ProblemCode.NOT_AN_EID: ProblemText(
        translate("Problem", "Dit is geen Belgische eID"),
        (
            translate(
                "Problem", "Vraag een Belgische identiteitskaart, Kids-ID of vreemdelingenkaart."
            ),
            translate("Problem", "Geen andere kaart? Typ het nummer in."),
        ),
    ),
    ProblemCode.CARD_EXPIRED: ProblemText(
        translate("Problem", "De kaart is vervallen"),
        (
            translate("Problem", "Kijk of de persoon op de foto lijkt."),
            _TYPE,
            translate("Problem", "Zeg dat de kaart vervallen is. De gemeente maakt een nieuwe."),
        ),
    ),
    ProblemCode.NOT_A_PERSONS_CARD: ProblemText(
        translate("Problem", "Geen kaart van een persoon"),
        (translate("Problem", "Vraag de identiteitskaart van de persoon zelf."),),
    ),
    ProblemCode.CARD_MUTE: ProblemText(
        translate("Problem", "De kaart antwoordt niet"),
        (
            translate("Problem", "Draai de kaart om: de chip gaat eerst in de lezer."),
            translate("Problem", "Op nieuwe kaarten staat de chip op de achterkant."),
            _CLEAN,
            _ELSE_TYPE,
        ),
    ),
    ProblemCode.CARD_SILENT: ProblemText(
        translate("Problem", "De kaart viel stil"), (_TAKE_OUT, _PUT_BACK, _ELSE_TYPE)
    ),
    ProblemCode.CARD_HELD: ProblemText(
        translate("Problem", "De kaart is bezet"),
        (
            translate("Problem", "Sluit andere programma’s die de kaart gebruiken."),
            _TAKE_OUT,
            _PUT_BACK,
            _ELSE_TYPE,
        ),
    ),
    ProblemCode.CARD_NOT_ACTIVATED: ProblemText(
        translate("Problem", "De kaart is niet geactiveerd"),
        (translate("Problem", "Alleen de gemeente kan de kaart activeren."), _TYPE),
    ),
    ProblemCode.CARD_NOT_YET_VALID: ProblemText(
        translate("Problem", "De kaart is nog niet geldig"),
        (
            translate("Problem", "Kijk naar de datum op de kaart."),
            translate("Problem", "Kijk of de klok van deze computer juist staat."),
            _ELSE_HELPDESK,
        ),
    ),
    ProblemCode.NUMBER_INVALID: ProblemText(
        translate("Problem", "Het nummer klopt niet"),
        (
            translate("Problem", "Kijk het nummer na op de kaart."),
            translate("Problem", "Staat het zo op de kaart? Vraag het aan Burgerzaken."),
        ),
    ),
    ProblemCode.SIGNATURE_WRONG: ProblemText(
        translate("Problem", "We vertrouwen de gegevens niet"), _NOT_GENUINE
    ),
    ProblemCode.ROOT_UNKNOWN: ProblemText(
        translate("Problem", "We kennen deze kaart nog niet"),
        (
            translate("Problem", "De kaart kan echt zijn: dit programma kent ze nog niet."),
            _OTHER_PROOF,
            _HELPDESK,
        ),
    ),
    ProblemCode.CHIP_COPIED: ProblemText(
        translate("Problem", "De chip kon zich niet bewijzen"), _NOT_GENUINE
    ),
    ProblemCode.CERTIFICATE_WRONG: ProblemText(
        translate("Problem", "Het certificaat klopt niet"), _NOT_GENUINE
    ),
    ProblemCode.CHIP_PROOF_MISSING: ProblemText(
        translate("Problem", "De chip kan zich niet bewijzen"),
        (
            translate("Problem", "Vraag een nieuwere kaart."),
            translate("Problem", "Geen nieuwere? Vraag een ander bewijs van identiteit."),
        ),
    ),
    ProblemCode.LEGACY_REFUSED: ProblemText(
        translate("Problem", "De handtekening is te oud"), (_OTHER_PROOF,)
    ),
    ProblemCode.SERVICE_UNREACHABLE: ProblemText(
        translate("Problem", "Geen verbinding met de dienst"),
        (
            _WAIT,
            translate("Problem", "Kijk of andere programma’s wel verbinding hebben."),
            _ELSE_HELPDESK,
        ),
    ),
    ProblemCode.SERVICE_TOO_SLOW: ProblemText(
        translate("Problem", "De dienst antwoordt te traag"), (_WAIT, _ELSE_HELPDESK)
    ),
    ProblemCode.SERVICE_REFUSED_US: ProblemText(
        translate("Problem", "De dienst weigert dit toestel"), (_HELPDESK,)
    ),
    ProblemCode.SERVICE_UNINTELLIGIBLE: ProblemText(
        translate("Problem", "We begrijpen het antwoord niet"), (_WAIT, _ELSE_HELPDESK)
    ),
    ProblemCode.SERVICE_BUSY: ProblemText(
        translate("Problem", "Het is te druk bij de dienst"),
        (translate("Problem", "Wacht een minuut en probeer het opnieuw."), _ELSE_HELPDESK),
    ),
    ProblemCode.SERVICE_FAILING: ProblemText(
        translate("Problem", "De dienst heeft een storing"), (_WAIT, _ELSE_HELPDESK)
    ),
    ProblemCode.SERVICE_UNTRUSTED: ProblemText(
        translate("Problem", "De verbinding is niet veilig"),
        (translate("Problem", "Kijk of de klok van deze computer juist staat."), _HELPDESK),
    ),
    ProblemCode.QUESTION_REFUSED: ProblemText(
        translate("Problem", "De dienst weigert de vraag"), (_HELPDESK,)
    ),
    ProblemCode.CONFIGURATION_WRONG: ProblemText(
        translate("Problem", "De instellingen kloppen niet"), (_HELPDESK,)
    ),
    ProblemCode.KEY_UNUSABLE: ProblemText(
        translate("Problem", "De sleutel van dit toestel werkt niet"), (_HELPDESK,)
    ),
    ProblemCode.TOKEN_MODULE_UNUSABLE: ProblemText(
        translate("Problem", "Het programma voor de sleutel ontbreekt"), (_HELPDESK,)
    ),
    ProblemCode.TOKEN_AWAY: ProblemText(
        translate("Problem", "De sleutel antwoordt niet"),
        (
            translate("Problem", "Kijk of de kaart of stick met de sleutel erin zit."),
            _ELSE_HELPDESK,
        ),
    ),
    ProblemCode.PIN_REFUSED: ProblemText(
        translate("Problem", "De pincode van de sleutel klopt niet"), (_HELPDESK,)
    ),
    ProblemCode.KEY_AMBIGUOUS: ProblemText(
        translate("Problem", "Er is meer dan één sleutel met die naam"), (_HELPDESK,)
    ),
    ProblemCode.INTERNAL: ProblemText(
        translate("Problem", "Er ging iets mis"), (_WAIT, _ELSE_HELPDESK)
    ),
    ProblemCode.AGENT_LOST: ProblemText(
        translate("Problem", "De controle werd onderbroken"),
        (_TAKE_OUT, _PUT_BACK, _ELSE_HELPDESK),
    ),
}
