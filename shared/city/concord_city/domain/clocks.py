"""The clocks of a time zone in the coming two years."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

HALF_MONTHS = 48
HALF_MONTH = timedelta(days=365 / 24)
Clocks = tuple[timedelta, ...]


def clocks_of(zone: str, today: date) -> Clocks:
    """Return the offsets from UTC every half a month from this day on. Equal clocks mean equal times."""
    begin, info = datetime(today.year, today.month, 1, 12, tzinfo=UTC), ZoneInfo(zone)
    moments = (begin + number * HALF_MONTH for number in range(HALF_MONTHS))
    return tuple(moment.astimezone(info).utcoffset() or timedelta() for moment in moments)


def ever_change(clocks: Clocks) -> bool:
    return len(set(clocks)) > 1
