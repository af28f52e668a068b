"""Dates as cards write them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.cardreader.dates import CardDate, card_date

FORMS = {
    "28.02.2031": CardDate(2031, 2, 28),
    "01 JAN 1971": CardDate(1971, 1, 1),
    "1 JAN 1971": CardDate(1971, 1, 1),
    "03 MEI 2001": CardDate(2001, 5, 3),
    "21 DEC  1981": CardDate(1981, 12, 21),
    "29 SEPT 1979": CardDate(1979, 9, 29),
    "08 MAAR 1980": CardDate(1980, 3, 8),
    "23.SEP.1982": CardDate(1982, 9, 23),
    "13.AUG. 1996": CardDate(1996, 8, 13),
    "22.DEZ. 1997": CardDate(1997, 12, 22),
    "05.M\u00c4R.1966": CardDate(1966, 3, 5),
    "05.MA\u0308R.1966": CardDate(1966, 3, 5),
    "5.mrz.1966": CardDate(1966, 3, 5),
    "15 AO\u00dbT 1990": CardDate(1990, 8, 15),
    "15 F\u00c9V 1990": CardDate(1990, 2, 15),
    "JUIN 1971": CardDate(1971, 6),
    "02.1971": CardDate(1971, 2),
    "1962": CardDate(1962),
    "        1962": CardDate(1962),
    "12 XYZ 1962": CardDate(1962),
    "??? 1962": CardDate(1962),
    "00 00 1962": CardDate(1962, 0, 0),
}
MONTHS = {
    "fr": "JAN FEV MARS AVR MAI JUIN JUIL AOUT SEPT OCT NOV DEC",
    "nl": "JAN FEB MAAR APR MEI JUN JUL AUG SEP OKT NOV DEC",
    "de": "JAN FEB M\u00c4R APR MAI JUN JUL AUG SEP OKT NOV DEZ",
}


@pytest.mark.parametrize("text", FORMS)
def test_every_form_seen(text: str) -> None:
    assert card_date(text) == FORMS[text]
    assert card_date(f" {text} ") == FORMS[text]


@pytest.mark.parametrize("language", MONTHS)
def test_every_month_of_every_language(language: str) -> None:
    for number, month in enumerate(MONTHS[language].split(), 1):
        for text in (f"03 {month} 1977", f"3.{month}.1977", f"03.{month.lower()}. 1977"):
            assert card_date(text) == CardDate(1977, number, 3)


@pytest.mark.parametrize("text", FORMS)
def test_a_part_that_is_not_there_is_not_invented(text: str) -> None:
    found = FORMS[text]
    whole = found.month and found.day
    expected = date(found.year, found.month or 0, found.day or 0) if whole else None
    assert found.exact == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", ".", "soon", "1.1.30", "01 JAN 71", "2031-02-28", "1 2 3 1962", "x JAN 1962"),
        *("100 JAN 1962", "1962 JAN 01", "\u0661\u0669\u0666\u0662", "-1962", "1962\ufffd"),
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert card_date(text) is None


@pytest.mark.parametrize("text", ["31.02.2030", "00.01.2030", "01.13.2030", "01.01.0000"])
def test_a_day_that_does_not_exist(text: str) -> None:
    found = card_date(text)
    assert found is not None
    assert found.exact is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_back(day: date) -> None:
    found = card_date(f"{day.day:02}.{day.month:02}.{day.year:04}")
    assert found is not None
    assert found.exact == day


@given(st.text(max_size=30))
def test_no_text_breaks_it(text: str) -> None:
    found = card_date(text)
    assert found is None or str(found.year).zfill(4) in text
