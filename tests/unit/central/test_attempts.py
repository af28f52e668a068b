"""Attempts at something that is not allowed: a record without its person, and a count."""

import asyncio
import dataclasses
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.data import data_path
from kiosk.service.central.audit import Entry
from kiosk.service.central.audit_chain import Link
from kiosk.service.central.checks import Checks
from kiosk.service.central.clients.admission import ANYBODY, Admission
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.rule_files import load
from kiosk.service.central.storage.database import StorageUnavailable
from kiosk.service.contract import CheckRequest
from tests.unit.central.test_app import BODY, parts


class OwnFile(Admission):
    """Asks about themselves, and may have asked too often."""

    client = "desk"

    def __init__(self, refusal: Refusal | None = None, name: str = "desk officer ") -> None:
        self.name = name
        self.refusal = refusal
        self.objection = Refusal.OWN_FILE
        self.counted = 0

    def objection_to(self, request: CheckRequest) -> Refusal | None:
        return self.objection

    async def count(self, request: CheckRequest) -> None:
        self.counted += 1
        if self.refusal is not None:
            raise Refused(self.refusal)


class Service:
    """A service at which somebody tries."""

    def __init__(self, folder: Path, purposes: tuple[str, ...] = ()) -> None:
        self.parts = dataclasses.replace(parts(folder, load(data_path("rules"))), purposes=purposes)
        self.checks = Checks(self.parts)

    def make(self, admission: Admission, count: int = 1) -> list[str]:
        """Return the code of each refusal."""

        async def scene() -> list[str]:
            return [await self._one(admission) for _ in range(count)]

        return asyncio.run(scene())

    async def _one(self, admission: Admission) -> str:
        with pytest.raises(Refused) as caught:
            await self.checks.answer(BODY, str(uuid.uuid4()), "c", admission)
        return caught.value.refusal.code

    @property
    def records(self) -> list[tuple[str, str, str, str]]:
        """Kind, client, subject and sealed subject of what is on record."""
        return [
            (row["kind"], row["client"], row["subject"], row["subject_sealed"])
            for row in self.parts.audit.rows()
        ]

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, *_ in self.records]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    yield made
    made.checks.close()


def test_it_is_on_record_and_counted(service: Service) -> None:
    admission = OwnFile()
    assert service.make(admission, 3) == ["own-file"] * 3
    assert admission.counted == 3
    assert service.records == [("own-file", "desk", "", "")] * 3


def test_a_purpose_that_is_not_on_the_list(tmp_path: Path) -> None:
    service = Service(tmp_path, ("urn:gent:ipdc:other",))
    assert service.make(ANYBODY) == ["purpose-not-allowed"]
    assert service.records == [("purpose-not-allowed", "unauthenticated", "", "")]
    service.checks.close()


class TestOverTheLimit:
    def test_the_first_is_on_record(self, service: Service) -> None:
        assert service.make(OwnFile(Refusal.RATE_LIMITED)) == ["rate-limited"]
        assert service.records == [("own-file over-limit 1", "desk", "", "")]

    def test_a_flood_is_on_record_and_fills_nothing(self, service: Service) -> None:
        assert service.make(OwnFile(Refusal.RATE_LIMITED), 100) == ["rate-limited"] * 100
        numbers = (1, 2, 4, 8, 16, 32, 64)
        assert service.kinds == [f"own-file over-limit {number}" for number in numbers]

    def test_no_flood_hides_another_officer_or_another_kind(self, service: Service) -> None:
        flood = OwnFile(Refusal.RATE_LIMITED)
        service.make(flood, 40)
        before = len(service.records)
        service.make(OwnFile(Refusal.RATE_LIMITED, "desk colleague "))
        flood.objection = Refusal.CHANNEL_NOT_ALLOWED
        service.make(flood)
        assert service.kinds[before:] == [
            "own-file over-limit 1",
            "channel-not-allowed over-limit 1",
        ]

    def test_what_could_not_be_recorded_is_not_answered_and_made_up_for(
        self, service: Service, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        flood, append = OwnFile(Refusal.RATE_LIMITED), service.parts.audit.append

        def fail(*_: Entry) -> Link:
            raise StorageUnavailable("full")

        monkeypatch.setattr(service.parts.audit, "append", fail)
        assert service.make(flood, 2) == ["service-unavailable"] * 2
        monkeypatch.setattr(service.parts.audit, "append", append)
        assert service.make(flood, 3) == ["rate-limited"] * 3
        assert service.kinds == ["own-file over-limit 3"]

    def test_where_nobody_can_count_there_is_no_answer_and_no_record(
        self, service: Service
    ) -> None:
        """As with a question: else who makes the count fail would write without end."""
        told = service.make(OwnFile(Refusal.SERVICE_UNAVAILABLE), 3)
        assert told == ["service-unavailable"] * 3
        assert service.records == []
