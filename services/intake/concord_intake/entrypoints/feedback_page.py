"""The page behind the link in a mail: a form, or what there is to say instead of one."""

import base64
from collections.abc import Callable, Mapping
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.feedback_links import EndedLink, FeedbackLink, ForgedLink
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_intake.application.feedback import Feedback
from concord_intake.application.reply import Answered, Unknown
from concord_intake.domain.feedback import RATINGS
from concord_intake.entrypoints.feedback_schemas import read_form
from concord_intake.i18n.feedback_messages import FORM, MESSAGES, NAMES, wrong
from concord_intake.i18n.status_messages import LANGUAGES
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
    """`spoken` chooses a language from an Accept-Language header; `city` is the city's name."""

    def __init__(self, feedback: Feedback, spoken: Callable[[str | None], str], city: str) -> None:
        self._feedback = feedback
        self._spoken = spoken
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
        language = self._wished(request) or self._spoken(request.headers.get("accept-language"))
        try:
            link = self._feedback.open(request.params["token"])
        except tuple(INSTEAD) as error:
            return self._instead(error, self._language(request, getattr(error, "link", None), language))
        return self._fill(self._language(request, link, language), Query(), {})

    def send(self, request: Request) -> Response:
        """Take the form; again with what is wrong with it, or thanks."""
        language = self._wished(request) or self._spoken(request.headers.get("accept-language"))
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
        return wish if wish in LANGUAGES else None

    def _language(self, request: Request, link: FeedbackLink | None, otherwise: str) -> str:
        """What was chosen on the page, else that of the mail, else the browser's."""
        of_link = link.language if link and link.language in LANGUAGES else None
        return self._wished(request) or of_link or otherwise

    def _wrong(self, error: ValidationError, language: str) -> Mapping[str, str]:
        return {field: wrong(field, language) for field in error.messages_dict if field in FIELDS}

    def _fill(self, language: str, form: Query, errors: Mapping[str, str]) -> Response:
        words = FORM[language]
        page = self._form.render(
            title=words["title"],
            language=language,
            other=_other(language),
            words=words,
            ratings=[(name, words[name]) for name in RATINGS],
            given={name: form.arg(name, "") for name in FIELDS},
            errors={name: errors.get(name) for name in FIELDS},
            again=bool(errors),
            limit=OBJECTION_LIMIT,
            **self._about,
        )
        return self._page(page, language, 422 if errors else 200)

    def _instead(self, error: Exception, language: str) -> Response:
        status, what = next(INSTEAD[each] for each in type(error).__mro__ if each in INSTEAD)
        return self._say(what, language, status)

    def _say(self, what: str, language: str, status: int = 200) -> Response:
        title, *paragraphs = MESSAGES[language][what]
        page = self._message.render(title=title, paragraphs=paragraphs, language=language, other=None, **self._about)
        return self._page(page, language, status)

    def _page(self, page: str, language: str, status: int) -> Response:
        return text_response(
            page, status, {"Content-Security-Policy": self._policy, "Content-Language": language}, HTML
        )


def _other(language: str) -> Mapping[str, Any]:
    """The language to change to."""
    tag = next(each for each in LANGUAGES if each != language)
    return {"tag": tag, "name": NAMES[tag]}
