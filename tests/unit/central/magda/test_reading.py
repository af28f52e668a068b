"""Single answers, read without a network: each odd thing that a register may say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.service.central.connectors.magda import handicap, living_wage, statuses, tax
from kiosk.service.central.connectors.magda.dates import (
    NotADate,
    full_years,
    is_in_force,
    is_no_later,
    whole_date,
)
from kiosk.service.central.connectors.magda.failures import (
    Diagnosis,
    NotAnswered,
    Note,
    Reason,
    gravest,
    meaning_of,
)
from kiosk.service.central.connectors.magda.household import is_family
from kiosk.service.central.connectors.magda.noticed import MOST, Noticed
from kiosk.service.central.connectors.magda.population import (
    Area,
    parents_of,
    population_facts,
)
from kiosk.service.central.connectors.magda.tax import Bands
from kiosk.service.central.connectors.magda.xml import LARGEST, Node, NotXml, read
from kiosk.service.central.facts import IncomeBand, PersonState, Residence, YesNo

DAY = date(2026, 11, 22)
AREA = Area(frozenset({"44021"}), frozenset({"44040"}))
SOMEBODY, OTHER = "85613099922", "72651199956"


def node(text: str) -> Node:
    return read(text.encode())


class TestXml:
    @pytest.mark.parametrize(
        "content",
        [
            "",
            "no",
            "<a>",
            "<a/><b/>",
            "<!DOCTYPE a><a/>",
            '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
            '<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd"><a/>',
            "<a>&nbsp;</a>",
            "<a>" * 300 + "</a>" * 300,
            f"<a>{'x' * LARGEST}</a>",
        ],
        ids=range(10),
    )
    def test_what_is_no_plain_document_is_refused(self, content: str) -> None:
        with pytest.raises(NotXml) as caught:
            read(content.encode())
        assert str(caught.value) in ("syntax", "large", "doctype")

    def test_another_encoding_hides_no_document_type(self) -> None:
        bomb = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'
        with pytest.raises(NotXml):
            read(bomb.encode("utf-16"))

    @given(st.binary(max_size=200))
    def test_bytes_are_refused_or_read(self, content: bytes) -> None:
        try:
            read(content)
        except NotXml:
            return

    def test_texts_are_found_without_space_around(self) -> None:
        root = node("<a><b> x </b><b>y</b><!-- z --></a>")
        assert (root.text("b"), root.text("c"), len(root.all("b"))) == ("x", "", 2)


class TestDates:
    @pytest.mark.parametrize("text", ["1950-00-00", "1950-13-01", "2024-W01-1", "x", "20240101"])
    def test_no_whole_date(self, text: str) -> None:
        with pytest.raises(NotADate):
            whole_date(text)

    def test_a_time_zone_moves_no_day(self) -> None:
        assert whole_date("2026-11-22+01:00") == DAY
        assert whole_date("") is None

    @pytest.mark.parametrize(
        ("begin", "end", "holds"),
        [
            ("", "", True),
            ("2026-11-22", "2026-11-22", True),
            ("2026-11-23", "", False),
            ("", "2026-11-21", False),
            ("2026-00-00", "", True),
            ("2027-00-00", "", False),
            ("", "2025-00-00", False),
            ("", "2026-00-00", True),
            ("", "2026-10-00", False),
            ("", "0000-00-00", True),
            ("", "9999-99-99", True),
            ("²²²²-¹¹-²²", "²²²²-¹¹-²²", True),
        ],
    )
    def test_what_is_in_force(self, begin: str, end: str, holds: bool) -> None:
        assert is_in_force(node(f'<a DatumBegin="{begin}" DatumEinde="{end}"/>'), DAY) is holds

    @pytest.mark.parametrize(
        ("one", "other", "told"),
        [
            ("2026-11-21", "2026-11-22", True),
            ("2026-11-22", "2026-11-22", True),
            ("2026-11-23", "2026-11-22", False),
            ("2025-00-00", "2026-11-22", True),
            ("2026-00-00", "2026-11-22", False),
            ("2026-11-22", "2026-11-00", False),
            ("", "2026-11-22", False),
            ("2026-11-22", "", False),
        ],
    )
    def test_what_is_certainly_no_later(self, one: str, other: str, told: bool) -> None:
        assert is_no_later(one, other) is told

    @given(st.dates(date(1900, 1, 1), DAY))
    def test_age_grows_on_the_birthday(self, birth: date) -> None:
        age = full_years(birth, DAY)
        assert birth.replace(day=min(birth.day, 28), year=birth.year + age) <= DAY
        assert age >= 0


class TestExceptions:
    @pytest.mark.parametrize(
        ("code", "text", "meaning"),
        [
            ("20002", "", Reason.INVALID_NUMBER),
            ("30001", "", Reason.NO_DOSSIER),
            ("30003", "", Reason.UNKNOWN_NUMBER),
            ("30004", "", Note.REPLACED),
            ("15021", "", Reason.FILTERED),
            ("40006", "", Reason.NOT_AUTHORISED),
            ("60011", "", Reason.NOT_AUTHORISED),
            ("45008", "", Reason.NO_INCOME_YEAR),
            ("60006", "", Reason.SOURCE_DOWN),
            ("60007", "", Reason.SOURCE_DOWN),
            ("60013", "", Reason.SOURCE_DOWN),
            ("90000", "", Reason.SOURCE_DOWN),
            ("99994", "", Reason.SOURCE_DOWN),
            ("99995", "", Reason.TOO_BUSY),
            ("99996", "Bron is tijdelijk niet beschikbaar", Reason.SOURCE_DOWN),
            ("99996", "Te veel gelijktijdige bevragingen", Reason.TOO_BUSY),
            ("99997", "", Reason.SOURCE_DOWN),
            ("70001", "Antwoord met waarschuwing NO_DATA_FOUND", Note.NO_DATA),
            ("70001", "Antwoord met waarschuwing INCOMPLETE_DATA", Reason.SOURCE_DOWN),
        ],
    )
    @pytest.mark.parametrize("kind", ["FOUT", "WAARSCHUWING", "INFORMATIE"])
    def test_each_known_number_has_its_class(
        self, code: str, text: str, meaning: object, kind: str
    ) -> None:
        assert meaning_of(Diagnosis(code, kind, text)) is meaning

    @pytest.mark.parametrize(
        ("kind", "meaning"),
        [("FOUT", Reason.SOURCE_ERROR), ("WAARSCHUWING", None), ("INFORMATIE", None)],
    )
    def test_an_unknown_number_counts_by_its_type(self, kind: str, meaning: object) -> None:
        assert meaning_of(Diagnosis("12345", kind, "NO_DATA_FOUND")) is meaning

    @given(st.sets(st.sampled_from(Reason), min_size=1))
    def test_an_outage_is_graver_than_missing_data(self, reasons: set[Reason]) -> None:
        states = {NotAnswered(reason).state for reason in reasons}
        chosen = NotAnswered(gravest(reasons)).state
        assert chosen.retryable or not any(state.retryable for state in states)

    @pytest.mark.parametrize("reason", Reason)
    def test_a_failure_says_its_word_only(self, reason: Reason) -> None:
        failure = NotAnswered(reason)
        assert str(failure) == reason.value
        assert (failure.retry_after is not None) == failure.state.retryable


def person(inner: str) -> Node:
    return node(f"<Persoon><INSZ>{SOMEBODY}</INSZ>{inner}</Persoon>")


def facts_of(inner: str, *, bis: bool = False) -> dict[str, Any]:
    return dict(population_facts(person(inner), DAY, AREA, bis=bis))


def status(code: str, more: str = "") -> str:
    return f"<Statussen><Status{more}><Code>{code}</Code></Status></Statussen>"


def home(code: str = "44021", more: str = "", inner: str = "") -> str:
    place = f"<NISCodeGemeente>{code}</NISCodeGemeente>" if code else ""
    return f"<Adressen><Hoofdverblijfplaats{more}>{place}{inner}</Hoofdverblijfplaats></Adressen>"


class TestPopulation:
    @pytest.mark.parametrize(
        ("inner", "state"),
        [
            ("", PersonState.KNOWN),
            (status("99990"), PersonState.DECEASED),
            ("<Overlijden><Datum>2020-01-01</Datum></Overlijden>", PersonState.DECEASED),
            (status("99991"), PersonState.STRUCK_OFF),
            (status("99997"), PersonState.STRUCK_OFF),
            (status("99996"), PersonState.ABSENT),
            (status("992"), PersonState.ABSENT),
            (status("99992"), PersonState.ABSENT),
            ("<Afwezigheid><Tekst>x</Tekst></Afwezigheid>", PersonState.ABSENT),
            (status("99991", ' DatumEinde="2020-01-01"'), PersonState.KNOWN),
            (status("992", ' DatumBegin="2027-01-01"'), PersonState.KNOWN),
            ("<Adressen><TijdelijkeAfwezigheid/></Adressen>", PersonState.INSTITUTION),
            ("<Adressen><NietMededeelbaarAdres/></Adressen>", PersonState.PROTECTED),
            (
                status("99990") + "<Adressen><NietMededeelbaarAdres/></Adressen>",
                PersonState.DECEASED,
            ),
        ],
    )
    def test_states(self, inner: str, state: PersonState) -> None:
        assert facts_of(inner)["person_state"] is state

    @pytest.mark.expects_log("kiosk.service.central.connectors.magda.population", "unknown status")
    @pytest.mark.parametrize(
        ("codes", "state"),
        [
            (["21099"], PersonState.KNOWN),
            (["99993"], None),
            (["99993", "99990"], PersonState.DECEASED),
            (["85613099922"], PersonState.KNOWN),
        ],
    )
    def test_an_unknown_status_is_noted(
        self, codes: list[str], state: PersonState | None, caplog: pytest.LogCaptureFixture
    ) -> None:
        told = "".join(f"<Status><Code>{code}</Code></Status>" for code in codes)
        assert facts_of(f"<Statussen>{told}</Statussen>").get("person_state") is state
        assert SOMEBODY not in caplog.text

    @pytest.mark.expects_log("kiosk.service.central.connectors.magda.population", "unknown status")
    def test_an_unknown_status_is_noted_once(self, caplog: pytest.LogCaptureFixture) -> None:
        for _ in range(3):
            facts_of("<Statussen><Status><Code>70777</Code></Status></Statussen>")
        assert caplog.text.count("70777") == 1

    @pytest.mark.parametrize(
        "inner",
        [
            '<Overlijden DatumEinde="2026-11-21"><Datum>2020-01-01</Datum></Overlijden>',
            '<Overlijden DatumBegin="2026-11-23"><Datum>2026-11-23</Datum></Overlijden>',
            "<Overlijden/>",
        ],
    )
    def test_a_death_that_is_not_certain_is_neither_a_death_nor_none(self, inner: str) -> None:
        assert "person_state" not in facts_of(inner)
        assert facts_of(inner + status("99990"))["person_state"] is PersonState.DECEASED

    @pytest.mark.parametrize("own", ["", f"<INSZ>{SOMEBODY}</INSZ>"])
    def test_position_20_is_an_institution(self, own: str) -> None:
        inner = f"<Gezinslid>{own}<Positie><Code>20</Code></Positie></Gezinslid>"
        told = facts_of(f"<Gezinsleden>{inner}</Gezinsleden>")
        assert told["person_state"] is PersonState.INSTITUTION

    @pytest.mark.parametrize(
        ("abroad", "at_home", "state"),
        [
            ("2020-05-01", "2021-01-01", PersonState.KNOWN),
            ("2021-01-01", "2021-01-01", PersonState.KNOWN),
            ("2022-05-01", "2021-01-01", PersonState.ABSENT),
            ("2021-00-00", "2021-06-01", PersonState.ABSENT),
            ("", "2021-01-01", PersonState.ABSENT),
        ],
    )
    def test_the_later_of_two_addresses_counts(
        self, abroad: str, at_home: str, state: PersonState
    ) -> None:
        away = f'<VerblijfplaatsBuitenland DatumBegin="{abroad}"/>'
        file = home(more=f' DatumBegin="{at_home}"').replace("</Adr", f"{away}</Adr")
        assert facts_of(file)["person_state"] is state

    def test_the_position_of_somebody_else_is_not_ours(self) -> None:
        inner = f"<Gezinslid><INSZ>{OTHER}</INSZ><Positie><Code>20</Code></Positie></Gezinslid>"
        told = facts_of(f"<Gezinsleden>{inner}</Gezinsleden>")
        assert told["person_state"] is PersonState.KNOWN

    @pytest.mark.parametrize(
        ("inner", "residence"),
        [
            (home(), Residence.GENT),
            (home("44040"), Residence.REGION),
            (home("11002"), Residence.OTHER),
            (home(""), None),
            *((home(code), None) for code in ("1", "4402", "00000", "440211", "4402A")),
            ("", Residence.NONE),
            (home(more=' DatumEinde="2026-11-21"'), Residence.NONE),
            (home(inner="<ReferentieAdres/>"), Residence.REFERENCE),
            (
                home(inner="<ReferentieAdres><Einddatum>2026-11-21</Einddatum></ReferentieAdres>"),
                Residence.GENT,
            ),
            (home("11002", inner="<ReferentieAdres/>"), Residence.OTHER),
            (f"<Register><Code>BIS</Code></Register>{home()}", Residence.UNCONFIRMED),
        ],
    )
    def test_residence(self, inner: str, residence: Residence | None) -> None:
        assert facts_of(inner).get("residence") is residence

    def test_a_bis_number_has_no_confirmed_residence(self) -> None:
        assert facts_of(home(), bis=True)["residence"] is Residence.UNCONFIRMED

    @pytest.mark.parametrize(
        ("begin", "days"),
        [
            ("2026-11-22", {"moved_out_days": 0}),
            ("2026-10-23", {"moved_out_days": 30}),
            ("2026-00-00", {}),
            ("", {}),
            ("2027-01-01", {}),
        ],
    )
    def test_days_since_an_address_outside_began(self, begin: str, days: dict[str, int]) -> None:
        told = facts_of(home("11002", f' DatumBegin="{begin}"'))
        assert {name: told[name] for name in told if name == "moved_out_days"} == days or (
            begin == "2027-01-01" and told["residence"] is Residence.NONE
        )

    @pytest.mark.parametrize(
        ("born", "age"),
        [
            ("2008-11-22", 18),
            ("2008-11-23", 17),
            ("1950-00-00", None),
            ("2027-01-01", None),
            ("", None),
        ],
    )
    def test_age(self, born: str, age: int | None) -> None:
        assert facts_of(f"<Geboorte><Datum>{born}</Datum></Geboorte>").get("age") == age

    def test_parents_without_a_number_make_all_unknown(self) -> None:
        def parents(*digits: str) -> tuple[str, ...]:
            told = "".join(f"<Ouder><INSZ>{d}</INSZ></Ouder>" for d in digits)
            file = "<Afstammingen><Afstamming><Ouders>{}</Ouders></Afstamming></Afstammingen>"
            return parents_of(person(file.format(told)))

        assert parents(OTHER, SOMEBODY) == (OTHER, SOMEBODY)
        assert parents(OTHER, OTHER) == (OTHER,)
        assert parents(OTHER, "") == ()
        made_up = person(
            "<Afstammingen><Afstamming><Ouders><Ouder>"
            f'<INSZ IsFictief="1">{OTHER}</INSZ>'
            "</Ouder></Ouders></Afstamming></Afstammingen>"
        )
        assert parents_of(made_up) == ()
        assert parents() == ()


@pytest.mark.parametrize(
    ("members", "family"),
    [
        ([(SOMEBODY, "03"), (OTHER, "12")], True),
        ([(SOMEBODY, "12"), (OTHER, "01")], False),
        ([(OTHER, "01")], None),
        ([(SOMEBODY, "")], None),
        ([(SOMEBODY, "01"), (SOMEBODY, "12")], None),
    ],
)
def test_who_belongs_to_the_family(members: list[tuple[str, str]], family: bool | None) -> None:
    told = "".join(
        f"<Gezinslid><INSZ>{d}</INSZ><Positie><Code>{code}</Code></Positie></Gezinslid>"
        for d, code in members
    )
    answer = node(f"<Inhoud><Gezinsleden>{told}</Gezinsleden></Inhoud>")
    assert is_family(answer, SOMEBODY, DAY) is family


@pytest.mark.parametrize(("end", "family"), [("2026-11-21", None), ("2026-11-22", True)])
def test_who_has_left_belongs_to_no_family(end: str, family: bool | None) -> None:
    member = f"<INSZ>{SOMEBODY}</INSZ><Positie><Code>03</Code></Positie>"
    answer = node(
        f'<I><Gezinsleden><Gezinslid DatumEinde="{end}">{member}</Gezinslid></Gezinsleden></I>'
    )
    assert is_family(answer, SOMEBODY, DAY) is family


def one_status(code: str, periods: str = "", name: str = "A") -> str:
    return (
        f"<SociaalStatuut><Naam>{name}</Naam><Resultaat><Code>{code}</Code></Resultaat>{periods}"
        "</SociaalStatuut>"
    )


def period(begin: str, end: str = "") -> str:
    last = f"<Einddatum>{end}</Einddatum>" if end else ""
    return f"<Periodes><Periode><Begindatum>{begin}</Begindatum>{last}</Periode></Periodes>"


def read_one(*items: str) -> dict[str, Any]:
    content = f"<I><Persoon><SocialeStatuten>{''.join(items)}</SocialeStatuten></Persoon></I>"
    return dict(statuses.read_statuses(node(content), ("A", "B"), DAY))


@given(st.permutations([*range(MOST + 5), *range(20)]))
def test_each_code_is_noticed_once_and_never_more_than_fit(codes: list[int]) -> None:
    noticed = Noticed()
    first = [code for code in codes if noticed.is_first(str(code))]
    assert first == list(dict.fromkeys(codes))[:MOST]


class TestStatuses:
    def test_the_two_codes(self) -> None:
        told = read_one(one_status("1"), one_status("0", name="B"))
        assert (told["A"].value, told["B"].value) == (YesNo.YES, YesNo.NO)

    @pytest.mark.expects_log("kiosk.service.central.connectors.magda.statuses", "unknown result")
    @pytest.mark.parametrize("code", ["", "2", "ja", "01"])
    def test_another_code_is_not_known(self, code: str) -> None:
        assert read_one(one_status(code)) == {}

    @pytest.mark.parametrize("mark", ["SSH00047", "SSH99999", "", SOMEBODY])
    @pytest.mark.parametrize(("code", "value"), [("1", YesNo.YES), ("0", YesNo.NO)])
    def test_a_status_code_of_the_source_flips_nothing(
        self, mark: str, code: str, value: YesNo, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        extra = f"<Status><Code>{mark}</Code><Waarde>x</Waarde></Status>"
        assert read_one(one_status(code, extra))["A"].value is value
        assert SOMEBODY not in caplog.text

    def test_a_status_code_of_the_source_is_noted_once(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG")
        extra = "<Status><Code>SSH70777</Code></Status>"
        for code in ("1", "0", "1"):
            read_one(one_status(code, extra))
        assert caplog.text.count("SSH70777") == 1

    def test_a_name_that_nobody_asked_for_is_left_out(self) -> None:
        assert read_one(one_status("1", name="C")) == {}

    def test_told_twice(self) -> None:
        assert read_one(one_status("1"), one_status("1"))["A"].value is YesNo.YES
        assert read_one(one_status("1"), one_status("0")) == {}
        assert read_one(one_status("0"), one_status("1"), one_status("0")) == {}

    def test_a_yes_of_days_gone_by_is_not_known(self) -> None:
        assert read_one(one_status("1", period("2020-01-01", "2026-11-21"))) == {}
        assert read_one(one_status("1", period("2020-01-01", "2026-11-22")))["A"].value is YesNo.YES
        assert read_one(one_status("1", period("2027-01-01"))) == {}

    def test_a_no_says_when_it_ended(self) -> None:
        assert read_one(one_status("0", period("2020-01-01", "2026-11-02")))["A"].ended_days == 20
        assert read_one(one_status("0"))["A"].ended_days is None
        assert read_one(one_status("0", period("x"))) == {}


def handicap_file(inner: str, state: str = "DATA_FOUND", more: str = "") -> Node:
    return node(
        f"<I><ConsultFilesByDateResponse>{more}<results><dgphResult><status><value>{state}</value>"
        f"</status>{inner}</dgphResult></results></ConsultFilesByDateResponse></I>"
    )


def right(
    begin: str,
    end: str = "",
    amount: str = "10.00",
    decision: str = "POSITIVE",
    in_all: str = "10.00",
) -> str:
    last = f"<endDate>{end}</endDate>" if end else ""
    return (
        f"<file><rights><period><beginDate>{begin}</beginDate>{last}</period>"
        f"<totalMonthAmount>{in_all}</totalMonthAmount><monthAmount>{amount}</monthAmount><decisionStatus>{decision}</decisionStatus>"
        "</rights></file>"
    )


def allowance(value: YesNo, ended: int | None = None) -> dict[str, Any]:
    return {"handicap_allowance": value, "social_ended_days": ended}


def together(*files: str) -> str:
    """One file with the rights of several."""
    return f"<file>{''.join(files).replace('<file>', '').replace('</file>', '')}</file>"


RIGHTS: dict[str, tuple[str, YesNo | None, int | None]] = {
    "paid": (right("2020-01-01"), YesNo.YES, None),
    "just over": (right("2020-01-01", "2026-11-12"), YesNo.NO, 10),
    "long over": (right("2010-01-01", "2020-11-22"), YesNo.NO, 2191),
    "to come": (right("2027-01-01"), YesNo.NO, None),
    "refused": (right("2020-01-01", decision="NEGATIVE"), YesNo.NO, None),
    "unread": (right("2020-01-01", amount="x"), None, None),
    "undated": (right("x"), None, None),
}
"""What stands in a file, what it tells of an allowance, and how long ago it ended."""


class TestHandicap:
    @pytest.mark.parametrize(
        ("inner", "facts"),
        [
            (right("2020-01-01"), allowance(YesNo.YES)),
            (right("2020-01-01", "2026-11-22"), allowance(YesNo.YES)),
            (right("2020-01-01", "2026-11-21"), allowance(YesNo.NO, 1)),
            (right("2027-01-01"), allowance(YesNo.NO)),
            (right("2020-01-01", amount="0.00", in_all="0.00"), allowance(YesNo.NO)),
            (right("2020-01-01", amount="0.00", in_all=""), allowance(YesNo.NO)),
            (right("2020-01-01", amount="0.00", in_all="154.65"), {}),
            (right("2020-01-01", amount="-1.00", in_all="10.00"), {}),
            (right("2020-01-01", amount="x"), {}),
            (right("2020-01-01", decision=""), allowance(YesNo.YES)),
            (right("2020-01-01", decision="NEGATIVE"), allowance(YesNo.NO)),
            (right("x"), {}),
            (right(""), {}),
            ("<file/>", allowance(YesNo.NO)),
            ("", {}),
        ],
    )
    def test_the_right(self, inner: str, facts: dict[str, Any]) -> None:
        assert handicap.handicap_facts(handicap_file(inner), DAY) == facts

    def test_a_right_that_is_paid_counts_wherever_it_stands(self) -> None:
        over, paid = right("2020-01-01", "2026-11-12"), right("2020-01-01")
        for both in (over + paid, paid + over, together(over, paid), together(paid, over)):
            told = handicap.handicap_facts(handicap_file(both), DAY)
            assert told == allowance(YesNo.YES, 10)

    @given(st.lists(st.sampled_from(sorted(RIGHTS)), min_size=1, max_size=4))
    def test_rights_are_laid_together(self, names: list[str]) -> None:
        inner = together(*(RIGHTS[name][0] for name in names))
        told = handicap.handicap_facts(handicap_file(inner), DAY)
        values = [RIGHTS[name][1] for name in names]
        assert (told.get("handicap_allowance") is YesNo.YES) is (YesNo.YES in values)
        assert (told.get("handicap_allowance") is YesNo.NO) is (set(values) == {YesNo.NO})
        ends = [days for name in names if (days := RIGHTS[name][2]) is not None]
        if None in values:
            assert "social_ended_days" not in told
        else:
            assert told["social_ended_days"] == min(ends, default=None)

    @pytest.mark.expects_log("kiosk.service.central.connectors.magda.handicap", "unknown decision")
    def test_an_unknown_decision_is_not_known(self) -> None:
        content = handicap_file(right("2020-01-01", decision="PENDING"))
        assert handicap.handicap_facts(content, DAY) == {}

    def test_what_was_filtered_is_not_known(self) -> None:
        content = handicap_file("<file/>", more="<dataFilters/>")
        assert handicap.handicap_facts(content, DAY) == {}

    @pytest.mark.parametrize(
        ("inner", "state", "more"),
        [
            (right("2020-01-01", "2026-11-21"), "NO_DATA_FOUND", ""),
            ("", "NO_DATA_FOUND", "<dataFilters/>"),
            ("", "NO_DATA_FOUND", "<status><value>NO_RESULT</value></status>"),
            ("<file/>", "DATA_FOUND", "<status><value>NO_RESULT</value></status>"),
            (right("2020-01-01", "2026-11-21"), "DATA_FOUND", "<dataFilters/>"),
        ],
    )
    def test_an_answer_that_is_not_whole_is_no_no(self, inner: str, state: str, more: str) -> None:
        assert handicap.handicap_facts(handicap_file(inner, state, more), DAY) == {}
        paid = handicap.handicap_facts(handicap_file(right("2020-01-01"), state, more), DAY)
        assert paid == {"handicap_allowance": YesNo.YES}

    def test_a_warning_of_no_file_does_not_stand_against_a_right(self) -> None:
        assert handicap.says_no_file(None)
        assert handicap.says_no_file(handicap_file("", "NO_DATA_FOUND"))
        assert not handicap.says_no_file(handicap_file("", "NO_DATA_FOUND", "<dataFilters/>"))
        assert not handicap.says_no_file(handicap_file(right("2020-01-01")))

    def test_no_file_is_the_only_absence_that_is_a_no(self) -> None:
        told = handicap.handicap_facts(handicap_file("", "NO_DATA_FOUND"), DAY)
        assert told == allowance(YesNo.NO)

    @pytest.mark.parametrize("state", ["TECHNICAL_ERROR", "NO_RESULT", "INCOMPLETE_DATA", ""])
    def test_every_other_state_is_an_outage(self, state: str) -> None:
        with pytest.raises(NotAnswered, match="source-down"):
            handicap.handicap_facts(handicap_file(right("2020-01-01"), state), DAY)

    def test_without_the_federal_service_nothing_is_told(self) -> None:
        with pytest.raises(NotAnswered, match="not-understood"):
            handicap.handicap_facts(node("<I><ConsultFilesByDateResponse/></I>"), DAY)


def paid(
    *months: tuple[str, str], kind: str = "Leefloon", who: str = SOMEBODY, euros: str = "900.00"
) -> str:
    told = "".join(
        f'<Maand JaarMaand="{begin[:7]}"><{kind}PerPeriode><{kind}Periode><Bedrag>{euros}</Bedrag>'
        f"<Periode><Begin>{begin}</Begin><Einde>{end}</Einde></Periode>"
        f"<Begunstigde><INSZ>{who}</INSZ></Begunstigde></{kind}Periode></{kind}PerPeriode></Maand>"
        for begin, end in months
    )
    return f"<Tegemoetkoming><Maandelijks>{told}</Maandelijks></Tegemoetkoming>"


def in_all(kind: str, aid: str = "<Tegemoetkoming></Tegemoetkoming>") -> str:
    total = f"<Jaarlijks><{kind}><Bedrag>900.00</Bedrag></{kind}></Jaarlijks>"
    return aid.replace("<Tegemoetkoming>", f"<Uitbetaling>1</Uitbetaling><Tegemoetkoming>{total}")


def wage(inner: str, day: date = DAY, year: int = 2026) -> dict[str, Any]:
    content = node(
        f"<I><Leefloonbedragen><Leefloonbedrag><Jaar>{year}</Jaar>{inner}</Leefloonbedrag>"
        "</Leefloonbedragen></I>"
    )
    return dict(living_wage.living_wage_facts(content, day, SOMEBODY, 62))


NOTHING_PAID = "<Uitbetaling>0</Uitbetaling>"
PAID_NOW = {"leefloon": YesNo.YES, "eq_leefloon": YesNo.NO}
NEVER_PAID = {"leefloon": YesNo.NO, "eq_leefloon": YesNo.NO, "ocmw_ended_days": None}
OVER_IN_AUGUST = {**NEVER_PAID, "ocmw_ended_days": 83}


class TestLivingWage:
    @pytest.mark.parametrize(
        ("inner", "facts"),
        [
            (paid(("2026-11-01", "2026-11-30")), PAID_NOW),
            (
                paid(("2026-11-01", "2026-11-30"), kind="EquivalentLeefloon"),
                {"leefloon": YesNo.NO, "eq_leefloon": YesNo.YES},
            ),
            # October is reported and November not yet: it may be going on.
            (
                paid(("2026-10-01", "2026-10-31")),
                {"eq_leefloon": YesNo.NO, "ocmw_ended_days": 22},
            ),
            (paid(("2026-08-01", "2026-08-31")), OVER_IN_AUGUST),
            (NOTHING_PAID, NEVER_PAID),
            ("<Uitbetaling>1</Uitbetaling>", {}),
            (paid(("2026-11-01", "x")), {}),
            (paid(("", "2026-11-30")), {}),
            # Something was paid, and nothing tells when: the months need not be there.
            ("<Tegemoetkoming/>", {}),
            (in_all("Leefloon"), {}),
            ("<Uitbetaling>1</Uitbetaling>" + paid(), {}),
            (in_all("Leefloon", paid(("2026-08-01", "2026-08-31"))), OVER_IN_AUGUST),
            (
                in_all("Leefloon", paid(("2026-08-01", "2026-08-31"), kind="Kinderbijslag")),
                {"eq_leefloon": YesNo.NO},
            ),
            # Without an end: a month that is over does not tell whether it goes on.
            (paid(("2026-11-01", "")), PAID_NOW),
            (paid(("2026-01-01", "")), {"eq_leefloon": YesNo.NO}),
            # No amount is no aid; of the months just gone it may be a correction.
            (paid(("2026-11-01", "2026-11-30"), euros="0.00"), {"eq_leefloon": YesNo.NO}),
            (paid(("2026-10-01", "2026-10-31"), euros="-5.00"), {"eq_leefloon": YesNo.NO}),
            (paid(("2026-11-01", "2026-11-30"), euros="x"), {"eq_leefloon": YesNo.NO}),
            (paid(("2026-08-01", "2026-08-31"), euros="0.00"), NEVER_PAID),
            (paid(("2026-11-01", "2026-11-30"), euros=""), PAID_NOW),
        ],
    )
    def test_the_months(self, inner: str, facts: dict[str, Any]) -> None:
        assert wage(inner) == facts

    def test_early_in_the_year_nothing_paid_is_no_no(self) -> None:
        assert wage(NOTHING_PAID, date(2026, 2, 1)) == {}

    def test_another_year_is_no_answer(self) -> None:
        with pytest.raises(NotAnswered, match="other-year"):
            wage(NOTHING_PAID, year=2023)

    def test_aid_of_somebody_else_is_no_answer(self) -> None:
        with pytest.raises(NotAnswered, match="other-person"):
            wage(paid(("2026-11-01", "2026-11-30"), who=OTHER))
        named = f"<Begunstigden><Begunstigde>{OTHER}</Begunstigde></Begunstigden>"
        with pytest.raises(NotAnswered, match="other-person"):
            wage(f"{NOTHING_PAID}{named}")
        assert wage(NOTHING_PAID + named.replace(OTHER, SOMEBODY)) == NEVER_PAID


def bill(*items: tuple[str, str], partner: bool = False) -> Node:
    other = (
        "<GerelateerdePersoon><FiscaleStatus><Code>B</Code></FiscaleStatus></GerelateerdePersoon>"
    )
    told = "".join(f"<Item><Code>{c}</Code><Waarde>{v}</Waarde></Item>" for c, v in items)
    return node(
        "<A><GevraagdePersoon><FiscaleStatus><Code>A</Code></FiscaleStatus></GevraagdePersoon>"
        f"{other if partner else ''}<Items>{told}</Items></A>"
    )


class TestTax:
    BANDS = Bands(23000, 33000, ["7555"])

    @pytest.mark.parametrize(
        ("cents", "band"),
        [
            ("0", IncomeBand.UP_TO_A),
            ("-500", IncomeBand.UP_TO_A),
            ("2300000", IncomeBand.UP_TO_A),
            ("2300001", IncomeBand.UP_TO_B),
            ("3300000", IncomeBand.UP_TO_B),
            ("3300001", IncomeBand.ABOVE),
            ("", None),
            ("12.5", None),
            ("x", None),
            ("²", None),
            ("\u0663", None),
        ],
    )
    def test_the_limits_are_included(self, cents: str, band: IncomeBand | None) -> None:
        assert tax.income_band(bill(("A7555", cents)), self.BANDS) is band

    def test_everybody_on_the_assessment_counts(self) -> None:
        both = bill(("A7555", "1500000"), ("B7555", "1500000"), partner=True)
        assert tax.income_band(both, self.BANDS) is IncomeBand.UP_TO_B
        assert tax.income_band(bill(("A7555", "1"), partner=True), self.BANDS) is None
        assert tax.income_band(bill(("B7555", "1")), self.BANDS) is None

    def test_other_codes_do_not_count(self) -> None:
        extra = bill(("A7555", "100"), ("A7270", "9999999"))
        assert tax.income_band(extra, self.BANDS) is IncomeBand.UP_TO_A
        assert tax.income_band(bill(("A7270", "1")), self.BANDS) is None

    def test_a_code_told_twice_is_not_known(self) -> None:
        assert tax.income_band(bill(("A7555", "1"), ("A7555", "1")), self.BANDS) is None

    def test_several_codes_are_added_up(self) -> None:
        bands = Bands(23000, 33000, ["7555", "7557"])
        told = bill(("A7555", "2000000"), ("A7557", "1000000"))
        assert tax.income_band(told, bands) is IncomeBand.UP_TO_B
