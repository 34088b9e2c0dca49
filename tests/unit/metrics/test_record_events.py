"""From events through the real pipeline to a summary, on the store in memory."""

from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from metric_events import AT, after, delivered, failed, received, routed, unroutable, worked_story
from tests.memory.bus import MemoryBus
from tests.memory.metrics import MemoryStore

from concord_metrics.application.record_events import handlers
from concord_metrics.application.summary_queries import durations_of, ledger, summary
from concord_metrics.domain.period import Period, parse_period
from concord_metrics.measures import BY_NAME

BOSTON = ZoneInfo("America/New_York")


def story(concern, number):
    """The events of one concern: every fourth is unroutable, every third has a notice, every sixth's fails."""
    yesterday = {"received_at": AT - timedelta(days=1)} if number % 2 else {}
    yield received(concern, category=("noise", "graffiti")[number % 2], **yesterday)
    if number % 4 == 3:
        yield unroutable(concern, category="graffiti", **yesterday)
    else:
        yield routed(concern, border=number % 8 == 0, **yesterday)
    if number % 6 == 0:
        yield failed(concern)
    elif number % 3 == 0:
        yield delivered(concern)


@pytest.fixture
def bus():
    return MemoryBus(MemoryStore(), handlers(BOSTON), now=lambda: AT)


def ask(bus, start=None, end=None, area=None):
    return whole_summary(bus.database.store, parse_period(start, end, BOSTON), area)


def whole_summary(store, period, area=None, zone=BOSTON):
    return summary(store, period, area, zone, durations_of(store, period, area, after(100_000)))


def test_nothing_yet_is_zeros(bus):
    totals = ask(bus).totals

    assert (totals.received, totals.open, totals.time_to_route.count) == (0, 0, 0)
    assert totals.unroutable_share is totals.notification_success is totals.time_to_route.median is None
    assert ask(bus).groups == {"area": {}, "category": {}, "channel": {}, "team": {}}
    assert set(ledger(bus.database.store).values()) == {0}


def test_a_story_is_measured(bus):
    bus.deliver(received(), routed(border=True), delivered())

    found = ask(bus)

    assert (found.totals.received, found.totals.routed, found.totals.notified) == (1, 1, 1)
    assert (found.totals.border_share, found.totals.notification_success) == (1.0, 1.0)
    assert found.totals.time_to_route.mean == 2.0
    assert found.totals.time_to_acknowledge.mean == 4.0
    assert list(found.groups["team"]) == ["b2"]


def test_late_doubled_and_shuffled_events_end_in_the_same_summary(bus):
    events = [event for number in range(48) for event in story(f"c{number}", number)]
    bus.deliver(*events)
    wanted, accounted = ask(bus), ledger(bus.database.store)

    for seed in range(5):
        other = MemoryBus(MemoryStore(), handlers(BOSTON), now=lambda: AT)
        line = events + events[::3]
        Random(seed).shuffle(line)
        for start in range(0, len(line), 7):
            other.deliver(*line[start : start + 7])
        assert ask(other) == wanted
        assert ledger(other.database.store) == accounted
    assert accounted == {
        "concerns": 48,
        "received": 48,
        "routed": 36,
        "unroutable": 12,
        "measured": 48,
        "notified": 8,
        "notification_failed": 8,
    }


