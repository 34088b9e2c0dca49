"""The pages on which a reporter follows a concern, with the receipt or with the link in a mail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_contracts.messages.answers import ANSWER_LIMIT
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_contracts.signed_links import ForgedLink
from concord_contracts.status_links import EndedStatusLink
from concord_i18n.dates import format_moment, language_name
from concord_i18n.translator import Translator
from concord_intake.application import errors as e
from concord_intake.application.follow_up import FollowedConcern, FollowUp
from concord_intake.entrypoints.pages import track_form as forms
from concord_intake.entrypoints.pages.report_form import key_of, new_key
from concord_intake.entrypoints.responses import Responses
from concord_intake.i18n import feedback_messages, report_messages, track_messages
from concord_pages import FormState, Pages
from concord_web import Problem, Query, Request, Response
from concord_web.errors import RETRY_AFTER

REFUSED = (
    e.ConcernNotOpen,
    e.ConcernFinished,
    e.NothingToJudge,
    e.NoMailsToStop,
    e.AlreadyAnswered,
    e.IdempotencyKeyReused,
)
SHOW, CONFIRM = "show", "confirm"
SCRIPTS = ["track.js"]
Admit = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Holder:
    """The reporter's way to the concern: the token of a link, or else a receipt."""

    token: str | None = None
    receipt: str = ""

    @property
    def path(self) -> str:
        return "/track" if self.token is None else f"/track/{self.token}"


class TrackPage:
    """Shows a concern to its reporter, and takes what the reporter sends. Showing has no effect."""

    def __init__(self, pages: Pages, follow_up: FollowUp, responses: Responses, zone: ZoneInfo) -> None:
        self._pages = pages
        self._follow_up = follow_up
        self._responses = responses
        self._zone = zone

    def ask(self, request: Request) -> Response:
        """Return the page that asks for a receipt."""
        return self._ask(request, FormState())

    def open_link(self, request: Request) -> Response:
        """Return the concern of a link."""
        return self._guarded(request, Holder(request.params["token"]), SHOW, Query())

    def take(self, request: Request, token: str | None, admit: Admit) -> Response:
        """Do what a form asks for, and return the concern; or the page with what is wrong.

        `admit` raises Problem 429 for a client beyond the limit.
        """
        form = request.form()
        receipt = form.arg("receipt") or ""
        if token is None and not forms.is_receipt(receipt):
            text = track_messages.wrong_receipt(self._translator(request))
            return self._ask(request, FormState({"receipt": receipt}, {"receipt": text}), 422)
        return self._guarded(request, Holder(token, receipt), form.arg("action") or SHOW, form, admit)

    def _guarded(
        self, request: Request, holder: Holder, action: str, form: Query, admit: Admit = lambda: None
    ) -> Response:
        """Return the page, or what replaces it for a receipt or a link that opens nothing, or without the database."""
        translator = self._translator(request)
        try:
            return self._perform(request, holder, action, form, admit)
        except EndedStatusLink:
            return self._ask(request, FormState({}, {"": track_messages.ended_link(translator)}), 410)
        except (ForgedLink, e.LinkedConcernNotFound):
            return self._ask(request, FormState({}, {"": track_messages.invalid_link(translator)}), 404)
        except e.ConcernNotFound:
            text = track_messages.unknown_receipt(translator)
            return self._ask(request, FormState({"receipt": holder.receipt}, {"receipt": text}), 404)
        except ResourceUnavailable:
            return self._retry(request, holder, form)

    def _perform(self, request: Request, holder: Holder, action: str, form: Query, admit: Admit) -> Response:
        access = forms.access_of(holder.token, holder.receipt)
        if action not in forms.FIELDS_OF:
            template = "track_confirm.html" if action == CONFIRM else "track.html"
            return self._show(request, holder, self._follow_up.open(access), template=template)
        before = self._follow_up.open(access)
        translator = self._pages.translator(self._pages.language(request, _language_of(before)))
        values = forms.typed_values(action, form)
        try:
            if action in forms.LIMITED:
                admit()
            concern, done = forms.act(self._follow_up, action, access, values, key_of(form))
        except ValidationError as error:
            wrong = _wrong(error.messages_dict, action)
            state = FormState(values, {name: track_messages.field_error(name, translator) for name in wrong})
            return self._show(request, holder, before, form=state, status=422)
        except REFUSED as refused:
            text = translator.gettext(track_messages.REFUSED[type(refused).__name__])
            return self._show(
                request, holder, self._follow_up.open(access), form=FormState(values, {"": text}), status=409
            )
        except Problem as problem:
            if problem.status != 429:
                raise
            text = report_messages.too_many(translator, int(problem.headers["Retry-After"]))
            state = FormState(values, {"": text})
            return self._show(request, holder, before, form=state, status=429, headers=problem.headers)
        return self._show(request, holder, concern, done=translator.gettext(track_messages.DONE[done]))

    def _show(
        self,
        request: Request,
        holder: Holder,
        concern: FollowedConcern,
        *,
        template: str = "track.html",
        form: FormState | None = None,
        status: int = 200,
        done: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        preferred = _language_of(concern)
        language = self._pages.language(request, preferred)
        translator = self._pages.translator(language)
        shown = self._responses.followed(concern, language)
        state = form or FormState()
        return self._pages.response(
            request,
            template,
            status,
            preferred=preferred,
            headers=headers,
            title=translator.gettext("Your concern: %(category)s", category=shown["category"]["name"]),
            scripts=SCRIPTS,
            form=FormState({"contact_language": language, **state.values}, state.errors),
            done=done,
            holder=holder,
            concern=shown,
            moment=lambda at: format_moment(at, language, self._zone),
            keys={action: new_key() for action in forms.FIELDS_OF},
            extents=track_messages.extent_choices(translator),
            ratings=feedback_messages.rating_labels(translator),
            rating_scale=feedback_messages.rating_scale(translator),
            languages=[(tag, language_name(tag)) for tag in self._pages.languages.supported],
            answer_limit=ANSWER_LIMIT,
            reason_limit=OBJECTION_LIMIT,
        )

    def _ask(self, request: Request, form: FormState, status: int = 200) -> Response:
        title = self._translator(request).gettext("Follow your concern")
        return self._pages.response(request, "track_ask.html", status, title=title, scripts=SCRIPTS, form=form)

    def _retry(self, request: Request, holder: Holder, form: Query) -> Response:
        """Return a page that keeps what was typed, and sends it again."""
        translator = self._translator(request)
        return self._pages.response(
            request,
            "track_retry.html",
            503,
            headers={"Retry-After": str(RETRY_AFTER)},
            title=translator.gettext("Please try again shortly"),
            form=FormState({}, {"": report_messages.unavailable(translator)}),
            holder=holder,
            fields=[(name, form.arg(name) or "") for name in form],
        )

    def _translator(self, request: Request) -> Translator:
        return self._pages.translator(self._pages.language(request))


def _language_of(concern: FollowedConcern) -> str | None:
    """Return the language of the mail whose link opened the concern."""
    return concern.link.language if concern.link else None


def _wrong(messages: Mapping[str, Any], action: str) -> list[str]:
    """Return the wrong fields of a form, in the order of the page."""
    fields = forms.FIELDS_OF[action]
    named = {"_schema": "email", "language": "contact_language"}
    wrong = {named.get(name, name) for name in messages}
    return [name for name in fields if name in wrong] or list(fields[:1])
