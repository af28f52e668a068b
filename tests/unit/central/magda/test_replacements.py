"""A new number (30004): followed only where it is named, and never the ground of a no."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from kiosk.domain.national_number import NationalNumber
from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer, Connector, Question, SourceState
from kiosk.service.central.connectors.combined import combine
from kiosk.service.central.connectors.magda import social, sources
from kiosk.service.central.connectors.magda.population import Area
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    HOUSEHOLD,
    PERSON,
    SOCIAL_STATUS,
    TAX,
)
from kiosk.service.central.connectors.magda.tax import Bands
from kiosk.service.central.connectors.ocmw import source as ocmw
from kiosk.service.central.connectors.ocmw.settings import Ocmw
from kiosk.service.central.decide import Decider, Decision, TimeLimits
from kiosk.service.central.facts import (
    GROUPS,
    ChannelKind,
    FactValue,
    IncomeBand,
    PersonState,
    Residence,
    YesNo,
)
from kiosk.service.central.keys import Keys
from kiosk.service.central.rules import Table
from tests.support.magda import ANSWERS
from tests.support.mock_magda.files import Answers, Asked, envelope, exception, read_request
from tests.support.people import number_text
from tests.unit.central.magda.test_client import (
    DAY,
    MIRA,
    NEL,
    NEW_NEL,
    TEUN,
    Files,
    ask,
    client_of,
    plan,
    status_file,
)
from tests.unit.central.worlds import shipped

AREA = Area(frozenset({"44021"}), frozenset())
NO_FILE = {"handicap_allowance": YesNo.NO, "social_ended_days": None}
REPLACED = ("30004", "WAARSCHUWING", "INSZ werd vervangen")
NO_DATA = ("70001", "WAARSCHUWING", "NO_DATA_FOUND")
NEW = frozenset({NEW_NEL})
BIS = number_text("752230", 33)

pytestmark = pytest.mark.expects_log("kiosk.service.central.connectors.magda", "answered other-")


def add(answer: Any, code: str, kind: str, text: str, *named: str) -> None:
    place = answer.find("Uitzonderingen")
    place = etree.SubElement(answer, "Uitzonderingen") if place is None else place
    item = etree.SubElement(place, "Uitzondering")
    told = {"Identificatie": code, "Oorsprong": "KSZ", "Type": kind, "Diagnose": text}
    for name, value in told.items():
        etree.SubElement(item, name).text = value
    for number in named:
        etree.SubElement(item, "Omstandigheid").text = number


def nothing(asked: Asked, *told: tuple[str, ...]) -> bytes:
    """An answer with nothing inside but these."""
    content = exception(asked, "", "", "")
    (answer,) = content.iter("Antwoord")
    answer.remove(answer.find("Uitzonderingen"))
    for code, kind, text, *named in told:
        add(answer, code, kind, text, *named)
    return envelope(content)


def warned(content: bytes, *named: str) -> bytes:
    """The same answer, with a warning of a new number beside it."""
    root = etree.fromstring(content)
    for answer in root.iter("Antwoord"):
        for old in answer.findall("Uitzonderingen"):
            answer.remove(old)
        add(answer, *REPLACED, *named)
    return bytes(etree.tostring(root))


def register(files: Files) -> sources.Source:
    client = client_of(files)
    return sources.population(client, sources.person_file(client), AREA)


def allowance(asked: Asked) -> bytes:
    content = exception(asked, "", "", "")
    (answer,) = content.iter("Antwoord")
    answer.remove(answer.find("Uitzonderingen"))
    answer.append(
        etree.fromstring(
            f"<Inhoud><ConsultFilesByDateResponse><ssin>{asked.digits}</ssin><results><dgphResult>"
            "<status><value>DATA_FOUND</value></status><file><rights><monthAmount>400</monthAmount>"
            "<period><beginDate>2020-01-01</beginDate></period></rights></file></dgphResult>"
            "</results></ConsultFilesByDateResponse></Inhoud>"
        )
    )
    return envelope(content)


def hears(asked: Asked, content: bytes) -> bytes:
    return nothing(asked, (*REPLACED, NEW_NEL), NO_DATA) if asked.digits == NEL else content


class TestNothingUnderTheOldNumber:
    @pytest.mark.parametrize("named", [(), (NEL,), (NEW_NEL, MIRA), (NEL, NEW_NEL, MIRA)])
    def test_is_no_no_where_the_new_one_is_not_named(self, named: tuple[str, ...]) -> None:
        files = Files(lambda asked, _: nothing(asked, (*REPLACED, *named), NO_DATA))
        answer = ask(sources.handicap(client_of(files)), NEL)
        assert (answer.state, answer.reason) == (SourceState.NO_DATA, "replaced-number")
        assert (answer.facts, answer.replaced_by) == ({}, frozenset())
        assert [asked.digits for asked in files.asked] == [NEL]

    @pytest.mark.parametrize(
        "named", [(NEW_NEL,), (NEL, NEW_NEL), (f"INSZ {NEL} vervangen door {NEW_NEL}",)]
    )
    def test_asks_about_the_new_one(self, named: tuple[str, ...]) -> None:
        def old(asked: Asked, _content: bytes) -> bytes:
            if asked.digits == NEL:
                return nothing(asked, (*REPLACED, *named), NO_DATA)
            return allowance(asked)

        answer = ask(sources.handicap(client_of(Files(old))), NEL)
        assert answer.facts["handicap_allowance"] is YesNo.YES
        assert answer.replaced_by == NEW

    @pytest.mark.parametrize(
        ("mark", "asked", "reason"),
        [
            (f'replacedBy="{NEW_NEL}"', [NEL, NEW_NEL], None),
            (f'canceled="true" replacedBy="{NEW_NEL}"', [NEL, NEW_NEL], None),
            ('canceled="1"', [NEL], "replaced-number"),
            ('canceled="false"', [NEL], None),
        ],
    )
    def test_is_no_no_where_the_number_itself_is_marked(
        self, mark: str, asked: list[str], reason: str | None
    ) -> None:
        def marked(question: Asked, _content: bytes) -> bytes:
            attributes = mark if question.digits == NEL else ""
            return allowance(question).replace(b"<ssin>", f"<ssin {attributes}>".encode())

        files = Files(marked)
        answer = ask(sources.handicap(client_of(files)), NEL)
        assert [each.digits for each in files.asked] == asked
        assert answer.reason == reason
        assert ("handicap_allowance" in answer.facts) is (reason is None)
        assert answer.replaced_by == (NEW if len(asked) > 1 else frozenset() if reason else None)

    def test_is_a_no_when_there_is_nothing_under_the_new_one(self) -> None:
        def never(asked: Asked, _content: bytes) -> bytes:
            told = [(*REPLACED, NEW_NEL)] if asked.digits == NEL else []
            return nothing(asked, *told, NO_DATA)

        answer = ask(sources.handicap(client_of(Files(never))), NEL)
        assert (answer.facts, answer.replaced_by) == (NO_FILE, NEW)

    @pytest.mark.parametrize("code", ["30001", "30003"])
    def test_is_followed_whatever_kind_of_absence_it_is(self, code: str) -> None:
        def gone(asked: Asked, content: bytes) -> bytes:
            absent = (code, "FOUT", "niet gevonden")
            return nothing(asked, (*REPLACED, NEW_NEL), absent) if asked.digits == NEL else content

        answer = ask(register(Files(gone)), NEL)
        assert answer.facts["person_state"] is PersonState.KNOWN
        assert answer.replaced_by == NEW

    def test_an_outage_beside_it_tells_of_the_new_number_still(self) -> None:
        down = ("99994", "FOUT", "Bron is niet bereikbaar")
        answer = ask(
            register(Files(lambda asked, _: nothing(asked, (*REPLACED, NEW_NEL), down))), NEL
        )
        assert (answer.state, answer.replaced_by) == (SourceState.UNAVAILABLE, frozenset())


class TestTheFileInside:
    def test_of_the_old_number_is_not_used_and_the_new_one_asked_about(self) -> None:
        def old(asked: Asked, content: bytes) -> bytes:
            return warned(content, NEW_NEL) if asked.digits == TEUN else content

        files = Files(old)
        answer = ask(social.statuses("social", client_of(files), status_file(files)), TEUN)
        assert answer.facts["igo"] is YesNo.YES
        assert {asked.digits for asked in files.asked} == {TEUN, NEW_NEL}

    @pytest.mark.parametrize("named", [(), (TEUN,)])
    def test_of_the_old_number_tells_nothing_without_a_new_one(self, named: tuple[str]) -> None:
        files = Files(lambda _asked, content: warned(content, *named))
        answer = ask(social.statuses("social", client_of(files), status_file(files)), TEUN)
        assert (answer.facts, answer.reason) == ({}, "replaced-number")

    def test_of_anybody_else_is_not_believed(self) -> None:
        def swapped(_asked: Asked, content: bytes) -> bytes:
            return warned(content.replace(TEUN.encode(), MIRA.encode()), NEW_NEL)

        answer = ask(register(Files(swapped)), TEUN)
        assert (answer.facts, answer.reason) == ({}, "other-person")

    def test_of_one_of_several_is_not_chosen(self) -> None:
        def several(_asked: Asked, content: bytes) -> bytes:
            return warned(content.replace(TEUN.encode(), MIRA.encode()), NEW_NEL, MIRA)

        assert ask(register(Files(several)), TEUN).reason == "replaced-number"

    def test_of_none_of_several_is_somebody_elses(self) -> None:
        def other(_asked: Asked, content: bytes) -> bytes:
            return warned(content, NEW_NEL, TEUN)

        assert ask(register(Files(other)), MIRA).reason == "replaced-number"
        swapped = Files(lambda a, c: other(a, c.replace(MIRA.encode(), NEL.encode())))
        assert ask(register(swapped), MIRA).reason == "other-person"

    def test_under_a_number_that_nobody_named_is_not_known_to_be_the_persons(self) -> None:
        answer = ask(register(Files(lambda _asked, content: warned(content))), NEL)
        assert (answer.facts, answer.reason) == ({}, "replaced-number")


class TestSecondAnswer:
    def test_of_a_number_that_was_replaced_again_is_not_used(self) -> None:
        def again(asked: Asked, _content: bytes) -> bytes:
            return nothing(asked, (*REPLACED, {NEL: NEW_NEL, NEW_NEL: MIRA}[asked.digits]))

        answer = ask(register(Files(again)), NEL)
        assert answer.reason == "replaced-number"
        assert answer.replaced_by is not None
        assert len(answer.replaced_by) > 1, "a no about the number between may not count"

    def test_that_does_not_come_still_tells_of_the_new_number(self) -> None:
        def half(asked: Asked, content: bytes) -> bytes:
            return nothing(asked, (*REPLACED, NEW_NEL)) if asked.digits == NEL else content[:9]

        answer = ask(register(Files(half)), NEL)
        assert (answer.reason, answer.replaced_by) == ("not-understood", NEW)

    def test_of_only_one_of_two_years_leaves_the_facts_with_the_old_number(self) -> None:
        def newest(asked: Asked, content: bytes) -> bytes:
            if asked.year == "2026" and asked.digits == TEUN:
                return nothing(asked, (*REPLACED, NEW_NEL))
            return content

        source = sources.income(client_of(Files(newest), TAX), Bands(23000, 33000, ["7555"]), 1)
        answer = ask(source, TEUN, DAY.replace(year=2027))
        assert answer.facts == {"income_band": IncomeBand.UP_TO_B}
        assert answer.replaced_by == frozenset()


@pytest.mark.parametrize(
    ("told", "services", "expected"),
    [
        ([], [PERSON], None),
        ([(PERSON, None)], [PERSON], None),
        ([(PERSON, NEW)], [PERSON], NEW),
        ([(PERSON, NEW)], [SOCIAL_STATUS], None),
        ([(PERSON, NEW), (PERSON, None)], [PERSON], frozenset()),
        ([(PERSON, NEW), (PERSON, frozenset({MIRA}))], [PERSON], NEW | {MIRA}),
        ([(SOCIAL_STATUS, None), (HOUSEHOLD, NEW)], [SOCIAL_STATUS, HOUSEHOLD], frozenset()),
        ([(SOCIAL_STATUS, NEW), (HOUSEHOLD, None)], [SOCIAL_STATUS, HOUSEHOLD], NEW),
    ],
)
def test_what_services_told_is_laid_together(
    told: list[Any], services: list[Any], expected: frozenset[str] | None
) -> None:
    replacements = Question(number=NationalNumber(NEL), on_date=DAY).replacements
    for service, news in told:
        replacements.note(service.name, news)
    assert replacements.of(*(service.name for service in services)) == expected
    assert (replacements.heard() is None) is all(news is None for _, news in told)
    other = Question(number=NationalNumber(NEL), on_date=DAY).replacements
    assert (other.of(PERSON.name), other.heard()) == (None, None)


class TestOneself:
    @pytest.mark.parametrize(
        ("operator", "reason"), [(NEW_NEL, "own-file"), (MIRA, None), (None, None)]
    )
    def test_nobody_looks_up_themselves_by_an_old_number(
        self, operator: str | None, reason: str | None
    ) -> None:
        question = Question(
            number=NationalNumber(NEL),
            on_date=DAY,
            operator=None if operator is None else NationalNumber(operator),
        )
        answer = asyncio.run(register(Files()).ask(question))
        assert answer.reason == reason
        if reason:
            assert (answer.state, answer.facts) == (SourceState.REFUSED, {})

    def test_no_group_tells_anything_of_them(self) -> None:
        """Only the allowance follows; the OCMW knows the old number, and would grant."""
        aid = Known("ocmw", {"leefloon": YesNo.YES})
        register = Known("population", {"residence": Residence.GENT, "age": 40})

        def about_myself(operator: str) -> Decision:
            allowance = sources.handicap(client_of(Files(hears)))
            parts: list[Connector] = [register, allowance, aid, INCOME]
            decider = Decider(parts, TimeLimits(4.0, dict.fromkeys(GROUPS, 2.0)))
            question = Question(
                number=NationalNumber(NEL), on_date=DAY, operator=NationalNumber(operator)
            )
            return asyncio.run(decider.decide(question, ChannelKind.DESK, KNOWN_RESIDENTS))

        assert about_myself(MIRA).finding.colour is Colour.GREEN
        refused = about_myself(NEW_NEL)
        assert (refused.finding.colour, refused.may_retry) == (Colour.ORANGE, False)
        assert {one.answer.reason for one in refused.blocked} == {"own-file"}
        assert [call.group for call in refused.called] == ["population", "social", "ocmw"]
        assert {(one.reason, one.state) for one in refused.told.values()} == {
            ("own-file", SourceState.REFUSED)
        }
        assert NEW_NEL not in repr(refused)


@pytest.mark.parametrize(
    ("old", "new", "residence"),
    [(BIS, NEW_NEL, Residence.GENT), (NEL, BIS, Residence.UNCONFIRMED)],
    ids=["bis-to-register", "register-to-bis"],
)
def test_the_register_of_the_new_number_counts(old: str, new: str, residence: Residence) -> None:
    def followed(asked: Asked, _content: bytes) -> bytes:
        if asked.digits == old:
            return nothing(asked, (*REPLACED, new))
        told = Answers(ANSWERS).find(replace(asked, digits=NEW_NEL))
        return envelope(told).replace(NEW_NEL.encode(), new.encode())

    files = Files(followed)
    assert ask(register(files), old).facts["residence"] is residence
    for asked in files.asked:
        assert f"<Bron>{'KSZ' if asked.digits == BIS else 'RR'}<" in asked.text


class Known:
    """A group that tells what a test says, and of a new number only if it says so."""

    def __init__(
        self, group: str, facts: Mapping[str, FactValue], news: frozenset[str] | None = None
    ) -> None:
        self.group, self.tells = group, frozenset(facts)
        self.facts, self._news = facts, news

    async def ask(self, question: Question) -> Answer:
        return Answer(state=SourceState.OK, facts=self.facts, replaced_by=self._news)

    def status(self) -> SourceState | None:
        return None


INCOME = Known("income", {"income_band": IncomeBand.ABOVE})
NO_ALLOWANCE = Known("social", {"handicap_allowance": YesNo.NO, "social_ended_days": None})
KNOWN_RESIDENTS = replace(
    shipped(),
    table=Table(
        guards=(),
        rows=[row for row in shipped().table.rows if row.id == "1-leefloon"],
        otherwise=shipped().table.otherwise,
        facts=("leefloon", "handicap_allowance", "residence", "income_band"),
    ),
)
"""Rules that grant a living wage to whoever has it, wherever they live."""
NO_STATUSES = Known("social", {"vt": YesNo.NO, "igo": YesNo.NO})
NO_AID = Known(
    "ocmw",
    {
        **dict.fromkeys(
            ("leefloon", "eq_leefloon", "ocmw_budget", "debt_settlement", "ocmw_residence"),
            YesNo.NO,
        ),
        "ocmw_ended_days": None,
        "ocmw_ends_days": None,
    },
)


def colour(number: str, change: Callable[[Asked, bytes], bytes], *more: Connector) -> Colour:
    """The verdict on somebody in Ghent, from the register, the statuses and what else is asked."""
    files = Files(change)
    client = client_of(files)
    person, file = sources.person_file(client), social.StatusFile(client, plan())
    parts = [
        sources.population(client, person, AREA),
        social.statuses("social", client, file),
        social.parents(client, person, file, may_ask=False),
    ]
    parts += [sources.handicap(client)] if NO_ALLOWANCE not in more else []
    limits = dict.fromkeys(GROUPS, 2.0)
    decider = Decider(combine([*parts, *more, INCOME], limits), TimeLimits(4.0, limits))
    question = Question(number=NationalNumber(number), on_date=DAY)
    decision = asyncio.run(decider.decide(question, ChannelKind.DESK, shipped()))
    return decision.finding.colour


def without_statuses(content: bytes) -> bytes:
    return content.replace(b"<Code>1<", b"<Code>0<")


@pytest.mark.parametrize("named", [(), (NEL,), (NEL, NEW_NEL), (NEW_NEL,)])
def test_an_allowance_under_the_new_number_is_never_a_red(named: tuple[str, ...]) -> None:
    def told(asked: Asked, content: bytes) -> bytes:
        if asked.service != HANDICAP.name:
            return without_statuses(content)
        return (
            allowance(asked)
            if asked.digits == NEW_NEL
            else nothing(asked, (*REPLACED, *named), NO_DATA)
        )

    assert colour(NEW_NEL, told, NO_AID) is Colour.GREEN
    followed = NEW_NEL in named
    assert colour(NEL, told, NO_AID) is (Colour.GREEN if followed else Colour.ORANGE)


@pytest.mark.parametrize("status", ["LL", "EQ"])
def test_aid_of_the_city_under_the_new_number_is_never_a_red(tmp_path: Path, status: str) -> None:
    path = tmp_path / "list.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("create table t (national_number, status, start_date, end_date)")
        database.execute("insert into t values (?, ?, '2026-01-01', null)", (NEW_NEL, status))
    database.close()
    statuses = ("leefloon", "eq_leefloon", "ocmw_budget", "debt_settlement", "ocmw_residence")
    told = tuple(f"{'EQ' if fact == 'eq_leefloon' else fact}={fact}" for fact in statuses[1:])
    settings = Ocmw(url=f"sqlite:///{path}", table="t", complete=True, facts=("LL=leefloon", *told))

    def verdict(number: str) -> Colour:
        own = ocmw.connect(settings, Keys(b"k" * 32), today=lambda: DAY)
        try:
            return colour(number, lambda _, content: without_statuses(content), own, NO_ALLOWANCE)
        finally:
            own.close()

    assert verdict(NEW_NEL) is Colour.GREEN
    assert verdict(NEL) is Colour.ORANGE
    assert verdict(TEUN) is Colour.RED, "without a new number a no is a no"


class Stuck(Files):
    """Never answers about the new number."""

    async def post(self, url: str, message: bytes, headers: Mapping[str, str]) -> bytes:
        if read_request(message).digits == NEW_NEL:
            await asyncio.Event().wait()
        return await super().post(url, message, headers)


AWAY = Known(
    "population",
    {
        "person_state": PersonState.KNOWN,
        "residence": Residence.OTHER,
        "moved_out_days": 400,
        "age": 40,
    },
)
"""A register that tells of the old number: the person lives elsewhere, which is a red alone."""


def decide(decider: Decider, told: Mapping[str, Answer], number: str = NEL) -> Decision:
    question = Question(number=NationalNumber(number), on_date=DAY)
    return asyncio.run(decider.decide(question, ChannelKind.DESK, shipped(), told))


class TestTimeRunsOut:
    """A source that heard of a new number, and then got no answer about it in time."""

    LIMITS = TimeLimits(4.0, dict.fromkeys(GROUPS, 1.0))

    def decider(self, files: Files, *beside: Connector) -> Decider:
        allowance = sources.handicap(client_of(files))
        parts: list[Connector] = [AWAY, allowance, *beside, NO_AID, INCOME]
        return Decider(combine(parts, dict.fromkeys(GROUPS, 0.9)), self.LIMITS)

    @pytest.mark.parametrize("beside", [(), (NO_STATUSES,)], ids=["alone", "in-a-group"])
    def test_what_others_say_of_the_old_one_is_no_red(self, beside: tuple[Connector, ...]) -> None:
        decision = decide(self.decider(Stuck(hears), *beside), {})
        assert decision.finding.colour is Colour.ORANGE
        assert NEW_NEL not in repr(decision)
        plain = decide(self.decider(Files(), *beside), {}, TEUN)
        assert plain.finding.colour is Colour.RED, "without a new number the register counts"

    def test_what_is_kept_of_the_check_is_about_the_old_one(self) -> None:
        told = decide(self.decider(Stuck(hears)), {}).told
        assert told["population"].replaced_by == frozenset()
        again = decide(self.decider(Files()), told)
        assert again.finding.colour is Colour.ORANGE
        assert again.blocked[0].answer.reason == "replaced-number"

    def test_two_new_numbers_stay_two_when_one_is_not_told_again(self) -> None:
        elsewhere = Known("population", AWAY.facts, frozenset({MIRA}))

        def decided(files: Files, told: Mapping[str, Answer]) -> Decision:
            allowance = sources.handicap(client_of(files))
            parts: list[Connector] = [elsewhere, allowance, NO_AID, INCOME]
            return decide(Decider(parts, self.LIMITS), told)

        first = decided(Stuck(hears), {})
        silent = Files(lambda asked, _: nothing(asked, ("60006", "FOUT", "")))
        again = decided(silent, first.told)
        assert [one.finding.colour for one in (first, again)] == [Colour.ORANGE] * 2
        assert decided(silent, {}).finding.colour is Colour.RED, "one number alone is believed"

    @pytest.mark.expects_log("kiosk.service.central.connectors.asking", "failed: ZeroDivisionE")
    def test_a_source_that_breaks_has_told_it_too(self) -> None:
        def breaks(asked: Asked, content: bytes) -> bytes:
            return hears(asked, content) if asked.digits == NEL else content[: 1 // 0]

        assert decide(self.decider(Files(breaks)), {}).finding.colour is Colour.ORANGE
