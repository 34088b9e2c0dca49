"""Choice of the team for a concern: the first rule that matches."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from concord_city.domain.model import MINUTES_OF_DAY, Assignment, City, Located, Rule, Unroutable

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""The earliest plausible time of a problem. Programs write 0001-01-01 for an unknown time."""


def decide(city: City, located: Located, category: str, channel: str, at: datetime) -> Assignment | Unroutable:
    """Return the team of the first matching rule, or the reason why no rule matches.

    `at` is the aware time of the event or, when that is unknown, of the receipt. Rules use the city's local time.
    Raises ValueError for a naive time.
    """
    if located.area is None:
        return Unroutable(located.reason or "no_location")
    if category not in city.categories:
        return Unroutable("unknown_category")
    minute = minute_of_week(at, city.zone)
    for index, rule in enumerate(city.rules):
        if matches(rule, located.area, category, channel, minute):
            return Assignment(rule.team_in(located.area), index)
    return Unroutable("no_rule")


def rule_time(occurred_at: datetime | None, received_at: datetime) -> datetime:
    """Return the time that the rules look at: that of the problem, or of the receipt if it is unknown."""
    return received_at if occurred_at is None or occurred_at < EARLIEST else occurred_at


def matches(rule: Rule, area: str, category: str, channel: str, minute: int) -> bool:
    return (
        (rule.categories is None or category in rule.categories)
        and (rule.areas is None or area in rule.areas)
        and (rule.channels is None or channel in rule.channels)
        and (rule.times is None or rule.times.includes(minute))
    )


def minute_of_week(at: datetime, zone: ZoneInfo) -> int:
    """Return the minutes since Monday 00:00 on the wall clock of the zone."""
    if at.tzinfo is None:
        raise ValueError("the time has no zone: pass an aware datetime")
    local = at.astimezone(zone)
    return local.weekday() * MINUTES_OF_DAY + local.hour * 60 + local.minute
