"""Routing as a nameko service: decode, call, answer; and the one place where all is wired."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from nameko.extensions import DependencyProvider
from nameko.timer import timer
from prometheus_client import REGISTRY

from concord_access import Action, require_scope
from concord_access.authenticator import Authenticator
from concord_access.ports import KeyStore
from concord_access.settings import AccessSettings
from concord_bus.domain.delivery import Delivery
from concord_bus.extensions import Bus, consume
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.topology.declarations import queues_of
from concord_routing.adapters.metrics import CasesCollector
from concord_routing.adapters.objection_decryption import objection_reader
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.cases import Desk
from concord_routing.application.check_deadlines import WATCHERS
from concord_routing.application.open_cases import handlers
from concord_routing.entrypoints import query_params, responses
from concord_routing.entrypoints.audit_routes import AuditRoutes
from concord_routing.entrypoints.command_routes import CommandRoutes
from concord_routing.entrypoints.deadline_worker import watch
from concord_routing.entrypoints.error_responses import REFUSALS
from concord_routing.ports import Counts
from concord_routing.preconditions import etag
from concord_routing.settings import Settings
from concord_web import PROBLEMS, HealthRoutes, OpenApiRoutes, Request, Response, http, json_response

SWEEP_SECONDS = 600
WATCH_SECONDS = 2


class CaseCounts(DependencyProvider):  # type: ignore[misc]
    """Shows the counts of cases in the process's metrics while the service runs."""

    def setup(self) -> None:
        self._runtime: BusRuntime = self.container.config["bus"]
        self._collector = CasesCollector(self._counts)
        REGISTRY.register(self._collector)

    def stop(self) -> None:
        REGISTRY.unregister(self._collector)

    def _counts(self) -> Counts:
        with self._runtime.read() as store:
            counts: Counts = store.counts()
        return counts


class DeskProvider(DependencyProvider):  # type: ignore[misc]
    """Gives the service its desk from the container's config."""

    def get_dependency(self, worker_ctx: Any) -> Desk:
        desk: Desk = self.container.config["desk"]
        return desk


class RoutingService(CommandRoutes, AuditRoutes, HealthRoutes, OpenApiRoutes):
    """Opens a case for each concern with the team that can act, or leaves it to a person; people then work it."""

    name = "routing"
    api_title = "Concord routing"
    api_description = "Cases: which team takes a concern, by when, what is done with it, what a person must decide."
    problems = PROBLEMS.extend(REFUSALS)

    bus = Bus()
    counts = CaseCounts()
    desk = DeskProvider()

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @timer(interval=SWEEP_SECONDS)  # type: ignore[untyped-decorator]
    def forget_keys(self) -> None:
        self.desk.forget_keys()

    @timer(interval=WATCH_SECONDS)  # type: ignore[untyped-decorator]
    def watch_promises(self) -> None:
        watch(self.desk.examine, self.desk.watchers)

    @http(
        "GET",
        "/v1/cases",
        summary="Cases in the order they were opened, or by when a response is promised",
        description="While several processes open cases, one may still appear before a `next` that was given already;"
        " so may one that gets a new promise.",
        tags=["cases"],
        responses={200: responses.CasesAnswer},
        parameters=query_params.case_parameters(),
        secured=True,
    )
    def get_cases(self, request: Request) -> Response:
        scope = require_scope(self.authenticate(request), Action.CASE_READ)
        query_params.check_names(request, ("sort", *query_params.FILTERS))
        limit, wanted = query_params.limit_of(request), query_params.wanted_cases(request, scope)
        if query_params.sort_of(request) == query_params.DUE:
            place = query_params.due_after(request)
            with self.bus.read() as store:
                cases, following = query_params.page_of(store.cases_by_due(wanted, place, limit + 1), limit)
        else:
            after = query_params.opened_after(request)
            with self.bus.read() as store:
                cases, following = query_params.page_of(store.cases(wanted, after, limit + 1), limit)
        return json_response({"cases": [responses.case_answer(each) for each in cases], "next": following})

    @http(
        "GET",
        "/v1/cases/{case_id}",
        summary="One case: where it stands, what can be done now, what was done",
        description="The id may be written as it was heard: small letters, hyphens, O for 0, I or L for 1.",
        tags=["cases"],
        responses={200: responses.CaseWholeAnswer},
        secured=True,
    )
    def get_case(self, request: Request) -> Response:
        version, case = self.desk.show(request.params["case_id"], self.authenticate(request))
        return json_response(case, headers={"ETag": etag(version)})

    @http(
        "GET",
        "/v1/tasks",
        summary="What a person must do, oldest first",
        description="Choose a team for a case that no rule could decide; see to a promise that was missed, which is the"
        " supervisor's of the team; give a word to a resident who heard nothing for days.",
        tags=["cases"],
        responses={200: responses.TasksAnswer},
        parameters=query_params.paging_parameters(),
        secured=True,
    )
    def get_tasks(self, request: Request) -> Response:
        scope = require_scope(self.authenticate(request), Action.TASK_READ)
        query_params.check_names(request)
        after, limit = query_params.opened_after(request), query_params.limit_of(request)
        with self.bus.read() as store:
            found = store.tasks(after, limit + 1, scope)
        tasks, following = query_params.page_of(found, limit)
        return json_response({"tasks": [responses.task_answer(each) for each in tasks], "next": following})

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts: Counts = store.counts()
        decided = {name: getattr(counts, name) for name in ("cases", "routed", "unroutable", "tasks_open")}
        return {**decided, **self.bus.ledger()}


def _authenticator(settings: AccessSettings, runtime: BusRuntime) -> Authenticator:
    @contextmanager
    def read() -> Iterator[KeyStore]:
        with runtime.read() as store:
            yield store.keys

    @contextmanager
    def write() -> Iterator[KeyStore]:
        with runtime.work() as work:
            yield work.store.keys

    return settings.authenticator(read, write)


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """The service, wired. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    runtime = BusRuntime("routing", settings.bus, handlers(settings.city), SqlStore, queues_of("routing"))
    web = {"host": settings.host, "port": settings.port}
    watchers = WATCHERS.get(runtime.database.dialect, 1)
    desk = Desk(settings.city, runtime, open_words=objection_reader(settings.bus.keyrings), watchers=watchers)
    return ServiceDefinition(
        RoutingService,
        "concord_routing",
        {"bus": runtime, "desk": desk, "access": _authenticator(settings.access, runtime), "web": web},
    )
