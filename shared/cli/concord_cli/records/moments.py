"""Times with an offset from UTC, and the parts of which their texts consist. Pure."""

from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Literal, NamedTuple

from concord_cli.records.time_forms import MONTHS

EARLIEST_YEAR, NO_END_YEAR = 1900, 9999
Precision = Literal["second", "day", "month"]


class BadTime(ValueError):
    """The text is no time; the error says what to do."""


class Moment(NamedTuple):
    """A time with its offset from UTC. A day or month reaches from `first` to `last`, its last second."""

    first: datetime
    last: datetime
    precision: Precision = "second"
    note: str | None = None


def span_of(first: date, after: date, zone: tzinfo, precision: Precision) -> Moment:
    """Return the time from the first midnight to the second before the other."""
    begin, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (first, after))
    return Moment(begin.astimezone(zone), (end - timedelta(seconds=1)).astimezone(zone), precision)


def with_fixed_offset(moment: datetime) -> datetime:
    """Return the moment with a fixed offset: comparing zoned times ignores which of two equal hours is meant."""
    return moment.replace(tzinfo=timezone(moment.utcoffset() or timedelta()), fold=0)


def check_year(text: str, year: int) -> None:
    """Raises BadTime for a year that intake does not accept."""
    if not EARLIEST_YEAR < year < NO_END_YEAR:
        raise BadTime(f"'{text}' is not after the year {EARLIEST_YEAR}; empty the cell if it stands for no time")


def month_of(text: str, parts: dict[str, str | None]) -> int:
    """Return the month from 1, of a number or an English name. Raises BadTime."""
    name = parts.get("monthname")
    if name is None:
        month = int(parts.get("month") or 1)
    else:
        month = MONTHS.index(name[:3].lower()) + 1 if name[:3].lower() in MONTHS else 0
    if not 1 <= month <= 12:
        raise BadTime(f"'{text}' is not a time: month must be in 1..12")
    return month


def hour_of(text: str, parts: dict[str, str | None]) -> int | None:
    """Return the hour from 0, or None without one. Raises BadTime."""
    if (hour := parts.get("hour12")) is not None:
        number = int(hour)
        if not 1 <= number <= 12:
            raise BadTime(f"'{text}' is not a time: the hour before AM or PM must be in 1..12")
        return number % 12 + 12 * ((parts.get("half") or "a")[0] in "pP")
    return None if (hour := parts.get("hour")) is None else int(hour)


def offset_of(text: str | None) -> tzinfo | None:
    """Return the zone of an offset such as `Z`, `-05:00` or `+00`. Raises BadTime."""
    if text is None:
        return None
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:].lstrip(":") or 0)
    if hours > 23 or minutes > 59:
        raise BadTime(f"'{text}' is not an offset from UTC; write it like -05:00")
    return timezone((-1 if text[0] == "-" else 1) * timedelta(hours=hours, minutes=minutes))


def unix_moment(text: str, count: int) -> Moment | None:
    """Return the time so long after 1970, `count` units a second; None for the year 9999. Raises BadTime."""
    try:
        moment = datetime.fromtimestamp(int(text) // count, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadTime(f"'{text}' is not a time: {error}") from error
    if moment.year == NO_END_YEAR:
        return None
    check_year(text, moment.year)
    return Moment(moment, moment)
