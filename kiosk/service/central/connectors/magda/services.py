"""The services of MAGDA that are asked: names, versions and namespaces, as their schemas say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
"""The namespace of SOAP 1.1."""


@dataclass(frozen=True, slots=True)
class Service:
    """One service in the version that is understood here."""

    name: str
    version: str
    namespace: str

    @property
    def request(self) -> str:
        """The name of the element that asks."""
        return f"{{{self.namespace}}}{self.name}"

    @property
    def response(self) -> str:
        """The name of the element that answers."""
        return f"{{{self.namespace}}}{self.name}Response"


PERSON: Final = Service(
    "GeefPersoon",
    "02.02.0000",
    "http://magda.vlaanderen.be/persoon/soap/geefpersoon/v02_02",
)
HOUSEHOLD: Final = Service(
    "GeefGezinssamenstelling",
    "02.02.0000",
    "http://magda.vlaanderen.be/persoon/soap/geefgezinssamenstelling/v02_02",
)
SOCIAL_STATUS: Final = Service(
    "GeefSociaalStatuut",
    "03.00.0000",
    "http://magda.vlaanderen.be/soczek/soap/geefsociaalstatuut/v03_00",
)
HANDICAP: Final = Service(
    "GeefDossierHandicap",
    "03.00.0000",
    "http://magda.vlaanderen.be/soczek/soap/geefdossierhandicap/v03_00",
)
LIVING_WAGE: Final = Service(
    "GeefLeefloonbedragen",
    "02.00.0000",
    "http://webservice.geefleefloonbedragendienst-02_00.soczek-02_00.vip.vlaanderen.be",
)
TAX: Final = Service(
    "GeefAanslagbiljetPersonenbelasting",
    "02.00.0000",
    "http://webservice.geefaanslagbiljetpersonenbelastingdienst-02_00.inkomen-02_00"
    ".vip.vlaanderen.be",
)

SERVICES: Final = (PERSON, HOUSEHOLD, SOCIAL_STATUS, HANDICAP, LIVING_WAGE, TAX)
