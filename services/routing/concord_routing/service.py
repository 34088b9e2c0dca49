"""Routing as a nameko service, and `build`, which wires all of it."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import eventlet
from nameko.extensions import DependencyProvider
from nameko.timer import timer
from prometheus_client import REGISTRY

from concord_access.oidc_settings import CALLBACK, DeskSettings
from concord_bus.domain.delivery import Delivery
from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.from_config import FromConfig
from concord_bus.extensions.repeat import Repeat
from concord_bus.key_check import KeyCheck
from concord_bus.ports import Clock, Transactions, utc_now
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.topology.declarations import queues_of
from concord_city import City
from concord_contracts.encryption import variable
from concord_pages import Assets
from concord_routing.adapters import tables
from concord_routing.adapters.metrics import CasesCollector
from concord_routing.adapters.objection_decryption import decryption_check, objection_reader
from concord_routing.adapters.repository import SqlStore
from concord_routing.adapters.resident_decryption import ResidentDecryption
from concord_routing.adapters.submission_decryption import submission_reader
from concord_routing.application.adopt_city import AdoptCity
from concord_routing.application.cases import CaseService
from concord_routing.application.check_deadlines import WORKERS_BY_DIALECT
from concord_routing.application.desk import Desk
from concord_routing.application.desk_access import DeskAccess
from concord_routing.application.hand_over_cases import HandOverCases
from concord_routing.application.live_rules import LiveRules, Rules
from concord_routing.application.read_concern import ReadConcern
from concord_routing.application.search_cases import SearchCases
from concord_routing.entrypoints.audit_routes import AuditRoutes
from concord_routing.entrypoints.case_routes import CaseRoutes
from concord_routing.entrypoints.city_worker import CityWorker
from concord_routing.entrypoints.command_routes import CommandRoutes
from concord_routing.entrypoints.concern_routes import ConcernRoutes
from concord_routing.entrypoints.deadline_worker import check_until_done
from concord_routing.entrypoints.desk_page_routes import DeskPageRoutes, DeskSite
from concord_routing.entrypoints.desk_routes import DeskRoutes
from concord_routing.entrypoints.error_responses import PROBLEMS
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.entrypoints.pages.desk import DeskPages
from concord_routing.entrypoints.pages.sign_in import SignInPages
from concord_routing.entrypoints.pages.site import desk_assets, desk_pages
from concord_routing.entrypoints.responses import render_case
from concord_routing.ports import Counts
from concord_routing.settings import Settings
from concord_web import HealthRoutes, OpenApiRoutes

if TYPE_CHECKING:  # joserfc takes memory, and only a desk with a provider needs it
    from concord_access.adapters.identity_provider import IdentityProvider

KEYS_SECONDS = 600
DEADLINES_SECONDS = 2
STORED = "submissions, objections, answers and contacts of residents"
CITY_SECONDS = 2.0
"""The pause between two looks at the city folder."""


class CaseCounts(DependencyProvider):  # type: ignore[misc]
    """Adds the counts of cases to the metrics of the process while the service runs."""

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


class RoutingService(
    CommandRoutes, CaseRoutes, ConcernRoutes, DeskRoutes, DeskPageRoutes, AuditRoutes, HealthRoutes, OpenApiRoutes
):
    """Opens a case for each concern, with a team or for a person to decide. Officers then work on it."""

    name = "routing"
    api_title = "Concord routing"
    api_description = "Cases: the team of each concern, its promises, the commands on it, and the tasks of persons."
    problems = PROBLEMS

    bus = Bus()
    counts = CaseCounts()
    cases = FromConfig("cases")
    concern_reader = FromConfig("concern_reader")
    desk = FromConfig("desk")
    search_cases = FromConfig("search_cases")
    hand_over_cases = FromConfig("hand_over_cases")
    deadlines = FromConfig("deadlines")
    city = Repeat("city", CITY_SECONDS)

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @timer(interval=KEYS_SECONDS)  # type: ignore[untyped-decorator]
    def delete_expired_keys(self) -> None:
        self.cases.delete_expired_keys()
        if self.desk_site is not None:
            self.desk_site.access.sweep()

    @timer(interval=DEADLINES_SECONDS)  # type: ignore[untyped-decorator]
    def check_deadlines(self) -> None:
        self.deadlines()

    def ledger(self) -> Mapping[str, Any]:
        with self.bus.read() as store:
            counts: Counts = store.counts()
        decided = {name: getattr(counts, name) for name in ("cases", "routed", "unroutable", "tasks_open")}
        return {**decided, **self.bus.ledger()}


def _ciphertexts(runtime: BusRuntime) -> list[str]:
    with runtime.read() as store:
        ciphertexts: list[str] = store.ciphertexts()
    return ciphertexts


def desk_site(
    settings: DeskSettings,
    rules: LiveRules,
    transactions: Transactions,
    cases: CaseService,
    concerns: ReadConcern,
    search: SearchCases,
    assets: Assets,
    clock: Clock = utc_now,
) -> DeskSite:
    """Return the wired pages of the desk."""

    def city() -> City:
        return rules().city

    access = DeskAccess(rules, transactions, clock)
    pages = DeskPages(desk_pages(city, assets), city, cases, concerns, search, transactions, clock)
    sign_in = SignInPages(access, pages, _provider(settings), settings.url)
    return DeskSite(settings.url, access, pages, sign_in)


def _provider(settings: DeskSettings) -> "IdentityProvider | None":
    own = settings.provider
    if own is None:
        return None
    from concord_access.adapters.identity_provider import Client, IdentityProvider

    client = Client(own.client_id, own.client_secret, settings.url + CALLBACK, own.scopes, own.groups_claim)
    return IdentityProvider(own.issuer, client)


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """Return the wired service. Raises SettingsError for a setting that is missing or wrong."""
    settings = Settings.from_env(env)
    city, keyrings = settings.city, settings.bus.keyrings

    def rules() -> Rules:
        return city.live.value

    runtime = BusRuntime(
        "routing",
        settings.bus,
        event_handlers(rules),
        SqlStore,
        queues_of("routing"),
        tables=tables.metadata.tables,
    )
    decrypts = decryption_check(keyrings)
    runtime.check_keys(KeyCheck(STORED, variable("routing"), lambda: _ciphertexts(runtime), decrypts))
    runtime.warning_checks.append(lambda: city.warning)
    cases = CaseService(rules, runtime, render_case, decrypt=objection_reader(keyrings))
    words = ResidentDecryption(keyrings)
    workers = WORKERS_BY_DIALECT.get(runtime.database.dialect, 1)
    concerns = ReadConcern(rules, runtime, words)
    search = SearchCases(rules, runtime, words, partial(eventlet.sleep, 0))
    assets, site = desk_assets(), None
    if settings.desk is not None:
        site = desk_site(settings.desk, rules, runtime, cases, concerns, search, assets)
    config = {
        "bus": runtime,
        "cases": cases,
        "concern_reader": concerns,
        "desk": Desk(rules, runtime),
        "search_cases": search,
        "hand_over_cases": HandOverCases(rules, runtime),
        "assets": assets,
        "desk_site": site,
        "city": CityWorker(city, AdoptCity(runtime, submission_reader(keyrings))),
        "deadlines": partial(check_until_done, cases.check_deadlines, workers),
        "access": settings.access.authenticator(runtime, limiter=settings.limits.limiter()),
        "web": settings.http.config(),
    }
    return ServiceDefinition(RoutingService, "concord_routing", config)
