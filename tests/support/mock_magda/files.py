"""Answers from files in the layout of the government's own simulator: service/version/INSZ.xml.

Somebody without a file gets ``notfound.xml``, or else MAGDA's "no data". The answer gets the marks
of the question that it answers; a template gets the number and the statuses that were asked for.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_NOBODY = "00000000000"
_NO_SUCH_YEAR = ("45008", "INFORMATIE", "Het gevraagde inkomensjaar bestaat niet")
_STATUS_TEMPLATE = "SOCIAL_STATUTE_NAME"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in."""

    service: str
    version: str
    namespace: str
    digits: str
    question: str
    reference: str
    statuses: tuple[str, ...]
    year: str
    text: str


def read_request(body: bytes) -> Asked:
    """Take a request apart; raises when it is none."""
    envelope = etree.fromstring(body)
    (request,) = envelope.find(f"{{{SOAP}}}Body")
    name = etree.QName(request)
    criteria = request.find("Verzoek/Vragen/Vraag")
    digits = criteria.find(".//INSZ")
    return Asked(
        service=name.localname,
        version=request.findtext("Verzoek/Context/Versie"),
        namespace=name.namespace or "",
        digits=(digits if digits is not None else criteria.find(".//ssin")).text,
        question=criteria.findtext("Referte"),
        reference=request.findtext("Verzoek/Context/Bericht/Afzender/Referte"),
        statuses=tuple(item.findtext("Naam") for item in criteria.iterfind(".//SociaalStatuut")),
        year=criteria.findtext(".//Inkomensjaar") or "",
        text=etree.tostring(request, encoding="unicode"),
    )


class Answers:
    """The answers of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find(self, asked: Asked) -> Any:
        """Return the element that goes into the body of the answer."""
        for name in (asked.digits, "notfound", "default"):
            for path in self.folder.glob(f"**/{asked.service}/{asked.version}/{name}.xml"):
                found = _fitted(etree.fromstring(path.read_bytes()), asked)
                return found if _is_of_year(found, asked) else exception(asked, *_NO_SUCH_YEAR)
        return exception(asked, "30001", "FOUT", "Geen gegevens gevonden voor de vraag")


def envelope(content: Any) -> bytes:
    """Return a SOAP answer around an element."""
    root = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soapenv": SOAP})
    etree.SubElement(root, f"{{{SOAP}}}Body").append(content)
    return bytes(etree.tostring(root, encoding="utf-8", xml_declaration=True))


def exception(asked: Asked, code: str, kind: str, text: str) -> Any:
    """Return an answer with nothing but an ``Uitzondering``."""
    return etree.fromstring(
        f'<m:{asked.service}Response xmlns:m="{asked.namespace}"><Repliek><Context>'
        f"<Naam>{asked.service}</Naam><Versie>{asked.version}</Versie><Bericht>"
        "<Type>ANTWOORD</Type><Tijdstip><Datum>2026-11-22</Datum><Tijd>10:00:00.000</Tijd>"
        "</Tijdstip><Afzender><Identificatie>mock.invalid</Identificatie>"
        f"<Referte>{asked.reference}</Referte></Afzender></Bericht></Context><Antwoorden><Antwoord>"
        f"<Referte>{asked.question}</Referte><Uitzonderingen><Uitzondering>"
        f"<Identificatie>{code}</Identificatie><Oorsprong>MAGDA</Oorsprong><Type>{kind}</Type>"
        f"<Diagnose>{text}</Diagnose></Uitzondering></Uitzonderingen></Antwoord></Antwoorden>"
        f"</Repliek></m:{asked.service}Response>"
    )


def fault(code: str) -> Any:
    """Return a SOAP fault."""
    return etree.fromstring(
        f'<f:Fault xmlns:f="{SOAP}"><faultcode>f:{code}</faultcode>'
        "<faultstring>as it was asked to</faultstring></f:Fault>"
    )


def _fitted(root: Any, asked: Asked) -> Any:
    for path, text in {
        "Repliek/Context/Bericht/Ontvanger/Referte": asked.reference,
        "Repliek/Antwoorden/Antwoord/Referte": asked.question,
    }.items():
        for element in root.iterfind(path):
            element.text = text
    for element in root.iter("INSZ"):
        if element.text == _NOBODY:
            element.text = asked.digits
    for template in list(root.iter("SociaalStatuut")):
        if template.findtext("Naam") == _STATUS_TEMPLATE:
            _expand(template, asked.statuses)
    return root


def _is_of_year(root: Any, asked: Asked) -> bool:
    """Whether the one file of a person is about the income year that is asked for."""
    return not asked.year or all(told.text == asked.year for told in root.iter("Inkomensjaar"))


def _expand(template: Any, names: tuple[str, ...]) -> None:
    parent = template.getparent()
    parent.remove(template)
    for name in names:
        one = copy.deepcopy(template)
        one.find("Naam").text = name
        parent.append(one)
