"""The pages of the desk: the lists, a case, and the forms of its commands."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from babel import UnknownLocaleError
from marshmallow import ValidationError

from concord_access import Action, NotAllowed, scope_of
from concord_bus.ports import Clock, Transactions, utc_now
from concord_city import City
from concord_i18n.dates import format_moment, language_name
from concord_i18n.translator import Translator
from concord_pages import FormState, Pages
from concord_routing.application.cases import CaseDetails, CaseService
from concord_routing.application.desk_access import Officer
from concord_routing.application.execute_command import IdempotencyKeyReused, VersionConflict
from concord_routing.application.read_concern import ReadConcern
from concord_routing.application.search_cases import SearchCases
from concord_routing.domain.case import Case, read_case_id
from concord_routing.domain.command_spec import InvalidCommand
from concord_routing.domain.desk_lists import DESK_LISTS, DUE, MINE, TRIAGE_LIST, DeskFilter
from concord_routing.domain.promise import PromiseNotOpen
from concord_routing.domain.workflow import TransitionNotAllowed
from concord_routing.entrypoints.command_routes import read_request
from concord_routing.entrypoints.pages import desk_forms as forms
from concord_routing.entrypoints.pages import desk_texts as texts
from concord_routing.entrypoints.pages.case_view import CaseView, place_of, row_of
from concord_routing.entrypoints.query_params import BY_DUE
from concord_routing.ports import DueCursor, Store
from concord_web import Query, Request, Response
from concord_web.pagination import page_of
from concord_web.query_string import field_problem

PAGE_SIZE = 25
SAME_ORIGIN = {"Referrer-Policy": "same-origin"}
"""Without a referrer, a browser would not name the origin of a form, which the desk checks."""
CONFLICTS: Mapping[type[Exception], str] = {
    VersionConflict: texts.CONFLICT,
    TransitionNotAllowed: texts.NOT_NOW,
    PromiseNotOpen: texts.PROMISE_OVER,
    IdempotencyKeyReused: texts.SENT_BEFORE,
    NotAllowed: texts.NOT_ALLOWED,
}
"""Errors after which the page shows the case as it is now, with what the officer typed."""


class DeskPages:
    """Draws the desk for one officer. Reading and commands go through the use cases that the API has."""

    def __init__(
        self,
        pages: Callable[[], Pages],
        city: Callable[[], City],
        cases: CaseService,
        concerns: ReadConcern,
        search: SearchCases,
        transactions: Transactions,
        clock: Clock = utc_now,
    ) -> None:
        self._pages = pages
        self._city = city
        self._cases = cases
        self._concerns = concerns
        self._search = search
        self._transactions = transactions
        self._clock = clock

    def draw(
        self, request: Request, template: str, status: int = 200, officer: Officer | None = None, **values: Any
    ) -> Response:
        return self._pages().response(
            request, template, status, headers=SAME_ORIGIN, officer=officer, scripts=["desk.js"], **values
        )

    def message(
        self, request: Request, name: str, status: int, officer: Officer | None = None, typed: Sequence[str] = ()
    ) -> Response:
        """Return a page with a sentence and, so that nobody loses them, the texts that were sent."""
        title, *paragraphs = map(self.translator(request).gettext, texts.MESSAGES[name])
        return self.draw(request, "desk_message.html", status, officer, title=title, paragraphs=paragraphs, typed=typed)

    def show_list(self, request: Request, officer: Officer) -> Response:
        """Return a list with the filters of the address. Raises Problem 400 for a wrong address."""
        query = request.query
        name = query.arg("list", DUE) or DUE
        if name not in DESK_LISTS:
            raise field_problem("list", f"Must be one of: {', '.join(DESK_LISTS)}.")
        chosen = {each: query.arg(each) for each in ("area", "category")}
        after = _cursor(query.arg("after"))
        with self._transactions.read() as store:
            counts = _counts(store, officer)
            where = _where(name, officer, chosen)
            rows = store.desk_list(where, after, PAGE_SIZE + 1) if where else []
        page, following = page_of(rows, PAGE_SIZE, lambda row: BY_DUE.encode(row[0].respond_by, row[0].seq))
        title, empty = map(self.translator(request).gettext, texts.LISTS[name])
        filters = {each: value for each, value in chosen.items() if value}
        return self._list(
            request,
            officer,
            [case for _, case in page],
            counts,
            title=title,
            empty=self.translator(request).gettext(texts.NOTHING_FITS) if filters else empty,
            chosen_list=name,
            filters=filters,
            following=following,
            form=FormState({each: value or "" for each, value in chosen.items()}),
        )

    def show_found(self, request: Request, officer: Officer, typed: Query) -> Response:
        """Return the cases that a search finds. It is a form that is sent: words belong in no address."""
        text = typed.arg("text") or ""
        translator, found, errors = self.translator(request), None, {}
        try:
            found = self._search(text, officer.principal)
        except InvalidCommand:
            errors["text"] = translator.gettext(texts.SEARCH_LENGTH)
        with self._transactions.read() as store:
            counts = _counts(store, officer)
        return self._list(
            request,
            officer,
            found.cases if found else [],
            counts,
            422 if errors else 200,
            title=translator.gettext(texts.FOUND),
            empty=translator.gettext(texts.NOTHING_FOUND),
            chosen_list="",
            filters={},
            following=None,
            incomplete=found is not None and not found.complete,
            form=FormState({"text": text}, errors),
        )

    def _list(
        self,
        request: Request,
        officer: Officer,
        cases: Sequence[Case],
        counts: Mapping[str, int],
        status: int = 200,
        **values: Any,
    ) -> Response:
        city, language, translator = self._city(), self._language(request), self.translator(request)
        now = self._clock()
        return self.draw(
            request,
            "desk_list.html",
            status,
            officer,
            lists=[(each, translator.gettext(texts.LISTS[each][0]), count) for each, count in counts.items()],
            rows=[row_of(case, city, translator, language, now) for case in cases],
            areas=[(code, area.name) for code, area in city.areas.items()],
            categories=[(code, each.name(language)) for code, each in city.categories.items()],
            **{"incomplete": False, **values},
        )

    def show_case(self, request: Request, officer: Officer) -> Response:
        """Return a case with the form that `do` names, and what `done` names as done."""
        form = request.query.arg("do") or ""
        done = texts.DONE.get(request.query.arg("done") or "")
        return self._case(request, officer, form, done=done)

    def show_words(self, request: Request, officer: Officer, typed: Query) -> Response:
        """Return the case with the words of a sensitive concern. The audit has the look."""
        return self._case(request, officer, typed.arg("do") or "", words=True)

    def show_contact(self, request: Request, officer: Officer, typed: Query) -> Response:
        """Return the case with the reporter's contact. The audit has the look."""
        return self._case(request, officer, typed.arg("do") or "", words=bool(typed.arg("words")), contact=True)

    def execute(self, request: Request, officer: Officer, typed: Query) -> Response:
        """Send a command and go back to the case, or show the form again with what was typed.

        Raises CaseNotFound, and Problem 400 for a form that no page of the desk has.
        """
        form = request.params["form"]
        command = forms.command_of(form)
        version = typed.arg("version") or ""
        if command is None or not version.isdecimal():
            raise field_problem("form", "Send a form of the desk.")
        case_id = read_case_id(request.params["case_id"])
        headers = {"if-match": f'"{version}"', "idempotency-key": typed.arg("key") or forms.new_key()}
        translator = self.translator(request)
        try:
            body = forms.body_of(form, typed, self._city().zone)
            self._cases.execute(read_request(command, case_id, body, officer.principal, headers))
        except ValidationError as error:
            return self._again(request, officer, form, typed, forms.errors_of(error, form, typed, translator), 422)
        except InvalidCommand as error:
            wrong = ValidationError({error.field: [error.detail]})
            return self._again(request, officer, form, typed, forms.errors_of(wrong, form, typed, translator), 422)
        except tuple(CONFLICTS) as error:
            errors = {"": translator.gettext(CONFLICTS[type(error)])}
            status = 403 if isinstance(error, NotAllowed) else 409
            seen = int(version) if isinstance(error, VersionConflict) else None
            return self._again(request, officer, form, typed, errors, status, seen=seen)
        return Response(b"", 303, {"Location": f"/desk/cases/{case_id}?done={form}", **SAME_ORIGIN})

    def _again(
        self,
        request: Request,
        officer: Officer,
        form: str,
        typed: Query,
        errors: Mapping[str, str],
        status: int,
        seen: int | None = None,
    ) -> Response:
        state = FormState(forms.typed_values(form, typed), errors)
        return self._case(request, officer, form, state=state, status=status, seen=seen)

    def _case(
        self,
        request: Request,
        officer: Officer,
        form: str,
        *,
        state: FormState | None = None,
        status: int = 200,
        done: str | None = None,
        words: bool = False,
        contact: bool = False,
        seen: int | None = None,
    ) -> Response:
        city, language, translator = self._city(), self._language(request), self.translator(request)
        details = self._cases.get(read_case_id(request.params["case_id"]), officer.principal)
        view = CaseView(details, city, translator, language, self._clock())
        offered = forms.offered_forms(officer.principal, details.case)
        # The first guess at a colleague is the officer: to take a case is the most common of these forms.
        state = state or FormState({"officer": officer.principal.subject} if form == "assign" else {})
        kept = list(filter(None, state.values.values())) if form not in offered else []
        return self.draw(
            request,
            "desk_case.html",
            status,
            officer,
            title=view.title,
            case=details.case,
            view=view,
            offered=[(each, *map(translator.gettext, texts.COMMANDS[each])) for each in offered],
            simple={each for each in offered if not forms.fields_of(each, translator, {})},
            chosen=form if form in offered else "",
            fields=forms.fields_of(form, translator, self._options(details, translator, language)),
            form=state,
            kept=kept,
            key=forms.new_key(),
            done=done and translator.gettext(done),
            seen=seen,
            **self._of_resident(details, officer, words=words, contact=contact),
            moment=lambda at: format_moment(at, language, city.zone),
            language_of=_language_of,
        )

    def _of_resident(self, details: CaseDetails, officer: Officer, *, words: bool, contact: bool) -> dict[str, Any]:
        """Return the words of the resident, which a sensitive case shows on demand, and the contact on demand."""
        shown: dict[str, Any] = {"concern": None, "reporter": None, "may_contact": False, "may_words": False}
        case, principal = details.case, officer.principal
        category = self._city().categories.get(case.category)
        shown["sensitive"] = sensitive = category is None or category.sensitive
        shown["may_words"] = self._concerns.may_read_words(case, principal)
        shown["may_contact"] = self._concerns.may_read_contact(case, principal)
        with suppress(NotAllowed):
            if shown["may_words"] and (words or not sensitive):
                shown["concern"] = self._concerns.concern(case.case_id, principal)
            if contact:
                shown["reporter"] = self._concerns.contact(case.case_id, principal)
        shown["place"] = place_of(shown["concern"])
        return shown

    def _options(
        self, details: CaseDetails, translator: Translator, language: str
    ) -> dict[str, tuple[tuple[str, str], ...]]:
        city = self._city()
        teams = tuple((code, team.name(language)) for code, team in city.teams.items() if code != details.case.team)
        promises = tuple(
            (
                each.promise_id,
                f"{translator.gettext(texts.PROMISES[each.kind])}: {format_moment(each.due_at, language, city.zone)}",
            )
            for each in details.promises
            if each.state == "open"
        )
        return {"team": teams, "promise": promises}

    def _language(self, request: Request) -> str:
        return self._pages().language(request)

    def translator(self, request: Request) -> Translator:
        return self._pages().translator(self._language(request))


def _where(name: str, officer: Officer, chosen: Mapping[str, str | None]) -> DeskFilter | None:
    """Return the filter within what the officer may read; None if that is nothing."""
    scope = scope_of(officer.principal, Action.TASK_READ if name == TRIAGE_LIST else Action.CASE_READ)
    assignee = officer.principal.subject if name == MINE else None
    return None if scope is None else DeskFilter(name, scope, chosen.get("area"), chosen.get("category"), assignee)


def _counts(store: Store, officer: Officer) -> dict[str, int]:
    """Return the number of cases on each list that the officer may read."""
    wheres = {name: _where(name, officer, {}) for name in DESK_LISTS}
    return {name: store.desk_count(where) for name, where in wheres.items() if where is not None}


def _cursor(text: str | None) -> DueCursor | None:
    if text is None:
        return None
    try:
        return DueCursor(*BY_DUE.decode(text))
    except ValueError:
        raise field_problem("after", "Go back to the first page of the list.") from None


def _language_of(tag: str) -> str:
    """Return the name of a language as its readers write it; the tag itself if nobody knows it."""
    try:
        return language_name(tag)
    except (ValueError, LookupError, UnknownLocaleError):
        return tag
