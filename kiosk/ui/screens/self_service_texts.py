"""What a citizen reads at a terminal about a problem.

Never who is to blame, and nothing that a card or its holder is suspected of.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from kiosk.domain.problem import ProblemCode
from kiosk.ui.screens.phrases import Phrase, translate


class CitizenText(NamedTuple):
    """The heading and the sentence of a problem; whether the citizen can try something alone."""

    heading: Phrase
    sentence: Phrase
    alone: bool


_PUT_IN_AGAIN: Final = translate(
    "SelfService", "Haal ze uit de lezer en steek ze er opnieuw in, chip boven."
)
_AT_THE_DESK: Final = translate("SelfService", "Aan de balie helpen we u graag verder.")
_NOT_YOU: Final = translate("SelfService", "Dat ligt niet aan u. Aan de balie helpen we u graag.")

_OUT_OF_ORDER: Final = CitizenText(
    translate("SelfService", "Dit toestel werkt nu niet"), _NOT_YOU, alone=False
)
_NO_ANSWER: Final = CitizenText(
    translate("SelfService", "We krijgen nu geen antwoord"), _NOT_YOU, alone=False
)
_ANOTHER_TRY: Final = CitizenText(
    translate("SelfService", "We krijgen nu geen antwoord"),
    translate("SelfService", "Dat ligt niet aan u. Probeer het straks nog eens."),
    alone=True,
)
_NOT_READ: Final = CitizenText(
    translate("SelfService", "We kunnen uw kaart niet lezen"), _PUT_IN_AGAIN, alone=True
)
_INTERRUPTED: Final = CitizenText(
    translate("SelfService", "Dat lukte niet"),
    translate("SelfService", "Steek uw kaart opnieuw in de lezer."),
    alone=True,
)
_NOT_USABLE: Final = CitizenText(
    translate("SelfService", "We kunnen uw kaart niet nakijken"), _AT_THE_DESK, alone=False
)
"""Also for a card that is not genuine: whoever holds it may know nothing of it."""
_OTHER_CARD: Final = CitizenText(
    translate("SelfService", "Gebruik een andere kaart"),
    translate(
        "SelfService", "Het gaat met een identiteitskaart, een Kids-ID of een vreemdelingenkaart."
    ),
    alone=True,
)

PROBLEMS: Final[dict[ProblemCode, CitizenText]] = {
    ProblemCode.PCSC_DOWN: _OUT_OF_ORDER,
    ProblemCode.PCSC_REFUSED: _OUT_OF_ORDER,
    ProblemCode.NO_READER: _OUT_OF_ORDER,
    ProblemCode.READER_LOST: _OUT_OF_ORDER,
    ProblemCode.NO_CARD_IN_TIME: _INTERRUPTED,
    ProblemCode.CARD_REMOVED_EARLY: CitizenText(
        translate("SelfService", "Uw kaart ging er te vroeg uit"),
        translate("SelfService", "Steek ze opnieuw in en laat ze zitten."),
        alone=True,
    ),
    ProblemCode.CARD_UNREADABLE: _NOT_READ,
    ProblemCode.NOT_AN_EID: _OTHER_CARD,
    ProblemCode.CARD_EXPIRED: CitizenText(
        translate("SelfService", "Uw kaart is vervallen"), _AT_THE_DESK, alone=False
    ),
    ProblemCode.NOT_A_PERSONS_CARD: _OTHER_CARD,
    ProblemCode.CARD_MUTE: CitizenText(
        translate("SelfService", "Draai uw kaart om"),
        translate("SelfService", "De chip gaat eerst in de lezer."),
        alone=True,
    ),
    ProblemCode.CARD_SILENT: _NOT_READ,
    ProblemCode.CARD_HELD: _NOT_READ,
    ProblemCode.CARD_NOT_ACTIVATED: CitizenText(
        translate("SelfService", "Uw kaart is niet geactiveerd"), _AT_THE_DESK, alone=False
    ),
    ProblemCode.CARD_NOT_YET_VALID: _NOT_USABLE,
    ProblemCode.NUMBER_INVALID: _NOT_USABLE,
    ProblemCode.SIGNATURE_WRONG: _NOT_USABLE,
    ProblemCode.ROOT_UNKNOWN: _NOT_USABLE,
    ProblemCode.CHIP_COPIED: _NOT_USABLE,
    ProblemCode.CERTIFICATE_WRONG: _NOT_USABLE,
    ProblemCode.CHIP_PROOF_MISSING: _NOT_USABLE,
    ProblemCode.LEGACY_REFUSED: _NOT_USABLE,
    ProblemCode.SERVICE_UNREACHABLE: _ANOTHER_TRY,
    ProblemCode.SERVICE_TOO_SLOW: _ANOTHER_TRY,
    ProblemCode.SERVICE_REFUSED_US: _NO_ANSWER,
    ProblemCode.SERVICE_UNINTELLIGIBLE: _NO_ANSWER,
    ProblemCode.SERVICE_BUSY: _ANOTHER_TRY,
    ProblemCode.SERVICE_FAILING: _ANOTHER_TRY,
    ProblemCode.SERVICE_UNTRUSTED: _NO_ANSWER,
    ProblemCode.QUESTION_REFUSED: _NO_ANSWER,
    ProblemCode.CONFIGURATION_WRONG: _OUT_OF_ORDER,
    ProblemCode.KEY_UNUSABLE: _OUT_OF_ORDER,
    ProblemCode.TOKEN_MODULE_UNUSABLE: _OUT_OF_ORDER,
    ProblemCode.TOKEN_AWAY: _OUT_OF_ORDER,
    ProblemCode.PIN_REFUSED: _OUT_OF_ORDER,
    ProblemCode.KEY_AMBIGUOUS: _OUT_OF_ORDER,
    ProblemCode.INTERNAL: _INTERRUPTED,
    ProblemCode.AGENT_LOST: _INTERRUPTED,
}
