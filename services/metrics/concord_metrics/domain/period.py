"""The span of time a summary is about: days and moments as people write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

DAY = timedelta(days=1)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LOST_PLUS = re.compile(r" (\d{2}:?\d{2})$")


class BadPeriod(ValueError):
    """`field` says which end is wrong, the text what to write instead."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(detail)
        self.field = field
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Period:
    """From `start`, included, to `end`, excluded, both aware UTC; None is open."""

    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """A period as whole local days, first and last included, and what is left at either end.

    `days` is None when no whole day is in it; an open end of `days` is None too.
    """

    days: tuple[date | None, date | None] | None
    edges: tuple[tuple[datetime, datetime], ...]


def read_period(start: str | None, end: str | None, zone: tzinfo) -> Period:
    """ISO 8601 texts as a period.

    A date is a day of the city: as `from` its begin, as `to` its end, so that the day is included. A date-time as `to`
    is excluded; without an offset it is the city's time. Raises BadPeriod.
    """
    period = Period(_moment("from", start, zone, 0), _moment("to", end, zone, 1))
    if period.start and period.end and period.start > period.end:
        raise BadPeriod("from", "Must not be later than `to`.")
    return period


def parts(period: Period, zone: tzinfo) -> Parts:
    """The whole days of a period, for which sums are kept, and the edges, for which they are not."""
    first = _day_from(period.start, zone)
    after = _day_until(period.end, zone)
    if period.start and period.end and (first is None or after is None or first >= after):
        return Parts(None, tuple(_span(period.start, period.end)))
    edges: list[tuple[datetime, datetime]] = []
    if period.start and first:
        edges += _span(period.start, midnight(first, zone))
    if period.end and after:
        edges += _span(midnight(after, zone), period.end)
    return Parts((first, after - DAY if after else None), tuple(edges))


def whole_months(period: Period, zone: tzinfo) -> bool:
    """Whether it begins and ends, where it does, with a local calendar month."""
    return all(_starts_month(each.astimezone(zone)) for each in (period.start, period.end) if each)


def _starts_month(local: datetime) -> bool:
    return local.day == 1 and local.timetz().replace(tzinfo=None) == time.min


def midnight(day: date, zone: tzinfo) -> datetime:
    """The instant at which a local day begins, in UTC."""
    return datetime.combine(day, time.min, zone).astimezone(UTC)


def read_moment(field: str, text: str | None, zone: tzinfo) -> datetime | None:
    """A moment; a date is the begin of that day. Raises BadPeriod."""
    return _moment(field, text, zone, 0)


def _moment(field: str, text: str | None, zone: tzinfo, days_later: int) -> datetime | None:
    if not text:
        return None
    try:
        if _DATE.fullmatch(text):
            return midnight(date.fromisoformat(text) + days_later * DAY, zone)
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"+\1", text))
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        wanted = "Must be a date such as 2026-11-22 or a date-time such as 2026-11-22T18:00:00Z."
        raise BadPeriod(field, wanted) from None


def _day_from(start: datetime | None, zone: tzinfo) -> date | None:
    """The first local day that begins at or after `start`."""
    if start is None:
        return None
    day = start.astimezone(zone).date()
    return day if midnight(day, zone) >= start else day + DAY


def _day_until(end: datetime | None, zone: tzinfo) -> date | None:
    """The local day that `end` lies in or begins: days before it are whole."""
    return None if end is None else end.astimezone(zone).date()


def _span(start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    if start < end:
        yield start, end
