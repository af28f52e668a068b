"""The client and the connectors against answers that never saw a network."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.domain.national_number import NationalNumber
from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.asking import ask_all
from kiosk.service.central.connectors.combined import combine
from kiosk.service.central.connectors.guard import REST_SECONDS, Pace
from kiosk.service.central.connectors.magda import social, sources
from kiosk.service.central.connectors.magda.client import Agreement, Client
from kiosk.service.central.connectors.magda.failures import NotAnswered, Reason
from kiosk.service.central.connectors.magda.messages import StatusCriteria
from kiosk.service.central.connectors.magda.population import Area
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    HOUSEHOLD,
    PERSON,
    SERVICES,
    SOCIAL_STATUS,
    TAX,
    Service,
)
from kiosk.service.central.connectors.magda.shared import Shared
from kiosk.service.central.connectors.magda.tax import Bands
from kiosk.service.central.connectors.magda.xml import Part, write
from kiosk.service.central.decide import Decider, TimeLimits
from kiosk.service.central.facts import (
    GROUPS,
    ChannelKind,
    IncomeBand,
    Parents,
    PersonState,
    YesNo,
)
from tests.support.magda import ANSWERS
from tests.support.mock_magda.files import SOAP, Answers, Asked, envelope, exception, read_request
from tests.unit.central.worlds import shipped

TEUN, MIRA, NEL, NEW_NEL = "78620922228", "80610511103", "75641099945", "75641088859"
DAY = date(2026, 11, 22)
PLENTY = Pace(1e6, 10**6)

Change = Callable[[Asked, bytes], bytes]

pytestmark = pytest.mark.expects_log("kiosk.service.central.connectors.magda", "answered other-")


def seal(request: Part, namespace: str, _moment: datetime) -> bytes:
    body = Part(f"{{{SOAP}}}Body", (request,))
    return write(Part(f"{{{SOAP}}}Envelope", (body,)), {"m": namespace})


class Files:
    """Answers from files at once; ``change`` may spoil them."""

    def __init__(self, change: Change | None = None) -> None:
        self.answers = Answers(ANSWERS)
        self.change = change
        self.asked: list[Asked] = []

    async def post(self, url: str, message: bytes, headers: Mapping[str, str]) -> bytes:
        asked = read_request(message)
        self.asked.append(asked)
        content = envelope(self.answers.find(asked))
        return self.change(asked, content) if self.change else content


def client_of(files: Files, *services: Service) -> Client:
    urls = dict.fromkeys(services or SERVICES, "https://magda.invalid")
    agreement = Agreement(urls=urls, sender="x", pace=PLENTY)
    return Client(agreement, files.post, seal, today=lambda: DAY)


def plan(**changes: Any) -> social.StatusPlan:
    facts = {"VT_PROEF": "vt", "VT_GEZIN_PROEF": "household_status", "IGO_PROEF": "igo"}
    whole = {"facts": facts, "criteria": StatusCriteria(names=()), "grace_days": 30}
    return social.StatusPlan(**{**whole, **changes})


def every_source(client: Client) -> list[sources.Source]:
    person = sources.person_file(client)
    file = social.StatusFile(client, plan())
    return [
        sources.population(client, person, Area(frozenset({"44021"}), frozenset())),
        social.statuses("social", client, file),
        social.parents(client, person, file, may_ask=True),
        sources.handicap(client),
        sources.living_wage(client, 62),
        sources.income(client, Bands(23000, 33000, ["7555"]), 1),
    ]


def ask(source: Any, number: str, day: date = DAY) -> Answer:
    answer: Answer = asyncio.run(source.ask(Question(number=NationalNumber(number), on_date=day)))
    return answer


class TestReplacedNumbers:
    def test_a_named_new_number_is_asked_once(self) -> None:
        files = Files()
        answer = ask(social.statuses("social", client_of(files), status_file(files)), NEL)
        assert answer.facts["igo"] is YesNo.YES
        assert [asked.digits for asked in files.asked] == [NEL, NEW_NEL]

    def test_it_is_followed_no_further(self) -> None:
        def again(asked: Asked, _content: bytes) -> bytes:
            digits = {NEL: NEW_NEL, NEW_NEL: MIRA}[asked.digits]
            return warning(asked, digits)

        files = Files(again)
        answer = ask(social.statuses("social", client_of(files), status_file(files)), NEL)
        assert (answer.state, answer.reason) == (SourceState.NO_DATA, "replaced-number")
        assert len(files.asked) == 2

    @pytest.mark.parametrize("told", ["12345678901", "", "geen", NEL])
    def test_what_is_no_new_number_is_not_followed(self, told: str) -> None:
        files = Files(lambda asked, _content: warning(asked, told))
        answer = ask(social.statuses("social", client_of(files), status_file(files)), NEL)
        assert answer.facts == {}
        assert {asked.digits for asked in files.asked} == {NEL}

    def test_without_the_warning_it_is_somebody_else(self) -> None:
        def silent(_asked: Asked, content: bytes) -> bytes:
            return re.sub(rb"<Uitzonderingen>.*</Uitzonderingen>", b"", content, flags=re.DOTALL)

        client = client_of(Files(silent))
        source = sources.population(
            client, sources.person_file(client), Area(frozenset(), frozenset())
        )
        assert ask(source, NEL).reason == "other-person"


def status_file(files: Files, **changes: Any) -> social.StatusFile:
    return social.StatusFile(client_of(files), plan(**changes))


def warning(asked: Asked, digits: str) -> bytes:
    content = exception(asked, "30004", "WAARSCHUWING", "INSZ werd vervangen")
    for item in content.iter("Uitzondering"):
        etree.SubElement(item, "Omstandigheid").text = digits
    return envelope(content)


class TestIncome:
    def of(self, files: Files) -> sources.Source:
        return sources.income(client_of(files, TAX), Bands(23000, 33000, ["7555"]), 1)

    def test_the_year_before_is_asked_when_the_newest_is_not_there(self) -> None:
        files = Files()
        assert ask(self.of(files), TEUN, date(2027, 3, 1)).facts == {
            "income_band": IncomeBand.UP_TO_B
        }
        assert [asked.year for asked in files.asked] == ["2026", "2025"]

    def test_no_further_back(self) -> None:
        files = Files()
        assert ask(self.of(files), TEUN, date(2028, 3, 1)).reason == "no-income-year"
        assert [asked.year for asked in files.asked] == ["2027", "2026"]

    def test_a_newest_year_that_contradicts_itself_is_not_passed_over(self) -> None:
        def twice(asked: Asked, content: bytes) -> bytes:
            if asked.year != "2026":
                return content
            older = Answers(ANSWERS).find(replace(asked, year="2025"))
            root = etree.fromstring(envelope(older).replace(b"jaar>2025<", b"jaar>2026<"))
            for items in root.iter("Items"):
                items.extend([copy.deepcopy(item) for item in items])
            return bytes(etree.tostring(root))

        files = Files(twice)
        answer = ask(self.of(files), TEUN, date(2027, 3, 1))
        assert (answer.facts, answer.reason) == ({}, "not-understood")
        assert [asked.year for asked in files.asked] == ["2026"]

    def test_an_answer_about_another_year_is_none(self) -> None:
        files = Files(
            lambda _asked, content: content.replace(b"<Inkomensjaar>2025", b"<Inkomensjaar>2011")
        )
        answer = ask(self.of(files), TEUN)
        assert (answer.state, answer.reason) == (SourceState.NO_DATA, "other-year")


class TestGrace:
    def test_a_status_that_applied_thirty_days_ago_has_just_ended(self) -> None:
        def before(asked: Asked, content: bytes) -> bytes:
            return (
                content.replace(b"<Code>0<", b"<Code>1<") if "2026-10-23" in asked.text else content
            )

        files = Files(before)
        source = social.statuses("social", client_of(files), status_file(files))
        assert ask(source, TEUN).facts["social_ended_days"] == 30

    def test_nothing_about_the_past_is_asked_without_grace(self) -> None:
        files = Files()
        source = social.statuses("social", client_of(files), status_file(files, grace_days=0))
        assert ask(source, TEUN).facts["social_ended_days"] is None
        assert len(files.asked) == 1

    def test_a_failure_of_the_second_question_leaves_the_first(self) -> None:
        def later(asked: Asked, content: bytes) -> bytes:
            return content if "2026-11-22" in asked.text else b"<half"

        files = Files(later)
        facts = ask(social.statuses("social", client_of(files), status_file(files)), TEUN).facts
        assert facts["vt"] is YesNo.NO
        assert "social_ended_days" not in facts

    def test_a_past_that_is_not_told_is_not_known(self) -> None:
        def other_names(asked: Asked, content: bytes) -> bytes:
            past = "2026-10-23" in asked.text
            return content.replace(b"<Naam>IGO_PROEF", b"<Naam>X") if past else content

        files = Files(other_names)
        facts = ask(social.statuses("social", client_of(files), status_file(files)), TEUN).facts
        assert "social_ended_days" not in facts


class TestHousehold:
    def test_a_status_of_ones_own_asks_nobody_about_the_household(self) -> None:
        files = Files(lambda _asked, content: content.replace(b"<Code>0<", b"<Code>1<"))
        source = social.statuses("social", client_of(files), status_file(files))
        assert ask(source, MIRA).facts["household_status"] is YesNo.YES
        assert [asked.service for asked in files.asked] == [SOCIAL_STATUS.name]

    def test_a_household_that_does_not_answer_confirms_nothing(self) -> None:
        def silent(asked: Asked, content: bytes) -> bytes:
            return b"" if asked.service == HOUSEHOLD.name else content

        files = Files(silent)
        source = social.statuses("social", client_of(files), status_file(files))
        assert "household_status" not in ask(source, "72650965473").facts

    def test_without_an_address_for_it_nobody_knows_who_belongs_there(self) -> None:
        files = Files()
        file = status_file(files)
        source = social.statuses("social", client_of(files, SOCIAL_STATUS), file)
        assert "household_status" not in ask(source, "72650965473").facts


class TestDaysToCome:
    """What an OCMW has not reported yet, or nobody has granted yet, is no no."""

    @pytest.mark.parametrize("day", [DAY + timedelta(days=1), date(2027, 9, 1)])
    def test_nobody_says_no_of_them(self, day: date) -> None:
        client = client_of(Files())
        for source in every_source(client):
            for name, value in ask(source, TEUN, day).facts.items():
                assert value not in (YesNo.NO, Parents.NONE, Parents.ONE), name
                assert not name.endswith("_ended_days"), name

    @pytest.mark.parametrize(
        ("day", "colour"), [(DAY, Colour.RED), (DAY + timedelta(days=1), Colour.ORANGE)]
    )
    def test_who_lives_elsewhere_may_have_moved_by_then(self, day: date, colour: Colour) -> None:
        client, elsewhere = client_of(Files()), Area(frozenset({"99999"}), frozenset())
        source = sources.population(client, sources.person_file(client), elsewhere)
        decider = Decider([source], TimeLimits(4.0, dict.fromkeys(GROUPS, 2.0)))
        question = Question(number=NationalNumber(TEUN), on_date=day)
        decision = asyncio.run(decider.decide(question, ChannelKind.DESK, shipped()))
        assert decision.finding.colour is colour

    def test_what_is_granted_already_is_a_yes(self) -> None:
        files = Files(lambda _asked, content: content.replace(b"<Code>0<", b"<Code>1<"))
        source = social.statuses("social", client_of(files), status_file(files))
        assert ask(source, TEUN, date(2027, 9, 1)).facts["vt"] is YesNo.YES

    def test_today_is_not_to_come(self) -> None:
        source = sources.handicap(client_of(Files()))
        assert ask(source, TEUN).facts["handicap_allowance"] is YesNo.NO

    def test_no_status_just_ended_before_them(self) -> None:
        files = Files()
        source = social.statuses("social", client_of(files), status_file(files))
        assert ask(source, "91620476505").facts["social_ended_days"] == 20
        assert ask(source, "91620476505", DAY + timedelta(days=3)).facts == {}


class TestParents:
    @pytest.mark.parametrize(
        ("failing", "expected"), [(None, Parents.ONE), (MIRA, None), (TEUN, None)]
    )
    def test_a_parent_that_is_not_known_leaves_it_open(
        self, failing: str | None, expected: Parents | None
    ) -> None:
        files = Files(lambda asked, content: b"" if asked.digits == failing else content)
        client = client_of(files)
        file = social.StatusFile(client, plan())
        source = social.parents(client, sources.person_file(client), file, may_ask=True)
        assert ask(source, "16651233330").facts.get("parents_entitled") is expected

    @pytest.mark.parametrize("digits", [b"12345678901", b"x"])
    def test_a_parent_with_no_number_that_could_be_one(self, digits: bytes) -> None:
        files = Files(lambda _asked, content: content.replace(MIRA.encode(), digits))
        client = client_of(files)
        file = social.StatusFile(client, plan())
        source = social.parents(client, sources.person_file(client), file, may_ask=True)
        assert ask(source, "16651233330").facts == {}
        assert {asked.digits for asked in files.asked} == {"16651233330", TEUN}


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: content.replace(b"Body", b"Bodies"),
        lambda content: re.sub(rb"<soapenv:Body>.*</soapenv:Body>", b"", content, flags=re.DOTALL),
        lambda content: content.replace(b"<Repliek>", b"<Vraag>").replace(b"/Repliek", b"/Vraag"),
        lambda content: content.replace(b"<Type>ANTWOORD", b"<Type>VRAAG"),
        lambda content: re.sub(rb"<Antwoorden>.*</Antwoorden>", b"", content, flags=re.DOTALL),
        lambda content: re.sub(rb"<Inhoud>.*</Inhoud>", b"", content, flags=re.DOTALL),
        lambda content: re.sub(rb"<Context>.*</Context>", b"", content, flags=re.DOTALL),
    ],
    ids=["body", "empty", "reply", "type", "answers", "inside", "context"],
)
def test_what_is_not_wholly_an_answer_is_not_understood(spoil: Callable[[bytes], bytes]) -> None:
    client = client_of(Files(lambda _asked, content: spoil(content)))
    for source in every_source(client):
        answer = ask(source, TEUN)
        assert (answer.facts, answer.state) in (
            ({}, SourceState.UNAVAILABLE),
            ({"handicap_allowance": YesNo.NO, "social_ended_days": None}, SourceState.OK),
            ({}, SourceState.NO_DATA),
        ), source.name


@pytest.mark.parametrize("place", ["Repliek", "Antwoord", "Inhoud", "Inhoud/*"])
def test_what_is_told_twice_is_not_understood(place: str) -> None:
    def twice(_asked: Asked, content: bytes) -> bytes:
        root = etree.fromstring(content)
        for element in root.findall(f".//{place}"):
            element.addnext(copy.deepcopy(element))
        return bytes(etree.tostring(root))

    [register, *_] = every_source(client_of(Files(twice)))
    answer = ask(register, TEUN)
    assert (answer.facts, answer.reason) == ({}, "not-understood")


@pytest.mark.parametrize("spoiled", [b"<half", None], ids=["file", "outage"])
def test_one_persons_spoiled_file_takes_the_service_from_nobody(spoiled: bytes | None) -> None:
    def spoil(asked: Asked, content: bytes) -> bytes:
        if asked.digits != TEUN:
            return content
        if spoiled is None:
            raise NotAnswered(Reason.HTTP_ERROR)
        return spoiled

    source = sources.handicap(client_of(Files(spoil)))
    answer = [ask(source, TEUN) for _ in range(30)][-1]
    rests = spoiled is None
    assert answer.reason == ("resting" if rests else "not-understood")
    assert source.status() is (SourceState.UNAVAILABLE if rests else None)
    assert ask(source, MIRA).state is (SourceState.UNAVAILABLE if rests else SourceState.OK)


class TestShared:
    def test_one_that_is_cancelled_leaves_the_other_its_answer(self) -> None:
        asked: list[Question] = []
        gate = asyncio.Event()

        async def slow(question: Question) -> int:
            asked.append(question)
            await gate.wait()
            return 7

        async def run() -> int:
            shared = Shared(slow)
            question = Question(number=NationalNumber(TEUN), on_date=DAY)
            first = asyncio.ensure_future(shared.get(question))
            second = asyncio.ensure_future(shared.get(question))
            await asyncio.sleep(0)
            first.cancel()
            gate.set()
            return await second

        assert asyncio.run(run()) == 7
        assert len(asked) == 1

    @pytest.mark.parametrize("failure", ["not-answered", "other", "none"])
    def test_nothing_outlives_its_question(self, failure: str) -> None:
        asked: list[int] = []

        async def failing(_question: Question) -> int:
            asked.append(1)
            if failure == "not-answered":
                raise NotAnswered(Reason.TIMEOUT)
            if failure == "other":
                raise ValueError
            return 7

        async def run() -> int:
            shared = Shared(failing)
            question = Question(number=NationalNumber(TEUN), on_date=DAY)
            for _ in range(2):
                with contextlib.suppress(NotAnswered, ValueError):
                    await shared.get(question)
            del question
            await asyncio.sleep(0)
            return len(shared._asked)

        assert asyncio.run(run()) == 0
        assert len(asked) == (2 if failure == "other" else 1)


def test_an_unknown_number_is_a_fact_of_the_register_only() -> None:
    client = client_of(Files(), PERSON)
    source = sources.population(client, sources.person_file(client), Area(frozenset(), frozenset()))
    assert ask(source, "85613099922").facts == {"person_state": PersonState.UNKNOWN_NUMBER}


@st.composite
def damages(draw: st.DrawFn) -> Change:
    kind = draw(st.sampled_from(["cut", "drop", "double", "swap", "bytes"]))
    at, length = draw(st.floats(0, 1)), draw(st.integers(1, 400))
    noise = draw(st.binary(min_size=1, max_size=20))

    def change(_asked: Asked, content: bytes) -> bytes:
        begin = int(at * len(content))
        piece = content[begin : begin + length]
        return {
            "cut": content[:begin],
            "drop": content[:begin] + content[begin + length :],
            "double": content[: begin + length] + piece + content[begin + length :],
            "swap": content[:begin] + piece[::-1] + content[begin + length :],
            "bytes": content[:begin] + noise + content[begin + len(noise) :],
        }[kind]

    return change


@pytest.mark.expects_log("kiosk.service.central.connectors.magda", "unknown")
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(damages(), st.sampled_from([MIRA, TEUN, NEL, "91620476505", "16651233330"]))
def test_no_damage_is_an_unexpected_error(
    caplog: pytest.LogCaptureFixture, change: Change, number: str
) -> None:
    async def run() -> list[Answer]:
        parts = combine(every_source(client_of(Files(change))), dict.fromkeys(GROUPS, 10.0))
        question = Question(number=NationalNumber(number), on_date=DAY)
        return [await part.ask(question) for part in parts]

    for answer in asyncio.run(run()):
        assert answer.reason is None or answer.reason in {reason.value for reason in Reason}
    assert re.search(r"\d{11}", caplog.text) is None


def test_who_waits_for_a_moment_only_takes_the_trial_from_nobody() -> None:
    class Down(Files):
        async def post(self, url: str, message: bytes, headers: Mapping[str, str]) -> bytes:
            if len(self.asked) <= 20:  # the last of them is the trial
                self.asked.append(read_request(message))
                if len(self.asked) <= 20:
                    raise NotAnswered(Reason.HTTP_ERROR)
                await asyncio.Event().wait()
            return await super().post(url, message, headers)

    seconds = [0.0]
    agreement = Agreement(urls={HANDICAP: "https://magda.invalid"}, sender="x", pace=PLENTY)
    client = Client(agreement, Down().post, seal, lambda: seconds[0])
    source = sources.handicap(client)
    assert [ask(source, TEUN).reason for _ in range(21)][-1] == "resting"
    seconds[0] = REST_SECONDS
    one = Question(number=NationalNumber(TEUN), on_date=DAY)
    (moment,) = asyncio.run(ask_all(one, [(source, 0.001)]))
    assert moment.answer.reason == "timeout"
    assert ask(source, TEUN).state is SourceState.OK
