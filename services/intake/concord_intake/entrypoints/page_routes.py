"""The routes of the pages for residents: start, report, and what the city does with what they send."""

from functools import partial

from concord_access.limit_settings import REPORTS
from concord_bus.extensions.from_config import FromConfig
from concord_intake.entrypoints.concern_routes import MAX_CONCERN_BYTES
from concord_intake.entrypoints.pages.report import ReportPage
from concord_intake.entrypoints.pages.start import StartPages
from concord_pages import Assets, StaticRoutes
from concord_web import Limiter, Problem, Request, Response, http

MAX_POINT_BYTES = 1024


class PageRoutes(StaticRoutes):
    """Shows pages to people. GET changes nothing."""

    assets: Assets = FromConfig("assets")
    report_page: ReportPage = FromConfig("report_page")
    start_pages: StartPages = FromConfig("start_pages")
    limiter: Limiter = FromConfig("limiter")

    @http("GET", "/", hidden=True)
    def get_start(self, request: Request) -> Response:
        if not wants_page(request):
            raise Problem(404, detail="No resource has this path. Check the URL; /openapi.json lists the paths.")
        return self.start_pages.start(request)

    @http("GET", "/privacy", hidden=True)
    def get_privacy(self, request: Request) -> Response:
        return self.start_pages.privacy(request)

    @http("GET", "/accessibility", hidden=True)
    def get_accessibility(self, request: Request) -> Response:
        return self.start_pages.accessibility(request)

    @http("GET", "/report", hidden=True)
    def get_report(self, request: Request) -> Response:
        return self.report_page.show(request)

    @http("POST", "/report", max_body=MAX_CONCERN_BYTES, hidden=True)
    def post_report(self, request: Request) -> Response:
        return self.report_page.submit(request, partial(self.limiter.take, REPORTS, request.client))

    @http("POST", "/report/place", max_body=MAX_POINT_BYTES, hidden=True)
    def post_place(self, request: Request) -> Response:
        return self.report_page.locate(request)


def wants_page(request: Request) -> bool:
    """Return whether the client names HTML among what it accepts, as browsers do."""
    return "text/html" in request.headers.get("accept", "")
