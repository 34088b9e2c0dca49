"""Sums kept by differences are the sums counted from scratch, whatever the way there."""

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from metric_events import (
    AT,
    acknowledged,
    after,
    at_risk,
    closed,
    declined,
    delivered,
    failed,
    feedback,
    fell_silent,
    kept,
    made,
    made_together,
    missed,
    objected,
    promised,
    reassigned,
    received,
    referred,
    renegotiated,
    reopened,
    resolved,
    routed,
    unroutable,
    updated,
    withdrawn,
)

from concord_metrics.domain.aggregate_columns import (
    ACTION_COUNTS,
    BOUNDS,
    BUCKETS,
    COUNTS,
    HUMAN_BOUNDS,
    PROMISES,
    TIMES,
    bucket,
    elapsed,
)
from concord_metrics.domain.aggregates import (
    WIDTH,
    AggregateKey,
    add_aggregates,
    aggregate_facts,
    count_of,
    differences,
    duration_totals,
)
from concord_metrics.domain.concern_facts import Fact, merge_event

BOSTON = ZoneInfo("America/New_York")
DAY = date(2026, 11, 22)
CONCERNS = [
    make(concern)
    for concern in ("c1", "c2", "c3")
    for make in (
        received,
        routed,
        unroutable,
        delivered,
        failed,
        lambda concern: routed(concern, 4, area="C6", team="c6", border=True),
        acknowledged,
        updated,
        reassigned,
        referred,
        resolved,
        declined,
        reopened,
        lambda concern: reopened(concern, 9),
        closed,
        lambda concern: made_together(promised(), promised("p2", "response"), concern=concern),
        lambda concern: made("p3", 6, concern),
        lambda concern: at_risk("p1", 3, concern),
        lambda concern: missed("p1", 5, concern),
        lambda concern: renegotiated("p2", 4, concern),
        withdrawn,
        fell_silent,
        feedback,
        lambda concern: feedback(concern, resolution=9, fixed=False, voice=1),
        objected,
        lambda concern: delivered(concern, notice="resolved"),
    )
]


def after_all(*events):
    fact = Fact("c1")
    for each in events:
        fact = merge_event(fact, each)
    return fact


def only(facts, zone=BOSTON):
    [(aggregate_key, aggregate)] = aggregate_facts(facts, zone).items()
    return aggregate_key, aggregate


def counts(aggregate):
    return {name: count_of(aggregate, name) for name in COUNTS if count_of(aggregate, name)}


@given(st.lists(st.sampled_from(CONCERNS), max_size=40))
def test_differences_add_up_to_the_sums_from_scratch(events):
    facts, sums = {}, {}
    for each in events:
        old = facts.get(each.partitionkey, Fact(each.partitionkey))
        facts[each.partitionkey] = merge_event(old, each)
        for aggregate_key, change in differences([(old, facts[each.partitionkey])], BOSTON).items():
            sums[aggregate_key] = add_aggregates(sums.get(aggregate_key, [0] * WIDTH), change)

    assert {aggregate_key: aggregate for aggregate_key, aggregate in sums.items() if any(aggregate)} == aggregate_facts(
        facts.values(), BOSTON
    )
    assert all(number >= 0 for aggregate in sums.values() for number in aggregate)


def test_a_concern_taken_in_routed_and_acknowledged():
    aggregate_key, aggregate = only([after_all(received(), routed(), delivered())])

    assert aggregate_key == AggregateKey(DAY, "B2", "noise", "web", "b2")
    assert counts(aggregate) == {"received": 1, "routed": 1, "decided": 1, "open": 1, "measured": 1, "notified": 1}
    assert duration_totals(aggregate, "route")[:2] == (1, 2_000_000)
    assert duration_totals(aggregate, "acknowledge")[:2] == (1, 4_000_000)


def test_an_unroutable_concern_has_neither_area_nor_team_and_waits_for_a_person():
    aggregate_key, aggregate = only([after_all(received(), unroutable())])

    assert (aggregate_key.area, aggregate_key.team) == ("", "")
    assert counts(aggregate) == {"received": 1, "unroutable": 1, "in_triage": 1, "decided": 1, "open": 1, "measured": 1}
    assert duration_totals(aggregate, "route").cases == 0


def worked(*events):
    """The counts of a concern that was taken in and had these events, without those of its way."""
    _, aggregate = only([after_all(received(), *events)])
    return {name: number for name, number in counts(aggregate).items() if name in (*ACTION_COUNTS, "open", "in_triage")}


