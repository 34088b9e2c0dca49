"""A city as values. Points are (longitude, latitude) in WGS 84 degrees; distances are metres."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

CHANNELS = ("web", "phone", "app", "in_person", "email", "import", "api")
DESK_ROLES = ("officer", "supervisor", "administrator", "auditor")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTES_OF_DAY = 24 * 60
MINUTES_OF_WEEK = 7 * MINUTES_OF_DAY
AREA_IN_TEAM = "{area}"

MAILS = ("at_once", "daily", "none")
DEFAULT_DIGEST_AT = time(7)

Reason = Literal["placeholder", "outside", "no_location", "no_rule", "unknown_category"]


def named(names: Mapping[str, str], language: str) -> str:
    """Return the name in this language, else in its base language ("es" for "es-MX"), else the first one."""
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
    """A kind of concern. `names` has its name by language, in the city's order; `group` is Open311's.

    `examples` has a few words by language that help to choose it, and `group_names` the group for people. Both may be
    empty.
    """

    code: str
    names: Mapping[str, str]
    sensitive: bool
    group: str
    examples: Mapping[str, str] = field(default_factory=dict)
    group_names: Mapping[str, str] = field(default_factory=dict)

    def name(self, language: str) -> str:
        return named(self.names, language)

    def example(self, language: str) -> str | None:
        return named(self.examples, language) if self.examples else None

    def group_name(self, language: str) -> str:
        return named(self.group_names, language) if self.group_names else self.group


@dataclass(frozen=True, slots=True)
class Team:
    """A neighbourhood team, a city department or a partner agency.

    Notification sends a mail about each missed promise to the address `supervisor`. `mails`, one of MAILS, says when it
    tells the team at `email` of its cases: at once, once a day at `digest_at` in the city's time, or never.
    """

    code: str
    names: Mapping[str, str]
    email: str | None
    supervisor: str | None = None
    mails: str = "none"
    digest_at: time = DEFAULT_DIGEST_AT

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
    """A duration that passes only in working hours, or around the clock."""

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
    """The concerns that a team takes. None means "any". {area} in `team` stands for the area's code.

    A time window belongs to the weekday on which it begins: fri 22:00-06:00 includes Saturday 03:00. CONTRIBUTING.md,
    change 10, lists the places of a new condition.
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
        """Hash the holidays alone: a frozenset caches its hash, and every promise looks up the calendar."""
        return hash(self.holidays)

    @property
    def ever(self) -> bool:
        return any(self.week)


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """A group of the city's identity provider: the role of its members at the desk, with their teams and areas.

    `claim` is its name in the claim of groups. Without `teams` the role decides, without `areas` it has every area.
    """

    claim: str
    role: str
    teams: frozenset[str] | None = None
    areas: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class City:
    """The city folder's content. Mappings keep the order of the files. The first language is the default.

    `holidays` has the names of the days that `working_hours` excludes. A promise is at risk when its remaining time is
    at most `at_risk_share` (0 to 1). An open case is silent after `silence_days` without an officer message. A
    question of a team is unanswered after `answer_days`.
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
    answer_days: int = 5
    desk: tuple[DeskGroup, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


@dataclass(frozen=True, slots=True)
class Located:
    """The area of a point. Without an area, `reason` is placeholder, outside or no_location."""

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
    """No rule chooses a team for this concern: a person must choose."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Promise:
    """The due times of the acknowledgement by a person and of the response. Aware UTC."""

    acknowledge_by: datetime
    respond_by: datetime
