"""What every store of metrics promises: in memory, on SQLite, on PostgreSQL."""

from dataclasses import replace
from datetime import UTC, date, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
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
    worked_story,
)

from concord_metrics.application.record_events import record_events
from concord_metrics.application.summary_queries import durations_of, ledger, summary
from concord_metrics.domain.aggregates import aggregate_facts, count_of, sum_aggregates
from concord_metrics.domain.case_timeline import durations, timeline_of
from concord_metrics.domain.concern_facts import Fact, merge_event
from concord_metrics.domain.estimates import COMPLEMENT, PARTIAL_MONTHS, TOO_FEW, TWO_DIMENSIONS
from concord_metrics.domain.period import Period, parse_period
from concord_metrics.domain.recent_events import MAX_RECENT
from concord_metrics.domain.summary import summarise

BOSTON = ZoneInfo("America/New_York")
LATER = after(200_000)


def take(begin, *events):
    with begin() as store:
        record_events(events, store, BOSTON)


def ask(begin, start=None, end=None, area=None):
    with begin() as store:
        return whole_summary(store, parse_period(start, end, BOSTON), area, BOSTON)


def whole_summary(store, period, area, zone):
    return summary(store, period, area, zone, durations_of(store, period, area, LATER))


def test_an_empty_store_has_nothing(begin):
    with begin() as store:
        assert store.facts([]) == {}
        assert store.overall() == store.daily(None, None) == {}
        assert list(store.received_in(AT, after(1))) == []
        assert store.concern_count() == 0
    assert ask(begin).totals.received == 0
    assert ask(begin, "2026-11-22", "2026-11-23T10:00").totals.open == 0


def test_a_fact_comes_back_as_it_was_kept(begin):
    whole = Fact("c1")
    for each in (
        received(occurred_at=after(-90.000001)),
        unroutable(),
        routed(sequence=2, border=True),
        delivered(),
        failed(),
    ):
        whole = merge_event(whole, each)
    started = merge_event(Fact("c2"), delivered("c2", delivered_at=after(0.123456)))
    with begin() as store:
        store.facts(["c1", "c2"])
        store.save([whole, started])

    with begin() as store:
        assert store.facts(["c2", "c3", "c1"]) == {"c1": whole, "c2": started, "c3": Fact("c3")}


def test_the_work_on_a_concern_comes_back_as_it_was_kept(begin):
    every = acknowledged, updated, reassigned, referred, resolved, declined, reopened, closed
    facts = {make.__name__: merge_event(Fact(make.__name__), make(make.__name__)) for make in every}
    facts["all"] = Fact("all")
    for make, sequence in zip((*every, reopened), range(1, 99), strict=False):
        facts["all"] = merge_event(facts["all"], make("all", sequence))
    with begin() as store:
        store.facts(list(facts))
        store.save([*facts.values(), Fact("idle")])

    with begin() as store:
        assert store.facts([*facts, "idle"]) == {**facts, "idle": Fact("idle")}
        assert facts["all"].actions.reopenings == {7, 9}


def test_promises_and_voice_come_back_as_they_were_kept(begin):
    facts = {each.partitionkey: merge_event(Fact(each.partitionkey), each) for each in voices("one of each")}
    facts["all"] = Fact("all")
    for each in voices("all"):
        facts["all"] = merge_event(facts["all"], replace(each, partitionkey="all"))
    with begin() as store:
        store.facts(list(facts))
        store.save(list(facts.values()))

    with begin() as store:
        assert store.facts(list(facts)) == facts


def test_promises_made_together_count_each_whatever_comes_first_and_however_often(begin):
    together = made_together(promised("p1"), promised("p2", "response", after(86_400)), concern="a")
    for each in (kept("p1", 4, "a"), together, received("a"), together, routed("a")):
        take(begin, each)
    with begin() as store:
        assert [(each.promise_id, each.kind, each.state) for each in store.facts(["a"])["a"].promises] == [
            ("p1", "acknowledgement", "kept"),
            ("p2", "response", "pending"),
        ]
    assert promises_of(begin) == {"promises_made": 2, "promises_open": 1, "promises_kept": 1, "promises_missed": 0}

    for each in (missed("p2", 5, "a", promise="response"), together):
        take(begin, each)
    assert promises_of(begin) == {"promises_made": 2, "promises_open": 0, "promises_kept": 1, "promises_missed": 1}


