"""Reads the time of a cell: with an offset, or by the clocks of a city; to the second, the day or the month. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cached_property

from concord_cli.records.moments import (
    EARLIEST_YEAR,
    NO_END_YEAR,
    BadTime,
    Moment,
    check_year,
    hour_of,
    month_of,
    offset_of,
    span_of,
    unix_moment,
    with_fixed_offset,
)
from concord_cli.records.time_forms import UNIX_FORMS, compiled

_ISO = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2})"
    r"(?:[T ]+(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,][0-9]+)?)?"
    r" ?(?P<offset>Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?"
)
_EXACT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
"""The form of RFC 3339, which most times have."""
_DAY_NUMBER = re.compile(r"[1-9][0-9]{4}(?:[.,][0-9]+)?")
EXAMPLE = "2015-01-01T10:56:16-05:00"


@dataclass(frozen=True)
class TimeReader:
    """Reads times. `zone` is the city's, None if unknown.

    `missing_hour` and `double_hour` say what to do with a local time that the clocks skip or show twice.
    """

    zone: tzinfo | None
    forms: Sequence[str] = ()
    missing_hour: str = "move"
    double_hour: str = "first"

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        return [(form, compiled(form)) for form in self.forms]

    def read(self, text: str) -> Moment | None:
        """Return the moment, or None for the year 9999, which stands for "never". Raises BadTime."""
        if _EXACT.fullmatch(text) and (exact := _exact(text)):
            return exact
        form, match = "ISO 8601", _ISO.fullmatch(text)
        if match is None:
            form, match = self._match(text)
        parts = match.groupdict()
        if parts.get("unix"):
            return unix_moment(text, UNIX_FORMS[form])
        return self._moment(text, parts)

    def read_parts(self, texts: Sequence[str]) -> Moment | None:
        """Return the moment of year, month, day, hour, minute and second, each in a cell of its own. Raises BadTime."""
        names = ("year", "month", "day", "hour", "minute", "second")
        given = [text.removesuffix(".0") for text in texts]
        text = "-".join(given)
        wrong = [part for part in given if part and not (part.isascii() and part.isdigit())]
        if wrong or not given[0]:
            raise BadTime(f"'{text}' is not a time; each part must be a number")
        return self._moment(text, dict(zip(names, (part or None for part in given), strict=False)))

    def _match(self, text: str) -> tuple[str, re.Match[str]]:
        for form, pattern in self._patterns:
            if match := pattern.fullmatch(text):
                return form, match
        if _DAY_NUMBER.fullmatch(text):
            raise BadTime(f"'{text}' is a spreadsheet's day number; format the column as a time, and export it again")
        if self.forms:
            raise BadTime(f"'{text}' is not a time like {' or '.join(self.forms)}; add its form to [times]")
        if re.fullmatch(r"[0-9]{1,4}[/.][0-9]{1,2}[/.][0-9]{2,4}.*", text, re.DOTALL):
            raise BadTime(f"'{text}' is a time whose form is not known; set forms in [times] of columns.toml")
        raise BadTime(f"'{text}' is not a time; write it like {EXAMPLE}")

    def _moment(self, text: str, parts: dict[str, str | None]) -> Moment | None:
        year, month = int(parts["year"] or 0), month_of(text, parts)
        if year == NO_END_YEAR:
            return None
        check_year(text, year)
        zone = offset_of(parts.get("offset")) or self.zone
        if zone is None:
            raise BadTime(self._no_zone(text, parts))
        day, hour = parts.get("day"), hour_of(text, parts)
        try:
            if day is None:
                return span_of(date(year, month, 1), date(year + month // 12, month % 12 + 1, 1), zone, "month")
            if hour is None:
                first = date(year, month, int(day))
                return span_of(first, first + timedelta(days=1), zone, "day")
            clock = time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
            local = datetime.combine(date(year, month, int(day)), clock, zone)
        except ValueError as error:
            raise BadTime(f"'{text}' is not a time: {error}") from error
        return self._on_the_clock(text, local, zone)

    def _on_the_clock(self, text: str, local: datetime, zone: tzinfo) -> Moment:
        """Return the moment of a local time, with a note if the clocks skip that time or show it twice."""
        first, second = local, local.replace(fold=1)
        before, after = first.utcoffset(), second.utcoffset()
        if before == after or before is None or after is None:
            return Moment(first, first)
        if before < after:
            if self.missing_hour == "refuse":
                raise BadTime(f"'{text}' does not exist: the clocks skip it in {zone}; correct it, or set missing_hour")
            moved = first.astimezone(UTC).astimezone(zone)
            return Moment(moved, moved, note=f"'{text}' does not exist in {zone}; taken as {moved.isoformat()}")
        if self.double_hour == "refuse":
            raise BadTime(f"'{text}' comes twice: the clocks go back in {zone}; add the offset, or set double_hour")
        taken = with_fixed_offset(second if self.double_hour == "second" else first)
        return Moment(taken, taken, note=f"'{text}' comes twice in {zone}; taken as {taken.isoformat()}")

    def _no_zone(self, text: str, parts: dict[str, str | None]) -> str:
        remedy = "name the city's time zone: --city DIR, or time_zone in columns.toml"
        if parts.get("hour") is None and parts.get("hour12") is None:
            return f"'{text}' is a day or month of an unknown time zone; {remedy}"
        like = f"; write it like {text}-05:00, or" if text[:4].isdigit() else ";"
        return f"'{text}' lacks the offset from UTC{like} {remedy}"


def _exact(text: str) -> Moment | None:
    """Return the moment of an RFC 3339 text; None for one that needs a closer look."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Moment(moment, moment) if EARLIEST_YEAR < moment.year < NO_END_YEAR else None
