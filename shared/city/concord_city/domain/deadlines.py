"""Due times: durations in clock time or in working hours."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from concord_city.domain.model import City, Promise, Rule, Span, WorkingHours

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
NOTHING = timedelta(0)


def promise(city: City, rule: Rule, received_at: datetime) -> Promise:
    """Return both due times of the rule, counted from the receipt. Raises ValueError for a naive time."""
    return Promise(
        due(received_at, rule.acknowledge, city.working_hours, city.time_zone),
        due(received_at, rule.respond, city.working_hours, city.time_zone),
    )


def due(start: datetime, span: Span, hours: WorkingHours, time_zone: str) -> datetime:
    """Return the UTC instant at which the span has passed since `start`."""
    if start.tzinfo is None:
        raise ValueError("the time has no zone: pass an aware datetime")
    if span.counts == "clock":
        return start.astimezone(UTC) + span.length
    return add_working(start, span.length, hours, time_zone)


def add_working(start: datetime, length: timedelta, hours: WorkingHours, time_zone: str) -> datetime:
    """Return the instant after `length` of open time since `start`. A zero length ends when the city is next open.

    The function counts real seconds, so a window across a clock change is an hour longer or shorter. Raises ValueError
    when the city is never open.
    """
    if not hours.ever:
        raise ValueError("the city has no working hours: add [working_hours] to city.toml, or use clock hours")
    now, left = start.astimezone(UTC), length
    day = now.date() - DAY  # the local date is never earlier; the loop skips a week that is over by then
    monday = day - timedelta(days=day.weekday())
    while True:
        week = open_week(hours, time_zone, monday)
        passed = week.passed(now)
        if left <= week.length - passed and week.opens_after(now):
            return week.instant(now, passed, left)
        left -= week.length - passed
        monday += WEEK


@dataclass(frozen=True, slots=True)
class OpenWeek:
    """The opening windows of a local week as UTC instants, and the open time up to the end of each."""

    opens: tuple[datetime, ...]
    closes: tuple[datetime, ...]
    until: tuple[timedelta, ...]
    length: timedelta

    def passed(self, now: datetime) -> timedelta:
        """Return the open time of this week before `now`."""
        if not self.opens or now < self.opens[0]:
            return NOTHING
        if now >= self.closes[-1]:
            return self.length
        begun = bisect_right(self.opens, now)
        return self.until[begun - 1] - max(NOTHING, self.closes[begun - 1] - now)

    def opens_after(self, now: datetime) -> bool:
        """Return whether the city is open at `now` or later in this week."""
        return bool(self.closes) and now < self.closes[-1]

    def instant(self, now: datetime, passed: timedelta, left: timedelta) -> datetime:
        """Return the instant after `left` more of this week's open time; for zero, when the city is next open."""
        if not left:
            return max(now, self.opens[bisect_right(self.closes, now)])
        window = bisect_left(self.until, passed + left)
        return self.closes[window] - (self.until[window] - passed - left)


@lru_cache(maxsize=1024)
def open_week(hours: WorkingHours, time_zone: str, monday: date) -> OpenWeek:
    zone = ZoneInfo(time_zone)
    instants = (
        (first_instant(day, opens, zone), first_instant(day, closes, zone))
        for day, windows in zip((monday + timedelta(days=n) for n in range(7)), hours.week, strict=True)
        if day not in hours.holidays
        for opens, closes in windows
    )
    windows = [(opens, closes) for opens, closes in instants if opens < closes]  # the clocks may skip one whole
    until = tuple(accumulate(closes - opens for opens, closes in windows))
    return OpenWeek(
        tuple(opens for opens, _ in windows),
        tuple(closes for _, closes in windows),
        until,
        until[-1] if until else NOTHING,
    )


def first_instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the first UTC instant at which the wall clock has reached this minute of the local day.

    For a time that the clocks skip in spring, it is the instant of the change. For a time that comes twice in autumn,
    it is the first one. So later wall-clock times never have earlier instants.
    """
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return first if first <= second else _change(wall, second, first, zone)


def _change(wall: datetime, before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant, to the second, at which the clocks skip this wall time."""
    while after - before > SECOND:
        middle = before + (after - before) / 2
        if middle.astimezone(zone).replace(tzinfo=None) >= wall:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)
