"""Courses, the times taken from them, and the trend of days, weeks and months."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from metric_events import (
    AT,
    acknowledged,
    after,
    declined,
    delivered,
    kept,
    missed,
    received,
    reopened,
    resolved,
    routed,
    unroutable,
)

from concord_metrics.domain.case_timeline import durations, elapsed_times, timeline_of
from concord_metrics.domain.concern_facts import Fact, merge_event
from concord_metrics.domain.period import Period
from concord_metrics.domain.trends import TooManySteps, next_step, step_start, trend

BOSTON = ZoneInfo("America/New_York")


def of(*events):
    fact = Fact("c1")
    for each in events:
        fact = merge_event(fact, each)
    return timeline_of(fact)


def took(course, name, as_of=None):
    return [
        (length // 1_000_000, happened) for length, happened, _ in elapsed_times([course], name, as_of or after(50_000))
    ]


def test_an_open_concern_waits_until_now_and_an_ended_one_until_its_end():
    waiting = of(received(), routed())
    assert took(waiting, "resolve") == [(50_000, False)]
    assert took(of(received(), routed(), declined(sequence=2)), "resolve") == [(300, False)]
    assert took(of(received(), routed(), resolved()), "resolve") == [(7200, True)]
    assert took(of(received(), unroutable()), "route") == [(50_000, False)]
    assert took(of(received(), declined(), reopened()), "resolve") == [(50_000, False)]


def test_what_came_later_is_not_known_yet():
    assert took(of(received(), routed(), resolved()), "resolve", after(600)) == [(600, False)]
    assert took(of(received()), "resolve", after(-1)) == []


def test_nobody_waits_for_a_notice_that_may_have_no_reader():
    assert took(of(received(), routed()), "acknowledge") == []
    assert took(of(received(), routed(), delivered()), "acknowledge") == [(4, True)]


def test_times_of_all_and_of_each_group():
    timelines = [of(received(), routed(), acknowledged()), of(received(), routed(area="C6", team="c6"))]
    found = durations(timelines, after(600))

    assert (found.total["human_acknowledgement"].count, found.total["human_acknowledgement"].waiting) == (1, 1)
    assert found.total["human_acknowledgement"].median == 60
    assert found.groups[0]["C6"]["human_acknowledgement"].median is None
    assert found.groups[3]["b2"]["human_acknowledgement"].p90 == 60


def test_a_week_counts_what_was_in_it():
    day = timedelta(days=1)
    timelines = [
        of(received(received_at=AT - 8 * day), resolved(resolved_at=AT - 6 * day)),
        of(received(received_at=AT - 6 * day), routed(received_at=AT - 6 * day), missed(due_at=AT - day)),
        of(received(), routed(), kept(due_at=AT + day)),
    ]
    found = trend(timelines, "week", Period(), AT + 3 * day, BOSTON)

    assert [each.start for each in found] == [date(2026, 11, 9), date(2026, 11, 16), date(2026, 11, 23)]
    assert [each.received for each in found] == [1, 2, 0]
    assert [each.resolved for each in found] == [0, 1, 0]
    assert [(each.kept, each.missed) for each in found] == [(0, 0), (0, 1), (1, 0)]
    assert [each.open for each in found] == [1, 2, 2]
    assert [each.resolved_median for each in found] == [2 * 86400, None, None]


def test_a_period_leaves_out_what_was_before_but_not_what_is_still_open():
    timelines = [of(received(received_at=AT - timedelta(days=40)), routed(received_at=AT - timedelta(days=40)))]
    start = datetime(2026, 11, 20, tzinfo=BOSTON).astimezone(UTC)
    found = trend(timelines, "day", Period(start, start + timedelta(days=2)), AT, BOSTON)

    assert [(each.start.day, each.received, each.open) for each in found] == [(20, 0, 1), (21, 0, 1)]
    assert trend([], "day", Period(), AT, BOSTON) == []


def test_steps_begin_on_mondays_and_firsts_and_are_not_without_number():
    assert step_start(date(2026, 11, 22), "week") == date(2026, 11, 16)
    assert (step_start(date(2026, 12, 31), "month"), next_step(date(2026, 12, 1), "month")) == (
        date(2026, 12, 1),
        date(2027, 1, 1),
    )
    with pytest.raises(TooManySteps):
        trend([], "day", Period(AT - timedelta(days=2000), None), AT, BOSTON)
