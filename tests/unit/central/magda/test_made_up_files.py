"""Files that nobody wrote, drawn from all that MAGDA's schemas allow where it matters.

Through the connectors and the rules as any other; what may be believed of each is worked out here
from the same drawn values, apart from the product.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.domain.national_number import NationalNumber
from kiosk.domain.verdict import Colour
from kiosk.service.central.connectors import Answer, Question, SourceState
from kiosk.service.central.connectors.magda.services import (
    HANDICAP,
    LIVING_WAGE,
    PERSON,
    SOCIAL_STATUS,
    Service,
)
from kiosk.service.central.decide import gather_facts
from kiosk.service.central.facts import ChannelKind, FactValue, PersonState, Residence, YesNo
from kiosk.service.central.rules import evaluate
from tests.support.magda_schemas import SCHEMAS, response_schema
from tests.support.mock_magda.files import Asked, envelope, exception
from tests.unit.central.magda.test_client import DAY, MIRA, TEUN, Files, client_of, every_source
from tests.unit.central.worlds import shipped

BELIEVED_BESIDE = {"98765"}
"""Of the numbers below those that leave the content as it is, unless they are errors."""
CODES = [
    *("20002", "30001", "30003", "30004", "15021", "40006", "60011", "45008", "60006"),
    *("60007", "60013", "99994", "99995", "99996", "99997", "90000", "70001", "98765"),
]
TABLE = shipped().table
STATES = {"99990", "99991", "99992", "99996", "99997", "992"}

pytestmark = pytest.mark.expects_log("kiosk.service.central.connectors.magda", ".")
quick = hypothesis_settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


class Span(NamedTuple):
    """From a day to a day, as it is written; either may be left out."""

    begin: str
    end: str

    @property
    def covers(self) -> bool:
        """Whether it certainly holds on the day, or says nothing against it."""
        return self.begin <= DAY.isoformat() and (not self.end or self.end >= DAY.isoformat())

    def attributes(self) -> str:
        told = {"DatumBegin": self.begin, "DatumEinde": self.end}
        return "".join(f' {name}="{text}"' for name, text in told.items() if text)

    def elements(self, begin: str, end: str) -> str:
        told = {begin: self.begin, end: self.end}
        return "".join(f"<{name}>{text}</{name}>" for name, text in told.items() if text)


def _near(days: int) -> str:
    return (DAY + timedelta(days=days)).isoformat()


DAYS = st.sampled_from([-4000, -400, -63, -62, -31, -30, -1, 0, 1, 30]).map(_near)
SPANS = st.builds(Span, DAYS, st.one_of(st.just(""), DAYS))
AMOUNTS = st.sampled_from(["900.00", "0.01", "0.00", "-5.00"])


class File(NamedTuple):
    """What stands inside an answer of a service, and what it was drawn from."""

    service: Service
    inside: str
    drawn: Any


@st.composite
def registers(draw: st.DrawFn) -> File:
    codes = draw(st.lists(st.sampled_from([*sorted(STATES), "21099", "99993"]), max_size=2))
    spans = [draw(SPANS) for _ in codes]
    death = draw(st.one_of(st.none(), SPANS)) if draw(st.booleans()) else None
    place = draw(st.sampled_from(["44021", "11002", "4402", "00000", ""]))
    lived = draw(st.one_of(st.none(), SPANS))
    told = "".join(
        f"<Status{span.attributes()}><Code>{code}</Code></Status>"
        for code, span in zip(codes, spans, strict=True)
    )
    nis = f"<NISCodeGemeente>{place}</NISCodeGemeente>" if place else ""
    home = f"<Hoofdverblijfplaats{lived.attributes()}>{nis}</Hoofdverblijfplaats>" if lived else ""
    inside = (
        f"<Persoon><INSZ>{TEUN}</INSZ>"
        + (f"<Statussen>{told}</Statussen>" if told else "")
        + "<Geboorte><Datum>1970-01-01</Datum></Geboorte>"
        + (
            f"<Overlijden{death.attributes()}><Datum>{_near(-9)}</Datum></Overlijden>"
            if death
            else ""
        )
        + f"<Adressen>{home}</Adressen></Persoon>"
    )
    return File(PERSON, inside, (list(zip(codes, spans, strict=True)), death, place, lived))


@st.composite
def social_files(draw: st.DrawFn) -> File:
    items = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["VT_PROEF", "IGO_PROEF", "VT_GEZIN_PROEF", "ANDER"]),
                st.sampled_from(["0", "1", "2", "01", "J"]),
                st.lists(SPANS, max_size=2),
            ),
            min_size=1,
            max_size=4,
        )
    )
    told = "".join(
        f"<SociaalStatuut><Naam>{name}</Naam><Resultaat><Code>{code}</Code></Resultaat>"
        + (f"<Periodes>{_periods(spans)}</Periodes>" if spans else "")
        + "<Status><Code>SSH00047</Code><Waarde>x</Waarde></Status></SociaalStatuut>"
        for name, code, spans in items
    )
    inside = f"<Persoon><INSZ>{TEUN}</INSZ><SocialeStatuten>{told}</SocialeStatuten></Persoon>"
    return File(SOCIAL_STATUS, inside, items)


def _periods(spans: Sequence[Span]) -> str:
    return "".join(f"<Periode>{s.elements('Begindatum', 'Einddatum')}</Periode>" for s in spans)


@st.composite
def handicap_files(draw: st.DrawFn) -> File:
    overall = draw(st.sampled_from(["DATA_FOUND", "NO_DATA_FOUND", "NO_RESULT", "INCOMPLETE_DATA"]))
    found = draw(st.sampled_from(["DATA_FOUND", "NO_DATA_FOUND", "NO_RESULT", "TECHNICAL_ERROR"]))
    mark = draw(st.sampled_from(["", f' replacedBy="{MIRA}"', ' canceled="true"']))
    filtered = draw(st.booleans())
    decision = draw(st.sampled_from(["POSITIVE", "NEGATIVE", "PENDING"]))
    span, amount = draw(SPANS), draw(AMOUNTS)
    has_right = draw(st.booleans())
    right = (
        f"<rights><period>{span.elements('beginDate', 'endDate')}</period>"
        f"<legislation>3</legislation><totalMonthAmount>{amount}</totalMonthAmount>"
        f"<monthAmount>{amount}</monthAmount><categoryIVT>A</categoryIVT><categoryIT>1</categoryIT>"
        f"<partnerIncome>false</partnerIncome><decisionStatus>{decision}</decisionStatus></rights>"
    )
    inside = (
        f"<ConsultFilesByDateResponse><status><value>{overall}</value><code>x</code></status>"
        f"<ssin{mark}>{TEUN}</ssin>"
        + ("<dataFilters><filteredElement>x</filteredElement></dataFilters>" if filtered else "")
        + f"<results><dgphResult><status><value>{found}</value><code>x</code></status>"
        f"<file>{right if has_right else ''}</file></dgphResult></results>"
        "</ConsultFilesByDateResponse>"
    )
    paid = has_right and decision == "POSITIVE" and span.covers and amount in ("900.00", "0.01")
    whole = not filtered and not mark and overall != "NO_RESULT"
    whole = whole and (found == "DATA_FOUND" or (found == "NO_DATA_FOUND" and not has_right))
    open_right = has_right and decision == "PENDING"
    return File(HANDICAP, inside, (paid and not mark, whole and not paid and not open_right))


@st.composite
def wage_files(draw: st.DrawFn) -> File:
    flag = draw(st.sampled_from(["", "0", "1"]))
    kind = st.sampled_from(["Leefloon", "EquivalentLeefloon"])
    months = draw(st.lists(st.tuples(kind, SPANS, AMOUNTS), max_size=3))
    total = draw(st.booleans())
    told = "".join(
        f'<Maand JaarMaand="2026-11"><{kind}PerPeriode LaatsteUitbetaling="0">'
        f'<{kind}Periode ID="1">'
        f"<Bedrag>{amount}</Bedrag><Periode>{span.elements('Begin', 'Einde')}</Periode>"
        f"<Begunstigde><INSZ>{TEUN}</INSZ></Begunstigde>"
        "<Partner><TweedeGerechtigde>0</TweedeGerechtigde></Partner><OCMW><Ondernemingsnummer>"
        "0000000097</Ondernemingsnummer><Bestand>1</Bestand><Suffix>0</Suffix></OCMW>"
        f"<MaximumLeefloonGekregen>0</MaximumLeefloonGekregen></{kind}Periode></{kind}PerPeriode>"
        "</Maand>"
        for kind, span, amount in months
    )
    year = (
        '<Jaarlijks Jaar="2026"><Leefloon><Bedrag>900.00</Bedrag><TweedeGerechtigde>0'
        "</TweedeGerechtigde><AantalMaandenZonderToelage>0</AantalMaandenZonderToelage>"
        "<MaximumLeefloonGekregen>0</MaximumLeefloonGekregen></Leefloon></Jaarlijks>"
    )
    inside = (
        "<Leefloonbedragen><Leefloonbedrag><Jaar>2026</Jaar>"
        + (f"<Uitbetaling>{flag}</Uitbetaling>" if flag else "")
        + f"<Tegemoetkoming>{year if total else ''}"
        + (f"<Maandelijks>{told}</Maandelijks>" if told else "")
        + "</Tegemoetkoming></Leefloonbedrag></Leefloonbedragen>"
    )
    return File(LIVING_WAGE, inside, (flag, months, total))


def framed(file: File, asked: Asked, *told: tuple[str, str, str]) -> Any:
    """An answer with the file inside; each of ``told`` is a place, a number and a type."""
    answer = exception(asked, "", "", "")
    (place,) = answer.iter("Antwoord")
    place.remove(place.find("Uitzonderingen"))
    place.append(etree.fromstring(f"<Inhoud>{file.inside}</Inhoud>"))
    for where, code, kind in told:
        (parent,) = answer.iter(where)
        (item,) = exception(asked, code, kind, "x").iter("Uitzonderingen")
        parent.append(item)
    return answer


def ask_all(file: File, *told: tuple[str, str, str]) -> dict[str, Answer]:
    """The answers of every source by name, when one service tells of the file."""

    def change(asked: Asked, content: bytes) -> bytes:
        if asked.service != file.service.name:
            return content
        if asked.digits != TEUN:  # a new number, of which nothing is known
            return envelope(exception(asked, "30001", "FOUT", "x"))
        return envelope(framed(file, asked, *told))

    async def run() -> dict[str, Answer]:
        question = Question(number=NationalNumber(TEUN), on_date=DAY)
        sources = every_source(client_of(Files(change)))
        return {f"{s.name} {s.group}": await s.ask(question) for s in sources}

    return asyncio.run(run())


def facts_of(file: File, group: str, *told: tuple[str, str, str]) -> dict[str, FactValue]:
    return dict(ask_all(file, *told)[f"{file.service.name} {group}"].facts)


ALL = st.one_of(registers(), social_files(), handicap_files(), wage_files())


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="MAGDA's schemas are not at hand")
@quick
@given(ALL)
def test_what_is_drawn_is_valid(file: File) -> None:
    whom = (file.service.name, file.service.version, file.service.namespace, TEUN)
    answer = framed(file, Asked(*whom, "question", "reference", (), "", ""))
    schema_of(file.service).assertValid(etree.fromstring(etree.tostring(answer)))


@cache
def schema_of(service: Service) -> Any:
    return response_schema(service)


@quick
@given(registers())
def test_a_register_excludes_only_whom_it_tells_of(file: File) -> None:
    statuses, death, place, lived = file.drawn
    told = ask_all(file)
    facts = dict(told[f"{PERSON.name} population"].facts)
    holding = {code for code, span in statuses if span.covers}
    dies = "99990" in holding or (death is not None and death.covers)
    assert (facts.get("person_state") is PersonState.DECEASED) is dies
    known = not (holding & (STATES | {"99993"}) or death)
    assert (facts.get("person_state") is PersonState.KNOWN) is known
    outside = lived is not None and lived.covers and place == "11002"
    assert (facts.get("residence") is Residence.OTHER) is outside
    answers = {"population": told[f"{PERSON.name} population"]}
    finding = evaluate(TABLE, gather_facts(ChannelKind.DESK, answers))
    assert finding.colour is not Colour.RED or dies or outside


@quick
@given(social_files())
def test_a_status_is_what_it_says(file: File) -> None:
    facts = facts_of(file, "social")
    for name, fact in {"VT_PROEF": "vt", "IGO_PROEF": "igo"}.items():
        items = [(code, spans) for told, code, spans in file.drawn if told == name]
        codes = {code for code, _ in items}
        holds = all(not spans or any(s.covers for s in spans) for _, spans in items)
        assert (facts.get(fact) is YesNo.YES) is (codes == {"1"} and holds)
        assert (facts.get(fact) is YesNo.NO) is (codes == {"0"})


@quick
@given(handicap_files())
def test_an_allowance_is_refused_only_by_a_whole_file(file: File) -> None:
    yes, no = file.drawn
    value = facts_of(file, "social").get("handicap_allowance")
    assert value is not YesNo.NO or no
    assert value is not YesNo.YES or yes


@quick
@given(wage_files())
def test_a_living_wage_is_refused_only_by_months_or_by_nothing_paid(file: File) -> None:
    flag, months, total = file.drawn
    facts = facts_of(file, "ocmw")
    for kind, fact in {"Leefloon": "leefloon", "EquivalentLeefloon": "eq_leefloon"}.items():
        own = [(span, amount) for of, span, amount in months if of == kind]
        paid = any(span.covers and float(amount) > 0 for span, amount in own)
        assert (facts.get(fact) is YesNo.YES) is paid
        late = any(not span.end or span.end >= _near(-62) for span, _ in own)
        told = flag == "0" or bool(months)
        lacks = kind == "Leefloon" and total and not own
        may_be_no = told and not paid and not lacks
        assert facts.get(fact) is not YesNo.NO or may_be_no
        assert facts.get(fact) is YesNo.NO or late or not may_be_no


@quick
@given(
    ALL,
    st.sampled_from(["Repliek", "Antwoord"]),
    st.sampled_from(CODES),
    st.sampled_from(["FOUT", "WAARSCHUWING", "INFORMATIE"]),
)
def test_beside_an_exceptional_answer_nothing_is_refused(
    file: File, where: str, code: str, kind: str
) -> None:
    believed = code in BELIEVED_BESIDE and kind != "FOUT"
    with_it, without = ask_all(file, (where, code, kind)), ask_all(file)
    for name, answer in with_it.items():
        if believed:
            assert answer.facts == without[name].facts
        elif name.startswith(file.service.name):
            assert YesNo.NO not in answer.facts.values()
            assert answer.state is not SourceState.OK or code == "30003" or not answer.facts
