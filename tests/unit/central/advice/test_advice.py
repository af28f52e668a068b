"""What an advice becomes, and what it means beside the city's own data: every combination."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.domain.verdict import Colour
from kiosk.layered import ConfigurationError
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.advice.settings import (
    AdviceSettings,
    AdviserUnusable,
    connect,
    mistakes_in_advice,
)
from kiosk.service.central.connectors.advice.source import Advice, AdviceSource, Adviser
from kiosk.service.central.connectors.guard import Guard, Pace
from kiosk.service.central.decide import Decider, Decision, TimeLimits
from kiosk.service.central.facts import (
    FACTS,
    GROUPS,
    UNKNOWN,
    AdviceCategory,
    ChannelKind,
    Facts,
    Residence,
    YesNo,
)
from kiosk.service.central.rule_proof import prove
from kiosk.service.central.rule_rows import OneOf, Outcome, Row
from kiosk.service.central.rules import Table, evaluate
from kiosk.service.central.serve import connect_sources
from kiosk.service.central.settings import Settings
from kiosk.service.central.source_settings import Sources
from tests.unit.central.worlds import question, shipped

CATEGORIES = {"K1": AdviceCategory.FIRST, "K2": AdviceCategory.SECOND}
NAIVE = datetime(2026, 7, 1, tzinfo=UTC).replace(tzinfo=None)
LIMITS = TimeLimits(1.0, dict.fromkeys(GROUPS, 0.2))

GRANTED = Outcome("granted", Colour.GREEN, "G", manual=False, tariff="first")
SECOND = Outcome("second", Colour.GREEN, "G2", manual=False, tariff="second")
CONTRADICTION = Outcome("contradiction", Colour.ORANGE, "COM-A16", manual=True)
NOTHING = Outcome("no-ground", Colour.RED, "R", manual=True)
OUTSIDE = Outcome("outside", Colour.RED, "R6", manual=False)
UNCONFIRMED = Outcome("unconfirmed", Colour.ORANGE, "A2", manual=True)


def when(**conditions: str) -> dict[str, OneOf]:
    made = {}
    for name, value in conditions.items():
        choices = FACTS[name].choices
        assert choices is not None
        made[name] = OneOf(frozenset({choices(value)}))
    return made


GUARDS = (
    *(
        Row(f"G-{value}", when(residence=value), UNCONFIRMED)
        for value in ("none", "unconfirmed", "region")
    ),
    Row("G-outside", when(residence="other"), OUTSIDE),
)


def table(*rows: Row, guards: tuple[Row, ...] = GUARDS, more: tuple[str, ...] = ()) -> Table:
    names = ("channel", "residence", "leefloon", "advice", *more)
    return Table(guards=guards, rows=rows, otherwise=NOTHING, facts=names)


OWN = Row("own", when(leefloon="yes"), GRANTED)
ADVISED = Row("advised", when(advice="yes"), GRANTED)

GROUND = table(OWN, ADVISED)
"""The advice is one ground among others."""

POINTER = table(OWN, Row("only-advised", when(advice="yes"), CONTRADICTION))
"""The advice grants nothing by itself: it points at somebody whom the own data do not know."""

AGREEMENT = table(
    Row("both", when(leefloon="yes", advice="yes"), GRANTED),
    Row("only-own", when(leefloon="yes", advice="no"), CONTRADICTION),
    Row("only-advised", when(leefloon="no", advice="yes"), CONTRADICTION),
)
"""Both have to agree."""

TABLES = {"ground": GROUND, "pointer": POINTER, "agreement": AGREEMENT}
YES, NO = YesNo.YES, YesNo.NO
VALUES = {"yes": YES, "no": NO, "?": UNKNOWN}

# Own data, advice: colour, and who could still change it, or the code of a certain orange.
MEANING = """
own advice | ground         | pointer         | agreement
yes yes    | green          | green           | green
yes no     | green          | green           | orange COM-A16
yes ?      | green          | green           | orange advice
no  yes    | green          | orange COM-A16  | orange COM-A16
no  no     | red            | red             | red
no  ?      | orange advice  | orange advice   | orange advice
?   yes    | green          | orange ocmw     | orange ocmw
?   no     | orange ocmw    | orange ocmw     | orange ocmw
?   ?      | orange both    | orange both     | orange both
"""


def cases() -> list[tuple[str, str, str, str]]:
    heading, *lines = MEANING.strip().splitlines()
    names = [name.strip() for name in heading.split("|")[1:]]
    found = []
    for line in lines:
        facts, *meanings = line.split("|")
        own, advice = facts.split()
        found += [
            (name, own, advice, meaning.strip())
            for name, meaning in zip(names, meanings, strict=True)
        ]
    return found


def said(table: Table, own: Any, advice: Any) -> str:
    facts = Facts(channel=ChannelKind.DESK, residence=Residence.GENT, leefloon=own, advice=advice)
    finding = evaluate(table, facts)
    if finding.colour is not Colour.ORANGE:
        return str(finding.colour.value)
    why = finding.blocked_by or finding.codes
    return f"orange {'both' if len(why) == 2 else why[0]}"


@pytest.mark.parametrize(("name", "own", "advice", "meaning"), cases())
def test_what_they_mean_together(name: str, own: str, advice: str, meaning: str) -> None:
    assert said(TABLES[name], VALUES[own], VALUES[advice]) == meaning


@pytest.mark.parametrize("name", TABLES)
def test_every_combination_holds_the_safety_properties(name: str) -> None:
    proof = prove(TABLES[name])
    assert proof.holds, proof
    assert proof.combinations >= 7 * 3 * 3


def test_a_no_of_the_advice_cannot_be_held_against_own_data_that_grant_without_it() -> None:
    """A silence would then be better than a no: the proof refuses such rules."""
    veto = Row("veto", when(advice="no", leefloon="yes"), CONTRADICTION)
    vt = Row("vt", when(vt="yes"), GRANTED)
    proof = prove(table(OWN, vt, guards=(*GUARDS, veto), more=("vt",)))
    assert [each.name for each in proof.properties if each.failures] == [
        "one more ground never worsens"
    ]


def test_a_category_decides_the_tariff() -> None:
    rows = (
        Row("first", when(advice="yes", advice_category="first"), GRANTED),
        Row("second", when(advice="yes", advice_category="second"), SECOND),
    )
    by_category = table(*rows, more=("advice_category",))
    assert prove(by_category).holds

    def finding(**advice: Any) -> tuple[str, str, tuple[str, ...]]:
        known: dict[str, Any] = {"residence": Residence.GENT, "leefloon": NO, **advice}
        found = evaluate(by_category, Facts(channel=ChannelKind.DESK, **known))
        return found.colour.value, found.tariff, found.blocked_by

    second = finding(advice=YES, advice_category=AdviceCategory.SECOND)
    assert second == ("green", "second", ())
    assert finding(advice=YES) == ("orange", "", ("advice",))
    assert finding(advice=NO, advice_category=AdviceCategory.NONE) == ("red", "", ())


# ---- the connector, with a mock in the place of an engine ----------------------------------------


@dataclass
class MockAdviser:
    """An engine that does what a test says."""

    behave: Callable[[], Any]
    closed: bool = False

    async def advise(self, question: Question) -> Advice | None:
        result = self.behave()
        if result == "hang":
            await asyncio.sleep(60)
        advice: Advice | None = result
        return advice

    async def close(self) -> None:
        self.closed = True


def fail() -> None:
    raise RuntimeError("about somebody")


def source_of(adviser: Adviser) -> AdviceSource:
    """The connector over an adviser."""
    return AdviceSource(adviser, CATEGORIES, 60.0, Guard(Pace(), time.monotonic))


def answer(result: Any) -> Answer:
    source = source_of(MockAdviser(lambda: result))
    return asyncio.run(source.ask(question()))


@pytest.mark.parametrize(
    ("advice", "facts"),
    [
        (Advice(entitled=True), {"advice": YES}),
        (
            Advice(entitled=True, category="K2"),
            {"advice": YES, "advice_category": AdviceCategory.SECOND},
        ),
        (Advice(entitled=False), {"advice": NO, "advice_category": AdviceCategory.NONE}),
    ],
)
def test_an_advice_becomes_facts(advice: Advice, facts: Mapping[str, object]) -> None:
    told = answer(advice)
    assert (told.state, told.facts, told.reason, told.gap) == (SourceState.OK, facts, None, None)
    assert told.as_of is not None


def test_a_category_that_nobody_named_is_unknown() -> None:
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    told = answer(Advice(entitled=True, category="K9", as_of=moment))
    assert (told.facts, told.as_of) == ({"advice": YES}, moment)
    assert (told.reason, told.gap) == ("unknown-category", SourceState.REFUSED)


@pytest.mark.parametrize(
    ("result", "state", "reason"),
    [
        (None, SourceState.NO_DATA, "no-advice"),
        (Advice(entitled=None), SourceState.NO_DATA, "no-advice"),
        (Advice(entitled=False, category="K1"), SourceState.REFUSED, "contradiction"),
        (Advice(entitled="no"), SourceState.UNAVAILABLE, "not-understood"),  # type: ignore[arg-type]  # a program of others
        (Advice(entitled=True, as_of="gisteren"), SourceState.UNAVAILABLE, "not-understood"),  # type: ignore[arg-type]  # a program of others
        (Advice(entitled=True, as_of=NAIVE), SourceState.UNAVAILABLE, "not-understood"),
        (Advice(entitled=0), SourceState.UNAVAILABLE, "not-understood"),  # type: ignore[arg-type]  # a program of others
    ],
    ids=["silent", "unknown", "contradicts-itself", "text", "when", "where", "number"],
)
def test_what_is_no_advice_is_no_fact(result: Any, state: SourceState, reason: str) -> None:
    told = answer(result)
    assert (told.state, told.reason, told.facts) == (state, reason, {})


class Own:
    """The city's own data."""

    group = "ocmw"

    def __init__(self, leefloon: YesNo) -> None:
        self._leefloon = leefloon

    async def ask(self, question: Question) -> Answer:
        return Answer(state=SourceState.OK, facts={"leefloon": self._leefloon})

    def status(self) -> SourceState | None:
        return None