def promises_of(begin):
    """What the kept sums say."""
    with begin() as store:
        aggregate = sum_aggregates(store.overall().values())
    return {f"promises_{each}": count_of(aggregate, f"promises_{each}") for each in ("made", "open", "kept", "missed")}


def voices(name):
    yield made_together(promised("p1"), promised("p0", "response"), concern=f"{name} 1")
    yield renegotiated("p1", 4, f"{name} 2", due_at=after(7200.000001))
    yield at_risk("p2", 5, f"{name} 3")
    yield fell_silent(f"{name} 4")
    yield withdrawn(f"{name} 5")
    yield feedback(f"{name} 6", motives=None)
    yield feedback(f"{name} 7", resolution=9, fixed=False)
    yield objected(f"{name} 8")
    yield delivered(f"{name} 9", notice="resolved")
    yield failed(f"{name} 10", notice="update")


def test_what_answers_say_is_shown_of_ten_and_a_smaller_group_cannot_be_told_from_the_rest(begin):
    for number in range(24):
        area = "B2" if number < 12 else "C6" if number < 22 else "D4"
        concern = f"c{number}"
        take(begin, received(concern, category="noise"))
        take(begin, routed(concern, area=area, team="t"))
        take(begin, feedback(concern, fixed=number % 4 > 0))

    found = ask(begin)
    assert found.totals.fixed_share.value == found.groups["team"]["t"].fixed_share.value == 0.75
    reasons = {area: figures.fixed_share.suppressed for area, figures in found.groups["area"].items()}
    assert reasons == {"B2": None, "C6": COMPLEMENT, "D4": TOO_FEW}
    assert ask(begin, area="C6").totals.felt_heard.suppressed == COMPLEMENT
    assert ask(begin, area="B2").totals.felt_heard.value == 1
    assert ask(begin, area="B2").groups["category"]["noise"].felt_heard.suppressed == TWO_DIMENSIONS
    assert ask(begin, "2026-11-01", "2026-11-30").totals.felt_heard_mean.value == 4.5
    assert ask(begin, "2026-11-01", "2026-11-29").totals.felt_heard_mean.suppressed == PARTIAL_MONTHS


def test_courses_are_those_of_the_facts(begin):
    take(begin, received("idle", category="graffiti"), routed("c1"), unroutable("c2"), routed("c3", area="C6"))
    for concern, number in (("c1", 0), ("c2", 1), ("c3", 2), ("c4", 3), ("c5", 4)):
        for each in worked_story(concern, number):
            take(begin, each)
    for each in (made("p1", 2), kept("p1", 3), missed("p2", 7, due_at=after(60)), delivered()):
        take(begin, each)
    take(begin, referred("c3", 9))
    for each in (replace(received("past"), recorded=after(9)), delivered("past")):
        take(begin, each)

    with begin() as store:
        names = ("idle", "past", "c1", "c2", "c3", "c4", "c5")
        wanted = [timeline_of(each) for each in store.facts(names).values()]
        assert sorted(store.timelines(Period()), key=str) == sorted(wanted, key=str)
        assert sum(len(each.missed) for each in wanted) == 1
        assert [each.team for each in store.timelines(Period(), "C6")] == [
            each.team for each in wanted if each[0] == "C6"
        ]
        assert len(store.timelines(Period(), None, "graffiti")) == 1
        assert store.timelines(Period(after(1), None)) == store.timelines(Period(None, AT)) == []


def test_the_first_due_of_what_is_at_risk_comes_first(begin):
    for number in range(4):
        concern = f"c{number}"
        take(begin, routed(concern))
        take(begin, at_risk(f"p{number}", 3, concern, due_at=after(100 - number)))
    take(begin, kept("p3", 4, "c3"))
    take(begin, declined("c2", 5))

    with begin() as store:
        assert [each.concern_id for each in store.at_risk(5)] == ["c1", "c0"]
        assert [each.concern_id for each in store.at_risk(1)] == ["c1"]


