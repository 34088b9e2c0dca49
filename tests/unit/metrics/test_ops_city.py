"""The city's figures of the page: as of which day, at which cost, and equal to the summary's."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from metric_events import AT, acknowledged, after, at_risk, made, received, resolved, routed, unroutable
from tests.memory.metrics import MemoryStore

from concord_bus.domain.errors import DatabaseUnavailable
from concord_metrics.application.record_events import record_events
from concord_metrics.application.summary_queries import durations_of, summary
from concord_metrics.domain.period import parse_period
from concord_metrics.domain.trends import DayCounts, by_week, half_year_start
from concord_metrics.ops.city_presenter import TIMES, city_json, figures_json, latest_json
from concord_metrics.ops.city_query import read_city, shown_day
from concord_metrics.ops.city_refresher import CityRefresher, next_refresh_delay
from concord_metrics.ops.event_stream import EventStream

BOSTON = ZoneInfo("America/New_York")
TODAY = date(2026, 11, 22)


def store_with(*events):
    store = MemoryStore()
    for each in events:
        record_events([each], store, BOSTON)
    return store


def test_today_is_shown_unless_all_but_a_few_concerns_are_long_past():
    past = date(2015, 6, 30)
    assert shown_day(TODAY, None, 0, 0) == TODAY
    assert shown_day(TODAY, None, 5, 5) == TODAY
    assert shown_day(TODAY, past, 0, 2000) == past
    assert shown_day(TODAY, past, 3, 2003) == past
    assert shown_day(TODAY, past, 100, 2100) == TODAY


def test_weeks_end_with_the_day_shown():
    days = {TODAY: DayCounts(3, 2, 1), TODAY - timedelta(6): DayCounts(1), TODAY - timedelta(7): DayCounts(5)}

    weeks = by_week(days, TODAY)

    assert len(weeks) == 26
    assert weeks[0][0] == half_year_start(TODAY) == date(2026, 5, 25)
    assert weeks[-1] == (date(2026, 11, 16), DayCounts(4, 2, 1))
    assert weeks[-2][1] == DayCounts(5)


def test_figures_are_those_of_the_summary():
    store = store_with(
        received("a"), routed("a"), acknowledged("a"), resolved("a"),
        received("b", received_at=AT - timedelta(days=3)), unroutable("b", received_at=AT - timedelta(days=3)),
        received("c", received_at=AT - timedelta(days=300)),
    )  # fmt: skip

    found = city_json(read_city(store, after(3600), BOSTON))

    for period, start in (("day", "2026-11-22"), ("week", "2026-11-16"), ("half_year", "2026-05-25")):
        asked = parse_period(start, "2026-11-22", BOSTON)
        wanted = summary(store, asked, None, BOSTON, durations_of(store, asked, None, after(3600))).totals
        times = TIMES if period == "half_year" else ()
        assert found["periods"][period]["totals"] == figures_json(wanted, times)
    assert (found["today"], found["as_of"], found["history"]) == (TODAY, TODAY, False)
    assert found["overall"]["received"] == 3
    assert found["periods"]["half_year"]["areas"]["B2"]["time_to_human_acknowledgement"]["mean"] == 60
    assert found["periods"]["week"]["no_area"]["in_triage"] == 1
    assert found["weeks"][-1] == {"first": date(2026, 11, 16), "received": 2, "acknowledged": 1, "resolved": 1}


def test_a_history_is_shown_as_of_its_last_day():
    past = datetime(2015, 7, 1, 2, tzinfo=UTC)
    store = store_with(*(received(f"c{number}", received_at=past) for number in range(150)), received("new"))

    found = city_json(read_city(store, after(0), BOSTON))

    assert (found["as_of"], found["history"], found["since"]) == (date(2015, 6, 30), True, 1)
    assert (found["periods"]["day"]["totals"]["received"], found["overall"]["received"]) == (150, 151)


def test_the_latest_events_come_first_and_tell_no_id():
    store = store_with(received("a"), routed("a"), acknowledged("a"))

    told = latest_json(read_city(store, after(3600), BOSTON))

    assert [each["what"] for each in told] == ["concern.acknowledged", "concern.routed", "concern.received"]
    assert told[0] == {"at": AT, "what": "concern.acknowledged", "category": "noise", "area": "B2", "team": "b2"}


def test_promises_at_risk_are_told_by_when_they_are_due():
    early, late = after(100), after(200)
    store = store_with(
        received("a"), routed("a"), made("p1", concern="a", due_at=late), at_risk("p1", concern="a", due_at=late),
        received("b"), routed("b"), made("p2", concern="b", due_at=early), at_risk("p2", concern="b", due_at=early),
    )  # fmt: skip

    found = city_json(read_city(store, after(50), BOSTON))

    assert found["overall"]["promises_at_risk"] == 2
    assert [each["due"] for each in found["at_risk"]] == [early, late]
    assert set(found["at_risk"][0]) == {"due", "what", "category", "area", "team"}


class Desk:
    """A desk over a store that may be away, with a clock set by hand."""

    def __init__(self):
        self.store, self.reads, self.away, self.seconds = MemoryStore(), 0, False, 0.0
        self.feed = EventStream()
        self.desk = CityRefresher(self.read, self.feed, BOSTON, lambda: after(3600), lambda: self.seconds)

    @contextmanager
    def read(self):
        if self.away:
            raise DatabaseUnavailable
        self.reads += 1
        yield self.store

    def look(self, seconds):
        self.seconds += seconds
        self.desk.refresh()
        return orjson.loads(self.feed.parts()["city"])


def test_figures_are_read_again_when_something_came_in():
    desk = Desk()
    first = desk.look(0)
    assert desk.look(30)["at"] == first["at"]
    record_events([received("a")], desk.store, BOSTON)
    assert desk.look(30)["overall"]["received"] == 1


def test_reading_them_takes_a_small_share_of_the_time():
    desk = Desk()
    desk.look(0)
    for _ in range(10):
        record_events([received()], desk.store, BOSTON)
        desk.look(0.05)
    assert desk.reads == 1
    assert (next_refresh_delay(0.0001, 0.0001), next_refresh_delay(0.025, 0.06), next_refresh_delay(5, 5)) == (
        1.0,
        5.0,
        30.0,
    )
    assert next_refresh_delay(3, 0.02) == 4.0, "one slow reading says little"


def test_with_the_database_away_the_last_figures_stay_and_say_so():
    desk = Desk()
    record_events([received("a")], desk.store, BOSTON)
    desk.look(0)
    desk.away = True
    gone = desk.look(100)
    desk.away = False
    back = desk.look(100)

    assert (gone["overall"]["received"], gone["away_since"]) == (1, "2026-11-22T16:00:00Z")
    assert back["away_since"] is None
