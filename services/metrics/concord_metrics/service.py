"""Metrics as a nameko service, and its composition root."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from nameko.extensions import DependencyProvider
from prometheus_client import REGISTRY

from concord_access.error_responses import ACCESS_PROBLEMS
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.city_folder import CityLook, read_after_check
from concord_bus.extensions.from_config import FromConfig
from concord_bus.extensions.repeat import Repeat
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import queues_of
from concord_city.adapters.folder_watch import CityWatch
from concord_metrics.adapters import tables
from concord_metrics.adapters.live_city import CityInfo, ShownCity, watch_city
from concord_metrics.adapters.prometheus_collector import MeasuresCollector
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.application.record_events import handlers
from concord_metrics.application.result_cache import ResultCache
from concord_metrics.application.summary_queries import ledger, summary
from concord_metrics.domain.period import InvalidPeriod
from concord_metrics.entrypoints import responses
from concord_metrics.entrypoints.chart_routes import ChartRoutes
from concord_metrics.entrypoints.export_routes import ExportRoutes
from concord_metrics.entrypoints.query_params import AREA, PERIOD, PeriodQuery, stored_area
from concord_metrics.measures import MEASURES
from concord_metrics.ops.event_stream import TooManyViewers
from concord_metrics.ops.publisher import OpsPublisher
from concord_metrics.ops.routes import OpsRoutes, too_many_viewers
from concord_metrics.settings import Settings
from concord_web import (
    HealthRoutes,
    OpenApiRoutes,
    Request,
    Response,
    error_table,
    field_problem,
    http,
    json_response,
)
from concord_web.params import Parameters

SUMMARY = Parameters(AREA, *PERIOD)
CITY_SECONDS = 4.0
"""The pause between two looks at the city folder."""


class CityProvider(DependencyProvider):  # type: ignore[misc]
    """Provides CityInfo. At the start it sets the time zone of the daily aggregates and registers the collector."""

    def setup(self) -> None:
        self._city: CityInfo = self.container.config["city"]
        self._runtime: BusRuntime = self.container.config["bus"]
        with self._runtime.work() as work:
            work.store.set_time_zone(self._city.zone)
        self._collector = MeasuresCollector(self._aggregates)
        REGISTRY.register(self._collector)

    def stop(self) -> None:
        REGISTRY.unregister(self._collector)

    def get_dependency(self, worker_ctx: Any) -> CityInfo:
        return self._city

    def _aggregates(self) -> Any:
        with self._runtime.read() as store:
            return store.overall()


def invalid_period(error: InvalidPeriod) -> Any:
    return field_problem(error.field, error.detail)


class MetricsService(AccessRoutes, ChartRoutes, ExportRoutes, HealthRoutes, OpenApiRoutes, OpsRoutes):
    """Measures the city's service from every public event."""

    name = "metrics"
    api_title = "Concord metrics"
    api_description = "Counts of concerns, their teams, and the times until somebody acts."
    problems = error_table(
        ACCESS_PROBLEMS,
        {InvalidPeriod: invalid_period, TooManyViewers: too_many_viewers},
        unavailable=ResourceUnavailable,
    )

    bus = Bus()
    city = CityProvider()
    city_look = Repeat("city look", CITY_SECONDS)
    cache = FromConfig("cache")
    publisher = OpsPublisher()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @http(
        "GET",
        "/v1/summary",
        summary="Counts and times of the concerns received in a period",
        description="Without any concern the counts are 0; shares and times are null.",
        tags=["measures"],
        responses={200: responses.SummaryResponse},
        parameters=SUMMARY.openapi(),
    )
    def get_summary(self, request: Request) -> Response:
        values = SUMMARY.read(request)
        query, area = PeriodQuery.of(values, self.city.zone), stored_area(values[AREA])
        with self.bus.read() as store:
            durations = query.durations(store, self.cache, area)
            result = summary(store, query.period, area, query.zone, durations)
        return json_response({**query.as_json(), "area": values[AREA], **responses.summary_values(result)})

    @http(
        "GET",
        "/v1/measures",
        summary="The definition of each measure",
        tags=["measures"],
        responses={200: responses.MeasuresResponse},
    )
    def get_measures(self, request: Request) -> Response:
        return json_response({"measures": [asdict(measure) for measure in MEASURES]})

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts = ledger(store)
        return {**counts, **self.bus.ledger()}


def _watch(settings: Settings) -> CityWatch[ShownCity] | None:
    if settings.city is None:
        return None
    try:
        return watch_city(settings.city, read_after_check)
    except ValueError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """Wire the service. Raises SettingsError for a missing or wrong setting."""
    settings = Settings.from_env(env)
    queues = queues_of("metrics")
    runtime = BusRuntime(
        "metrics", settings.bus, handlers(settings.zone), SqlStore, queues, tables=tables.metadata.tables
    )
    watch = _watch(settings)
    city = CityInfo(settings.zone, watch)
    runtime.warning_checks.append(city.warning)
    config = {
        "bus": runtime,
        "city": city,
        "city look": CityLook(watch) if watch else lambda: False,
        "cache": ResultCache(),
        "ops": settings.ops,
        "access": settings.access.authenticator(limiter=settings.limits.limiter()),
        "web": settings.http.config(),
    }
    return ServiceDefinition(MetricsService, "concord_metrics", config)