def test_a_case_is_open_until_it_ends_and_again_when_it_is_reopened():
    assert worked(routed()) == {"open": 1}
    assert worked(routed(), acknowledged()) == {"open": 1, "acknowledged": 1}
    assert worked(routed(), resolved()) == {"resolved": 1}
    assert worked(routed(), resolved(), closed(sequence=5)) == {"resolved": 1, "closed": 1}
    again = {"open": 1, "resolved": 1, "closed": 1, "reopened": 1, "reopenings": 1}
    assert worked(routed(), resolved(), closed(sequence=5), reopened(sequence=6)) == again
    assert worked(routed(), referred()) == {"referred": 1}
    assert worked(unroutable(), declined(team=None)) == {"declined": 1}


def test_a_case_that_is_opened_again_twice_is_one_with_two_reopenings():
    found = worked(routed(), reopened(), reopened(sequence=7), reopened(sequence=7))
    assert (found["reopened"], found["reopenings"]) == (1, 2)


def test_a_persons_choice_of_the_first_team_is_a_routing():
    aggregate_key, aggregate = only([after_all(received(), unroutable(), reassigned(from_team=None))])

    assert (aggregate_key.area, aggregate_key.team) == ("C6", "c6")
    assert counts(aggregate) == {"received": 1, "routed": 1, "unroutable": 1, "decided": 1, "open": 1, "measured": 1}
    assert duration_totals(aggregate, "route")[:2] == (1, 30_000_000)


def test_what_people_do_is_timed_apart_from_the_notice():
    _, aggregate = only([after_all(received(), routed(), delivered(), updated(), acknowledged(), resolved())])

    assert {name: duration_totals(aggregate, name)[:2] for name in TIMES} == {
        "route": (1, 2_000_000),
        "acknowledge": (1, 4_000_000),
        "human_acknowledgement": (1, 60_000_000),
        "first_word": (1, 60_000_000),
        "resolve": (1, 7_200_000_000),
    }


def test_a_failed_notice_that_is_delivered_later_counts_as_delivered():
    assert counts(only([after_all(received(), failed())])[1])["notification_failed"] == 1
    assert "notification_failed" not in counts(only([after_all(received(), failed(), delivered())])[1])


def test_nothing_is_counted_before_it_is_known_how_the_concern_came_in():
    assert aggregate_facts([after_all(delivered()), after_all(failed())], BOSTON) == {}


def test_routed_before_received_is_not_yet_measured():
    assert "measured" not in counts(only([after_all(routed())])[1])


def test_the_day_is_that_of_the_city():
    late = after_all(received(received_at=after(13 * 3600)))

    assert only([late])[0].day == DAY
    assert only([late], ZoneInfo("UTC"))[0].day == date(2026, 11, 23)


def test_changes_come_in_one_order():
    cells = list(
        differences([(Fact(each), merge_event(Fact(each), routed(each, area=each))) for each in "zax"], BOSTON)
    )

    assert [each.area for each in cells] == ["a", "x", "z"]


def test_a_clock_that_runs_behind_gives_no_negative_time():
    assert elapsed(after(5), AT) == 0
    assert elapsed(AT, after(0.25)) == 250_000


def test_buckets_hold_their_upper_bound():
    assert [bucket(round(bound * 1_000_000)) for bound in BOUNDS] == list(range(BUCKETS - 1))
    assert bucket(round(BOUNDS[-1] * 1_000_000) + 1) == BUCKETS - 1


@pytest.mark.parametrize("bounds", [BOUNDS, HUMAN_BOUNDS])
def test_bounds_rise(bounds):
    assert len(bounds) + 1 == BUCKETS
    assert all(low < high for low, high in pairwise(bounds))


def test_promises_count_by_how_they_stand_and_no_longer_when_the_city_has_not_the_case():
    together = made_together(promised(), promised("p2", "response"))
    told = [received(), routed(), together, at_risk("p2", 4), renegotiated("p3", 5), missed("p4", 6)]

    assert promises(*told) == (4, 3, 1, 0, 1, 1)
    assert promises(*told, kept("p2", 7)) == (4, 2, 0, 1, 1, 1)
    assert promises(*told, declined(sequence=9)) == (4, 0, 0, 0, 1, 1)


def promises(*events):
    (aggregate,) = aggregate_facts([after_all(*events)], BOSTON).values()
    return tuple(count_of(aggregate, name) for name in PROMISES)


def test_the_loop_is_closed_when_the_reporter_was_told_the_outcome():
    reachable = [received(), routed(), delivered(), resolved()]

    assert voice(received(), routed(), resolved()) == (0, 0, 0, 0)
    assert voice(*reachable) == (1, 0, 0, 0)
    assert voice(*reachable, delivered(notice="declined")) == (1, 1, 0, 0)
    assert voice(*reachable, delivered(notice="resolved")) == (1, 1, 1, 0)
    assert voice(*reachable, feedback()) == (1, 0, 1, 1)


def voice(*events):
    (aggregate,) = aggregate_facts([after_all(*events)], BOSTON).values()
    return tuple(count_of(aggregate, name) for name in ("tellable", "told", "invited", "answered"))