class Resident(Own):
    """The population register."""

    group = "population"

    async def ask(self, question: Question) -> Answer:
        return Answer(state=SourceState.OK, facts={"residence": Residence.GENT})


def decide(rules: Table, own: YesNo, behave: Callable[[], Any]) -> Decision:
    sources = (Resident(own), Own(own), source_of(MockAdviser(behave)))
    decider = Decider(sources, LIMITS)
    rule_set = replace(shipped(), table=rules)
    return asyncio.run(decider.decide(question(), ChannelKind.DESK, rule_set))


@pytest.mark.expects_log("kiosk.service.central", "source advice failed: RuntimeError$")
@pytest.mark.parametrize(
    "behave", [fail, lambda: "hang", lambda: None], ids=["fails", "hangs", "silent"]
)
@pytest.mark.parametrize(
    ("name", "own", "colour"),
    [
        ("ground", YES, "green"),
        ("ground", NO, "orange"),
        ("pointer", YES, "green"),
        ("pointer", NO, "orange"),
        ("agreement", YES, "orange"),
        ("agreement", NO, "orange"),
    ],
)
def test_an_engine_that_is_silent_is_never_a_no(
    name: str, own: YesNo, colour: str, behave: Callable[[], Any]
) -> None:
    decision = decide(TABLES[name], own, behave)
    assert decision.finding.colour.value == colour
    assert decision.finding.blocked_by == (() if colour == "green" else ("advice",))


