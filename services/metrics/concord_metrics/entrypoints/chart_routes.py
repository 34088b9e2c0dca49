"""Routes of a dashboard's charts: trend, map, promises at risk, latest events."""

from dataclasses import asdict
from typing import Any

from concord_metrics.application.summary_queries import aggregates_of
from concord_metrics.domain.area_figures import figures_by_area
from concord_metrics.domain.period import Period
from concord_metrics.domain.trends import MAX_STEPS, STEPS, TooManySteps, trend
from concord_metrics.entrypoints import responses
from concord_metrics.entrypoints.query_params import AREA, CATEGORY, PERIOD, PeriodQuery, stored_area
from concord_web import Request, Response, http, json_response, params
from concord_web.params import Parameters

BY = params.one_of("by", STEPS, "length of a step").with_default("week")
TREND = Parameters(BY, AREA, CATEGORY, *PERIOD)
OUTLINES = params.one_of("outlines", ("yes", "no"), "`no` leaves the outlines out")
MAP = Parameters(*PERIOD, OUTLINES)
LIMIT = params.integer("limit", "largest number of entries", least=1, most=200).with_default(20)
LIST = Parameters(LIMIT)


class ChartRoutes:
    """Mixin of the service class, which has `bus`, `city` and `cache`."""

    bus: Any
    city: Any
    cache: Any

    @http(
        "GET",
        "/v1/trend",
        summary="Counts and medians by day, week or month",
        tags=["charts"],
        responses={200: responses.TrendResponse},
        parameters=TREND.openapi(),
    )
    def get_trend(self, request: Request) -> Response:
        values = TREND.read(request)
        query, by = PeriodQuery.of(values, self.city.zone), values[BY]
        area, category = values[AREA], values[CATEGORY]

        def steps() -> Any:
            with self.bus.read() as store:
                timelines = store.timelines(Period(None, query.period.end), stored_area(area), category)
            return trend(timelines, by, query.period, query.moment, query.zone)

        try:
            result = self.cache.get(("trend", by, query, area, category), steps)
        except TooManySteps:
            raise values.problem(BY, f"More than {MAX_STEPS} steps: use longer steps or a shorter period.") from None
        rows = [asdict(step) for step in result]
        return json_response({"by": by, **query.as_json(), "area": area, "category": category, "steps": rows})

    @http(
        "GET",
        "/v1/map",
        summary="Figures of each area, and the areas' outlines as GeoJSON",
        tags=["charts"],
        responses={200: responses.MapResponse},
        parameters=MAP.openapi(),
    )
    def get_map(self, request: Request) -> Response:
        values = MAP.read(request)
        query, names = PeriodQuery.of(values, self.city.zone), self.city.outlines.names
        with self.bus.read() as store:
            durations = query.durations(store, self.cache)
            figures = figures_by_area(aggregates_of(store, query.period, query.zone), durations, list(names))
        areas = [{"name": names.get(area.area or ""), **asdict(area)} for area in figures]
        outlines = self.city.outlines.geojson if values[OUTLINES] != "no" else None
        return json_response({**query.as_json(), "areas": areas, "outlines": outlines})

    @http(
        "GET",
        "/v1/promises/at-risk",
        summary="Promises that are due soon and without any action yet, by due time",
        tags=["charts"],
        responses={200: responses.AtRiskResponse},
        parameters=LIST.openapi(),
    )
    def get_at_risk(self, request: Request) -> Response:
        limit = LIST.read(request)[LIMIT]
        with self.bus.read() as store:
            facts = store.at_risk(limit)
        promises = [responses.at_risk(fact, promise) for fact in facts for promise in fact.at_risk]
        promises.sort(key=lambda promise: (promise["due_at"], promise["promise_id"]))
        return json_response({"promises": promises[:limit]})

    @http(
        "GET",
        "/v1/events/latest",
        summary="The latest public events, the last one first: ids and codes",
        description="At a high rate of events the list leaves some of them out.",
        tags=["charts"],
        responses={200: responses.LatestResponse},
        parameters=LIST.openapi(),
    )
    def get_latest(self, request: Request) -> Response:
        limit = LIST.read(request)[LIMIT]
        with self.bus.read() as store:
            events = store.recent_events(limit)
        return json_response({"events": [asdict(event) for event in events]})
