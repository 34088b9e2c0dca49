"""Intake as a nameko service, and `build`, which wires its parts."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nameko.timer import timer

from concord_bus.domain.delivery import Delivery
from concord_bus.extensions.bus import Bus, consume
from concord_bus.extensions.city_folder import CityLook, read_after_check
from concord_bus.extensions.from_config import Replaceable
from concord_bus.extensions.repeat import Repeat
from concord_bus.group_commit import GroupCommit
from concord_bus.ports import Clock, utc_now
from concord_bus.runner import ServiceDefinition
from concord_bus.runtime import BusRuntime
from concord_bus.settings import SettingsError
from concord_bus.topology.declarations import queues_of
from concord_city import City, CityError, load_words
from concord_city.adapters.area_choices import AreaChoices, load_area_choices
from concord_city.adapters.folder_watch import CityWatch
from concord_contracts.feedback_links import FeedbackLinks
from concord_contracts.status_links import StatusLinks
from concord_i18n.catalogues import load_catalogues
from concord_intake.adapters import tables
from concord_intake.adapters.repository import SqlStore
from concord_intake.application.concerns import Concerns
from concord_intake.application.feedback import FeedbackService
from concord_intake.application.follow_up import FollowUp
from concord_intake.application.import_concerns import ImportConcerns
from concord_intake.application.index_receipts import IndexReceipts
from concord_intake.application.preview_import import PreviewImport
from concord_intake.application.reporter_access import ReporterAccess
from concord_intake.application.submit_concern import SubmitConcernHandler
from concord_intake.application.timeline_projection import HANDLERS
from concord_intake.domain.receipt import Receipts
from concord_intake.entrypoints.concern_parser import ConcernParser, LineParser
from concord_intake.entrypoints.concern_routes import ConcernRoutes
from concord_intake.entrypoints.error_responses import PROBLEMS
from concord_intake.entrypoints.feedback_routes import FeedbackRoutes
from concord_intake.entrypoints.follow_up_routes import FollowUpRoutes
from concord_intake.entrypoints.ndjson_import import NdjsonImport
from concord_intake.entrypoints.page_routes import PageRoutes
from concord_intake.entrypoints.pages.feedback import FeedbackPage
from concord_intake.entrypoints.pages.report import ReportPage
from concord_intake.entrypoints.pages.site import page_assets, resident_pages
from concord_intake.entrypoints.pages.start import StartPages
from concord_intake.entrypoints.pages.track import TrackPage
from concord_intake.entrypoints.responses import Responses
from concord_intake.entrypoints.track_routes import TrackRoutes
from concord_intake.ports import Transactions
from concord_intake.settings import Settings
from concord_web import ContractRoutes, HealthRoutes, Limiter, OpenApiRoutes

SWEEP_SECONDS = 600
CITY_SECONDS = 4.0
"""The pause between two looks at the city folder: longer than routing's, so that routing knows a new category first."""
INDEX_SECONDS = 5.0

Parts = dict[str, Any]
OfCity = Callable[[City, AreaChoices], Parts]


class IntakeService(
    ConcernRoutes, FeedbackRoutes, FollowUpRoutes, PageRoutes, TrackRoutes, HealthRoutes, OpenApiRoutes, ContractRoutes
):
    """Receives concerns and shows their status."""

    name = "intake"
    api_title = "Concord intake"
    api_description = "Report a concern to the city, keep the receipt, and see the status of the concern."
    problems = PROBLEMS

    bus = Bus()
    city = Repeat("city", CITY_SECONDS)
    index_receipts = Repeat("index_receipts", INDEX_SECONDS)

    @consume  # type: ignore[untyped-decorator]
    def take(self, deliveries: list[Delivery]) -> None:
        self.bus.take(deliveries)

    @timer(interval=SWEEP_SECONDS)  # type: ignore[untyped-decorator]
    def forget_keys(self) -> None:
        self.concerns.forget_keys()

    def ledger(self) -> Mapping[str, Any]:
        return {**asdict(self.concerns.counts()), **self.bus.ledger()}


def build(env: Mapping[str, str]) -> ServiceDefinition:
    """Return the wired service. Raises SettingsError for an invalid setting or city folder."""
    settings = Settings.from_env(env)
    runtime = BusRuntime("intake", settings.bus, HANDLERS, SqlStore, queues_of("intake"), tables=tables.metadata.tables)
    limiter = settings.limits.limiter()
    receipts = Receipts(settings.receipt_keys)
    lasting, of_city = wiring(receipts, settings.links, settings.status_links, runtime, limiter=limiter)
    city = _city(settings.city, of_city)
    runtime.warning_checks.append(lambda: city.warning)
    config = {
        "bus": runtime,
        "access": settings.access.authenticator(limiter=limiter),
        "web": settings.http.config(),
        "city": CityLook(city),
        "index_receipts": IndexReceipts(receipts, runtime),
        **lasting,
        **{name: Replaceable(city, name) for name in city.live.value},
    }
    return ServiceDefinition(IntakeService, "concord_intake", config)


def _city(folder: Path, of_city: OfCity) -> CityWatch[Parts]:
    try:
        return CityWatch(folder, lambda place: of_city(load_words(place), load_area_choices(place)), read_after_check)
    except CityError as error:
        raise SettingsError(f"CONCORD_CITY: {error}") from error


def wire(
    city: City,
    receipts: Receipts,
    links: FeedbackLinks,
    status_links: StatusLinks,
    transactions: Transactions,
    clock: Clock,
) -> Parts:
    """Return the dependencies of the routes by name, for one city. Nothing is limited."""
    lasting, of_city = wiring(receipts, links, status_links, transactions, clock)
    return lasting | of_city(city, AreaChoices())


def wiring(
    receipts: Receipts,
    links: FeedbackLinks,
    status_links: StatusLinks,
    transactions: Transactions,
    clock: Clock = utc_now,
    limiter: Limiter | None = None,
) -> tuple[Parts, OfCity]:
    """Return the dependencies of the routes that last, and a function for those that change with the city.

    Without a `limiter` nothing is limited.
    """
    handler = SubmitConcernHandler(receipts)
    importing = ImportConcerns(handler, transactions.work, PreviewImport(receipts, transactions.read, clock))
    concerns = Concerns(GroupCommit(transactions.work, handler).submit, transactions, clock)
    catalogues, assets = load_catalogues(), page_assets()
    feedback = FeedbackService(links, receipts, transactions, clock)
    access = ReporterAccess(receipts, status_links, clock)
    follow_up = FollowUp(access, receipts, transactions, clock)

    def of_city(city: City, areas: AreaChoices) -> Parts:
        parsing = city.categories, city.languages[0], clock
        responses = Responses(city, catalogues)
        pages = resident_pages(city, catalogues, assets)
        parser = ConcernParser(*parsing)
        return {
            "concern_parser": parser,
            "ndjson_import": NdjsonImport(LineParser(*parsing), importing, responses),
            "responses": responses,
            "feedback_page": FeedbackPage(feedback, pages),
            "report_page": ReportPage(pages, concerns, parser, city, areas, clock),
            "start_pages": StartPages(pages),
            "track_page": TrackPage(pages, follow_up, responses, city.zone),
        }

    lasting = {
        "concerns": concerns,
        "limiter": limiter or Limiter({}),
        "assets": assets,
        "feedback": feedback,
        "follow_up": follow_up,
    }
    return lasting, of_city
