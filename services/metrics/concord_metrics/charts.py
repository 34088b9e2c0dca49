"""What the charts of a dashboard show: the trend, the map, promises at risk, the latest events."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from concord_metrics import answers, asked
from concord_metrics.domain.chart import by_area
from concord_metrics.domain.period import Period
from concord_metrics.domain.trend import MOST_STEPS, STEPS, TooManySteps, trend
from concord_metrics.handlers import sums, times
from concord_web import Request, Response, field_problem, http, json_response

BY = asked.parameter("by", "length of a step", enum=list(STEPS), default="week")
TREND = (BY, asked.FROM, asked.TO, asked.AREA, asked.CATEGORY, asked.AS_OF)
MAP = (
    asked.FROM,
    asked.TO,
    asked.AS_OF,
    asked.parameter("outlines", "`no` leaves the outlines out", enum=["yes", "no"]),
)
MOST = 200
LIMIT = {
    "in": "query",
    "name": "limit",
    "description": "how many at most",
    "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": 20},
}


class ChartRoutes:
    """Needs `bus`, `city` and `kept` of the service."""

    bus: Any
    city: Any
    kept: Any

    @http(
        "GET",
        "/v1/trend",
        summary="What came in, was done and was missed, step by step",
        tags=["charts"],
        responses={200: answers.TrendAnswer},
        parameters=TREND,
    )
    def get_trend(self, request: Request) -> Response:
        asked.only(request, TREND)
        by = one_of(request, "by", STEPS, "week")
        period, zone = asked.period(request, self.city.zone), self.city.zone
        area, category, as_of = asked.area(request), asked.code(request, "category"), asked.as_of(request, zone)

        def steps() -> Any:
            with self.bus.read() as store:
                courses = store.courses(Period(None, period.end), area, category)
            return trend(courses, by, period, as_of or asked.now(), zone)

        try:
            found = self.kept.get(("trend", by, period, area, category, as_of), steps)
        except TooManySteps:
            raise field_problem("by", f"More than {MOST_STEPS} steps: take longer ones, or a shorter period.") from None
        head = {"by": by, "from": period.start, "to": period.end, "time_zone": str(zone)}
        shown = {"area": asked.code(request, "area"), "category": category, "steps": [asdict(each) for each in found]}
        return json_response(head | shown)

    @http(
        "GET",
        "/v1/map",
        summary="The figures of each area, and the areas' outlines as GeoJSON",
        tags=["charts"],
        responses={200: answers.MapAnswer},
        parameters=MAP,
    )
    def get_map(self, request: Request) -> Response:
        asked.only(request, MAP)
        outlines = one_of(request, "outlines", ("yes", "no"), "yes")
        period, as_of = asked.period(request, self.city.zone), asked.as_of(request, self.city.zone)
        names = self.city.outlines.names
        with self.bus.read() as store:
            question = ("times", period, None, as_of)
            took = self.kept.get(question, lambda: times(store, period, None, as_of or asked.now()))
            found = by_area(sums(store, period, self.city.zone), took, list(names))
        areas = [{"name": names.get(each.area or ""), **asdict(each)} for each in found]
        shown = self.city.outlines.geojson if outlines == "yes" else None
        head = {"from": period.start, "to": period.end, "time_zone": str(self.city.zone)}
        return json_response(head | {"areas": areas, "outlines": shown})

    @http(
        "GET",
        "/v1/promises/at-risk",
        summary="Promises that are due soon and for which nothing has been done, the first due first",
        tags=["charts"],
        responses={200: answers.AtRiskAnswer},
        parameters=[LIMIT],
    )
    def get_at_risk(self, request: Request) -> Response:
        asked.only(request, [LIMIT])
        limit = request.query.integer("limit", 20, least=1, most=MOST)
        with self.bus.read() as store:
            facts = store.at_risk(limit)
        found = [answers.at_risk(fact, promise) for fact in facts for promise in fact.at_risk]
        found.sort(key=lambda each: (each["due_at"], each["promise_id"]))
        return json_response({"promises": found[:limit]})

    @http(
        "GET",
        "/v1/events/latest",
        summary="The latest public events, the last one first: ids and codes",
        description="Of events that come faster than anybody reads them only some are kept.",
        tags=["charts"],
        responses={200: answers.LatestAnswer},
        parameters=[LIMIT],
    )
    def get_latest(self, request: Request) -> Response:
        asked.only(request, [LIMIT])
        limit = request.query.integer("limit", 20, least=1, most=MOST)
        with self.bus.read() as store:
            found = store.latest(limit)
        return json_response({"events": [asdict(each) for each in found]})


def one_of(request: Request, name: str, values: Sequence[str], otherwise: str) -> str:
    """The value of a parameter, `otherwise` when it is not given. Raises Problem 400 for another value."""
    found = request.query.arg(name) or otherwise
    if found not in values:
        raise field_problem(name, f"Must be one of {', '.join(values)}.")
    return found
