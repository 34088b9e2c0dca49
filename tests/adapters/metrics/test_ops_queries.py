"""What the ops page reads of every store: in memory, on SQLite, on PostgreSQL."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from metric_events import AT, acknowledged, delivered, made, received, resolved, routed

from concord_metrics.application.record_events import record_events
from concord_metrics.domain.aggregate_columns import COUNTS
from concord_metrics.domain.aggregates import count_of
from concord_metrics.domain.summary import by_value
from concord_metrics.domain.trends import DayCounts

BOSTON = ZoneInfo("America/New_York")
DAY = date(2026, 11, 22)


def take(begin, *events):
    for each in events:
        with begin() as store:
            record_events([each], store, BOSTON)


def test_days_with_concerns_and_what_became_of_them(begin):
    old = AT - timedelta(days=3)
    take(begin, received("a"), routed("a"), acknowledged("a"), resolved("a"), received("b"))
    take(begin, received("c", received_at=old), received("d", received_at=AT + timedelta(days=2)))

    with begin() as store:
        assert store.last_day(DAY) == DAY
        assert store.last_day(date(2026, 11, 21)) == date(2026, 11, 19)
        assert store.last_day(date(2026, 1, 1)) is None
        days = store.counts_by_day(date(2026, 11, 16), DAY)
    assert days == {DAY: DayCounts(2, 1, 1), date(2026, 11, 19): DayCounts(1, 0, 0)}


def test_counts_by_area_are_those_of_the_sums(begin):
    take(begin, received("a"), routed("a"), acknowledged("a"), made("p", concern="a"), received("b"))
    take(begin, received("c", received_at=AT - timedelta(days=3)), delivered("c"))

    with begin() as store:
        for days in ((None, None), (DAY, DAY), (date(2026, 11, 1), DAY)):
            found = store.counts_by_area(*days)
            wanted = by_value(store.daily(*days), 0)
            assert {area: pick(aggregate) for area, aggregate in found.items()} == {
                area: pick(aggregate) for area, aggregate in wanted.items()
            }
        assert pick(store.counts_by_area(DAY, DAY)["B2"])["promises_open"] == 1


def pick(aggregate):
    return {name: count_of(aggregate, name) for name in COUNTS}


def test_an_empty_store_has_no_day(begin):
    with begin() as store:
        assert (store.last_day(DAY), store.counts_by_day(DAY, DAY)) == (None, {})
        assert store.last_change() == store.last_change()
