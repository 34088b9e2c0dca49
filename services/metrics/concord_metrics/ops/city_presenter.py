"""JSON of the city's figures. It holds no ids: a screen on a wall needs none."""

from dataclasses import asdict
from typing import Any

from concord_metrics.domain.aggregates import NONE
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.recent_events import RecentEvent
from concord_metrics.domain.summary import Figures
from concord_metrics.ops.city_query import CityFigures, PeriodFigures

COUNTS = (
    "received",
    "routed",
    "in_triage",
    "open",
    "acknowledged",
    "resolved",
    "reopened",
    "notified",
    "notification_failed",
    "notification_success",
    "promises_at_risk",
    "promises_kept",
    "promises_missed",
    "promises_kept_share",
)
TIMES = ("time_to_human_acknowledgement", "time_to_resolve")


def city_json(city: CityFigures) -> dict[str, Any]:
    """All figures but the latest events, which change more often."""
    return {
        "today": city.today,
        "as_of": city.as_of,
        "history": city.as_of != city.today,
        "since": city.since,
        "overall": figures_json(city.overall),
        "periods": {
            "day": _period(city.day),
            "week": _period(city.week),
            "half_year": _period(city.half_year, TIMES),
        },
        "weeks": [{"first": first, **asdict(counts)} for first, counts in city.weeks],
        "at_risk": [_at_risk(fact, promise) for fact, promise in city.at_risk],
    }


def latest_json(city: CityFigures) -> list[dict[str, Any]]:
    return [_event(event) for event in city.latest]


def figures_json(figures: Figures, times: tuple[str, ...] = ()) -> dict[str, Any]:
    durations = {name: asdict(getattr(figures, name)) for name in times}
    return {name: getattr(figures, name) for name in COUNTS} | durations


def _period(period: PeriodFigures, times: tuple[str, ...] = ()) -> dict[str, Any]:
    areas = {code: figures_json(figures, times) for code, figures in period.areas.items()}
    return {"totals": figures_json(period.totals, times), "no_area": areas.pop(NONE, None), "areas": areas}


def _event(event: RecentEvent) -> dict[str, Any]:
    """`what` is the type without its version: concern.routed."""
    what = event.type.rpartition(".")[0]
    return {"at": event.time, "what": what, "category": event.category, "area": event.area, "team": event.team}


def _at_risk(fact: Fact, promise: Promise) -> dict[str, Any]:
    return {
        "due": promise.due_at,
        "what": promise.kind,
        "category": fact.origin.category if fact.origin else None,
        "area": (fact.outcome.area if fact.outcome else None) or None,
        "team": (fact.outcome.team if fact.outcome else None) or None,
    }
