"""The page on which residents report a concern, and the page with the receipt."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any

from marshmallow import ValidationError

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Clock
from concord_city import Category, City, reads_like_emergency
from concord_city.adapters.area_choices import AreaChoices
from concord_contracts.messages.intake import DESCRIPTION_LIMIT
from concord_i18n.dates import language_name
from concord_intake.application.concerns import Concerns
from concord_intake.application.errors import IdempotencyKeyReused
from concord_intake.application.submit_concern import Accepted, IdempotencyKey
from concord_intake.domain.concern import Submission
from concord_intake.domain.receipt import grouped
from concord_intake.entrypoints.concern_parser import ConcernParser
from concord_intake.entrypoints.pages.report_form import ReportForm, field_errors, new_key, read_report
from concord_intake.i18n import report_messages
from concord_pages import FormState, Pages, Policy
from concord_web import Problem, Request, Response, json_response
from concord_web.errors import RETRY_AFTER
from concord_web.preconditions import canonical_json

POLICY = Policy(geolocation=True, indexed=True)
KEY_PREFIX = "page-"
"""Keys of forms do not meet keys of programs."""


class ReportPage:
    """Shows the form, takes it, and shows the receipt."""

    def __init__(
        self,
        pages: Pages,
        concerns: Concerns,
        parser: ConcernParser,
        city: City,
        areas: AreaChoices,
        clock: Clock,
    ) -> None:
        self._pages = pages
        self._concerns = concerns
        self._parser = parser
        self._city = city
        self._areas = areas
        self._clock = clock

    def show(self, request: Request) -> Response:
        """Return the empty form. It is the same for everyone but for its key, so it may be compressed."""
        return self._form(request, ReportForm({}, new_key(), {}, {}), {}, compressed=True)

    def submit(self, request: Request, admit: Callable[[], None]) -> Response:
        """Take the concern and return its receipt, or the form with what is wrong.

        `admit` raises Problem 429 for a client beyond the limit.
        """
        translator = self._pages.translator(self._pages.language(request))
        report = read_report(request.form(), translator, self._areas, self._city.zone, self._city.name)
        try:
            submission = replace(self._parser.parse(dict(report.raw)), area=report.area)
        except ValidationError as error:
            return self._form(request, report, field_errors(error.messages_dict, report, translator), 422)
        if report.errors:
            return self._form(request, report, field_errors({}, report, translator), 422)
        try:
            admit()
            key = IdempotencyKey(KEY_PREFIX + report.key, canonical_json({**report.raw, "area": report.area}))
            accepted = self._concerns.submit(submission, key)
        except IdempotencyKeyReused:
            again = ReportForm(report.values, new_key(), report.raw, {})
            return self._form(request, again, {"": report_messages.changed_form(translator)}, 409)
        except ResourceUnavailable:
            headers = {"Retry-After": str(RETRY_AFTER)}
            return self._form(request, report, {"": report_messages.unavailable(translator)}, 503, headers=headers)
        except Problem as problem:
            if problem.status != 429:
                raise
            text = report_messages.too_many(translator, int(problem.headers["Retry-After"]))
            return self._form(request, report, {"": text}, 429, headers=problem.headers)
        return self._receipt(request, accepted, submission)

    def locate(self, request: Request) -> Response:
        """Return the area of a point, for the script: `{"area": "South End (D4)"}`, null outside of the city."""
        form = request.form()
        try:
            point = float(form.arg("lon") or "x"), float(form.arg("lat") or "x")
        except ValueError:
            raise Problem(422, detail="Send lon and lat in degrees.") from None
        area = self._areas.area_at(point)
        return json_response({"area": area.label if area else None, "known": bool(self._areas.by_code)})

    def _form(
        self, request: Request, report: ReportForm, errors: Mapping[str, str], status: int = 200, **options: Any
    ) -> Response:
        language = self._pages.language(request)
        translator = self._pages.translator(language)
        local_now = self._clock().astimezone(self._city.zone)
        values = {"contact_language": language, **{name: text for name, text in report.values.items() if text}}
        return self._pages.response(
            request,
            "report.html",
            status,
            policy=POLICY,
            title=translator.gettext("Report a concern"),
            scripts=["report.js"],
            form=FormState(values, errors),
            key=report.key,
            groups=list(self._groups(language)),
            areas=[(area.code, area.label) for area in self._areas.by_code.values()],
            languages=[(tag, language_name(tag)) for tag in self._pages.languages.supported],
            limit=DESCRIPTION_LIMIT,
            latest=local_now.strftime("%Y-%m-%dT%H:%M"),
            emergency_words=[word for words in self._city.emergency_words.values() for word in words],
            **options,
        )

    def _receipt(self, request: Request, accepted: Accepted, submission: Submission) -> Response:
        language = self._pages.language(request)
        translator = self._pages.translator(language)
        category = self._city.categories[submission.category]
        area = self._areas.area_at(submission.point) if submission.point else None
        return self._pages.response(
            request,
            "receipt.html",
            201,
            title=translator.gettext("We have your concern"),
            scripts=["report.js"],
            receipt=grouped(accepted.receipt) if accepted.receipt else None,
            category=category.name(language),
            sensitive=category.sensitive,
            emergency=reads_like_emergency(self._city, submission.description),
            outside=bool(self._areas.by_code) and submission.point is not None and area is None,
            mail=submission.contact.email if submission.contact else None,
            phone_only=submission.contact is not None and not submission.contact.email,
        )

    def _groups(self, language: str) -> Iterator[tuple[str, list[Category]]]:
        """Yield the groups with their categories, in the order in which the groups first appear in the city's file."""
        order = {category.group: None for category in self._city.categories.values()}
        places = {group: place for place, group in enumerate(order)}
        ranked = sorted(self._city.categories.values(), key=lambda category: places[category.group])
        for _, some in groupby(ranked, key=lambda category: category.group):
            categories = list(some)
            yield categories[0].group_name(language), categories