def test_worked_cases_end_in_the_same_figures_in_any_order_and_told_twice(bus):
    events = [event for number in range(48) for event in story(f"c{number}", number)]
    events += [event for number in range(48) if number % 4 != 3 for event in worked_story(f"c{number}", number)]
    bus.deliver(*events)
    wanted, totals = ask(bus), ask(bus).totals

    for seed in range(5):
        other = MemoryBus(MemoryStore(), handlers(BOSTON), now=lambda: AT)
        line = events + events[::2]
        Random(seed).shuffle(line)
        for start in range(0, len(line), 11):
            other.deliver(*line[start : start + 11])
        assert not other.parked
        assert ask(other) == wanted
    numbers = [number for number in range(48) if number % 4 != 3]
    ends = [sum(number % 6 == kind for number in numbers) for kind in range(6)]
    assert totals.decided == totals.received == 48
    assert totals.acknowledged == totals.time_to_human_acknowledgement.count == ends[0] + ends[2] + ends[4]
    assert totals.resolved == totals.time_to_resolve.count == ends[0] + ends[1] + ends[2]
    assert (totals.referred, totals.declined) == (ends[4], ends[3])
    assert totals.closed == ends[0] + ends[2] + ends[3]
    assert (totals.reopened, totals.reopenings) == (ends[1] + ends[2], 2 * ends[1] + ends[2])
    assert totals.open == 12 + ends[1] + ends[5]
    assert totals.time_to_first_word.count == len(numbers) - ends[5]
    assert sum(each.open for each in wanted.groups["team"].values()) == totals.open


def test_every_public_event_has_a_handler_that_takes_it_in(bus):
    bus.deliver(*worked_story("c1", 0), *worked_story("c2", 1), *worked_story("c3", 3), *worked_story("c4", 4))

    assert not bus.parked
    assert ask(bus).totals.decided == 1  # only one was told of with a choice of team


def test_days_and_moments_of_a_period(bus):
    bus.deliver(
        received("old", received_at=AT - timedelta(days=2)), received("new"), received("newer", received_at=after(60))
    )

    assert ask(bus, "2026-11-22").totals.received == 2
    assert ask(bus, None, "2026-11-21").totals.received == 1
    assert ask(bus, "2026-11-20", "2026-11-22").totals.received == 3
    assert ask(bus, "2026-11-20T12:00", "2026-11-22T15:00:01Z").totals.received == 1
    assert ask(bus, "2026-11-20", "2026-11-22T15:00:01Z").totals.received == 2
    assert ask(bus, "2026-11-22T15:00:00Z", "2026-11-22T15:01:00Z").totals.received == 1
    assert ask(bus, "2026-11-23").totals.received == 0


def test_one_area(bus):
    bus.deliver(received("a"), received("b"), received("c"))
    bus.deliver(routed("a", area="B2"), routed("b", area="C6", team="c6"), unroutable("c"))

    assert ask(bus, area="C6").totals.routed == 1
    assert list(ask(bus, area="C6").groups["team"]) == ["c6"]
    assert ask(bus, area="").totals.in_triage == 1
    assert ask(bus, area="Atlantis").totals.received == 0
    assert ask(bus, "2026-11-22T15:00:00Z", area="C6").totals.routed == 1


def test_the_largest_group_comes_first_and_empty_ones_do_not_come(bus):
    bus.deliver(
        *(received(f"n{each}") for each in range(2)), *(received(f"g{each}", category="graffiti") for each in range(3))
    )
    bus.deliver(
        *(routed(f"n{each}") for each in range(2)), *(routed(f"g{each}", category="graffiti") for each in range(3))
    )

    assert list(ask(bus).groups["category"]) == ["graffiti", "noise"]
    assert list(ask(bus).groups["area"]) == ["B2"]


def test_another_time_zone_counts_the_days_anew(bus):
    bus.deliver(received("late", received_at=after(13 * 3600)))
    store = bus.database.store
    day = parse_period("2026-11-23", None, ZoneInfo("UTC"))
    assert not store.set_time_zone(BOSTON)
    assert whole_summary(store, day, None, ZoneInfo("UTC")).totals.received == 0

    assert store.set_time_zone(ZoneInfo("UTC"))

    assert whole_summary(store, day, None, ZoneInfo("UTC")).totals.received == 1
    assert not store.set_time_zone(ZoneInfo("UTC"))


def test_every_figure_of_the_summary_is_documented(bus):
    totals = whole_summary(bus.database.store, Period()).totals

    assert set(totals.__slots__) == set(BY_NAME)
