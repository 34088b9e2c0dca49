"""A small city and concerns in it for tests: two squares side by side, a placeholder in the west one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely

from concord_city import Area, Category, City, Placeholder, Rule, Span, Team, WorkingHours
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_contracts.messages.points import ExactPoint

AT = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
"""A Monday, 10:00 in Boston."""

WEST, EAST = (-71.015, 42.015), (-70.985, 42.005)
BORDER = (-71.0001, 42.003)
PLACEHOLDER = (-71.01, 42.01)
OUTSIDE = (-71.5, 42.0)
HOUR = timedelta(hours=1)
WORDS = "They burn tyres behind the school"


def square(west: float) -> bytes:
    return bytes(shapely.box(west, 42.0, west + 0.02, 42.02).wkb)


def category(code: str) -> Category:
    return Category(code, {"en": code, "es": code}, sensitive=False, group="All")


def team(code: str, name: str) -> Team:
    return Team(code, {"en": name, "es": f"{name} (es)"}, None)


CITY = City(
    name="Twoside",
    time_zone="America/New_York",
    languages=("en", "es"),
    emergency_number="911",
    areas={"west": Area("west", "West", square(-71.02)), "east": Area("east", "East", square(-71.0))},
    categories={code: category(code) for code in ("noise", "graffiti", "snow")},
    teams={each.code: each for each in (team("patrol-west", "Patrol West"), team("patrol-east", "Patrol East"))}
    | {"works": team("works", "Public Works")},
    rules=(
        Rule("patrol-{area}", Span(HOUR, "clock"), Span(24 * HOUR, "clock"), categories=frozenset({"noise"})),
        Rule("works", Span(4 * HOUR, "working"), Span(16 * HOUR, "working"), categories=frozenset({"graffiti"})),
    ),
    placeholders=(Placeholder(*PLACEHOLDER, 1.0),),
    border_m=25.0,
    working_hours=WorkingHours((((540, 1020),),) * 5 + ((),) * 2),
)
"""Snow is a category that no rule takes."""


def said(concern: str = "c1", at: tuple[float, float] | None = WEST, **values: Any) -> ConcernSubmitted:
    given: dict[str, Any] = {
        "category": "noise",
        "channel": "web",
        "description": WORDS,
        "language": "en",
        "received_at": AT,
        "occurred_at": None,
        "address": None,
        "point": None if at is None else ExactPoint(lon=at[0], lat=at[1]),
    }
    return ConcernSubmitted(concern_id=concern, **(given | values))


def submitted(concern: str = "c1", at: tuple[float, float] | None = WEST, **values: Any) -> Event[ConcernSubmitted]:
    """As intake sends it, but for the encryption."""
    return new_event(said(concern, at, **values), sequence=2, time=AT, correlationid=f"act-{concern}")


def one_of_each_reason() -> dict[str, Event[ConcernSubmitted]]:
    """A concern that nobody can route, by the reason why not."""
    return {
        "placeholder": submitted("placeholder", PLACEHOLDER),
        "outside": submitted("outside", OUTSIDE),
        "no_location": submitted("no_location", None, address="1 Main Street"),
        "no_rule": submitted("no_rule", category="snow"),
        "unknown_category": submitted("unknown_category", category="unicorns"),
    }


def with_team_names(name: str) -> City:
    """The city with one very long name for every team."""
    return replace(CITY, teams={code: team(code, name) for code in CITY.teams})
