"""Response bodies: their schemas for OpenAPI, and the presenter that makes them."""

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from concord_city import City, reads_like_emergency
from concord_contracts.messages.answers import LOOKS
from concord_i18n.catalogues import Catalogues
from concord_i18n.negotiation import Languages
from concord_intake.application.concern_status import ConcernStatus
from concord_intake.application.follow_up import FollowedConcern
from concord_intake.application.preview_import import Unseen
from concord_intake.application.repeated_lines import RepeatedLine
from concord_intake.application.submit_concern import Accepted
from concord_intake.domain.concern import Submission
from concord_intake.domain.import_comparison import Comparison, Differs, Updated
from concord_intake.domain.receipt import grouped
from concord_intake.domain.timeline import (
    STATUSES,
    Step,
    current_team_step,
    latest_status_step,
    promised_times,
    status_of,
)
from concord_intake.i18n import feedback_messages, status_messages
from concord_intake.i18n.status_messages import StatusMessages
from concord_web.fields import response_choice, response_instant, response_text

LINE_STATUSES = ("accepted", "already", "refused", "updated", "differs", "new")
NO_MESSAGE: Mapping[str, Any] = {"words": None, "where_to_go": None, "partner": None}


def response_flag(description: str) -> fields.Boolean:
    return fields.Boolean(required=True, metadata={"description": description})


class Emergency(Schema):
    number = response_text("the city's emergency number")
    message = response_text("what to do now")


class ConcernAcceptedResponse(Schema):
    """The new concern and its receipt."""

    emergency = fields.Nested(
        Emergency, metadata={"description": "present, as the first field, if the description reads like an emergency"}
    )
    id = response_text("the concern")
    receipt = response_text("sixteen digits in groups of four; keep them: Concord stores only their hash", null=True)
    status = response_text("received")
    message = response_text("text for the reporter")
    received_at = response_instant("when the city received it")


class LineResponse(Schema):
    """The result of one import line."""

    line = fields.Integer(required=True, metadata={"description": "number of the line, from 1"})
    id = response_text("the line's id, if readable", null=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf(LINE_STATUSES),
        metadata={"description": "new instead of accepted in a dry run; the guide explains each"},
    )
    concern_id = response_text("the concern, unless refused or new", required=False)
    receipt = response_text("the receipt, only once, when accepted", required=False)
    differs = fields.List(
        fields.String(), metadata={"description": "the fields that contradict what is stored, when it differs"}
    )
    emergency = fields.Nested(Emergency)
    problem = fields.Dict(metadata={"description": "RFC 9457 problem, when refused"})


class CategoryName(Schema):
    code = response_text("category code")
    name = response_text("its name in the requested language")


class StepResponse(Schema):
    status = response_choice(STATUSES, "the step")
    at = response_instant("when it happened")
    message = response_text("text for the reporter")
    words = response_text("the officer's message to the reporter about it", null=True)
    where_to_go = response_text("where to go instead, when declined", null=True)
    partner = response_text("the partner that takes over, when referred", null=True)


class ConcernStatusResponse(Schema):
    """The status of a concern and its history."""

    id = response_text("the concern")
    status = response_choice(STATUSES, "the status")
    message = response_text("the latest message of the history")
    language = response_text("language of the messages")
    category = fields.Nested(CategoryName, required=True)
    received_at = response_instant("when the city received it")
    occurred_at = response_instant("when it happened, if known", null=True)
    team = response_text("the current team", null=True)
    acknowledge_by = response_instant("due time of the first human response, while the promise is open", null=True)
    respond_by = response_instant("due time of the response, while the promise is open", null=True)
    history = fields.List(fields.Nested(StepResponse), required=True)


class LooksResponse(Schema):
    """The number of looks by people of the city."""

    times = fields.Integer(required=True, metadata={"description": "how often"})
    last_at = response_instant("the last time")


class FollowedConcernResponse(ConcernStatusResponse):
    """The status of a concern, and what its reporter may do now."""

    may_answer = response_flag("an answer or an addition reaches the team")
    is_asked = response_flag("the team has asked, and waits for an answer")
    may_give_feedback = response_flag("the reporter may say whether it is fixed")
    may_withdraw = response_flag("the reporter may take it back")
    has_contact = response_flag("mails go to the reporter")
    looks = fields.Dict(
        keys=fields.String(validate=validate.OneOf(LOOKS)),
        values=fields.Nested(LooksResponse),
        required=True,
        metadata={"description": "looks by people of the city at the concern's words and place, and at the contact"},
    )


class CategoryResponse(CategoryName):
    group = response_text("its group")
    sensitive = fields.Boolean(required=True, metadata={"description": "Concord never shows details of it"})


class CategoriesResponse(Schema):
    """The city's categories."""

    language = response_text("language of the names")
    categories = fields.List(fields.Nested(CategoryResponse), required=True)


class FeedbackResponse(Schema):
    """The stored feedback."""

    concern_id = response_text("the concern")
    fixed = fields.Boolean(required=True, metadata={"description": "the reporter's answer"})
    message = response_text("text for the reporter")


