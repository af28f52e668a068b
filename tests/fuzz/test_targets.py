"""Some inputs for every target, the same in each run; the soak tries ten million others."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.found import FOUND
from tests.fuzz.target import Bench, Check, quicken
from tests.fuzz.targets import ALL
from tests.support.cards import Cards

SLOW = {"conversations": 150, "signed-certificates": 150, "trust-list": 100}
USUAL = 200
TEN_MILLION = 10_000_000

Prepared = tuple[Check, list[bytes]]


@pytest.fixture
def prepare(
    cards: Cards, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Prepared]:
    quicken(monkeypatch)

    def prepared(name: str) -> Prepared:
        target = ALL[name]
        return target.prepare(Bench(cards, tmp_path)), list(target.seeds(cards))

    return prepared


@st.composite
def changed(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    """A seed with some of its bytes replaced, left out, or put in between."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        data = data[:at] + draw(st.binary(max_size=3)) + data[at + draw(st.integers(0, 3)) :]
    return data


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ALL)
def test_where_inputs_begin_and_what_was_found(
    prepare: Callable[[str], Prepared], name: str
) -> None:
    check, seeds = prepare(name)
    assert seeds
    for data in (b"", *seeds, *FOUND.get(name, ())):
        check(data)


@pytest.mark.no_cover
@pytest.mark.parametrize("name", ALL)
def test_some_inputs(prepare: Callable[[str], Prepared], name: str) -> None:
    check, seeds = prepare(name)

    @settings(max_examples=SLOW.get(name, USUAL), derandomize=True, database=None, deadline=None)
    @given(changed(seeds) | changed(seeds) | st.binary(max_size=ALL[name].longest))
    def try_some(data: bytes) -> None:
        check(data)

    try_some()


def test_the_shares_add_up() -> None:
    assert sum(target.runs for target in ALL.values()) == TEN_MILLION
    assert FOUND.keys() <= ALL.keys()
