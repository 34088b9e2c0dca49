"""Times and durations on the command line."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from concord_contracts.fields import LOCAL_TIME, read_instant

_AGO = re.compile(r"(\d{1,6})\s*([smhdw])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
SINCE_HELP = "Start time: 30m, 2h or 7d ago, or 2026-11-22T18:20."


def parse_time(text: str, now: datetime) -> datetime:
    """Return a time in UTC. `30m`, `2h`, `7d` count back from `now`; else RFC 3339, or local time without an offset.

    Raises ValueError for other text.
    """
    ago = _AGO.fullmatch(text.strip())
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    text = text.strip()
    if _DATE.fullmatch(text) or LOCAL_TIME.fullmatch(text):
        return datetime.fromisoformat(text).astimezone(UTC)
    return read_instant(text)


class TimeParam(click.ParamType[datetime]):
    """Type of an option with a time; its value is an aware datetime in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_time(value, datetime.now(UTC))
        except (ValueError, OverflowError):
            self.fail(f"'{value}' is not a time: write 30m, 2h or 7d (ago), or 2026-11-22T18:20.", param, ctx)


class DurationParam(click.ParamType[timedelta]):
    """Type of an option with a duration in some of the units h, d and w, such as `90d`."""

    def __init__(self, name: str, units: str) -> None:
        self.name = name
        self._pattern = re.compile(rf"(\d{{1,5}})([{units}])")
        self._examples = " or ".join(example for example in ("12h", "30d", "4w") if example[-1] in units)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        parts = self._pattern.fullmatch(str(value))
        if parts is None:
            self.fail(f"'{value}' is not a duration: write {self._examples}.", param, ctx)
        return timedelta(**{_UNITS[parts[2]]: int(parts[1])})


DURATION = DurationParam("length", "hdw")
DAYS = DurationParam("days", "dw")
