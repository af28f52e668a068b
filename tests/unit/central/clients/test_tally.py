"""A tally: never silent about more than half, and never long."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kiosk.service.central.clients.tally import HOUR_SECONDS, Tally


def told(tally: Tally, names: Sequence[str]) -> list[int]:
    return [number for name in names if (number := tally.count(name)) is not None]


def test_each_doubling_is_told() -> None:
    assert told(Tally(), ["me"] * 100_000) == [2**power for power in range(17)]


@given(names=st.lists(st.sampled_from("abc"), max_size=300))
def test_of_each_more_than_half_is_told_at_any_moment(names: list[str]) -> None:
    tally = Tally()
    happened = dict.fromkeys("abc", 0)
    last = dict(happened)
    for name in names:
        happened[name] += 1
        number = tally.count(name)
        if number is not None:
            assert number == happened[name]
            last[name] = number
        assert 2 * last[name] > happened[name]


def test_after_its_hour_it_begins_anew() -> None:
    now = [0.0]
    tally = Tally(clock=lambda: now[0])
    assert told(tally, ["me", "me", "me"]) == [1, 2]
    now[0] = HOUR_SECONDS - 1
    assert told(tally, ["me", "other"]) == [4, 1]
    now[0] = HOUR_SECONDS
    assert told(tally, ["me", "other"]) == [1, 2]


def test_what_could_not_be_told_is_made_up_for_by_the_next() -> None:
    tally = Tally()
    assert told(tally, ["me"] * 4) == [1, 2, 4]
    tally.not_told("me")
    assert told(tally, ["me"] * 6) == [5, 10]


@given(capacity=st.integers(1, 5), names=st.lists(st.integers(0, 50).map(str), max_size=400))
def test_who_has_many_names_is_told_of_no_more_often(capacity: int, names: list[str]) -> None:
    tally = Tally(capacity)
    numbers = told(tally, names)
    assert numbers[:1] == [1][: len(names)]
    assert len(numbers) <= (capacity + 1) * len(names).bit_length()
