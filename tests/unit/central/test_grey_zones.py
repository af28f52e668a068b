"""Every grey zone of the contract that the facts can express has a person, a colour and a code."""

import asyncio
import tomllib
from datetime import UTC, datetime

import pytest

from kiosk.data import data_path
from kiosk.service.central.connectors.synthetic import connectors
from kiosk.service.central.decide import Decider, TimeLimits
from kiosk.service.central.facts import GROUPS, ChannelKind
from kiosk.service.central.replies import Occasion, reply_to
from tests.unit.central.worlds import TODAY, question, shipped

FILE = data_path("central", "people.toml")
NUMBERS = {each["id"]: each["number"] for each in tomllib.loads(FILE.read_text("utf-8"))["person"]}
RULES = shipped()

# Not expressible: a number that was replaced (it is followed), somebody who just moved in (like
# anybody with a ground), an allowance on paper only and a legal representative (decided by hand),
# a card that expired or is refused (the kiosk's), a colleague's own file (refused before).
ZONES = {
    "reference address in Ghent": ("dirk-brugzicht", "green", "UIT-G01"),
    "struck off, no address": ("marc-duinen", "orange", "COM-A01"),
    "BIS number, residence unknown": ("samira-horizon", "orange", "COM-A02"),
    "BIS number, confirmed by the OCMW": ("amina-dauwdruppel", "green", "UIT-G01"),
    "number unknown": ("wout-nevel", "orange", "COM-A03"),
    "file missing": ("hugo-veenmos", "orange", "COM-A04"),
    "deceased": ("gust-avondrood", "red", "COM-R01"),
    "declared absent": ("greet-populier", "orange", "COM-A05"),
    "moved out long ago": ("luc-verreweide", "red", "UIT-R06"),
    "moved out just now": ("sofie-zeewind", "orange", "UIT-A06"),
    "partner municipality": ("bram-heuvel", "orange", "UIT-A06"),
    "status just ended": ("leen-regenboog", "orange", "UIT-A08"),
    "status of the OCMW just ended": ("joris-elzenbos", "orange", "UIT-A08"),
    "grace over": ("mila-ooievaar", "red", "UIT-R01"),
    "source down, ground elsewhere": ("jef-appelboom", "green", "UIT-G01"),
    "source down": ("tom-mistral", "orange", "COM-A09"),
    "source too busy": ("noor-sterrenveld", "orange", "COM-A09"),
    "register too busy, ground elsewhere": ("bart-hazelaar", "orange", "COM-A09"),
    "data that contradict each other": ("omar-zilverduin", "orange", "COM-A09"),
    "separated parents, one entitled": ("lotte-vlinder", "orange", "UIT-A10"),
    "both parents entitled": ("milo-madelief", "green", "UIT-G01"),
    "dependent in an entitled household": ("fien-kastanje", "green", "UIT-G01"),
    "institution": ("rik-lindedreef", "orange", "COM-A14"),
    "protected": ("vera-schaduw", "orange", "COM-A15"),
    "income year missing": ("yara-maanlicht", "orange", "COM-A17"),
    "no ground at all": ("els-kiezel", "red", "UIT-R01"),
}
ALONE = {
    "lotte-vlinder": ("orange", "COM-A12"),
    "milo-madelief": ("orange", "COM-A12"),
    "fien-kastanje": ("orange", "COM-A12"),
    "gust-avondrood": ("orange", "COM-A18"),
    "leen-regenboog": ("orange", "UIT-A08"),
}


def verdict(person: str, channel: ChannelKind) -> tuple[str, str]:
    decider = Decider(connectors(FILE), TimeLimits(4.0, dict.fromkeys(GROUPS, 2.5)))
    decision = asyncio.run(decider.decide(question(NUMBERS[person]), channel, RULES))
    moment = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    reply = reply_to(decision, RULES, Occasion("c", "k", TODAY, moment, with_guidance=True))
    (guidance,) = reply.guidance
    return reply.verdict, guidance.code


@pytest.mark.parametrize("zone", ZONES)
def test_at_a_desk(zone: str) -> None:
    person, colour, code = ZONES[zone]
    assert verdict(person, ChannelKind.DESK) == (colour, code)


@pytest.mark.parametrize("person", ALONE)
def test_alone_at_a_terminal(person: str) -> None:
    assert verdict(person, ChannelKind.SELF_SERVICE) == ALONE[person]
