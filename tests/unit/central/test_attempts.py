"""Attempts at something that is not allowed: a record without its person, and a count."""

import asyncio
import dataclasses
import uuid
from pathlib import Path

import pytest

from kiosk.data import data_path
from kiosk.service.central.checks import Checks
from kiosk.service.central.clients.admission import ANYBODY, Admission
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.rule_files import load
from kiosk.service.contract import CheckRequest
from tests.unit.central.test_app import BODY, parts


class OwnFile(Admission):
    """Asks about themselves, and may have asked too often."""

    client = "desk"

    def __init__(self, *, is_over_limit: bool) -> None:
        self.is_over_limit = is_over_limit
        self.counted = 0

    def objection_to(self, request: CheckRequest) -> Refusal | None:
        return Refusal.OWN_FILE

    async def count(self, request: CheckRequest) -> None:
        self.counted += 1
        if self.is_over_limit:
            raise Refused(Refusal.RATE_LIMITED)


def attempt(
    folder: Path, admission: Admission, purposes: tuple[str, ...] = ()
) -> tuple[str, list[tuple[str, str, str, str]]]:
    """Return the code of the refusal, and kind, client and subject of what is on record."""
    made = dataclasses.replace(parts(folder, load(data_path("rules"))), purposes=purposes)
    checks = Checks(made)
    with pytest.raises(Refused) as caught:
        asyncio.run(checks.answer(BODY, str(uuid.uuid4()), "c", admission))
    rows = [
        (row["kind"], row["client"], row["subject"], row["subject_sealed"])
        for row in made.audit.rows()
    ]
    checks.close()
    return caught.value.refusal.code, rows


@pytest.mark.parametrize(("is_over_limit", "code"), [(False, "own-file"), (True, "rate-limited")])
def test_it_is_on_record_also_over_the_limit(
    tmp_path: Path, is_over_limit: bool, code: str
) -> None:
    admission = OwnFile(is_over_limit=is_over_limit)
    told, records = attempt(tmp_path, admission)
    assert (told, admission.counted) == (code, 1)
    assert records == [("own-file", "desk", "", "")]


def test_a_purpose_that_is_not_on_the_list(tmp_path: Path) -> None:
    told, records = attempt(tmp_path, ANYBODY, ("urn:gent:ipdc:other",))
    assert told == "purpose-not-allowed"
    assert records == [("purpose-not-allowed", "unauthenticated", "", "")]
