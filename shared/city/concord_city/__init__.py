"""Checks and loads a city folder, and finds the area, the team and the due times of a concern.

city = load(Path("deploy/sample/boston/city"))
located = Locator(city).locate_all([(-71.0942, 42.3467)])[0]
verdict = decide(city, located, "noise", "phone", at)
if isinstance(verdict, Assignment):
    due = promise(city, city.rules[verdict.rule_index], received_at)
"""

import zoneinfo
from importlib import import_module
from typing import TYPE_CHECKING, Any

from concord_city.adapters.names_loader import load_words
from concord_city.domain.deadlines import promise
from concord_city.domain.emergency_detection import reads_like_emergency
from concord_city.domain.findings import CityError, Finding, Level
from concord_city.domain.model import (
    CHANNELS,
    Area,
    Assignment,
    Category,
    City,
    Located,
    Placeholder,
    Promise,
    Rule,
    Span,
    Team,
    Unroutable,
    WeekTimes,
    WorkingHours,
)
from concord_city.domain.rule_matching import EARLIEST, decide, rule_time

zoneinfo.reset_tzpath(())  # the pinned tzdata in place of the system's files, which may be older

if TYPE_CHECKING:
    from concord_city.adapters.city_loader import check, load
    from concord_city.locator import Locator

_WITH_GEOMETRY = {
    "Locator": "concord_city.locator",
    "check": "concord_city.adapters.city_loader",
    "load": "concord_city.adapters.city_loader",
}


def __getattr__(name: str) -> Any:
    """Load the geometry library only when a program needs it."""
    if name not in _WITH_GEOMETRY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WITH_GEOMETRY[name]), name)
