"""Our own made-up answers over real HTTPS, and the facts that a person worked out from them."""

import asyncio
import tomllib
from dataclasses import replace
from enum import Enum
from typing import Any

import pytest
from lxml import etree

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import SourceState
from kiosk.service.central.connectors.magda.services import SERVICES, Service
from kiosk.service.central.connectors.magda.settings import Statuses
from kiosk.service.central.facts import ChannelKind
from tests.support.magda import ANSWERS, GOLDEN, ask, connected, settings
from tests.support.magda_schemas import SCHEMAS, response_schema
from tests.support.mock_magda.certificates import Certificates
from tests.support.mock_magda.server import MockMagda

PEOPLE: dict[str, dict[str, Any]] = tomllib.loads((GOLDEN / "facts.toml").read_text("utf-8"))
MIRA, TEUN, PIP = (PEOPLE[name]["number"] for name in ("mira", "teun", "pip"))
GROUPS = ("population", "social", "ocmw", "income")

pytestmark = [
    pytest.mark.expects_log("kiosk.service.central.connectors.magda.population", "status 21099"),
]


def plain(value: object) -> object:
    if value is None:
        return "none"
    return value.value if isinstance(value, Enum) else value


@pytest.mark.parametrize("name", PEOPLE)
def test_the_facts_are_as_in_the_files(
    name: str, mock: MockMagda, certificates: Certificates
) -> None:
    async def run() -> dict[str, dict[str, object]]:
        async with connected(settings(mock, certificates)) as groups:
            answers = await ask(groups, PEOPLE[name]["number"])
        return {
            group: {fact: plain(value) for fact, value in answer.facts.items()}
            for group, answer in answers.items()
        }

    told = asyncio.run(run())
    assert told == {group: PEOPLE[name].get(group, {}) for group in GROUPS}
    assert mock.rejected == []


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="MAGDA's schemas are not at hand")
@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_made_up_answers_are_valid(service: Service) -> None:
    schema = response_schema(service)
    files = sorted(ANSWERS.rglob(f"{service.name}/*/*.xml"))
    assert files
    for file in files:
        schema.assertValid(etree.parse(file))


def test_a_check_asks_each_service_once(mock: MockMagda, certificates: Certificates) -> None:
    async def run() -> None:
        async with connected(settings(mock, certificates)) as groups:
            await ask(groups, MIRA)

    asyncio.run(run())
    # The income is asked for two years: the newest one is not assessed.
    assert sorted(mock.services()) == [
        "GeefAanslagbiljetPersonenbelasting",
        "GeefAanslagbiljetPersonenbelasting",
        "GeefDossierHandicap",
        "GeefLeefloonbedragen",
        "GeefPersoon",
        "GeefSociaalStatuut",
    ]


def test_parents_are_asked_for_only_where_that_was_agreed(
    mock: MockMagda, certificates: Certificates
) -> None:
    async def run(magda: Any) -> Any:
        async with connected(magda) as groups:
            return (await ask(groups, PIP))["social"].facts

    whole = settings(mock, certificates)
    shy = replace(whole, statuses=replace(whole.statuses, ask_parents=False))
    assert "parents_entitled" not in asyncio.run(run(shy))
    assert {seen.asked.digits for seen in mock.seen} == {PIP}
    asyncio.run(run(whole))
    assert {seen.asked.digits for seen in mock.seen} == {PIP, MIRA, TEUN}


def test_who_asks_goes_along(mock: MockMagda, certificates: Certificates) -> None:
    async def run() -> None:
        async with connected(settings(mock, certificates)) as groups:
            await ask(
                {"income": groups["income"]},
                TEUN,
                channel=ChannelKind.DESK,
                purpose="urn:gent:ipdc:lez",
                correlation_id="5f0c7f2e-aaaa-4bbb-8ccc-1234567890ab",
                operator=NationalNumber("72651199956"),
            )

    asyncio.run(run())
    (seen,) = mock.seen
    assert seen.headers["X-Correlation-ID"] == "5f0c7f2e-aaaa-4bbb-8ccc-1234567890ab"
    assert seen.headers["X-Magda-Enduser-ID"] == "72651199956"
    sender = "<Identificatie>stad.example/lez/proef</Identificatie>"
    assert sender in seen.asked.text
    assert "<Hoedanigheid>ipdc0000</Hoedanigheid>" in seen.asked.text
    assert "<Gebruiker>72651199956</Gebruiker>" in seen.asked.text
    assert TEUN not in seen.path


def test_one_status_call_serves_two_groups(mock: MockMagda, certificates: Certificates) -> None:
    async def run() -> Any:
        facts = ("VT_PROEF=leefloon", "IGO_PROEF=igo")
        magda = settings(mock, certificates, statuses=Statuses(facts=facts, grace_days=0))
        async with connected(magda) as groups:
            return await ask(groups, MIRA)

    answers = asyncio.run(run())
    assert plain(answers["ocmw"].facts["leefloon"]) == "yes"
    assert plain(answers["social"].facts["igo"]) == "no"
    assert mock.services().count("GeefSociaalStatuut") == 1


def test_a_source_that_answered_is_well(mock: MockMagda, certificates: Certificates) -> None:
    async def run() -> list[SourceState | None]:
        async with connected(settings(mock, certificates)) as groups:
            before = groups["population"].status()
            await ask(groups, MIRA)
            return [before, groups["population"].status(), groups["social"].status()]

    assert asyncio.run(run()) == [None, SourceState.OK, SourceState.OK]