def test_rules_that_do_not_declare_it_do_not_ask_it() -> None:
    asked = []
    adviser = MockAdviser(lambda: asked.append(1))
    sources = (Resident(YES), Own(YES), source_of(adviser))
    decider = Decider(sources, LIMITS)
    decision = asyncio.run(decider.decide(question(), ChannelKind.DESK, shipped()))
    assert asked == []
    assert "advice" not in [call.group for call in decision.called]
    assert decider.states()["advice"] == "unknown"
    assert "advice" not in Decider((), LIMITS).states()


# ---- an adviser that somebody installs -----------------------------------------------------------


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    info = tmp_path / "city_adviser-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: city-adviser\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[tariefwijzer.advisers]\ncity = city_adviser:make\nbroken = city_adviser:nothing\n"
    )
    (tmp_path / "city_adviser.py").write_text(
        "from kiosk.service.central.connectors.advice.source import Advice\n\n\n"
        "class City:\n"
        "    async def advise(self, question):\n"
        "        return Advice(entitled=True, category='K1')\n\n"
        "    async def close(self):\n"
        "        pass\n\n\n"
        "def make():\n"
        "    return City()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


CITY = AdviceSettings(adviser="city", categories=("K1=first",))


def test_an_adviser_is_found_by_its_name(installed: None) -> None:
    assert list(mistakes_in_advice(CITY)) == []
    chosen = Settings(environment="test", sources=Sources(advice=CITY))

    async def scene() -> Answer:
        sources = connect_sources(chosen)
        try:
            (source,) = sources.connectors
            return await source.ask(question())
        finally:
            await sources.close()

    assert asyncio.run(scene()).facts["advice_category"] is AdviceCategory.FIRST


def test_mistakes(installed: None) -> None:
    assert list(mistakes_in_advice(AdviceSettings(categories=("x",)))) == []

    def wrong(**changes: Any) -> list[str]:
        return [key for key, _ in mistakes_in_advice(replace(CITY, **changes))]

    assert wrong(adviser="other") == ["adviser"]
    assert wrong(categories=("K1",)) == ["categories"]
    assert wrong(categories=("K1=first", "K1=second")) == ["categories"]
    assert wrong(categories=("K1=fourth",)) == ["categories"]
    with pytest.raises(AdviserUnusable, match="AttributeError"):
        connect(replace(CITY, adviser="broken"), 1.0)
    with pytest.raises(AdviserUnusable, match="not installed"):
        connect(replace(CITY, adviser="other"), 1.0)
    broken = Sources(advice=replace(CITY, adviser="broken"))
    with pytest.raises(ConfigurationError, match=r"sources\.advice\.adviser"):
        connect_sources(Settings(environment="test", sources=broken))
