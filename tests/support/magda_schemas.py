"""MAGDA's own schemas, where they are at hand: types of them, in frames of requests.

What is at hand has the types and the answers; the frame of a request (Verzoek, Context, Vragen,
Vraag) is the same for every service, so it is written here around the types.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from lxml import etree

from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    HOUSEHOLD,
    LIVING_WAGE,
    PERSON,
    SOCIAL_STATUS,
    TAX,
    Service,
)

SCHEMAS = Path(__file__).parents[3] / "shared" / "magda" / "xsd"

_GENERIC2 = ("http://generiek-02_00.vip.vlaanderen.be", "Generiek-02.00/Generiek.xsd")
_GENERIC3 = ("http://magda.vlaanderen.be/generiek-v3", "Generiek/GeneriekDomein-v3.xsd")
_GENERIC3_ALL = ("http://magda.vlaanderen.be/generiek-v3", "Generiek/Generiek-v3.xsd")
_PERSON = ("http://magda.vlaanderen.be/persoon-v3", "Persoon/PersoonDomein-v3.xsd")
_SOCIAL = ("http://magda.vlaanderen.be/soczek-v3", "SocZek/SocZekDomein-v3.xsd")
_SOCIAL2 = ("http://soczek-02_00.vip.vlaanderen.be", "SocZek-02.00/SocZek.xsd")
_INCOME = ("http://inkomen-02_00.vip.vlaanderen.be", "Inkomen-02.00/Inkomen.xsd")
_KSZ = ("http://kszbcss.fgov.be/types", "Bronnen/KSZ/KSZAddon.xsd")


class _Frame(NamedTuple):
    context: tuple[str, str]
    types: tuple[str, str]
    language: tuple[str, str]
    content: str


def _inhoud(*inner: str) -> str:
    return (
        f'<xs:element name="Inhoud"><xs:complexType><xs:sequence>{"".join(inner)}'
        "</xs:sequence></xs:complexType></xs:element>"
    )


def _one(name: str, kind: str) -> str:
    return f'<xs:element name="{name}" type="{kind}"/>'


_FRAMES = {
    PERSON: _Frame(
        _GENERIC2,
        _PERSON,
        _GENERIC3,
        _inhoud(
            _one("Criteria", "t:CriteriaGeefPersoonType"),
            _one("Bron", "l:BronType"),
            _one("Taal", "l:TaalCodeType"),
        ),
    ),
    HOUSEHOLD: _Frame(
        _GENERIC2,
        _PERSON,
        _GENERIC3,
        _inhoud(
            _one("Criteria", "t:CriteriaGeefGezinssamenstellingType"),
            _one("Taal", "l:TaalCodeType"),
        ),
    ),
    SOCIAL_STATUS: _Frame(
        _GENERIC2, _SOCIAL, _GENERIC3, _inhoud(_one("Criteria", "t:CriteriaGeefSociaalStatuutType"))
    ),
    HANDICAP: _Frame(
        _GENERIC3_ALL,
        _KSZ,
        _GENERIC3_ALL,
        '<xs:element name="Criteria"><xs:complexType><xs:sequence>'
        + _one("ConsultFilesByDateCriteria", "t:ConsultFilesByDateCriteriaMagdaType")
        + "</xs:sequence></xs:complexType></xs:element>",
    ),
    LIVING_WAGE: _Frame(
        _GENERIC2, _SOCIAL2, _GENERIC2, _inhoud(_one("Criteria", "t:CriteriaLeefloonbedragType"))
    ),
    TAX: _Frame(
        _GENERIC2,
        _INCOME,
        _GENERIC2,
        _inhoud(
            _one("Criteria", "t:CriteriaGeefAanslagbiljetPersonenbelastingType"),
            _one("Bron", "l:BronType"),
            _one("Taal", "l:OmschrijvingTaalCodeType"),
        ),
    ),
}


def request_schema(service: Service) -> Any:
    """Return the lxml schema of one service's request."""
    frame = _FRAMES[service]
    files = {frame.context, frame.types, frame.language}
    imports = "".join(
        f'<xs:import namespace="{namespace}" schemaLocation="{(SCHEMAS / file).as_uri()}"/>'
        for namespace, file in sorted(files)
    )
    question = _sequence(_one("Referte", "c:ReferteType"), frame.content)
    questions = _sequence(f'<xs:element name="Vraag">{question}</xs:element>')
    verzoek = _sequence(
        _one("Context", "c:ContextType"), f'<xs:element name="Vragen">{questions}</xs:element>'
    )
    whole = _sequence(f'<xs:element name="Verzoek">{verzoek}</xs:element>')
    return etree.XMLSchema(
        etree.fromstring(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:c="{frame.context[0]}"'
            f' xmlns:t="{frame.types[0]}" xmlns:l="{frame.language[0]}"'
            f' targetNamespace="{service.namespace}" elementFormDefault="unqualified">{imports}'
            f'<xs:element name="{service.name}">{whole}</xs:element></xs:schema>'
        )
    )


def response_schema(service: Service) -> Any:
    """Return the lxml schema of one service's answer."""
    (path,) = SCHEMAS.glob(f"*/WebService/{service.name}Response.xsd")
    return etree.XMLSchema(etree.parse(path))


def _sequence(*inner: str) -> str:
    return f"<xs:complexType><xs:sequence>{''.join(inner)}</xs:sequence></xs:complexType>"
