"""Every answer of the government's own simulator that is at hand, through connectors and rules.

What is expected is worked out here from the files with simple paths, apart from the product.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from kiosk.domain.national_number import InvalidNationalNumber, NationalNumber
from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer
from kiosk.service.central.connectors.magda.settings import Statuses
from kiosk.service.central.decide import gather_facts
from kiosk.service.central.facts import ChannelKind
from kiosk.service.central.rules import evaluate
from tests.support.magda import DAY, THEIRS, ask, connected, settings
from tests.support.mock_magda.certificates import Certificates
from tests.support.mock_magda.server import MockMagda
from tests.unit.central.worlds import shipped

NAMES = {
    "BIM_BVT": "vt",
    "BIM_BVT_IN_FAMILY": "household_status",
    "PCSA_AND_BIM_HELP": "leefloon",
    "GENT_PARKING_CHILD": "eq_leefloon",
}
STATES = {
    "99990": "deceased",
    "99991": "struck-off",
    "99997": "struck-off",
    "99996": "absent",
    "99992": "absent",
    "992": "absent",
}
ANYTHING = "anything"
YEARS = (DAY.year - 1, DAY.year - 2)

pytestmark = [
    pytest.mark.skipif(not THEIRS.is_dir(), reason="their answers are not at hand"),
    pytest.mark.expects_log("kiosk.service.central.connectors.magda", "unknown|other-"),
]


def numbers() -> list[str]:
    if not THEIRS.is_dir():
        return []
    return sorted({p.stem for p in THEIRS.rglob("*.xml") if re.fullmatch(r"\d{11}", p.stem)})


@cache
def file_of(service: str, number: str) -> Any:
    (found, *_) = [
        *THEIRS.glob(f"*/{service}/*/{number}.xml"),
        *THEIRS.glob(f"*/{service}/*/notfound.xml"),
    ]
    return ET.parse(found).getroot()


def has_error(root: Any) -> bool:
    return root.tag.endswith("Fault") or any(
        (item.findtext("Type") == "FOUT" or item.findtext("Identificatie") == "45008")
        for item in root.iter("Uitzondering")
    )


def expected_population(number: str) -> dict[str, Any]:
    root = file_of("GeefPersoon", number)
    person = root.find("Repliek/Antwoorden/Antwoord/Inhoud/Persoon")
    if has_error(root) or person is None or person.findtext("INSZ", "").strip() != number:
        return {}
    home = person.find("Adressen/Hoofdverblijfplaats")
    code = home.findtext("NISCodeGemeente", "").strip() if home is not None else ""
    facts: dict[str, Any] = {
        "person_state": expected_state(person),
        "residence": {"": "none", "44021": "gent", "44040": "region"}.get(code, "other"),
        "moved_out_days": None,
    }
    if person.findtext("Register/Code") == "BIS" or 21 <= int(number[2:4]) <= 52:
        facts["residence"] = "unconfirmed"
    if facts["residence"] in ("other", "region") and home is not None:
        began = date.fromisoformat(home.attrib["DatumBegin"])
        facts["moved_out_days"] = (DAY - began).days
    born = person.findtext("Geboorte/Datum", "").strip()
    if "-00" not in born:
        year, month, day = map(int, born.split("-"))
        facts["age"] = DAY.year - year - ((DAY.month, DAY.day) < (month, day))
    return facts


def expected_state(person: Any) -> str:
    told = {STATES.get(s.findtext("Code", "").strip()) for s in person.iterfind("Statussen/Status")}
    for state in ("deceased", "struck-off", "absent"):
        if state in told:
            return state
    home = person.find("Adressen/Hoofdverblijfplaats")
    abroad = person.find("Adressen/VerblijfplaatsBuitenland")
    if abroad is not None and (
        home is None or abroad.attrib["DatumBegin"] > home.attrib["DatumBegin"]
    ):
        return "absent"
    own = [m for m in person.iterfind("Gezinsleden/Gezinslid") if m.find("INSZ") is None]
    in_care = "20" in {member.findtext("Positie/Code") for member in own}
    away = person.find("Adressen/TijdelijkeAfwezigheid") is not None
    return "institution" if in_care or away else "known"


def expected_statuses(number: str) -> dict[str, Any]:
    root = file_of("GeefSociaalStatuut", number)
    facts: dict[str, Any] = {}
    if has_error(root):
        return facts
    for item in root.iter("SociaalStatuut"):
        name, code = item.findtext("Naam", ""), item.findtext("Resultaat/Code", "")
        ends = [end.text for end in item.iter("Einddatum")]
        if code == "1" and ends and max(ends) < DAY.isoformat():
            continue
        for known in NAMES if name == "SOCIAL_STATUTE_NAME" else [name]:
            if known in NAMES:
                facts[NAMES[known]] = {"1": "yes", "0": "no"}[code]
    return facts


def expected_handicap(number: str) -> str | None:
    root = file_of("GeefDossierHandicap", number)
    inside = root.find("Repliek/Antwoorden/Antwoord/Inhoud/ConsultFilesByDateResponse")
    if inside.findtext("ssin", number) != number:
        return None
    dgph = inside.find("results/dgphResult")
    if dgph.findtext("status/value") == "NO_DATA_FOUND":
        return "no"
    right = dgph.find("file/rights")
    if right is None:
        silent = inside.find("dataFilters") is not None or dgph.find("file") is None
        return None if silent else "no"
    begins, ends = right.findtext("period/beginDate"), right.findtext("period/endDate", "9999")
    pays = right.findtext("decisionStatus") == "POSITIVE" and float(right.findtext("monthAmount"))
    return "yes" if pays and begins <= DAY.isoformat() <= ends else "no"


def expected_income(number: str) -> str | None:
    root = file_of("GeefAanslagbiljetPersonenbelasting", number)
    bill = root.find("Repliek/Antwoorden/Antwoord/Inhoud/AanslagbiljetPersonenbelasting")
    if has_error(root) or bill is None or int(bill.findtext("Inkomensjaar")) not in YEARS:
        return None
    if bill.findtext("GevraagdePersoon/INSZ") != number:
        return None
    items = {i.findtext("Code"): int(i.findtext("Waarde")) for i in bill.iterfind("Items/Item")}
    euro = items["A7555"] / 100 if "A7555" in items else None
    if euro is None:
        return None
    return "a" if euro <= 23000 else "b" if euro <= 33000 else "above"


def plain(answer: Answer) -> dict[str, Any]:
    return {name: getattr(value, "value", value) for name, value in answer.facts.items()}


def magda(mock: MockMagda, certificates: Certificates) -> Any:
    facts = tuple(f"{name}={fact}" for name, fact in NAMES.items())
    statuses = Statuses(facts=facts, ask_parents=True)
    return replace(settings(mock, certificates), statuses=statuses)


@pytest.fixture(scope="module")
def told(certificates: Certificates) -> dict[str, dict[str, Answer]]:
    async def run(mock: MockMagda) -> dict[str, dict[str, Answer]]:
        async with connected(magda(mock, certificates)) as groups:
            return {number: await ask(groups, number) for number in numbers() if valid(number)}

    with MockMagda(THEIRS, certificates) as mock:
        everybody = asyncio.run(run(mock))
        assert mock.rejected == []
        return everybody


def test_the_facts_are_as_in_their_files(told: dict[str, dict[str, Answer]]) -> None:
    assert len(told) > 100
    for number, answers in told.items():
        where = f"person {numbers().index(number)}"  # a number is in no message
        assert plain(answers["population"]) == expected_population(number), where
        statuses = expected_statuses(number)
        social, ocmw = plain(answers["social"]), plain(answers["ocmw"])
        for fact in NAMES.values():
            if fact == "household_status" and statuses.get(fact) == "yes":
                assert social.get(fact) in ("yes", None), where  # the household may not confirm it
            elif fact in ("vt", "household_status"):
                assert social.get(fact) == statuses.get(fact), where
            else:
                # A no needs the living wage as well, and their file of it has no year like ours.
                said = statuses.get(fact)
                assert ocmw.get(fact) == (said if said == "yes" else None), where
        assert social.get("handicap_allowance") == expected_handicap(number), where
        assert plain(answers["income"]).get("income_band") == expected_income(number), where


def valid(number: str) -> bool:
    try:
        NationalNumber(number)
    except InvalidNationalNumber:
        return False
    return True


def test_everybody_gets_a_verdict(told: dict[str, dict[str, Answer]]) -> None:
    table = shipped().table
    for number, answers in told.items():
        colour = evaluate(table, gather_facts(ChannelKind.DESK, answers)).colour
        home = expected_population(number)
        state, residence = home.get("person_state"), home.get("residence")
        if state == "deceased" or (state, residence) == ("known", "other"):
            assert colour is Colour.RED
        elif (state, residence) == ("known", "gent"):
            proven = "yes" in (*expected_statuses(number).values(), expected_handicap(number))
            allowed = {Colour.GREEN} if proven else {Colour.ORANGE, Colour.GREEN}
            assert colour in allowed or expected_statuses(number).get("household_status") == "yes"
        else:
            assert colour is Colour.ORANGE
