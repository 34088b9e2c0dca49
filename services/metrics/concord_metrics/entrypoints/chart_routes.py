"""What the charts of a dashboard show: the trend, the map, promises at risk, the latest events."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from concord_metrics.application.summary_queries import sums, times
from concord_metrics.domain.area_figures import by_area
from concord_metrics.domain.period import Period
from concord_metrics.domain.trends import MOST_STEPS, STEPS, TooManySteps, trend
from concord_metrics.entrypoints import query_params, responses
from concord_web import Request, Response, field_problem, http, json_response

BY = query_params.parameter("by", "length of a step", enum=list(STEPS), default="week")
TREND = (BY, query_params.FROM, query_params.TO, query_params.AREA, query_params.CATEGORY, query_params.AS_OF)
MAP = (
    query_params.FROM,
    query_params.TO,
    query_params.AS_OF,
    query_params.parameter("outlines", "`no` leaves the outlines out", enum=["yes", "no"]),
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
        responses={200: responses.TrendAnswer},
        parameters=TREND,
    )
    def get_trend(self, request: Request) -> Response:
        query_params.only(request, TREND)
        by = one_of(request, "by", STEPS, "week")
        period, zone = query_params.period(request, self.city.zone), self.city.zone
        area, category, as_of = (
            query_params.area(request),
            query_params.code(request, "category"),
            query_params.as_of(request, zone),
        )

        def steps() -> Any:
            with self.bus.read() as store:
                courses = store.courses(Period(None, period.end), area, category)
            return trend(courses, by, period, as_of or query_params.now(), zone)

        try:
            found = self.kept.get(("trend", by, period, area, category, as_of), steps)
        except TooManySteps:
            raise field_problem("by", f"More than {MOST_STEPS} steps: take longer ones, or a shorter period.") from None
        head = {"by": by, "from": period.start, "to": period.end, "time_zone": str(zone)}
        shown = {
            "area": query_params.code(request, "area"),
            "category": category,
            "steps": [asdict(each) for each in found],
        }
        return json_response(head | shown)

    @http(
        "GET",
        "/v1/map",
        summary="The figures of each area, and the areas' outlines as GeoJSON",
        tags=["charts"],
        responses={200: responses.MapAnswer},
        parameters=MAP,
    )
    def get_map(self, request: Request) -> Response:
        query_params.only(request, MAP)
        outlines = one_of(request, "outlines", ("yes", "no"), "yes")
        period, as_of = query_params.period(request, self.city.zone), query_params.as_of(request, self.city.zone)
        names = self.city.outlines.names
        with self.bus.read() as store:
            question = ("times", period, None, as_of)
            took = self.kept.get(question, lambda: times(store, period, None, as_of or query_params.now()))
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
        responses={200: responses.AtRiskAnswer},
        parameters=[LIMIT],
    )
    def get_at_risk(self, request: Request) -> Response:
        query_params.only(request, [LIMIT])
        limit = request.query.integer("limit", 20, least=1, most=MOST)
        with self.bus.read() as store:
            facts = store.at_risk(limit)
        found = [responses.at_risk(fact, promise) for fact in facts for promise in fact.at_risk]
        found.sort(key=lambda each: (each["due_at"], each["promise_id"]))
        return json_response({"promises": found[:limit]})

    @http(
        "GET",
        "/v1/events/latest",
        summary="The latest public events, the last one first: ids and codes",
        description="Of events that come faster than anybody reads them only some are kept.",
        tags=["charts"],
        responses={200: responses.LatestAnswer},
        parameters=[LIMIT],
    )
    def get_latest(self, request: Request) -> Response:
        query_params.only(request, [LIMIT])
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
