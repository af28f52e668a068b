import asyncio
import dataclasses
import itertools
import time
import tomllib
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.data import data_path
from kiosk.domain.verdict import Colour
from kiosk.service.central import decide as module
from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.connectors.synthetic import connectors, read_people
from kiosk.service.central.decide import Decider, Decision, TimeLimits
from kiosk.service.central.facts import FACTS, ChannelKind, PersonState, YesNo
from kiosk.service.central.replies import Occasion, reply_to
from kiosk.service.central.rule_rows import Between, OneOf, Outcome, Row
from kiosk.service.central.rules import RuleSet, Table
from kiosk.service.contract import encode
from tests.unit.central.worlds import NOBODY, TODAY, YES_NO_GROUNDS, facts, question, shipped

PEOPLE_FILE = data_path("central", "people.toml")
PEOPLE = tomllib.loads(PEOPLE_FILE.read_text("utf-8"))["person"]
RULES = shipped()
LEZ = shipped("lez")
GROUPS = ("population", "social", "ocmw", "income")
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
LIMITS = TimeLimits(4.0, dict.fromkeys(("vehicle", *GROUPS), 2.5))
HASTY = TimeLimits(0.3, dict.fromkeys(GROUPS, 0.05))

Behaviour = Callable[[], Awaitable[Answer]]


class Source:
    """A connector that does what a test says, and counts how often it is asked."""

    def __init__(self, group: str, behave: Behaviour | None = None, **changes: Any) -> None:
        self.group = group
        self.asked = 0
        self._behave = behave
        plain = facts(**changes)
        self._facts = {n: getattr(plain, n) for n, kind in FACTS.items() if kind.group == group}

    async def ask(self, question: Question) -> Answer:
        self.asked += 1
        if self._behave is not None:
            return await self._behave()
        return Answer(state=SourceState.OK, facts=self._facts)

    def status(self) -> SourceState | None:
        return SourceState.OK


async def hang() -> Answer:
    await asyncio.sleep(60)
    raise AssertionError


