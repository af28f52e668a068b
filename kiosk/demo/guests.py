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


def _without_verdict(  # noqa: PLR0913 - a person, what is wrong with the card, and the story
    name: str, number: str, birth: date, fault: str, nl: str, en: str, *, sex: str = "V"
) -> Guest:
    given_names, surname = name.split()
    persona = Persona(
        id=f"{given_names}-{surname}".lower(),
        given_names=given_names,
        surname=surname,
        number=number,
        sex=sex,
        birth=birth,
        story={"nl": nl, "en": en},
    )
    return Guest(persona=persona, faults=(fault,))


_WITHOUT_VERDICT: Final = (
    _without_verdict(
        *("Achiel Avondster", "62681506106", date(1962, 8, 15), "expired"),
        *("Zijn kaart is vervallen.", "His card has expired."),
        sex="M",
    ),
    _without_verdict(
        *("Lena Lichtval", "94692111266", date(1994, 9, 21), "not-activated:6400"),
        *("De chip van haar kaart is stuk.", "The chip of her card is broken."),
    ),
    _without_verdict(
        *("Warre Wolkbreuk", "70631203957", date(1970, 3, 12), "mute"),
        *("Steekt zijn kaart omgekeerd in de lezer.", "Puts his card in the wrong way round."),
        sex="M",
    ),
    _without_verdict(
        *("Nele Dauwdruppel", "77640200857", date(1977, 4, 2), "not-an-eid"),
        *("Steekt haar bankkaart in de lezer.", "Puts her bank card in."),
    ),
    _without_verdict(
        *("Fien Spiegelbeeld", "80620707484", date(1980, 2, 7), "chip-copied"),
        *("De chip van haar kaart is nagemaakt.", "The chip of her card is a copy."),
    ),
)
