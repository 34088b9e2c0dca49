"""Promises: clock hours, and hours counted only while the city works."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from concord_city import Span, WorkingHours, promise
from concord_city.domain.deadlines import add_working, first_instant

from .twoside import NINE_TO_FIVE, city, rule

NEW_YORK = "America/New_York"
ZONE = ZoneInfo(NEW_YORK)
HOUR = timedelta(hours=1)


def local(*when: int, fold: int = 0) -> datetime:
    return datetime(*when, tzinfo=ZONE, fold=fold)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        pytest.param(local(2026, 3, 3, 10, 0), 4, local(2026, 3, 3, 14, 0), id="within a day"),
        pytest.param(local(2026, 3, 3, 15, 0), 4, local(2026, 3, 4, 11, 0), id="over night"),
        pytest.param(local(2026, 3, 6, 16, 0), 4, local(2026, 3, 9, 12, 0), id="over a weekend"),
        pytest.param(local(2026, 3, 7, 3, 0), 8, local(2026, 3, 9, 17, 0), id="ends when the day ends"),
        pytest.param(local(2026, 3, 3, 17, 0), 1, local(2026, 3, 4, 10, 0), id="closing time is closed"),
        pytest.param(local(2026, 3, 3, 9, 0), 24, local(2026, 3, 5, 17, 0), id="three days"),
    ],
)
def test_counts_only_while_open(start: datetime, hours: int, due: datetime) -> None:
    assert add_working(start, hours * HOUR, NINE_TO_FIVE, NEW_YORK) == due


def test_a_holiday_does_not_count() -> None:
    hours = WorkingHours(NINE_TO_FIVE.week, frozenset({date(2026, 1, 1)}))
    assert add_working(local(2025, 12, 31, 16, 0), 2 * HOUR, hours, NEW_YORK) == local(2026, 1, 2, 10, 0)


def test_the_day_is_the_local_one() -> None:
    late_monday = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
    due = add_working(late_monday, HOUR, NINE_TO_FIVE, NEW_YORK)
    assert due == local(2026, 3, 3, 10, 0)
    assert due.tzinfo is UTC


def test_a_day_around_the_clock_has_23_or_25_hours_when_the_clocks_change() -> None:
    always = WorkingHours((((0, 1440),),) * 7)
    spring, autumn = local(2026, 3, 8, 0, 0), local(2026, 11, 1, 0, 0)
    assert add_working(spring, 23 * HOUR, always, NEW_YORK) == local(2026, 3, 9, 0, 0)
    assert add_working(autumn, 25 * HOUR, always, NEW_YORK) == local(2026, 11, 2, 0, 0)


def test_a_night_shift_counts_real_hours_over_the_change() -> None:
    nights = WorkingHours((((60, 240),),) * 7)
    assert add_working(local(2026, 3, 8, 0, 0), 3 * HOUR, nights, NEW_YORK) == local(2026, 3, 9, 2, 0)
    assert add_working(local(2026, 11, 1, 0, 0), 4 * HOUR, nights, NEW_YORK) == local(2026, 11, 1, 4, 0)


def test_a_skipped_time_is_the_instant_of_the_change() -> None:
    assert first_instant(date(2026, 3, 8), 150, ZONE) == datetime(2026, 3, 8, 7, 0, tzinfo=UTC)


def test_a_doubled_time_is_the_first_of_the_two() -> None:
    assert first_instant(date(2026, 11, 1), 90, ZONE) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_clock_hours_run_through_the_night_and_the_change() -> None:
    given_at = local(2026, 3, 7, 20, 0)
    fixed = rule(acknowledge=Span(HOUR, "clock"), respond=Span(24 * HOUR, "clock"))
    made = promise(city(), fixed, given_at)
    assert made.acknowledge_by == local(2026, 3, 7, 21, 0)
    assert made.respond_by == local(2026, 3, 8, 21, 0)


def test_a_city_that_never_works_cannot_promise_working_hours() -> None:
    with pytest.raises(ValueError, match="no working hours"):
        promise(city(working_hours=WorkingHours()), rule(), local(2026, 3, 3, 10, 0))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        promise(city(), rule(), datetime(2026, 3, 3, 10, 0))  # noqa: DTZ001


windows = st.lists(
    st.tuples(st.integers(0, 47), st.integers(1, 48)).filter(lambda pair: pair[0] < pair[1]), max_size=1
).map(lambda pairs: tuple((start * 30, end * 30) for start, end in pairs))
weeks = st.tuples(*[windows] * 7).filter(any)
starts = st.datetimes(datetime(2026, 2, 20), datetime(2026, 11, 20)).map(  # noqa: DTZ001
    lambda at: at.replace(second=0, microsecond=0, minute=at.minute // 30 * 30, tzinfo=UTC)
)
REPEATED_UNTIL = 2 * 60
near_changes = st.sampled_from([datetime(2026, 3, 7, 22, tzinfo=UTC), datetime(2026, 10, 31, 22, tzinfo=UTC)])


def is_open(at: datetime, hours: WorkingHours) -> bool:
    """By the wall clock; in the hour that autumn repeats, whatever was to open or close has done so the first time."""
    there = at.astimezone(ZONE)
    minute = there.hour * 60 + there.minute
    return there.date() not in hours.holidays and any(
        start < REPEATED_UNTIL <= end if there.fold else start <= minute < end
        for start, end in hours.week[there.weekday()]
    )


@settings(max_examples=150, deadline=None)
@example(datetime(2026, 10, 19, tzinfo=UTC), ((), (), (), (), (), (), ((0, 90),)), 7, False)
@given(starts | near_changes, weeks, st.integers(1, 60), st.booleans())
def test_equals_counting_half_hours_one_by_one(
    start: datetime, week: tuple[tuple[tuple[int, int], ...], ...], halves: int, holiday: bool
) -> None:
    """Half hours of real time, each open or not by the wall clock at its beginning."""
    closed = frozenset({start.date() + timedelta(days=1)}) if holiday else frozenset()
    hours = WorkingHours(week, closed)
    now, left = start, halves
    while left:
        left -= is_open(now, hours)
        now += HOUR / 2
    assert add_working(start, halves * HOUR / 2, hours, NEW_YORK) == now


@settings(max_examples=100, deadline=None)
@given(starts, weeks, st.integers(1, 40), st.integers(0, 40))
def test_a_longer_promise_is_never_due_earlier(
    start: datetime, week: tuple[tuple[tuple[int, int], ...], ...], halves: int, more: int
) -> None:
    hours = WorkingHours(week)
    short = add_working(start, halves * HOUR / 2, hours, NEW_YORK)
    assert start < short <= add_working(start, (halves + more) * HOUR / 2, hours, NEW_YORK)
