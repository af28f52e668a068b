"""The breaker and the bucket hold for every sequence of calls."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kiosk.service.central.connectors.guard import REST_SECONDS, WINDOW, Breaker, Bucket


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


CALLS = st.lists(st.tuples(st.booleans(), st.integers(0, 40)), max_size=120)


@given(CALLS)
def test_it_opens_exactly_when_half_of_the_last_twenty_failed(
    calls: list[tuple[bool, float]],
) -> None:
    clock = Clock()
    breaker, window = Breaker(clock), list[bool]()
    for fails, _ in calls:
        breaker.failed() if fails else breaker.succeeded()
        window = [*window, fails][-WINDOW:]
        if len(window) == WINDOW and 2 * sum(window) >= WINDOW and fails:
            assert breaker.is_open
            return
        assert not breaker.is_open


@given(CALLS)
def test_while_open_there_is_one_trial_each_thirty_seconds(
    calls: list[tuple[bool, float]],
) -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(WINDOW):
        breaker.failed()
    admitted: list[float] = []
    for _, waited in calls:
        clock.now += waited
        if breaker.admits():
            admitted.append(clock.now)
            breaker.failed()
    assert all(at >= REST_SECONDS for at in admitted[:1])
    gaps = [later - earlier for earlier, later in pairwise(admitted)]
    assert all(gap >= REST_SECONDS for gap in gaps)


def test_a_trial_that_goes_well_closes_it() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(WINDOW):
        breaker.failed()
    assert (breaker.admits(), breaker.seconds_to_rest()) == (False, 30)
    clock.now = 30.0
    assert breaker.admits()
    assert not breaker.admits()
    breaker.succeeded()
    assert not breaker.is_open
    for _ in range(9):  # what failed before is forgotten
        breaker.failed()
    assert breaker.admits()


def test_a_trial_that_never_ends_does_not_keep_it_shut() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(WINDOW):
        breaker.failed()
    clock.now = 30.0
    assert breaker.admits()
    clock.now = 60.0
    assert breaker.admits()


def test_a_trial_that_is_called_off_leaves_it_to_the_next() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(WINDOW):
        breaker.failed()
    breaker.called_off()  # of before: no trial yet
    assert not breaker.admits()
    clock.now = 30.0
    assert breaker.admits()
    breaker.called_off()
    assert breaker.admits()
    breaker.failed()
    breaker.called_off()
    assert not breaker.admits()


TAKES = st.lists(st.tuples(st.booleans(), st.floats(0, 3)), max_size=200)


@given(TAKES, st.floats(0.1, 20), st.integers(2, 30))
def test_nobody_gets_more_than_the_pace(
    takes: list[tuple[bool, float]], per_second: float, stock: int
) -> None:
    clock = Clock()
    bucket = Bucket(per_second, stock, clock)
    got = 0
    for batch, waited in takes:
        clock.now += waited
        got += bucket.take(batch=batch)
        assert got <= stock + clock.now * per_second + 1e-6


@given(TAKES, st.integers(2, 30))
def test_a_batch_never_empties_what_is_kept_for_desks(
    takes: list[tuple[bool, float]], stock: int
) -> None:
    clock = Clock()
    bucket = Bucket(0.001, stock, clock)
    for _ in takes:
        bucket.take(batch=True)
    assert all(bucket.take(batch=False) for _ in range(stock // 2))


def test_it_says_how_long_to_wait() -> None:
    clock = Clock()
    bucket = Bucket(0.1, 2, clock)
    assert [bucket.take(batch=False) for _ in range(3)] == [True, True, False]
    assert bucket.seconds_to_next() == 10
    clock.now = 10.0
    assert bucket.take(batch=False)