async def hold_on() -> Answer:
    """Ignores the first cancellation, as bad connectors do."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(0.2)
        raise ValueError("too late") from None
    raise AssertionError


async def fail() -> Answer:
    raise RuntimeError(f"no answer about {NOBODY}")


async def give_up() -> Answer:
    raise asyncio.CancelledError


def failing(state: SourceState) -> Behaviour:
    async def answer() -> Answer:
        return Answer(state=state)

    return answer


FAILURES = [state for state in SourceState if state is not SourceState.OK]


def world(**sources: Behaviour | dict[str, Any]) -> list[Source]:
    made = []
    for group in GROUPS:
        what = sources.get(group, {})
        made.append(Source(group, **what) if isinstance(what, dict) else Source(group, what))
    return made


def decide(
    sources: list[Source] | tuple[Connector, ...],
    limits: TimeLimits = LIMITS,
    number: str = NOBODY,
    rules: RuleSet = RULES,
) -> Decision:
    decider = Decider(sources, limits)
    return asyncio.run(decider.decide(question(number), ChannelKind.DESK, rules))


def asked(decision: Decision) -> list[str]:
    return [call.group for call in decision.called]


@pytest.mark.parametrize("person", PEOPLE, ids=[p["id"] for p in PEOPLE])
def test_every_made_up_person_gets_the_colour_of_the_file(person: dict[str, Any]) -> None:
    decision = decide(connectors(PEOPLE_FILE), number=person["number"])
    occasion = Occasion("c", "k", TODAY, NOW, with_guidance=True)
    reply = reply_to(decision, RULES, occasion)
    assert (reply.verdict, reply.guidance[0].code) == (person["colour"], person["guidance"])
    assert len(reply.guidance) == 1
    assert (reply.tariff is not None) is (reply.verdict == "green")
    assert (len(reply.sources) > 0) is not reply.determined


@pytest.mark.parametrize("person", PEOPLE, ids=[p["id"] for p in PEOPLE])
def test_every_made_up_person_with_a_vehicle(person: dict[str, Any]) -> None:
    decision = decide(connectors(PEOPLE_FILE), number=person["number"], rules=LEZ)
    reply = reply_to(decision, LEZ, Occasion("c", "k", TODAY, NOW, with_guidance=True))
    expected = person.get("lez", {"colour": "orange", "guidance": "LEZ-A05"})
    assert {"colour": reply.verdict, "guidance": reply.guidance[0].code} == expected


def test_somebody_whom_no_file_knows_is_orange() -> None:
    decision = decide(connectors(PEOPLE_FILE))
    assert decision.finding.codes == ("COM-A03",)


@pytest.mark.expects_log("kiosk.service.central", "failed: RuntimeError$")
def test_the_income_is_asked_only_when_it_can_still_matter() -> None:
    assert asked(decide(world(ocmw={"leefloon": "yes"}))) == ["population", "social", "ocmw"]
    assert asked(decide(world(population={"residence": "other"}))) == [
        "population",
        "social",
        "ocmw",
    ]
    assert asked(decide(world(population=fail, social=fail))) == ["population", "social", "ocmw"]
    assert asked(decide(world())) == list(GROUPS)
    assert asked(decide(world(social=failing(SourceState.UNAVAILABLE)))) == list(GROUPS)


@pytest.mark.parametrize(
    "behave",
    [fail, give_up, *map(failing, FAILURES)],
    ids=["fail", "give-up", *(state.value for state in FAILURES)],
)
@pytest.mark.parametrize("group", GROUPS)
def test_a_source_that_fails_is_unknown_and_never_a_no(
    group: str, behave: Behaviour, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("kiosk.service.central", "failed: RuntimeError$")
    decision = decide(world(**{group: behave}))
    assert decision.finding.colour.value == "orange"
    assert decision.finding.blocked_by == (group,)


@pytest.mark.expects_log("kiosk.service.central", "failed: RuntimeError$")
@pytest.mark.parametrize("group", GROUPS[1:])
def test_one_source_down_does_not_hide_a_ground_elsewhere(group: str) -> None:
    ground = {"social": {"ocmw": {"leefloon": "yes"}}}.get(group, {"social": {"vt": "yes"}})
    assert decide(world(**ground, **{group: fail})).finding.colour.value == "green"


@pytest.mark.expects_log("kiosk.service.central", "failed: RuntimeError$")
def test_all_down_is_orange() -> None:
    assert decide(world(**dict.fromkeys(GROUPS, fail))).finding.colour.value == "orange"


def test_the_text_of_a_foreign_error_is_not_logged(
    caplog: pytest.LogCaptureFixture, expect_log: Callable[[str, str], None]
) -> None:
    expect_log("kiosk.service.central", "failed: RuntimeError$")
    decide(world(social=fail))
    assert NOBODY not in caplog.text


@pytest.mark.parametrize("behave", [hang, hold_on])
def test_a_silent_source_costs_its_time_limit_and_no_more(behave: Behaviour) -> None:
    started = time.monotonic()
    decision = decide(world(social=behave), HASTY)
    assert time.monotonic() - started < 1
    assert [(b.group, b.answer.reason) for b in decision.blocked] == [("social", "timeout")]
    assert decision.blocked[0].answer.retry_after_seconds == 60


def test_what_a_source_does_after_its_time_is_not_heard() -> None:
    async def wait_on() -> Decision:
        decider = Decider(world(social=hold_on), HASTY)
        decision = await decider.decide(question(), ChannelKind.DESK, RULES)
        await asyncio.sleep(0.3)
        return decision

    assert asyncio.run(wait_on()).finding.blocked_by == ("social",)


def test_when_the_time_is_up_the_second_stage_is_not_asked() -> None:
    sources = world(social=hang)
    decision = decide(sources, TimeLimits(0.05, dict.fromkeys(GROUPS, 2.5)))
    assert decision.finding.blocked_by == ("social", "income")
    assert decision.blocked[1].answer.reason == "deadline"
    assert sources[3].asked == 0


def test_who_waits_less_is_answered_sooner() -> None:
    decider, started = Decider(world(social=hang), LIMITS), time.monotonic()
    decision = asyncio.run(decider.decide(question(NOBODY), ChannelKind.DESK, RULES, longest=0.1))
    assert 0.1 <= time.monotonic() - started < 2
    assert decision.finding.colour is Colour.ORANGE
    assert decision.may_retry


def test_what_was_told_is_not_asked_again() -> None:
    first = decide(world(social=failing(SourceState.TOO_BUSY)))
    assert set(first.told) == {"population", "ocmw", "income"}
    decider = Decider(world(social={"vt": YesNo.YES}), LIMITS)
    again = asyncio.run(decider.decide(question(NOBODY), ChannelKind.DESK, RULES, first.told))
    assert asked(again) == ["social"]
    assert again.finding.colour is Colour.GREEN


def test_without_connectors_everything_is_unknown() -> None:
    decision = decide([])
    assert decision.finding.blocked_by == ("population",)
    assert decision.blocked[0].answer.state is SourceState.NOT_CONFIGURED
    assert Decider([], LIMITS).states() == dict.fromkeys(GROUPS, "not-configured")


def asked_of(decider: Decider, limits: TimeLimits = LIMITS) -> dict[str, str]:
    """Let it decide once; return how the groups fare then."""
    asyncio.run(decider.decide(question(), ChannelKind.DESK, RULES))
    return decider.states()


HEALTHY = dict.fromkeys(GROUPS, "ok")


def test_a_source_nobody_asked_is_as_its_connector_says() -> None:
    class Silent(Source):
        def status(self) -> None:
            return None

    class Locked(Source):
        def status(self) -> SourceState:
            return SourceState.REFUSED

    sources: list[Connector] = [Source("population"), Silent("social"), Locked("ocmw")]
    assert Decider(sources, LIMITS).states() == {
        "population": "ok",
        "social": "unknown",
        "ocmw": "refused",
        "income": "not-configured",
    }


@pytest.mark.parametrize("state", FAILURES)
def test_a_lamp_shows_what_fails_for_everybody_and_not_what_one_person_was_answered(
    state: SourceState,
) -> None:
    shown = state.value if state in (SourceState.UNAVAILABLE, SourceState.TOO_BUSY) else "ok"
    assert asked_of(Decider(world(social=failing(state)), LIMITS)) == HEALTHY | {"social": shown}


@pytest.mark.expects_log("kiosk.service.central", "source social failed")
@pytest.mark.parametrize("behave", [hang, fail, give_up])
def test_a_source_that_gives_no_answer_is_unavailable(behave: Behaviour) -> None:
    decider = Decider(world(social=behave), HASTY)
    assert asked_of(decider) == HEALTHY | {"social": "unavailable"}


def test_the_next_answer_puts_the_lamp_right() -> None:
    answers = [failing(SourceState.TOO_BUSY), failing(SourceState.NO_DATA)]

    async def next_answer() -> Answer:
        return await answers.pop(0)()

    decider = Decider(world(social=next_answer), LIMITS)
    assert asked_of(decider) == HEALTHY | {"social": "too-busy"}
    assert asked_of(decider) == HEALTHY


def test_a_failure_shows_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    decider = Decider(world(social=failing(SourceState.UNAVAILABLE)), LIMITS)
    assert asked_of(decider)["social"] == "unavailable"
    monkeypatch.setattr(module, "_FAILURE_SHOWS_SECONDS", 0.0)
    assert decider.states() == HEALTHY


def test_a_source_that_was_not_asked_any_more_has_not_failed() -> None:
    decider = Decider(world(social=hang), TimeLimits(0.05, dict.fromkeys(GROUPS, 2.5)))
    assert asked_of(decider) == HEALTHY | {"social": "unavailable"}


@pytest.mark.expects_log("kiosk.service.central", "told something that it may not tell")
@pytest.mark.parametrize(
    ("state", "told"),
    [
        (SourceState.OK, {"leefloon": YesNo.YES}),
        (SourceState.OK, {"vtt": YesNo.YES}),
        (SourceState.OK, {"vt": "yes"}),
        (SourceState.OK, {"person_state": PersonState.DECEASED}),
        (SourceState.UNAVAILABLE, {"vt": YesNo.YES}),
    ],
)
def test_a_source_tells_its_own_facts_and_only_when_it_answered(
    state: SourceState, told: dict[str, Any]
) -> None:
    async def answer() -> Answer:
        return Answer(state=state, facts=told)

    decision = decide(world(social=answer))
    assert decision.blocked[0].answer.reason == "not-understood"
    assert decision.finding.colour.value == "orange"


def test_the_order_of_the_sources_does_not_matter() -> None:
    findings = {
        decide(list(order)).finding
        for order in itertools.permutations(
            world(social={"vt": "yes"}, income=failing(SourceState.TOO_BUSY))
        )
    }
    assert len(findings) == 1


def test_the_reply_is_the_same_for_every_ground() -> None:
    occasion = Occasion("c", "k", TODAY, NOW, with_guidance=True)
    grounds: list[dict[str, dict[str, Any]]] = [
        {FACTS[name].group: {name: "yes"}} for name in YES_NO_GROUNDS
    ]
    grounds += [{"income": {"income_band": "a"}}]
    replies = {str(reply_to(decide(world(**ground)), RULES, occasion)) for ground in grounds}
    assert len(grounds) == 9
    assert len(replies) == 1


class TestVehicle:
    """The zone: the vehicle first, and the person only when it still matters."""

    PERSON = ("population", "social")

    @staticmethod
    def with_vehicle(
        vehicle: Behaviour | dict[str, Any], **others: Behaviour | dict[str, Any]
    ) -> list[Source]:
        if isinstance(vehicle, dict):
            return [Source("vehicle", **vehicle), *world(**others)]
        return [Source("vehicle", vehicle), *world(**others)]

    @pytest.mark.parametrize(
        ("vehicle", "code"),
        [
            ({"fuel": "electric", "euro_norm": None}, "LEZ-G01"),
            ({"euro_norm": 6}, "LEZ-G01"),
            ({"vehicle_holder": "other"}, "LEZ-A01"),
            ({"vehicle_class": "other"}, "LEZ-A03"),
        ],
    )
    def test_nobody_is_asked_about_when_the_vehicle_settles_it(
        self, vehicle: dict[str, Any], code: str
    ) -> None:
        decision = decide(self.with_vehicle(vehicle), rules=LEZ)
        assert (asked(decision), decision.finding.codes) == (["vehicle"], (code,))
        assert decision.finding.determined

    def test_only_groups_that_the_rules_need_are_asked(self) -> None:
        decision = decide(self.with_vehicle({}, social={"vt": "yes"}), rules=LEZ)
        assert asked(decision) == ["vehicle", *self.PERSON]
        assert decision.finding.tariff == "reduced"

    @pytest.mark.parametrize("state", FAILURES)
    def test_a_silent_source_of_vehicles_is_orange_and_asks_nobody(
        self, state: SourceState
    ) -> None:
        decision = decide(self.with_vehicle(failing(state), social={"vt": "yes"}), rules=LEZ)
        assert decision.finding.colour.value == "orange"
        assert decision.finding.blocked_by == ("vehicle",)
        assert asked(decision) == ["vehicle"]

    def test_without_a_source_of_vehicles_everything_is_orange(self) -> None:
        decision = decide(world(social={"vt": "yes"}), rules=LEZ)
        reply = reply_to(decision, LEZ, Occasion("c", "k", TODAY, NOW, with_guidance=True))
        assert (reply.verdict, reply.guidance[0].code) == ("orange", "LEZ-A05")
        assert reply.sources[0].state == "not-configured"

    def test_replies_of_one_tariff_are_the_same_for_every_ground(self) -> None:
        occasion = Occasion("c", "k", TODAY, NOW, with_guidance=True)
        automatic = {"automatic_gearbox": "yes"}
        exempt: list[tuple[dict[str, Any], dict[str, Any]]] = [
            (automatic, {"handicap_card": "yes"}),
            (automatic, {"handicap_allowance": "yes"}),
            ({}, {"child_with_disability": "yes"}),
            ({}, {"carer": "social-tariff"}),
            ({}, {"carer": "social-tariff", "vt": "yes"}),
        ]
        free: list[tuple[dict[str, Any], dict[str, Any]]] = [
            ({"fuel": "electric", "euro_norm": None}, {}),
            ({"euro_norm": 5}, {"vt": "yes"}),
            ({"vehicle_class": "l"}, {}),
        ]
        for tariff, cases in (("lez-exempt", exempt), ("lez-free", free)):
            replies = {
                encode(
                    reply_to(
                        decide(self.with_vehicle(vehicle, social=social), rules=LEZ), LEZ, occasion
                    )
                )
                for vehicle, social in cases
            }
            assert len(replies) == 1
            assert tariff.encode() in replies.pop()

    def test_the_zone_is_open_until_the_end_of_the_year(self) -> None:
        for day in (date(2026, 1, 2), date(2026, 12, 31)):
            decision = decide(self.with_vehicle({"euro_norm": 6}), rules=LEZ)
            reply = reply_to(decision, LEZ, Occasion("c", "k", day, NOW, with_guidance=True))
            assert reply.validity is not None
            assert reply.validity.until == date(2026, 12, 31)
            assert reply.validity.recheck_from == max(day, date(2026, 12, 1))


def test_a_stage_that_matters_only_later_is_asked_later() -> None:
    """Rules that look at the person first, and at the vehicle only for a ground."""

    def outcome(colour: Colour) -> Outcome:
        return Outcome(colour.value, colour, "X", manual=False, tariff="t")

    deceased = OneOf(frozenset({PersonState.DECEASED}))
    table = Table(
        guards=[Row("g", {"person_state": deceased}, outcome(Colour.RED))],
        rows=[Row("r", {"euro_norm": Between(5, None)}, outcome(Colour.GREEN))],
        otherwise=outcome(Colour.RED),
        facts=["person_state", "euro_norm"],
    )
    rules = dataclasses.replace(RULES, table=table)
    decision = decide([*world(), Source("vehicle", euro_norm=6)], rules=rules)
    assert asked(decision) == ["population", "vehicle"]
    assert decision.finding.colour is Colour.GREEN
    decision = decide(world(), rules=rules)
    assert [each.group for each in decision.blocked] == ["vehicle"]
    decision = decide(world(population={"person_state": "deceased"}), rules=rules)
    assert asked(decision) == ["population"]


class TestReply:
    @pytest.mark.parametrize(
        ("day", "until"),
        [
            (date(2026, 11, 22), date(2027, 4, 30)),
            (date(2026, 12, 31), date(2027, 4, 30)),
            (date(2027, 1, 2), date(2028, 4, 30)),
        ],
    )
    def test_the_tariff_lasts_until_30_april_of_next_year(self, day: date, until: date) -> None:
        occasion = Occasion("c", "k", day, NOW, with_guidance=True)
        reply = reply_to(decide(world(social={"vt": "yes"})), RULES, occasion)
        assert reply.validity is not None
        assert (reply.validity.from_, reply.validity.until) == (day, until)
        assert reply.validity.recheck_from == date(until.year, 4, 1)
        assert reply.guidance[0].steps["nl"][0].endswith(f"tot en met 30/04/{until.year}.")

    def test_guidance_is_left_out_when_nobody_wants_it(self) -> None:
        occasion = Occasion("c", "k", TODAY, NOW, with_guidance=False)
        assert reply_to(decide(world()), RULES, occasion).guidance == ()

    def test_an_income_that_does_not_exist_yet_has_its_own_guidance(self) -> None:
        occasion = Occasion("c", "k", TODAY, NOW, with_guidance=True)
        decision = decide(world(income=failing(SourceState.NO_DATA)))
        assert [g.code for g in reply_to(decision, RULES, occasion).guidance] == ["COM-A17"]


class TestPeople:
    def test_there_is_a_person_for_every_situation(self) -> None:
        assert len(PEOPLE) >= 14
        assert {p["colour"] for p in PEOPLE} == {"green", "orange", "red"}
        assert all(p["sex"] == ("M" if int(p["number"][6:9]) % 2 else "V") for p in PEOPLE)
        assert all(p["number"][:2] == p["birth"][2:4] for p in PEOPLE)

    @pytest.mark.parametrize(
        "line",
        [
            "answers.stars.vt = 'yes'",
            "answers.social.leefloon = 'yes'",
            "answers.social.vt = 'perhaps'",
            "answers.social.state = 'asleep'",
            "number = '85613001238'",
            "number = " + repr(f"850130012{97 - 850130012 % 97:02}"),
            "birth = 'then'",
            "nonsense",
        ],
    )
    def test_a_file_with_a_mistake_is_refused(self, tmp_path: Path, line: str) -> None:
        lines = ["[[person]]", "id = 'x'", "number = '85613001239'", "birth = '1985-01-30'", line]
        name = line.partition(" ")[0]
        path = tmp_path / "people.toml"
        kept = [other for other in lines[:-1] if not other.startswith(f"{name} =")]
        path.write_text("\n".join([*kept, line]))
        with pytest.raises(ValueError):  # noqa: PT011  # any reason does
            read_people(path)

    def test_age_counts_birthdays(self) -> None:
        milo = next(p for p in PEOPLE if p["id"] == "milo-madelief")
        population = next(c for c in connectors(PEOPLE_FILE) if c.group == "population")
        for day, age in ((date(2033, 5, 11), 17), (date(2033, 5, 12), 18)):
            about = question(milo["number"])
            answer = asyncio.run(population.ask(Question(number=about.number, on_date=day)))
            assert answer.facts["age"] == age
