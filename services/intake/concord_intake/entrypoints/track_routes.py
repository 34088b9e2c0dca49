"""The routes of the pages on which reporters follow their concerns. Only POST has an effect."""

from collections.abc import Callable
from functools import partial

from concord_access.limit_settings import RECEIPTS, REPORTS
from concord_bus.extensions.from_config import FromConfig
from concord_intake.entrypoints.follow_up_routes import MAX_FOLLOW_UP_BYTES
from concord_intake.entrypoints.pages.track import TrackPage
from concord_web import Limiter, Request, Response, http


class TrackRoutes:
    """Asks for a receipt, and shows the concern of a receipt or of a link. A receipt is in no address."""

    track_page: TrackPage = FromConfig("track_page")
    limiter: Limiter = FromConfig("limiter")

    @http("GET", "/track", hidden=True)
    def get_track(self, request: Request) -> Response:
        return self.track_page.ask(request)

    @http("POST", "/track", max_body=MAX_FOLLOW_UP_BYTES, hidden=True)
    def post_track(self, request: Request) -> Response:
        return self._limited_tries(request, partial(self.track_page.take, token=None, admit=self._admit(request)))

    @http("GET", "/track/{token}", hidden=True)
    def get_tracked(self, request: Request) -> Response:
        return self._limited_tries(request, self.track_page.open_link)

    @http("POST", "/track/{token}", max_body=MAX_FOLLOW_UP_BYTES, hidden=True)
    def post_tracked(self, request: Request) -> Response:
        token, admit = request.params["token"], self._admit(request)
        return self._limited_tries(request, partial(self.track_page.take, token=token, admit=admit))

    def _admit(self, request: Request) -> Callable[[], None]:
        return partial(self.limiter.take, REPORTS, request.client)

    def _limited_tries(self, request: Request, respond: Callable[[Request], Response]) -> Response:
        """Count a receipt or a link that opens nothing. Raises Problem 429 after too many."""
        self.limiter.check(RECEIPTS, request.client)
        response = respond(request)
        if response.status == 404:
            self.limiter.count(RECEIPTS, request.client)
        return response
