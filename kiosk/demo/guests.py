"""Who may come to the demo: the made-up persons, and some whose card cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from kiosk.cardreader.simulator.persona import Persona, people
from kiosk.domain.policy import Mode
from kiosk.domain.verdict import Colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A person, what is wrong with the card, and what comes of it."""

    persona: Persona
    faults: tuple[str, ...] = ()
    """Specifications of the simulated card's faults."""
    colour: Colour | None = None
    """The verdict; ``None`` when the card gets none."""

    @property
    def id(self) -> str:
        """The name for the command line."""
        return self.persona.id

    @property
    def name(self) -> str:
        """The name for people."""
        return f"{self.persona.given_names} {self.persona.surname}"

    @property
    def story(self) -> Mapping[str, str]:
        """Why it ends as it does, in one sentence by language code."""
        return self.persona.story


def guests(mode: Mode) -> tuple[Guest, ...]:
    """Return everybody, those without a verdict last."""
    elsewhere = _AT_SELF_SERVICE if mode is Mode.SELF_SERVICE else {}
    welcome = tuple(
        Guest(persona=one, colour=elsewhere.get(one.id, Colour(one.colour)))
        for one in people().values()
    )
    return (*welcome, *_WITHOUT_VERDICT)


_AT_SELF_SERVICE: Final = {
    "milo-madelief": Colour.ORANGE,
    "gust-avondrood": Colour.ORANGE,
}
"""The shipped rules send children and the register's dead to the desk first."""

_WITHOUT_VERDICT: Final = (
    Guest(
        persona=Persona(
            id="achiel-avondster",
            given_names="Achiel",
            surname="Avondster",
            number="62681506106",
            sex="M",
            birth=date(1962, 8, 15),
            story={"nl": "Zijn kaart is vervallen.", "en": "His card has expired."},
        ),
        faults=("expired",),
    ),
    Guest(
        persona=Persona(
            id="lena-lichtval",
            given_names="Lena",
            surname="Lichtval",
            number="94692111266",
            birth=date(1994, 9, 21),
            story={
                "nl": "De chip van haar kaart is stuk.",
                "en": "The chip of her card is broken.",
            },
        ),
        faults=("status:6:6F00",),
    ),
    Guest(
        persona=Persona(
            id="warre-wolkbreuk",
            given_names="Warre",
            surname="Wolkbreuk",
            number="70631203957",
            sex="M",
            birth=date(1970, 3, 12),
            story={
                "nl": "Steekt zijn kaart omgekeerd in de lezer.",
                "en": "Puts his card in the wrong way round.",
            },
        ),
        faults=("mute",),
    ),
    Guest(
        persona=Persona(
            id="nele-dauwdruppel",
            given_names="Nele",
            surname="Dauwdruppel",
            number="77640200857",
            birth=date(1977, 4, 2),
            story={
                "nl": "Steekt haar bankkaart in de lezer.",
                "en": "Puts her bank card in.",
            },
        ),
        faults=("not-an-eid",),
    ),
    Guest(
        persona=Persona(
            id="fien-spiegelbeeld",
            given_names="Fien",
            surname="Spiegelbeeld",
            number="80620707484",
            birth=date(1980, 2, 7),
            story={
                "nl": "De chip van haar kaart is nagemaakt.",
                "en": "The chip of her card is a copy.",
            },
        ),
        faults=("chip-copied",),
    ),
)
