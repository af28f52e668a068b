"""The language that somebody reads best: what browsers send, RFC 9110, and nonsense."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kiosk.service.central.languages import DEFAULT, LANGUAGES, LONGEST, preferred

QUALITIES = st.integers(0, 1000).map(lambda thousandths: thousandths / 1000)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        *(("nl", "nl"), ("fr", "fr"), ("de", "de"), ("en", "en")),
        *(("nl-BE", "nl"), ("de-CH-1996", "de"), ("FR-be", "fr"), ("zh-Hant-TW", "en")),
        ("nl-BE,nl;q=0.9,en-US;q=0.8,en;q=0.7", "nl"),
        ("en;q=0.7,fr;q=0.9", "fr"),
        ("en;q=0.7, fr ; q=0.9", "fr"),
        ("fr\t;\tq=0.9,en;Q=0.95", "en"),
        ("de,nl", "de"),
        ("nl,de", "nl"),
        ("es,it;q=0.9,de;q=0.1", "de"),
        ("es", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=0.5,*", "en"),
        ("de;q=0.5,*;q=0.1", "de"),
        ("en;q=0.5,*", "nl"),
        ("en;q=0,*", "nl"),
        ("nl;q=0,nl-BE,de;q=0.1", "de"),
        ("nl-BE;q=0,nl;q=0.5,de;q=0.1", "nl"),
        ("en;q=0", "en"),
        ("*;q=0", "en"),
        ("*;q=0,fr;q=0.001", "fr"),
        ("nl;q=0.000,fr;q=1.000", "fr"),
        ("nl;q=0.,fr;q=1.", "fr"),
        (",, ,nl,,", "nl"),
    ],
)
def test_who_reads_what(header: str, language: str) -> None:
    assert preferred(header) == language


@pytest.mark.parametrize(
    "part",
    [
        *("nl;q=1.1", "nl;q=2", "nl;q=-1", "nl;q=0.1234", "nl;q=.5", "nl;q=", "nl;q", "nl;q=nan"),
        *("nl;q=1e0", "nl;q= 1", "nl;x=1", "nl;q=1;q=1", "nl q=1", "nl_BE", "nl-", "-nl", "nl--be"),
        *("nederlandsch", "nl-123456789", "n l", "nlé", "*-nl", "nl-*", '"nl"', "nl\n", "\x00nl"),
        *("nl;q=\N{SUPERSCRIPT ONE}", "\N{FULLWIDTH LATIN SMALL LETTER N}l"),
    ],
    ids=ascii,
)
def test_what_is_not_of_the_form_is_passed_over(part: str) -> None:
    assert preferred(part) == DEFAULT
    assert preferred(f"{part},fr;q=0.2") == "fr"


def test_a_header_that_nobody_writes_says_nothing() -> None:
    assert preferred("nl," * (LONGEST // 3)) == "nl"
    assert preferred("nl," * LONGEST) == DEFAULT


@given(st.text(max_size=200))
def test_whatever_it_says_it_is_one_of_ours(header: str) -> None:
    assert preferred(header) in LANGUAGES


@given(st.text(st.sampled_from("nlfrden-*;q=01.5, \t"), max_size=60))
def test_also_what_nearly_has_the_form(header: str) -> None:
    assert preferred(header) in LANGUAGES


@given(st.dictionaries(st.sampled_from(LANGUAGES), QUALITIES, min_size=1))
def test_the_highest_wins_wherever_it_stands(told: dict[str, float]) -> None:
    highest = max(told.values())
    found = preferred(",".join(f"{language};q={quality:.3f}" for language, quality in told.items()))
    assert told.get(found) == highest or (highest == 0 and found == DEFAULT)


@given(st.permutations(LANGUAGES), st.sampled_from(["", "-BE", "-x-y"]))
def test_of_equals_the_first_wins(languages: list[str], region: str) -> None:
    assert preferred(", ".join(f"{language}{region}" for language in languages)) == languages[0]


@given(st.sampled_from(LANGUAGES), st.text(st.characters(exclude_characters=","), max_size=30))
def test_nonsense_beside_it_hides_no_language(language: str, nonsense: str) -> None:
    assume(not nonsense.strip(" \t").lower().startswith((*LANGUAGES, "*")))
    assert preferred(f"{nonsense},{language}") == language
