"""A city as values. Points are (longitude, latitude) in WGS 84 degrees; distances are metres."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

CHANNELS = ("web", "phone", "app", "in_person", "email", "import", "api")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
AREA_IN_TEAM = "{area}"

Reason = Literal["placeholder", "outside", "no_location", "no_rule", "unknown_category"]


def named(names: Mapping[str, str], language: str) -> str:
    """The name in the language asked for, else in its base language ("es" for "es-MX"), else the first."""
    base = language.split("-")[0]
    return names.get(language) or names.get(base) or next(iter(names.values()))


@dataclass(frozen=True, slots=True)
class Area:
    """A district, beat or neighbourhood. `outline` is a valid (multi)polygon as well-known binary."""

    code: str
    name: str
    outline: bytes


@dataclass(frozen=True, slots=True)
class Category:
    """What a concern is about. `names` by language, in the city's order; `group` as in Open311."""

    code: str
    names: Mapping[str, str]
    sensitive: bool
    group: str

    def name(self, language: str) -> str:
        return named(self.names, language)


@dataclass(frozen=True, slots=True)
class Team:
    """Who can act: a neighbourhood team, a city department, a partner agency.

    `supervisor` is the e-mail address to which a missed promise is told.
    """

    code: str
    names: Mapping[str, str]
    email: str | None
    supervisor: str | None = None

    def name(self, language: str) -> str:
        return named(self.names, language)


@dataclass(frozen=True, slots=True)
class Placeholder:
    """A point that stands for "location unknown" in the city's own records."""

    lon: float
    lat: float
    tolerance_m: float


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time, counted while staff work or around the clock."""

    length: timedelta
    counts: Literal["working", "clock"]


@dataclass(frozen=True, slots=True)
class WeekTimes:
    """Times of the week: (start, end) in minutes since Monday 00:00 local; end may pass Sunday midnight."""

    spans: tuple[tuple[int, int], ...]

    def includes(self, minute: int) -> bool:
        return any(start <= minute < end or start <= minute + MINUTES_OF_WEEK < end for start, end in self.spans)


@dataclass(frozen=True, slots=True)
class Rule:
    """Which team takes what. None means "any"; the team may hold {area}, the area's code.

    Weekdays are those on which a time window begins: fri 22:00-06:00 holds Saturday 03:00.
    """

    team: str
    acknowledge: Span
    respond: Span
    areas: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    times: WeekTimes | None = None
    name: str | None = None

    def team_in(self, area: str) -> str:
        return self.team.replace(AREA_IN_TEAM, area)


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Opening windows per weekday (Monday first) in minutes of the local day, sorted and apart."""

    week: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    holidays: frozenset[date] = frozenset()

    def __hash__(self) -> int:
        """Of the holidays alone: a frozenset keeps its hash, and calendars are looked up for every promise."""
        return hash(self.holidays)

    @property
    def ever(self) -> bool:
        return any(self.week)


@dataclass(frozen=True, slots=True)
class City:
    """Everything a city has decided. Mappings keep the order of the files; the first language is the default.

    `holidays` are the days that `working_hours` leaves out, by name. A promise is at risk when `at_risk_share` (0 to 1)
    of its time is left; an open case is silent when its resident heard no word for `silence_days`.
    """

    name: str
    time_zone: str
    languages: tuple[str, ...]
    emergency_number: str
    areas: Mapping[str, Area]
    categories: Mapping[str, Category]
    teams: Mapping[str, Team]
    rules: tuple[Rule, ...]
    placeholders: tuple[Placeholder, ...] = ()
    border_m: float = 25.0
    working_hours: WorkingHours = WorkingHours()
    emergency_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    holidays: Mapping[date, str] = field(default_factory=dict)
    at_risk_share: float = 0.25
    silence_days: int = 14

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Located:
    """Where a point lies. Without an area, `reason` says why: placeholder, outside or no_location."""

    area: str | None
    border: bool = False
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The team that takes a concern, by the rule at `rule_index` of the city's rules."""

    team: str
    rule_index: int


@dataclass(frozen=True, slots=True)
class Unroutable:
    """No rule can say who takes this concern: a person has to."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Promise:
    """By when the reporter is told it has been seen, and by when they hear what happens. Aware UTC."""

    acknowledge_by: datetime
    respond_by: datetime
