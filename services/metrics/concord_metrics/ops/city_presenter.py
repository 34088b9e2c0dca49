"""The city's figures as the JSON of the page. No id is among them: a screen on a wall needs none."""

from dataclasses import asdict
from typing import Any

from concord_metrics.domain.aggregates import NONE
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.recent_events import Latest
from concord_metrics.domain.summary import Figures
from concord_metrics.ops.city_query import CityReading, PeriodReading

SHOWN = (
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


def city_figures(found: CityReading) -> dict[str, Any]:
    """Without the latest events, which change more often."""
    return {
        "today": found.today,
        "as_of": found.as_of,
        "history": found.as_of != found.today,
        "since": found.since,
        "overall": counts(found.overall),
        "periods": {
            "day": _period(found.day),
            "week": _period(found.week),
            "half_year": _period(found.half_year, times=True),
        },
        "weeks": [{"first": first, **asdict(counted)} for first, counted in found.weeks],
        "at_risk": [_at_risk(*each) for each in found.at_risk],
    }


def latest(found: CityReading) -> list[dict[str, Any]]:
    return [_event(each) for each in found.latest]


def counts(of: Figures) -> dict[str, Any]:
    return {name: getattr(of, name) for name in SHOWN}


def counts_and_times(of: Figures) -> dict[str, Any]:
    return counts(of) | {name: asdict(getattr(of, name)) for name in TIMES}


def _period(found: PeriodReading, times: bool = False) -> dict[str, Any]:
    told = counts_and_times if times else counts
    return {
        "totals": told(found.totals),
        "areas": {code: told(each) for code, each in found.areas.items() if code != NONE},
        "no_area": told(found.areas[NONE]) if NONE in found.areas else None,
    }


def _event(event: Latest) -> dict[str, Any]:
    """`what` is the type without its version: concern.routed."""
    what = event.type.rpartition(".")[0]
    return {"at": event.time, "what": what, "category": event.category, "area": event.area, "team": event.team}


def _at_risk(fact: Fact, promise: Promise) -> dict[str, Any]:
    outcome = fact.outcome
    return {
        "due": promise.due_at,
        "what": promise.kind,
        "category": fact.origin.category if fact.origin else None,
        "area": (outcome.area if outcome else None) or None,
        "team": (outcome.team if outcome else None) or None,
    }
