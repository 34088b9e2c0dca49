"""The page of the feedback link in a mail: a form, or a message without a form."""

from collections.abc import Mapping

from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.feedback_links import EndedLink, FeedbackLink, ForgedLink
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_intake.application.errors import AlreadyAnswered, LinkedConcernNotFound
from concord_intake.application.feedback import FeedbackService
from concord_intake.domain.feedback import RATINGS
from concord_intake.entrypoints.feedback_schemas import parse_form
from concord_intake.i18n.feedback_messages import MESSAGE_PAGES, field_error, rating_labels, rating_scale
from concord_pages import FormState, Pages
from concord_web import Problem, Query, Request, Response

FIELDS = ("fixed", "reason", *RATINGS)
ERROR_PAGES: Mapping[type[Exception], tuple[int, str]] = {
    EndedLink: (410, "ended"),
    ForgedLink: (404, "invalid_link"),
    LinkedConcernNotFound: (404, "invalid_link"),
    AlreadyAnswered: (409, "used"),
    ResourceUnavailable: (503, "unavailable"),
}
"""The status and the message for each error that replaces the form."""


class FeedbackPage:
    """Renders the page in the language that the reader chose, or else in that of the mail."""

    def __init__(self, feedback: FeedbackService, pages: Pages) -> None:
        self._feedback = feedback
        self._pages = pages

    def show(self, request: Request) -> Response:
        """Return the empty form."""
        try:
            link = self._feedback.open(request.params["token"])
        except tuple(ERROR_PAGES) as error:
            return self._render_error(request, error, getattr(error, "link", None))
        return self._render_form(request, link, Query(), {})

    def submit(self, request: Request) -> Response:
        """Record the form and return thanks, or return the form with its errors."""
        token = request.params["token"]
        link: FeedbackLink | None = None
        try:
            link = self._feedback.link(token)
            form = request.form()
            feedback = parse_form(form)
            self._feedback.submit(token, feedback)
        except tuple(ERROR_PAGES) as error:
            return self._render_error(request, error, getattr(error, "link", link))
        except ValidationError as error:
            return self._render_errors(request, token, form, error)
        except Problem as problem:
            return self._render_message(request, "refused", link, problem.status)
        return self._render_message(request, "open_again" if feedback.reopens else "fixed", link)

    def _render_errors(self, request: Request, token: str, form: Query, error: ValidationError) -> Response:
        """Return the form with its errors, or what replaces it: the page of a used link has no form."""
        link: FeedbackLink | None = None
        try:
            link = self._feedback.link(token)
            self._feedback.open(token)
        except tuple(ERROR_PAGES) as replaced:
            return self._render_error(request, replaced, getattr(replaced, "link", link))
        return self._render_form(request, link, form, self._errors(request, link, error))

    def _errors(self, request: Request, link: FeedbackLink | None, error: ValidationError) -> dict[str, str]:
        translator = self._pages.translator(self._pages.language(request, _language_of(link)))
        return {field: field_error(field, translator) for field in FIELDS if field in error.messages_dict}

    def _render_form(
        self, request: Request, link: FeedbackLink | None, form: Query, errors: Mapping[str, str]
    ) -> Response:
        translator = self._pages.translator(self._pages.language(request, _language_of(link)))
        return self._pages.response(
            request,
            "feedback.html",
            422 if errors else 200,
            preferred=_language_of(link),
            title=translator.gettext("Is it fixed?"),
            ratings=rating_labels(translator),
            rating_scale=rating_scale(translator),
            form=FormState({name: form.arg(name) or "" for name in FIELDS}, errors),
            limit=OBJECTION_LIMIT,
        )

    def _render_error(self, request: Request, error: Exception, link: FeedbackLink | None) -> Response:
        status, name = next(ERROR_PAGES[base] for base in type(error).__mro__ if base in ERROR_PAGES)
        return self._render_message(request, name, link, status)

    def _render_message(self, request: Request, name: str, link: FeedbackLink | None, status: int = 200) -> Response:
        language = self._pages.language(request, _language_of(link))
        title, *paragraphs = MESSAGE_PAGES[name](self._pages.translator(language))
        return self._pages.response(
            request, "message.html", status, preferred=_language_of(link), title=title, paragraphs=paragraphs
        )


def _language_of(link: FeedbackLink | None) -> str | None:
    return link.language if link else None
