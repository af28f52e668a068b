"""Buckets: never more than they hold, whoever takes, and nothing taken by who is refused."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.service.central.clients.configuration import ClientRates, Rates
from kiosk.service.central.clients.limits import Limiter, for_check, for_token
from kiosk.service.central.errors import Refusal, Refused
from kiosk.service.central.storage import limit_rows
from kiosk.service.central.storage.database import Database
from kiosk.service.central.storage.limit_rows import Bucket, Empty, take
from tests.support.storage import sqlite_database

HOUR = 3_600_000
START = 1_790_000_000_000


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = sqlite_database(tmp_path_factory.mktemp("limits") / "x.sqlite3")
    yield database
    database.close()


def try_to_take(database: Database, now: int, *buckets: Bucket) -> bool:
    try:
        with database.counting() as connection:
            take(connection, buckets, now)
    except Empty:
        return False
    return True


NAMES = iter(range(10**9))


def bucket(capacity: int, period: int = HOUR) -> Bucket:
    return Bucket(f"b{next(NAMES)}", capacity, period)


@settings(max_examples=60, deadline=None)
@given(
    capacity=st.integers(1, 12),
    pauses=st.lists(st.integers(0, HOUR // 3), min_size=1, max_size=40),
)
def test_in_any_time_no_more_than_fits_and_flows_in(
    database: Database, capacity: int, pauses: list[int]
) -> None:
    one, now, taken = bucket(capacity), START, []
    for pause in pauses:
        now += pause
        if try_to_take(database, now, one):
            taken.append(now)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            flowed_in = (taken[last] - taken[first]) / one.interval
            assert last - first + 1 <= capacity + flowed_in


@settings(max_examples=40, deadline=None)
@given(capacity=st.integers(1, 12), pause=st.integers(0, 5))
def test_who_asks_slowly_is_never_refused(database: Database, capacity: int, pause: int) -> None:
    one = bucket(capacity)
    for turn in range(30):
        assert try_to_take(database, START + turn * (one.interval + pause), one)


def test_a_full_bucket_is_empty_after_its_capacity(database: Database) -> None:
    one = bucket(3)
    assert [try_to_take(database, START, one) for _ in range(5)] == [True] * 3 + [False] * 2
    assert not try_to_take(database, START + one.interval - 1, one)
    assert try_to_take(database, START + one.interval, one)
    assert not try_to_take(database, START + one.interval, one)


def test_who_is_refused_takes_nothing(database: Database) -> None:
    small, large = bucket(1), bucket(2)
    assert try_to_take(database, START, small, large)
    for _ in range(5):
        assert not try_to_take(database, START, small, large)
        assert not try_to_take(database, START, large, small)
    assert try_to_take(database, START, large)


def test_a_clock_that_goes_back_gives_nothing(database: Database) -> None:
    one = bucket(2)
    assert try_to_take(database, START, one)
    assert try_to_take(database, START, one)
    assert not try_to_take(database, START - HOUR, one)


def test_full_buckets_are_forgotten(database: Database) -> None:
    one, other = bucket(1), bucket(1)
    assert try_to_take(database, START + HOUR, other)
    assert try_to_take(database, START, one)
    with database.counting() as connection:
        limit_rows.forget_full(connection, START + HOUR)
    assert try_to_take(database, START + HOUR, one)
    assert not try_to_take(database, START + HOUR, other)


class TestLimiter:
    def test_it_tells_how_it_stands(self, tmp_path: Path) -> None:
        database, time = sqlite_database(tmp_path / "x.sqlite3"), [START]
        limiter = Limiter(database, lambda: time[0])
        one, other = bucket(2), bucket(600)

        async def scene() -> None:
            first = await limiter.take("me", [other, one])
            assert first.headers() == {
                "RateLimit-Limit": "2",
                "RateLimit-Remaining": "1",
                "RateLimit-Reset": "1800",
            }
            time[0] += HOUR
            assert (await limiter.take("me", [one])).remaining == 1

        asyncio.run(scene())
        limiter.close()
        database.close()

    @pytest.mark.expects_log("kiosk.service.central.clients.limits", r"^over its limit: me \(")
    def test_it_refuses_and_says_to_the_log_who(
        self, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        database = sqlite_database(tmp_path / "x.sqlite3")
        limiter, one = Limiter(database, lambda: START), bucket(1)

        async def scene() -> None:
            await limiter.take("me", [one])
            for _ in range(5):
                with pytest.raises(Refused) as caught:
                    await limiter.take("me", [one])
                assert caught.value.refusal is Refusal.RATE_LIMITED

        asyncio.run(scene())
        told = [f"over its limit: me ({number} within an hour)" for number in (1, 2, 4)]
        assert caplog.messages == told
        limiter.close()
        database.close()

    def test_without_a_database_nobody_asks(self, tmp_path: Path) -> None:
        database = sqlite_database(tmp_path / "x.sqlite3")
        (tmp_path / "x.sqlite3").unlink()
        limiter = Limiter(database, lambda: START)

        async def scene() -> None:
            with pytest.raises(Refused) as caught:
                await limiter.take("me", [bucket(1)])
            assert caught.value.refusal is Refusal.SERVICE_UNAVAILABLE

        asyncio.run(scene())
        limiter.close()
        database.close()

    def test_it_tidies_up_now_and_then(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("kiosk.service.central.clients.limits._FORGET_EVERY", 3)
        database, time = sqlite_database(tmp_path / "x.sqlite3"), [START]
        limiter = Limiter(database, lambda: time[0])

        async def scene() -> None:
            for _ in range(3):
                time[0] += 2 * HOUR
                await limiter.take("me", [bucket(1)])

        asyncio.run(scene())
        with database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT count(*) FROM rate_limits").scalar()
        assert rows == 1
        limiter.close()
        database.close()


class TestBuckets:
    def test_a_card_counts_for_device_and_officer(self) -> None:
        names = [b.name for b in for_check(Rates(), "dev-1", "officer", typed=False)]
        assert names == ["card dev-1", "card officer"]
        assert [b.name for b in for_check(Rates(), "dev-1", "", typed=False)] == ["card dev-1"]

    def test_a_typed_number_counts_for_whoever_typed_it(self) -> None:
        hour, day = for_check(Rates(), "dev-1", "officer", typed=True)
        assert (hour.name, hour.capacity) == ("typed-hour officer", 10)
        assert (day.name, day.capacity, day.period) == ("typed-day officer", 40, 24 * HOUR)
        assert for_check(Rates(), "dev-1", "", typed=True)[0].name == "typed-hour dev-1"

    def test_a_client_has_its_own(self) -> None:
        own = Rates(typed_per_day=7).with_own(ClientRates(card_per_hour=5, tokens_per_hour=9))
        assert (own.card_per_hour, own.typed_per_hour, own.typed_per_day) == (5, 10, 7)
        assert for_token(own, "me")[0].capacity == 9
        assert own.enrolments_per_hour == 60