class Responses:
    """Renders results as JSON values for one city. The order of the fields is for human readers.

    `languages` are the languages of the messages, with the city's first as their default.
    """

    def __init__(self, city: City, catalogues: Catalogues) -> None:
        self._city = city
        self._catalogues = catalogues
        self.languages = catalogues.negotiator(city.languages[0])
        self._name_languages = Languages(city.languages, city.languages[0])

    def accepted(self, outcome: Accepted, submission: Submission, language: str) -> dict[str, Any]:
        """Render a new concern. A warning about an emergency comes first."""
        return self._emergency(submission.description, language) | {
            "id": outcome.concern_id,
            "receipt": grouped(outcome.receipt) if outcome.receipt else None,
            "status": "received",
            "message": status_messages.accepted(self._catalogues[language]),
            "received_at": outcome.received_at,
        }

    def line(self, outcome: Accepted | RepeatedLine | Unseen, submission: Submission) -> dict[str, Any]:
        """Render the result of an import line, or of a line in a dry run."""
        if isinstance(outcome, RepeatedLine):
            return _again(outcome.comparison) | ({"concern_id": outcome.concern_id} if outcome.concern_id else {})
        warning = self._emergency(submission.description, self.languages.nearest(submission.language))
        if isinstance(outcome, Unseen):
            return warning | {"status": "new"}
        receipt = {"receipt": grouped(outcome.receipt)} if outcome.receipt else {}
        return warning | {"status": "accepted", "concern_id": outcome.concern_id} | receipt

    def status(self, status: ConcernStatus, accepted: str | None) -> dict[str, Any]:
        """Render the status of a concern for an Accept-Language header."""
        language = self.languages.negotiate(accepted)
        concern, steps = status.concern, status.steps
        message = status_messages.received(self._catalogues[language])
        history: list[Mapping[str, Any]] = [
            {"status": "received", "at": concern.received_at, "message": message, **NO_MESSAGE},
            *self._history(status, language),
        ]
        team_step, due = current_team_step(steps), promised_times(steps)
        return {
            "id": concern.id,
            "status": status_of(steps),
            "message": history[-1]["message"],
            "language": language,
            "category": self._category(concern.category, language),
            "received_at": concern.received_at,
            "occurred_at": concern.occurred_at,
            "team": self._team(team_step, language) if team_step else None,
            "acknowledge_by": due.acknowledge_by,
            "respond_by": due.respond_by,
            "history": history,
        }

    def followed(self, concern: FollowedConcern, accepted: str | None) -> dict[str, Any]:
        """Render a concern and what its reporter may do now, for an Accept-Language header."""
        return self.status(concern.status, accepted) | {
            "may_answer": concern.may_answer,
            "is_asked": concern.is_asked,
            "may_give_feedback": concern.may_give_feedback,
            "may_withdraw": concern.may_withdraw,
            "has_contact": concern.has_contact,
            "looks": {kind: {"times": looks.times, "last_at": looks.last_at} for kind, looks in concern.looks.items()},
        }

    def categories(self, accepted: str | None) -> dict[str, Any]:
        """Render the city's categories for an Accept-Language header."""
        language = self._name_languages.negotiate(accepted)
        return {
            "language": language,
            "categories": [
                {
                    "code": category.code,
                    "name": category.name(language),
                    "group": category.group,
                    "sensitive": category.sensitive,
                }
                for category in self._city.categories.values()
            ],
        }

    def feedback(self, concern_id: str, *, fixed: bool, accepted: str | None) -> dict[str, Any]:
        """Render the thanks for a feedback, for an Accept-Language header."""
        translator = self._catalogues[self.languages.negotiate(accepted)]
        message = feedback_messages.feedback_accepted(translator, fixed=fixed)
        return {"concern_id": concern_id, "fixed": fixed, "message": message}

    def _emergency(self, text: str, language: str) -> dict[str, Any]:
        """Return `{"emergency": …}` for a text that reads like an emergency, else nothing."""
        if not reads_like_emergency(self._city, text):
            return {}
        number = self._city.emergency_number
        message = status_messages.emergency_warning(self._catalogues[language], number)
        return {"emergency": {"number": number, "message": message}}

    def _history(self, status: ConcernStatus, language: str) -> Iterator[Mapping[str, Any]]:
        messages = StatusMessages(self._catalogues[language], self._city.zone, lambda step: self._team(step, language))
        last = latest_status_step(status.steps)
        for number, step in enumerate(status.steps):
            officer_message = status.officer_messages.get(step.sequence)
            message = messages.step(step, latest=number > last)
            entry = {"status": step.status, "at": step.at, "message": message}
            yield entry | {name: getattr(officer_message, name, None) for name in NO_MESSAGE}

    def _category(self, code: str, language: str) -> Mapping[str, str]:
        category = self._city.categories.get(code)
        return {"code": code, "name": category.name(language) if category else code}

    def _team(self, step: Step, language: str) -> str:
        team = self._city.teams.get(step.team or "")
        return team.name(language) if team else step.team_name or step.team or ""


def _again(comparison: Comparison) -> dict[str, Any]:
    """Return the result of a line whose concern exists."""
    if isinstance(comparison, Differs):
        return {"status": "differs", "differs": list(comparison.fields)}
    return {"status": "updated" if isinstance(comparison, Updated) else "already"}
