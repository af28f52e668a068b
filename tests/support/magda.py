"""MAGDA's connectors against the mock: settings, and one question to all groups."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from kiosk.domain.national_number import NationalNumber
from kiosk.service.central.connectors import Answer, Connector, Question
from kiosk.service.central.connectors.combined import combine
from kiosk.service.central.connectors.guard import Pace
from kiosk.service.central.connectors.magda.compose import connect
from kiosk.service.central.connectors.magda.services import SERVICES
from kiosk.service.central.connectors.magda.settings import (
    Income,
    Magda,
    Municipalities,
    Statuses,
    Tls,
    Urls,
)
from kiosk.service.central.facts import GROUPS
from tests.support.mock_magda.certificates import Certificates
from tests.support.mock_magda.server import MockMagda

GOLDEN = Path(__file__).parents[1] / "golden" / "magda"
ANSWERS = GOLDEN / "answers"
THEIRS = Path(__file__).parents[3] / "shared" / "magda" / "answers"
DAY = date(2026, 11, 22)
KEYS = {field.name: service for field, service in zip(fields(Urls), SERVICES, strict=True)}
FACTS = ("VT_PROEF=vt", "VT_GEZIN_PROEF=household_status", "IGO_PROEF=igo")


def settings(mock: MockMagda, certificates: Certificates, **changes: Any) -> Magda:
    """Everything on, asked of the mock."""
    whole = Magda(
        sender="stad.example/tarief/proef",
        senders=("urn:gent:ipdc:lez=stad.example/lez/proef",),
        capacity="ipdc0000",
        timeout_seconds=10.0,
        urls=Urls(**{key: mock.url(service.name) for key, service in KEYS.items()}),
        tls=Tls(
            certificate=str(certificates.client),
            key=str(certificates.client_key),
            ca_file=str(certificates.authority),
        ),
        statuses=Statuses(facts=FACTS, ask_parents=True),
        municipalities=Municipalities(region=("44040",)),
        income=Income(codes=("7555",), limit_a_euro=23000, limit_b_euro=33000),
        pace=Pace(per_second=1000.0, stock=1000),
    )
    return replace(whole, **changes)


@asynccontextmanager
async def connected(magda: Magda, seconds: float = 10.0) -> AsyncIterator[dict[str, Connector]]:
    """The connectors by group, closed at the end."""
    connection = connect(magda, today=lambda: DAY)
    groups = combine(connection.sources, dict.fromkeys(GROUPS, seconds))
    try:
        yield {connector.group: connector for connector in groups}
    finally:
        await connection.transport.close()


async def ask(
    groups: dict[str, Connector], number: str, day: date = DAY, **more: Any
) -> dict[str, Answer]:
    """Ask every group about one person."""
    question = Question(number=NationalNumber(number), on_date=day, **more)
    return {group: await connector.ask(question) for group, connector in groups.items()}
