"""Periods of time: days and moments as people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from concord_contracts.fields import LOCAL_TIME, read_instant

DAY = timedelta(days=1)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECODED_PLUS = re.compile(r" (\d{2}:\d{2})$")
"""An offset whose plus sign the query string has turned into a space."""


class InvalidPeriod(ValueError):
    """`field` names the wrong parameter; `detail` says what to write instead."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` (inclusive) to `end` (exclusive), both aware UTC; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __contains__(self, moment: datetime) -> bool:
        return (self.start is None or moment >= self.start) and (self.end is None or moment < self.end)


@dataclass(frozen=True, slots=True)
class PeriodParts:
    """The whole local days of a period, first and last inclusive, and the rest at either end.

    `days` is None if the period holds no whole day; an open end of `days` is None too.
    """

    days: tuple[date | None, date | None] | None
    edges: tuple[tuple[datetime, datetime], ...]


def parse_period(start: str | None, end: str | None, zone: tzinfo) -> Period:
    """Texts as a period. Raises InvalidPeriod.

    A date is a day of the city: `from` takes its start and `to` its end, which includes the day. A date-time in `to`
    is exclusive. It is RFC 3339; without an offset it is in the city's time zone.
    """
    period = Period(_moment("from", start, zone, 0), _moment("to", end, zone, 1))
    if period.start and period.end and period.start > period.end:
        raise InvalidPeriod("from", "Must not be later than `to`.")
    return period


def split_period(period: Period, zone: tzinfo) -> PeriodParts:
    """The whole days of a period, which have aggregates, and its edges, which have none."""
    first = _first_whole_day(period.start, zone)
    after = period.end.astimezone(zone).date() if period.end else None
    if period.start and period.end and (first is None or after is None or first >= after):
        return PeriodParts(None, tuple(_span(period.start, period.end)))
    edges: list[tuple[datetime, datetime]] = []
    if period.start and first:
        edges += _span(period.start, midnight(first, zone))
    if period.end and after:
        edges += _span(midnight(after, zone), period.end)
    return PeriodParts((first, after - DAY if after else None), tuple(edges))


def is_whole_months(period: Period, zone: tzinfo) -> bool:
    """True if each end of the period is open or the start of a local calendar month."""
    return all(_starts_month(moment.astimezone(zone)) for moment in (period.start, period.end) if moment)


def _starts_month(local: datetime) -> bool:
    return local.day == 1 and local.timetz().replace(tzinfo=None) == time.min


def midnight(day: date, zone: tzinfo) -> datetime:
    """The UTC time at which a local day starts."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def parse_moment(field: str, text: str | None, zone: tzinfo) -> datetime | None:
    """A moment; a date is the start of that day. Raises InvalidPeriod."""
    return _moment(field, text, zone, 0)


def _moment(field: str, text: str | None, zone: tzinfo, days_later: int) -> datetime | None:
    if not text:
        return None
    try:
        if _DATE.fullmatch(text):
            return midnight(date.fromisoformat(text) + days_later * DAY, zone)
        if LOCAL_TIME.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        return read_instant(_DECODED_PLUS.sub(r"+\1", text))
    except (ValueError, OverflowError):
        detail = "Must be a date such as 2026-11-22 or a date-time such as 2026-11-22T18:00:00Z."
        raise InvalidPeriod(field, detail) from None


def _first_whole_day(start: datetime | None, zone: tzinfo) -> date | None:
    """The first local day that starts at or after `start`."""
    if start is None:
        return None
    day = start.astimezone(zone).date()
    return day if midnight(day, zone) >= start else day + DAY


def _span(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    if start < end:
        yield start, end