def test_the_latest_events_come_last_first_and_old_ones_go(begin):
    for number in range(15):
        take(begin, *(received(f"c{number} {each}") for each in range(30)))
    take(begin, routed("last"))

    with begin() as store:
        first, second, *rest = store.recent_events(500)
        assert (first.type, first.area, first.team, first.time) == ("concern.routed.v1", "B2", "b2", AT)
        assert (second.concern_id, second.area) == ("c14 29", None)
        assert len(rest) == MAX_RECENT - 2
        assert len(store.recent_events(3)) == 3


def test_a_notice_after_the_work_leaves_the_work_as_it_is(begin):
    take(begin, routed())
    take(begin, resolved())
    take(begin, delivered())

    totals = ask(begin).totals
    assert (totals.resolved, totals.notified, totals.open) == (1, 1, 0)


def test_a_kept_fact_replaces_what_was_known(begin):
    take(begin, received())
    take(begin, routed(border=True))

    with begin() as store:
        assert store.facts(["c1"])["c1"].border
        assert store.concern_count() == 1


def test_sums_are_those_of_the_facts(begin):
    for concern in ("c1", "c2", "c3"):
        take(begin, received(concern))
    take(begin, routed("c1"), unroutable("c2"), delivered("c3"))
    take(begin, delivered("c1"))

    with begin() as store:
        facts = list(store.received_in(after(-1), after(1)))
        wanted = {aggregate_key[1:]: aggregate for aggregate_key, aggregate in aggregate_facts(facts, BOSTON).items()}
        assert len(facts) == 3
        assert {group: aggregate for group, aggregate in store.overall().items() if any(aggregate)} == wanted
        days = store.daily(date(2026, 11, 22), date(2026, 11, 22))
        assert {group: aggregate for group, aggregate in days.items() if any(aggregate)} == wanted
        assert not store.daily(date(2026, 11, 23), None)
        assert not store.daily(None, date(2026, 11, 21))


def test_sums_of_work_are_those_of_the_facts_and_follow_the_concern_to_another_team(begin):
    take(begin, received("c1"), received("c2"), received("c3"))
    take(begin, acknowledged("c1"), acknowledged("c3"))
    take(begin, routed("c1"), routed("c2"))
    take(begin, resolved("c1"), resolved("c2"))
    take(begin, reassigned("c1", 5), reopened("c2", 6))

    with begin() as store:
        wanted = {
            aggregate_key[1:]: aggregate
            for aggregate_key, aggregate in aggregate_facts(store.received_in(after(-1), after(1)), BOSTON).items()
        }
        days = store.daily(date(2026, 11, 22), date(2026, 11, 22))
        assert {group: aggregate for group, aggregate in store.overall().items() if any(aggregate)} == wanted
        assert {group: aggregate for group, aggregate in days.items() if any(aggregate)} == wanted
    teams = ask(begin).groups["team"]
    assert [(each.resolved, each.open, each.reopenings) for each in (teams["b2"], teams["c6"])] == [
        (1, 1, 1),
        (1, 1, 0),
    ]
    assert (teams[""].acknowledged, teams[""].decided) == (1, 0)
    assert ask(begin, area="C6").totals.resolved == ask(begin, "2026-11-22", area="C6").totals.resolved == 1
    assert ask(begin, area="C6").totals.time_to_resolve.mean == 7200


def test_one_area(begin):
    take(begin, received("a"), received("b"), received("c"), received("d"))
    take(begin, routed("a"), routed("b", area="C6", team="c6"), unroutable("c"))

    assert ask(begin, area="C6").totals.routed == ask(begin, "2026-11-22", area="C6").totals.routed == 1
    assert ask(begin, area="").totals.received == ask(begin, "2026-11-22", area="").totals.received == 2
    assert ask(begin, "2026-11-22T15:00:00Z", area="C6").totals.received == 1
    assert ask(begin, "2026-11-22T15:00:00Z", "2026-11-22T16:00:00Z", "").totals.received == 2
    assert ask(begin, area="Atlantis").groups["category"] == {}


