"""The page of the link in a mail: a form, or a message without a form."""

import base64
from collections.abc import Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.feedback_links import EndedLink, FeedbackLink, ForgedLink
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_i18n.catalogues import Catalogues
from concord_i18n.dates import language_name, text_direction
from concord_i18n.negotiation import Languages
from concord_intake.application.errors import AlreadyAnswered, LinkedConcernNotFound
from concord_intake.application.feedback import FeedbackService
from concord_intake.domain.feedback import RATINGS
from concord_intake.entrypoints.feedback_schemas import parse_form
from concord_intake.i18n.feedback_messages import MESSAGE_PAGES, field_error, rating_labels
from concord_web import Problem, Query, Request, Response, text_response

HTML = "text/html; charset=utf-8"
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
    """Renders the page. `languages` negotiates with Accept-Language headers; `city` is the city's name."""

    def __init__(self, feedback: FeedbackService, catalogues: Catalogues, languages: Languages, city: str) -> None:
        self._feedback = feedback
        self._catalogues = catalogues
        self._languages = languages
        self._style = files("concord_intake.entrypoints").joinpath("pages/feedback.css").read_text("utf-8")
        digest = base64.b64encode(sha256(self._style.encode()).digest()).decode()
        self._policy = (
            f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        environment = Environment(
            loader=PackageLoader("concord_intake", "entrypoints/pages"), autoescape=True, undefined=StrictUndefined
        )
        self._form = environment.get_template("feedback.html")
        self._message = environment.get_template("message.html")
        self._city = {"city": city, "style": Markup(self._style)}  # the style is a file of this package

    def show(self, request: Request) -> Response:
        """Return the empty form."""
        try:
            link = self._feedback.open(request.params["token"])
        except tuple(ERROR_PAGES) as error:
            return self._render_error(error, self._language(request, getattr(error, "link", None)))
        return self._render_form(self._language(request, link), Query(), {})

    def submit(self, request: Request) -> Response:
        """Record the form and return thanks, or return the form with its errors."""
        token = request.params["token"]
        link: FeedbackLink | None = None
        try:
            link = self._feedback.open(token)
            form = request.form()
            feedback = parse_form(form)
            self._feedback.submit(token, feedback)
        except tuple(ERROR_PAGES) as error:
            return self._render_error(error, self._language(request, getattr(error, "link", link)))
        except ValidationError as error:
            language = self._language(request, link)
            translator = self._catalogues[language]
            errors = {field: field_error(field, translator) for field in error.messages_dict if field in FIELDS}
            return self._render_form(language, form, errors)
        except Problem as problem:
            return self._render_message("refused", self._language(request, link), problem.status)
        return self._render_message("fixed" if feedback.fixed else "open_again", self._language(request, link))

    def _language(self, request: Request, link: FeedbackLink | None) -> str:
        """Return the page's `?language=`, else the language of the mail, else that of Accept-Language."""
        try:
            chosen = request.query.arg("language")
        except Problem:
            chosen = None
        for language in (chosen, link.language if link else None):
            if language in self._catalogues.languages:
                return language
        return self._languages.negotiate(request.headers.get("accept-language"))

    def _render_form(self, language: str, form: Query, errors: Mapping[str, str]) -> Response:
        translator = self._catalogues[language]
        others = (tag for tag in self._catalogues.languages if tag != language)
        page = self._form.render(
            _=translator.gettext,
            pgettext=translator.pgettext,
            title=translator.gettext("Is it fixed?"),
            others=[{"tag": tag, "name": language_name(tag)} for tag in others],
            ratings=rating_labels(translator),
            given={name: form.arg(name, "") for name in FIELDS},
            errors={name: errors.get(name) for name in FIELDS},
            again=bool(errors),
            limit=OBJECTION_LIMIT,
            **self._frame(language),
        )
        return self._response(page, language, 422 if errors else 200)

    def _render_error(self, error: Exception, language: str) -> Response:
        status, name = next(ERROR_PAGES[base] for base in type(error).__mro__ if base in ERROR_PAGES)
        return self._render_message(name, language, status)

    def _render_message(self, name: str, language: str, status: int = 200) -> Response:
        title, *paragraphs = MESSAGE_PAGES[name](self._catalogues[language])
        page = self._message.render(title=title, paragraphs=paragraphs, others=(), **self._frame(language))
        return self._response(page, language, status)

    def _frame(self, language: str) -> Mapping[str, Any]:
        return {"language": language, "direction": text_direction(language), **self._city}

    def _response(self, page: str, language: str, status: int) -> Response:
        return text_response(
            page, status, {"Content-Security-Policy": self._policy, "Content-Language": language}, HTML
        )
