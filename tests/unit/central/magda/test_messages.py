"""What leaves is valid against MAGDA's schemas, where they are at hand, and does not change.

The golden requests are ours; each of them passed the schemas. To make them anew after a deliberate
change, remove them and run this module with the schemas at hand.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from kiosk.service.central.connectors.magda import messages
from kiosk.service.central.connectors.magda.messages import Demand, Heading, StatusCriteria
from kiosk.service.central.connectors.magda.services import SERVICES, Service
from kiosk.service.central.connectors.magda.xml import write
from tests.support.magda_schemas import SCHEMAS, request_schema

GOLDEN = Path(__file__).parents[3] / "golden" / "magda" / "requests"
SOMEBODY = "85613099922"
SOMEBODY_ELSE = "72651199956"
DAY = date(2026, 11, 22)
MOMENT = datetime(2026, 11, 22, 9, 58, 12, 345678)  # noqa: DTZ001  # messages have local time

PLAIN = Heading(
    sender="stad.example/tarief/proef",
    reference="0f6a3c1e-5b7d-4e2a-9c8f-1a2b3c4d5e6f",
    question="7b1d9e4c-2f3a-4b5c-8d6e-9f0a1b2c3d4e",
    moment=MOMENT,
)
FULL = Heading(
    sender=PLAIN.sender,
    capacity="ipdc0000",
    user="72651199956",
    reference=PLAIN.reference,
    question=PLAIN.question,
    moment=MOMENT,
)
ONE = StatusCriteria(names=["STATUS_A"])
EIGHT = StatusCriteria(
    names=[f"STATUS_{letter}" for letter in "ABCDEFGH"],
    postcodes=["9000", "9030"],
    age_from=0,
    age_to=17,
)
PLACE = StatusCriteria(names=["STATUS_A", "STATUS_B"], place="GENT", age_from=65)

DEMANDS: dict[str, tuple[Demand, Heading]] = {
    "person": (messages.ask_person(SOMEBODY, bis=False), PLAIN),
    "person-bis-with-user": (messages.ask_person(SOMEBODY_ELSE, bis=True), FULL),
    "household": (messages.ask_household(SOMEBODY), PLAIN),
    "one-status": (messages.ask_statuses(SOMEBODY, ONE, DAY), PLAIN),
    "eight-statuses": (messages.ask_statuses(SOMEBODY, EIGHT, DAY), FULL),
    "statuses-of-a-place": (messages.ask_statuses(SOMEBODY, PLACE, DAY), PLAIN),
    "handicap": (messages.ask_handicap(SOMEBODY, DAY), FULL),
    "living-wage": (messages.ask_living_wage(SOMEBODY, 2026), PLAIN),
    "tax": (messages.ask_tax(SOMEBODY, 2025, ["7555"]), FULL),
    "tax-two-codes": (messages.ask_tax(SOMEBODY, 2024, ["7555", "7270"]), PLAIN),
}


def written(name: str) -> bytes:
    demand, heading = DEMANDS[name]
    return write(messages.request(demand, heading), {"m": demand.service.namespace})


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    if not SCHEMAS.is_dir():
        pytest.skip("MAGDA's schemas are not at hand")
    return {service.name: request_schema(service) for service in SERVICES}


@pytest.mark.parametrize("name", DEMANDS)
def test_the_request_is_valid(name: str, schemas: dict[str, Any]) -> None:
    schema = schemas[DEMANDS[name][0].service.name]
    schema.assertValid(etree.fromstring(written(name)))
    golden = GOLDEN / f"{name}.xml"
    if not golden.exists():
        golden.write_bytes(written(name))


def test_the_schemas_tell_a_wrong_request(schemas: dict[str, Any]) -> None:
    nine = StatusCriteria(names=[f"STATUS_{number}" for number in range(9)])
    demand = messages.ask_statuses(SOMEBODY, nine, DAY)
    content = write(messages.request(demand, PLAIN), {})
    assert not schemas[demand.service.name].validate(etree.fromstring(content))


@pytest.mark.parametrize("name", DEMANDS)
def test_the_request_is_as_it_was_when_it_passed(name: str) -> None:
    assert written(name) == (GOLDEN / f"{name}.xml").read_bytes()


def test_every_service_is_shown() -> None:
    shown: set[Service] = {demand.service for demand, _ in DEMANDS.values()}
    assert shown == set(SERVICES)


def test_nothing_is_asked_beyond_the_need() -> None:
    assert b"<IPCALCode>7555</IPCALCode></IPCALCodes>" in written("tax")
    assert b"<parts><rights>true</rights></parts>" in written("handicap")
    assert b"Gebruiker" not in written("tax-two-codes")