def test_from_is_included_and_to_is_not(begin):
    take(begin, received())

    assert ask(begin, "2026-11-22T15:00:00Z", "2026-11-22T15:00:00.000001Z").totals.received == 1
    assert ask(begin, "2026-11-22T14:00:00Z", "2026-11-22T15:00:00Z").totals.received == 0


def test_groups_come_in_the_order_in_which_they_first_came(begin):
    for category in ("noise", "animals", "graffiti"):
        take(begin, received(category, category=category))
        take(begin, received(f"{category} again", category=category))

    with begin() as store:
        assert [group[1] for group in store.overall()] == ["noise", "animals", "graffiti"]


def test_days_are_counted_anew_for_another_time_zone(begin):
    with begin() as store:
        assert not store.set_time_zone(BOSTON)
        assert not store.set_time_zone(BOSTON)
    take(begin, *(received(f"c{each}", received_at=AT + timedelta(hours=each)) for each in range(24)))
    take(begin, routed("c3"), delivered("c4"))
    take(begin, resolved("c3"), acknowledged("c5"))
    with begin() as store:
        assert store.set_time_zone(ZoneInfo("UTC"))
        assert not store.set_time_zone(ZoneInfo("UTC"))
        today = store.daily(date(2026, 11, 22), date(2026, 11, 22)).values()
        assert sum(count_of(aggregate, "received") for aggregate in today) == 9
        assert sum(count_of(aggregate, "received") for aggregate in store.daily(None, None).values()) == 24
        assert sum(count_of(aggregate, "resolved") for aggregate in store.daily(None, None).values()) == 1
        assert sum(count_of(aggregate, "acknowledged") for aggregate in today) == 1
        found = whole_summary(store, Period(AT.replace(hour=0), AT.replace(hour=0) + timedelta(days=1)), None, UTC)
        assert found.totals.received == 9


@pytest.mark.parametrize("seed", range(3))
def test_any_order_ends_in_the_same_summary_and_ledger(begin, seed):
    events = [
        make(f"c{number}", **({"sequence": sequence} if sequence else {}))
        for number in range(30)
        for make, sequence in ((received, 0), (unroutable, 1 + number % 2), (routed, 2 - number % 2), (failed, 0))
        if number % 5 or make is not unroutable
    ]
    events += [delivered(f"c{number}") for number in range(0, 30, 3)]
    line = events + events[::4]
    Random(seed).shuffle(line)
    for each in line:
        take(begin, each)

    with begin() as store:
        account = ledger(store)
    assert account == {
        "concerns": 30,
        "received": 30,
        "routed": 18,
        "unroutable": 12,
        "measured": 30,
        "notified": 10,
        "notification_failed": 20,
    }
    assert ask(begin).totals == ask(begin, "2026-11-22", "2026-11-22").totals
    assert ask(begin).totals == ask(begin, "2026-11-22T10:00", "2026-11-22T11:00").totals


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_worked_cases_ends_in_the_same_summary(begin, seed):
    events = [make(f"c{number}") for number in range(18) for make in (received, routed, delivered)]
    events += [event for number in range(18) for event in worked_story(f"c{number}", number)]
    facts = {f"c{number}": Fact(f"c{number}") for number in range(18)}
    for each in events:
        facts[each.partitionkey] = merge_event(facts[each.partitionkey], each)
    found = {
        aggregate_key[1:]: aggregate for aggregate_key, aggregate in aggregate_facts(facts.values(), BOSTON).items()
    }
    wanted = summarise(found, durations(list(map(timeline_of, facts.values())), LATER))
    line = events + events[::3]
    Random(seed).shuffle(line)
    for each in line:
        take(begin, each)

    assert ask(begin) == ask(begin, "2026-11-22", "2026-11-22") == wanted
    assert ask(begin, "2026-11-22T10:00", "2026-11-22T11:00") == wanted
    assert (wanted.totals.reopenings, wanted.totals.open) == (9, 6)
