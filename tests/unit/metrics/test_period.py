"""Periods as people write them, in the city's time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from concord_metrics.domain.period import InvalidPeriod, Period, parse_period, split_period

BOSTON = ZoneInfo("America/New_York")


def utc(*numbers):
    return datetime(*numbers, tzinfo=UTC)


def test_a_date_is_a_whole_day_of_the_city_and_included():
    found = parse_period("2026-11-22", "2026-11-22", BOSTON)

    assert found == Period(utc(2026, 11, 22, 5), utc(2026, 11, 23, 5))
    assert split_period(found, BOSTON).days == (date(2026, 11, 22), date(2026, 11, 22))
    assert split_period(found, BOSTON).edges == ()


def test_the_day_the_clocks_change_is_an_hour_longer():
    found = parse_period("2026-11-01", "2026-11-01", BOSTON)

    assert (found.end - found.start).total_seconds() == 25 * 3600


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T18:00:00Z", utc(2026, 11, 22, 18)),
        ("2026-11-22T18:00:00+01:00", utc(2026, 11, 22, 17)),
        ("2026-11-22T18:00:00 01:00", utc(2026, 11, 22, 17)),
        ("2026-11-22T18:00", utc(2026, 11, 22, 23)),
    ],
)
def test_a_date_time_is_exact_and_without_offset_the_city_s(text, moment):
    assert parse_period(text, None, BOSTON) == Period(moment, None)


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "22/11/2026", "9999-12-31", "2026-11-22T25:00"])
def test_what_is_no_date_is_refused_by_name(text):
    with pytest.raises(InvalidPeriod) as bad:
        parse_period(None, text, BOSTON)

    assert bad.value.field == "to"


def test_from_after_to_is_refused():
    with pytest.raises(InvalidPeriod, match="later than"):
        parse_period("2026-11-23", "2026-11-21", BOSTON)


def test_open_ends():
    assert parse_period(None, "", BOSTON) == Period()
    assert split_period(Period(start=utc(2026, 11, 22, 5)), BOSTON).days == (date(2026, 11, 22), None)
    assert split_period(Period(end=utc(2026, 11, 22, 5)), BOSTON).days == (None, date(2026, 11, 21))


def test_parts_of_days_are_edges():
    found = split_period(Period(utc(2026, 11, 20, 12), utc(2026, 11, 22, 12)), BOSTON)

    assert found.days == (date(2026, 11, 21), date(2026, 11, 21))
    assert found.edges == (
        (utc(2026, 11, 20, 12), utc(2026, 11, 21, 5)),
        (utc(2026, 11, 22, 5), utc(2026, 11, 22, 12)),
    )


@pytest.mark.parametrize("end", [utc(2026, 11, 22, 13), utc(2026, 11, 23, 4, 59)])
def test_a_period_within_a_day_is_one_edge(end):
    start = utc(2026, 11, 22, 12)

    assert split_period(Period(start, end), BOSTON).days is None
    assert split_period(Period(start, end), BOSTON).edges == ((start, end),)


def test_a_period_over_one_midnight_holds_no_whole_day():
    found = split_period(Period(utc(2026, 11, 21, 12), utc(2026, 11, 22, 12)), BOSTON)

    assert found.days is None
    assert found.edges == ((utc(2026, 11, 21, 12), utc(2026, 11, 22, 12)),)


def test_an_empty_period_holds_nothing():
    moment = utc(2026, 11, 22, 12)

    assert split_period(Period(moment, moment), BOSTON).edges == ()
    assert split_period(Period(moment, moment), BOSTON).days is None
