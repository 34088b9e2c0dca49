"""The page behind the link in a mail: a form, or what there is to say instead of one."""

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
from concord_intake.application.feedback import Feedback
from concord_intake.application.reply import Answered, Unknown
from concord_intake.domain.feedback import RATINGS
from concord_intake.entrypoints.feedback_schemas import read_form
from concord_intake.i18n.feedback_messages import MESSAGE_PAGES, field_error, rating_labels
from concord_web import Problem, Query, Request, Response, text_response

HTML = "text/html; charset=utf-8"
FIELDS = ("fixed", "reason", *RATINGS)
INSTEAD: Mapping[type[Exception], tuple[int, str]] = {
    EndedLink: (410, "ended"),
    ForgedLink: (404, "forged"),
    Unknown: (404, "forged"),
    Answered: (409, "used"),
    ResourceUnavailable: (503, "away"),
}
"""What is answered and said when there is no form to show."""


class FeedbackPage:
    """`languages` chooses for an Accept-Language header; `city` is the city's name."""

    def __init__(self, feedback: Feedback, catalogues: Catalogues, languages: Languages, city: str) -> None:
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
        self._about = {"city": city, "style": Markup(self._style)}  # our own file

    def show(self, request: Request) -> Response:
        """The form, empty."""
        language = self._wished(request) or self._languages.negotiate(request.headers.get("accept-language"))
        try:
            link = self._feedback.open(request.params["token"])
        except tuple(INSTEAD) as error:
            return self._instead(error, self._language(request, getattr(error, "link", None), language))
        return self._fill(self._language(request, link, language), Query(), {})

    def send(self, request: Request) -> Response:
        """Take the form; again with what is wrong with it, or thanks."""
        language = self._wished(request) or self._languages.negotiate(request.headers.get("accept-language"))
        token = request.params["token"]
        try:
            link = self._feedback.open(token)
            language = self._language(request, link, language)
            form = request.form()
            reply = read_form(form)
            self._feedback.reply(token, reply)
        except tuple(INSTEAD) as error:
            return self._instead(error, self._language(request, getattr(error, "link", None), language))
        except ValidationError as error:
            return self._fill(language, form, self._wrong(error, language))
        except Problem as problem:
            return self._say("refused", language, problem.status)
        return self._say("fixed" if reply.fixed else "open_again", language)

    def _wished(self, request: Request) -> str | None:
        try:
            wish = request.query.arg("language")
        except Problem:
            return None
        return wish if wish in self._catalogues.languages else None

    def _language(self, request: Request, link: FeedbackLink | None, otherwise: str) -> str:
        """What was chosen on the page, else that of the mail, else the browser's."""
        of_link = link.language if link and link.language in self._catalogues.languages else None
        return self._wished(request) or of_link or otherwise

    def _wrong(self, error: ValidationError, language: str) -> Mapping[str, str]:
        translator = self._catalogues[language]
        return {field: field_error(field, translator) for field in error.messages_dict if field in FIELDS}

    def _fill(self, language: str, form: Query, errors: Mapping[str, str]) -> Response:
        translator = self._catalogues[language]
        page = self._form.render(
            _=translator.gettext,
            pgettext=translator.pgettext,
            title=translator.gettext("Is it fixed?"),
            others=self._links(language),
            ratings=rating_labels(translator),
            given={name: form.arg(name, "") for name in FIELDS},
            errors={name: errors.get(name) for name in FIELDS},
            again=bool(errors),
            limit=OBJECTION_LIMIT,
            **self._frame(language),
        )
        return self._page(page, language, 422 if errors else 200)

    def _instead(self, error: Exception, language: str) -> Response:
        status, what = next(INSTEAD[base] for base in type(error).__mro__ if base in INSTEAD)
        return self._say(what, language, status)

    def _say(self, what: str, language: str, status: int = 200) -> Response:
        title, *paragraphs = MESSAGE_PAGES[what](self._catalogues[language])
        page = self._message.render(title=title, paragraphs=paragraphs, others=(), **self._frame(language))
        return self._page(page, language, status)

    def _frame(self, language: str) -> Mapping[str, Any]:
        return {"language": language, "direction": text_direction(language), **self._about}

    def _links(self, language: str) -> list[Mapping[str, str]]:
        """The other languages, each under its own name."""
        others = (tag for tag in self._catalogues.languages if tag != language)
        return [{"tag": tag, "name": language_name(tag)} for tag in others]

    def _page(self, page: str, language: str, status: int) -> Response:
        return text_response(
            page, status, {"Content-Security-Policy": self._policy, "Content-Language": language}, HTML
        )
