"""What rows say: every yes is certain, every no is more than certain."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.service.central.connectors.ocmw.failures import Reason
from kiosk.service.central.connectors.ocmw.rows import ENDED, ENDS, Plan, Told, read
from kiosk.service.central.connectors.ocmw.values import (
    NotAValue,
    as_day,
    as_moment,
    as_yes_no,
)
from kiosk.service.central.facts import YesNo
from tests.support.ocmw import TODAY

FACTS = {
    "LL": "leefloon",
    "BB": "ocmw_budget",
    "SB": "debt_settlement",
    "SB2": "debt_settlement",
    "RA": "ocmw_residence",
}
STATUSES = Plan(facts=FACTS, statuses=True, complete=True, ignored=frozenset({"VOEDSEL"}))
PARTIAL = Plan(facts=FACTS, statuses=True, complete=False, ignored=frozenset({"VOEDSEL"}))
COLUMNS = Plan(
    facts={"ll": "leefloon", "bb": "ocmw_budget", "over": ENDED, "until": ENDS},
    statuses=False,
    complete=True,
)
NOTHING = dict.fromkeys(("leefloon", "ocmw_budget", "debt_settlement", "ocmw_residence"), "no")
YES = YesNo.YES
NO_DAYS = {ENDED: None, ENDS: None}


def plain(told: Told) -> dict[str, object]:
    return {name: getattr(value, "value", value) for name, value in told.facts.items()}


def said(rows: list[Any], plan: Plan = STATUSES) -> dict[str, object]:
    return plain(read(rows, plan, TODAY, TODAY))


class TestStatuses:
    @pytest.mark.parametrize(
        ("start", "end", "facts"),
        [
            ("2026-01-01", None, {"leefloon": "yes"}),
            (None, None, {"leefloon": "yes"}),
            ("2026-11-22", "2026-11-22", {"leefloon": "yes", ENDS: 0}),
            ("2026-01-01", "2026-11-30", {"leefloon": "yes", ENDS: 8}),
            ("2026-01-01", "9999-12-31", {"leefloon": "yes"}),
            ("2026-01-01", "2026-11-21", {ENDED: 1}),
            ("2020-01-01", "2020-11-22", {ENDED: 2191}),
            ("2026-11-23", None, {}),
            (
                date(2026, 1, 1),
                datetime(2026, 11, 30, 12, 0, tzinfo=UTC),
                {"leefloon": "yes", ENDS: 8},
            ),
            ("2026-01-01T00:00:00", "2026-11-30 23:59:59", {"leefloon": "yes", ENDS: 8}),
        ],
    )
    def test_a_period_holds_from_its_first_to_its_last_day(
        self, start: object, end: object, facts: dict[str, object]
    ) -> None:
        assert said([("LL", start, end)]) == {**NOTHING, **NO_DAYS, **facts}

    def test_who_is_not_in_a_complete_list_has_nothing(self) -> None:
        assert said([]) == {**NOTHING, **NO_DAYS}

    def test_a_list_that_is_not_complete_tells_a_yes_only(self) -> None:
        assert said([], PARTIAL) == {}
        assert said([("LL", None, None), ("BB", None, "2026-11-01")], PARTIAL) == {
            "leefloon": "yes"
        }

    def test_the_end_that_counts_is_the_last_of_what_does_not_hold_any_more(self) -> None:
        rows = [
            ("LL", "2025-01-01", "2025-12-31"),
            ("LL", "2026-02-01", None),
            ("BB", "2024-01-01", "2026-11-12"),
            ("SB", "2024-01-01", "2026-10-31"),
        ]
        assert said(rows)[ENDED] == 10

    def test_months_on_end_are_one_period(self) -> None:
        months = [
            ("LL", "2026-12-01", "2026-12-31"),
            ("LL", "2026-11-01", "2026-11-30"),
            ("LL", "2027-02-01", "2027-02-28"),
        ]
        assert said(months)[ENDS] == 39
        assert said([*months, ("BB", "2026-11-01", "2026-11-23")])[ENDS] == 39
        assert said([*months, ("BB", "2026-11-01", None)])[ENDS] is None
        assert said([("LL", None, None), ("LL", "2026-12-01", "2026-12-31")])[ENDS] is None

    def test_a_residence_is_no_ground_that_ends(self) -> None:
        assert said([("RA", "2026-01-01", "2026-11-20")]) == {**NOTHING, **NO_DAYS}

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            (("LL", "2026-01-01", "yesterday"), Reason.BAD_VALUE),
            (("LL", 20260101, None), Reason.BAD_VALUE),
            (("LL", "2026-01-02", "2026-01-01"), Reason.BAD_VALUE),
            (("LL", "01/02/2026", None), Reason.BAD_VALUE),
        ],
    )
    def test_a_row_that_cannot_be_read_makes_its_fact_unknown(
        self, row: tuple[object, ...], reason: Reason
    ) -> None:
        result = read([row], STATUSES, TODAY, TODAY)
        assert result.doubt is reason
        assert plain(result) == {name: no for name, no in NOTHING.items() if name != "leefloon"}
        sound = read([row, ("LL", "2026-01-01", None)], STATUSES, TODAY, TODAY)
        assert plain(sound)["leefloon"] == "yes"

    def test_a_status_that_nobody_named_makes_every_no_unknown(self) -> None:
        result = read([("LL", None, None), ("LEEFLN", None, None)], STATUSES, TODAY, TODAY)
        assert (plain(result), result.doubt) == ({"leefloon": "yes"}, Reason.UNKNOWN_STATUS)
        assert said([(None, None, None)]) == {}

    def test_an_ignored_status_says_nothing(self) -> None:
        assert said([("VOEDSEL", "x", "y")]) == {**NOTHING, **NO_DAYS}

    def test_rows_that_contradict_each_other_make_their_fact_unknown(self) -> None:
        rows = [("BB", "2026-01-01", None), ("BB", "2026-01-01", "2026-10-31")]
        for both in (rows, rows[::-1]):
            result = read(both, STATUSES, TODAY, TODAY)
            assert result.doubt is Reason.CONTRADICTION
            assert "ocmw_budget" not in result.facts
            assert ENDED not in result.facts
            assert plain(result)["leefloon"] == "no"

    def test_what_contradicting_rows_agree_on_holds(self) -> None:
        rows = [("BB", "2026-01-01", None), ("BB", "2026-01-01", "2026-12-31")]
        assert said(rows)["ocmw_budget"] == "yes"

    def test_two_statuses_of_one_fact_do_not_contradict_each_other(self) -> None:
        rows = [("SB", "2026-01-01", "2026-02-01"), ("SB2", "2026-01-01", None)]
        assert read(rows, STATUSES, TODAY, TODAY).doubt is None
        assert said(rows)["debt_settlement"] == "yes"


DAYS = st.dates(date(2026, 10, 1), date(2026, 12, 31))
SOUND = st.tuples(st.sampled_from(["LL", "BB", "SB"]), st.none() | DAYS, st.none() | DAYS).filter(
    lambda row: row[1] is None or row[2] is None or row[1] <= row[2]
)
ANY = st.one_of(
    SOUND, st.tuples(st.sampled_from(["LL", "BB", "?", None]), DAYS, st.sampled_from(["x", 7]))
)


class TestProperties:
    @settings(deadline=None)
    @given(st.lists(ANY, max_size=6), ANY)
    def test_one_more_row_never_makes_a_yes_of_nothing_or_a_no_of_a_doubt(
        self, rows: list[Any], more: Any
    ) -> None:
        before, after = (
            read(rows, STATUSES, TODAY, TODAY).facts,
            read([*rows, more], STATUSES, TODAY, TODAY).facts,
        )
        holds = more[0] in FACTS and (more[1] is None or more[1] <= TODAY)
        for fact in FACTS.values():
            if after.get(fact) is YesNo.NO:
                assert before.get(fact) is YesNo.NO
            if after.get(fact) is YesNo.YES and before.get(fact) is not YesNo.YES:
                assert holds
                assert fact == FACTS[more[0]]

    @settings(deadline=None)
    @given(st.lists(ANY, max_size=6), st.randoms(use_true_random=False))
    def test_the_order_of_the_rows_does_not_matter(self, rows: list[Any], chance: Any) -> None:
        mixed = list(rows)
        chance.shuffle(mixed)
        assert said(rows) == said(mixed)

    @settings(deadline=None)
    @given(st.lists(ANY, max_size=6))
    def test_a_list_that_is_not_complete_never_says_no(self, rows: list[Any]) -> None:
        assert set(said(rows, PARTIAL).values()) <= {"yes"}

    @settings(deadline=None)
    @given(st.lists(SOUND, max_size=6))
    def test_days_agree_with_a_walk_through_the_calendar(self, rows: list[Any]) -> None:
        if read(rows, STATUSES, TODAY, TODAY).doubt is not None:
            return

        def holding(day: date) -> set[str]:
            return {
                status
                for status, start, end in rows
                if (start is None or start <= day) and (end is None or day <= end)
            }

        now = holding(TODAY)
        over = [back for back in range(1, 60) if holding(TODAY - timedelta(days=back)) - now]
        assert said(rows)[ENDED] == (over[0] if over else None)
        ahead = [on for on in range(60) if _held_on(holding, now, on)]
        until = ahead[-1] if ahead and len(ahead) < 60 else None
        assert said(rows)[ENDS] == until


def _held_on(holding: Any, now: set[str], ahead: int) -> bool:
    """Whether something of today holds on without a break until then."""
    days = [holding(TODAY + timedelta(days=day)) for day in range(ahead + 1)]
    return any(all(status in day for day in days) for status in now)


class TestColumns:
    def test_each_column_tells_its_fact(self) -> None:
        assert said([("ja", 0, None, "2026-12-01")], COLUMNS) == {
            "leefloon": "yes",
            "ocmw_budget": "no",
            ENDED: None,
            ENDS: 9,
        }
        assert said([(False, True, "2026-11-20", "")], COLUMNS) == {
            "leefloon": "no",
            "ocmw_budget": "yes",
            ENDED: 2,
            ENDS: None,
        }

    def test_an_end_that_is_announced_has_not_come(self) -> None:
        assert said([("ja", "nee", "2026-11-22", None)], COLUMNS)[ENDED] is None

    def test_an_empty_field_is_unknown(self) -> None:
        assert "leefloon" not in said([(None, "nee", None, None)], COLUMNS)
        assert "leefloon" not in said([("", "nee", None, None)], COLUMNS)

    def test_who_is_not_there_has_nothing_if_the_table_is_complete(self) -> None:
        assert said([], COLUMNS) == {"leefloon": "no", "ocmw_budget": "no", ENDED: None, ENDS: None}
        partial = Plan(facts=COLUMNS.facts, statuses=False, complete=False)
        assert said([], partial) == {}

    @pytest.mark.parametrize("bad", ["misschien", 2, b"1", 1.5])
    def test_a_value_that_is_no_answer_is_unknown(self, bad: object) -> None:
        result = read([(bad, "nee", None, None)], COLUMNS, TODAY, TODAY)
        assert result.doubt is Reason.BAD_VALUE
        assert "leefloon" not in result.facts

    def test_an_end_in_the_past_of_what_holds_is_unknown(self) -> None:
        result = read([("ja", "nee", None, "2026-11-01")], COLUMNS, TODAY, TODAY)
        assert (ENDS in result.facts, result.doubt) == (False, Reason.BAD_VALUE)

    def test_rows_that_differ_are_unknown_and_rows_that_agree_are_not(self) -> None:
        result = read(
            [("nee", "nee", None, None), ("ja", "nee", None, None)], COLUMNS, TODAY, TODAY
        )
        assert result.doubt is Reason.CONTRADICTION
        assert "leefloon" not in result.facts
        assert plain(result)["ocmw_budget"] == "no"


AHEAD = st.integers(1, 60)
BEGUN_SINCE = st.tuples(
    st.sampled_from(["LL", "BB", "SB", "RA"]),
    st.dates(TODAY + timedelta(days=1), date(2027, 3, 1)),
    st.none() | st.dates(date(2027, 3, 1), date(2027, 4, 1)),
)
COLUMN_ROW = st.tuples(
    st.sampled_from(["ja", "nee", None]),
    st.sampled_from(["ja", "nee", "?"]),
    st.none() | DAYS,
    st.none() | DAYS | st.just("soon"),
)


class TestDaysToCome:
    @settings(deadline=None)
    @given(st.lists(ANY, max_size=5), st.lists(BEGUN_SINCE, max_size=3), AHEAD)
    def test_what_is_told_holds_whatever_begins_meanwhile(
        self, rows: list[Any], since: list[Any], ahead: int
    ) -> None:
        day = TODAY + timedelta(days=ahead)
        now = read(rows, STATUSES, day, TODAY)
        then = read([*rows, *since], STATUSES, day, day)
        assert set(plain(now).values()) <= {"yes", None}
        if then.doubt is None:
            assert now.facts.items() <= then.facts.items()

    @settings(deadline=None)
    @given(st.lists(SOUND, max_size=5), AHEAD)
    def test_every_yes_of_that_day_is_told(self, rows: list[Any], ahead: int) -> None:
        day = TODAY + timedelta(days=ahead)
        for plan in (STATUSES, PARTIAL):
            yes = [
                {name for name, value in read(rows, plan, day, today).facts.items() if value is YES}
                for today in (TODAY, day)
            ]
            assert yes[0] == yes[1]

    @settings(deadline=None)
    @given(st.lists(COLUMN_ROW, max_size=2), AHEAD)
    def test_of_columns_only_a_yes_that_is_not_over_by_then_is_told(
        self, rows: list[Any], ahead: int
    ) -> None:
        now = read(rows, COLUMNS, TODAY, TODAY).facts
        then = read(rows, COLUMNS, TODAY + timedelta(days=ahead), TODAY).facts
        ends = now.get(ENDS, 0)
        held = {name for name, value in now.items() if value is YES}
        goes_on = ends is None or (isinstance(ends, int) and ends >= ahead)
        assert {name for name in then if name != ENDS} == (held if goes_on else set())
        assert set(plain(Told(then)).values()) <= {"yes", None}
        assert (ENDS in then) is (ends is None and bool(held))

    @given(st.integers(0, 400))
    def test_days_gone_by_are_told_as_ever(self, back: int) -> None:
        rows = [("LL", "2026-06-01", "2026-11-01")]
        day = TODAY - timedelta(days=back)
        assert read(rows, STATUSES, day, TODAY) == read(rows, STATUSES, day, day)

    @pytest.mark.parametrize("plan", [STATUSES, COLUMNS])
    def test_who_is_not_in_a_complete_list_may_be_by_then(self, plan: Plan) -> None:
        told = read([], plan, TODAY + timedelta(days=1), TODAY)
        assert (told.facts, told.doubt) == ({}, Reason.DAY_TO_COME)

    def test_a_status_that_ends_before_may_be_granted_again(self) -> None:
        rows = [("LL", None, "2026-12-31"), ("BB", None, None)]
        told = read(rows, STATUSES, date(2027, 1, 1), TODAY)
        assert plain(told) == {"ocmw_budget": "yes", ENDS: None}
        assert "leefloon" in read(rows, STATUSES, date(2026, 12, 31), TODAY).facts

    def test_a_residence_does_not_end_with_a_ground(self) -> None:
        facts = {"ll": "leefloon", "ra": "ocmw_residence", "until": ENDS}
        plan = Plan(facts=facts, statuses=False, complete=True)
        told = read([("ja", "ja", "2026-11-30")], plan, date(2026, 12, 1), TODAY)
        assert plain(told) == {"ocmw_residence": "yes"}


class TestAsOf:
    PLAN = Plan(facts={"LL": "leefloon"}, statuses=True, complete=True, has_as_of=True)

    def test_the_oldest_row_counts(self) -> None:
        rows = [("LL", None, None, "2026-11-21"), ("LL", "2020-01-01", None, "2026-11-20")]
        told = read(rows, self.PLAN, TODAY, TODAY)
        assert told.as_of is not None
        assert told.as_of.isoformat() == "2026-11-20T00:00:00+00:00"

    def test_one_that_cannot_be_read_is_left_out(self) -> None:
        told = read([("LL", None, None, "gisteren")], self.PLAN, TODAY, TODAY)
        assert (told.as_of, told.doubt, len(told.facts)) == (None, Reason.BAD_VALUE, 3)


class TestValues:
    @pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T10:00:00", " 2026-11-22 "])
    def test_days(self, text: str) -> None:
        assert as_day(text, day_first=False) == TODAY

    def test_days_first(self) -> None:
        assert as_day("22/11/2026", day_first=True) == TODAY
        assert as_day("22/11/2026 10:00", day_first=True) == TODAY

    @pytest.mark.parametrize(
        ("text", "day_first"),
        [
            *[(t, False) for t in ("2026-13-01", "2026-W47-7", "20261122", "2026-11-22x", "0")],
            *[
                (t, True)
                for t in ("2026-11-22", "31/02/2026", "1/2/2026", "22-11-2026", "22/11/26")
            ],
        ],
    )
    def test_what_is_no_day(self, text: str, day_first: bool) -> None:
        with pytest.raises(NotAValue):
            as_day(text, day_first=day_first)

    @pytest.mark.parametrize("value", [None, "", "  ", "9999-12-31", date(9999, 1, 1)])
    def test_no_day_at_all(self, value: object) -> None:
        assert as_day(value, day_first=False) is None

    def test_moments_have_a_zone(self) -> None:
        for value in (datetime.combine(TODAY, time()), TODAY, "2026-11-22"):
            moment = as_moment(value, day_first=False)
            assert moment is not None
            assert moment.isoformat() == "2026-11-22T00:00:00+00:00"

    @pytest.mark.parametrize(
        "value", [True, 1, "1", "J", "ja", " Yes ", "OUI", "t", "true"], ids=repr
    )
    def test_yes(self, value: object) -> None:
        assert as_yes_no(value) is YesNo.YES

    @pytest.mark.parametrize(
        "value", [False, 0, "0", "N", "nee", "no", "Non", "f", "FALSE"], ids=repr
    )
    def test_no(self, value: object) -> None:
        assert as_yes_no(value) is YesNo.NO
