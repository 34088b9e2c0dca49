"""The doors to feedback: the page behind the link of a mail, and JSON."""

from typing import Any

from nameko.extensions import DependencyProvider

from concord_contracts.feedback_links import EndedLink, ForgedLink
from concord_intake.application.feedback import Feedback, ended, forged, used
from concord_intake.application.reply import Answered, Unknown
from concord_intake.entrypoints.answer_schemas import FeedbackAnswer
from concord_intake.entrypoints.feedback_page import FeedbackPage
from concord_intake.entrypoints.feedback_schemas import FeedbackForm, read_feedback
from concord_intake.entrypoints.responses import Answers
from concord_web import Request, Response, http, json_response
from concord_web.problem import Row

LARGEST_REPLY = 32 * 1024
"""Bytes of a request: 2,000 characters, each escaped, and the rest."""
LANGUAGE = {
    "in": "header",
    "name": "Accept-Language",
    "description": "language of the words",
    "schema": {"type": "string"},
}
PROBLEMS: dict[type[Exception], Row] = {EndedLink: ended, ForgedLink: forged, Unknown: forged, Answered: used}


class FromConfig(DependencyProvider):  # type: ignore[misc]
    """Gives the service what is under a name in the container's config."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def get_dependency(self, worker_ctx: Any) -> Any:
        return self.container.config[self._name]


class FeedbackRoutes:
    """Asks the reporter whether it is fixed and how it was handled."""

    feedback: Any = FromConfig("feedback")
    feedback_page: Any = FromConfig("feedback_page")
    answers: Any = FromConfig("answers")

    @http("GET", "/feedback/{token}", hidden=True)
    def get_feedback_page(self, request: Request) -> Response:
        page: FeedbackPage = self.feedback_page
        return page.show(request)

    @http("POST", "/feedback/{token}", max_body=LARGEST_REPLY, hidden=True)
    def post_feedback_page(self, request: Request) -> Response:
        page: FeedbackPage = self.feedback_page
        return page.send(request)

    @http(
        "POST",
        "/v1/feedback",
        max_body=LARGEST_REPLY,
        summary="Say whether it is fixed",
        description="With the token of the link in the mail that told of the resolution; once, within 14 days.",
        tags=["feedback"],
        request=FeedbackForm,
        responses={200: FeedbackAnswer},
        problems=[404, 409, 410],
        parameters=[LANGUAGE],
    )
    def post_feedback(self, request: Request) -> Response:
        feedback: Feedback = self.feedback
        answers: Answers = self.answers
        token, reply = read_feedback(request.json())
        link = feedback.reply(token, reply)
        message = answers.replied(request.headers.get("accept-language"), fixed=reply.fixed)
        return json_response({"concern_id": link.concern_id, "fixed": reply.fixed, "message": message})
