"""The routes of feedback: the page of the link in a mail, and JSON."""

from collections.abc import Callable

from concord_access.limit_settings import RECEIPTS
from concord_bus.extensions.from_config import FromConfig
from concord_contracts.feedback_links import ForgedLink
from concord_intake.application.errors import LinkedConcernNotFound
from concord_intake.application.feedback import FeedbackService
from concord_intake.entrypoints.concern_routes import LANGUAGE, NO_PARAMETERS
from concord_intake.entrypoints.feedback_schemas import FeedbackSchema, parse_feedback
from concord_intake.entrypoints.pages.feedback import FeedbackPage
from concord_intake.entrypoints.responses import FeedbackResponse, Responses
from concord_web import Limiter, Request, Response, http, json_response

MAX_FEEDBACK_BYTES = 32 * 1024
"""Enough for 2,000 characters of reason, each escaped, and the other fields."""


class FeedbackRoutes:
    """Asks the reporter whether the problem is fixed and how the city treated them."""

    feedback: FeedbackService = FromConfig("feedback")
    feedback_page: FeedbackPage = FromConfig("feedback_page")
    responses: Responses = FromConfig("responses")
    limiter: Limiter = FromConfig("limiter")

    @http("GET", "/feedback/{token}", hidden=True)
    def get_feedback_page(self, request: Request) -> Response:
        return self._limited(request, self.feedback_page.show)

    @http("POST", "/feedback/{token}", max_body=MAX_FEEDBACK_BYTES, hidden=True)
    def post_feedback_page(self, request: Request) -> Response:
        return self._limited(request, self.feedback_page.submit)

    def _limited(self, request: Request, respond: Callable[[Request], Response]) -> Response:
        """Count a link that opens nothing. Raises Problem 429 after too many."""
        self.limiter.check(RECEIPTS, request.client)
        response = respond(request)
        if response.status == 404:
            self.limiter.count(RECEIPTS, request.client)
        return response

    @http(
        "POST",
        "/v1/feedback",
        cross_origin=True,
        max_body=MAX_FEEDBACK_BYTES,
        summary="Answer whether it is fixed",
        description="Send the token of the link in the mail about the resolution, once, within 14 days.",
        tags=["feedback"],
        request=FeedbackSchema,
        responses={200: FeedbackResponse},
        problems=[404, 409, 410, 429],
        parameters=[LANGUAGE],
    )
    def post_feedback(self, request: Request) -> Response:
        NO_PARAMETERS.read(request)
        self.limiter.check(RECEIPTS, request.client)
        token, feedback = parse_feedback(request.json())
        try:
            link = self.feedback.submit(token, feedback)
        except (ForgedLink, LinkedConcernNotFound):
            self.limiter.count(RECEIPTS, request.client)
            raise
        accepted_language = request.headers.get("accept-language")
        return json_response(self.responses.feedback(link.concern_id, fixed=feedback.fixed, accepted=accepted_language))
