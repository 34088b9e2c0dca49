"""The responses of routing: no text of a concern, no contact data, no exact place.

There is one exception: the officers of a case can read the reason of a resident's objection.
"""

from datetime import datetime
from functools import cache, partial
from typing import Any

import orjson
from marshmallow import Schema, fields, validate

from concord_contracts.fields import write_instant
from concord_contracts.messages.promises import PROMISERS, PROMISES
from concord_routing.application.cases import CaseDetails
from concord_routing.domain.case import STATES, STATUSES, TASK_KINDS, Case
from concord_routing.domain.command_spec import COMMAND_SPECS
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.domain.history import MOVE_TARGET, OPEN
from concord_routing.domain.promise import PROMISE_STATES, STANDINGS
from concord_routing.domain.workflow import allowed_commands
from concord_web.fields import response_choice, response_instant, response_text

_text = partial(response_text, required=False)
_choice = partial(response_choice, required=False)
_instant = partial(response_instant, required=False)


def next_page() -> fields.String:
    return _text("give it as `cursor` for the next page; null at the end", null=True)


class CaseResponse(Schema):
    case_id = _text("id of the case")
    concern_id = _text("id of the concern")
    state = _choice(STATES, "present state")
    status = _choice(STATUSES, "state at the opening: routed, or triage because no rule fits")
    category = _text("category code of the city")
    channel = _text("channel of the concern")
    area = _text("area of the place, if known", null=True)
    team = _text("team that has the case", null=True)
    border = fields.Boolean(metadata={"description": "the place lies on or near the area's border"})
    reason = _text("reason why no rule fits", null=True)
    received_at = _instant("time of receipt")
    decided_at = _instant("time of the opening")
    acknowledge_by = _instant("promised time of the acknowledgement", null=True)
    respond_by = _instant("promised time of the response", null=True)
    promise = _choice(STANDINGS, "worst promise that is not done; null if all is well", null=True)
    assignee = _text("person of the team who has the case, such as user:7f3a", null=True)
    version = fields.Integer(metadata={"description": "rises with each change by a person; the ETag's number"})


class PromiseResponse(Schema):
    promise_id = _text("id of the promise")
    promise = fields.String(
        attribute="kind", validate=validate.OneOf(PROMISES), metadata={"description": "kind of the promise"}
    )
    origin = _choice(PROMISERS, "author; history: the city's own target of an imported concern")
    state = _choice(PROMISE_STATES, "state")
    at_risk = fields.Boolean(metadata={"description": "little of its time was left before anybody did it"})
    made_at = _instant("time of the promise")
    due_at = _instant("due time")
    done_at = _instant("time at which an officer did it, early or late", null=True)


class CaseNowResponse(CaseResponse):
    allowed = fields.List(_choice([*OFFICER_COMMANDS], "command"), metadata={"description": "commands possible now"})


class HistoryEntryResponse(Schema):
    version = fields.Integer(metadata={"description": "the case's version after it"})
    at = _instant("time")
    actor = _text("who did it")
    command = _choice((OPEN, *COMMAND_SPECS, MOVE_TARGET), "command")
    before = _choice(STATES, "state before")
    after = _choice(STATES, "state after")
    reason = _text("reason that the resident read or wrote", null=True)
    message = _text("message to the resident", null=True)
    where_to_go = _text("where the resident can go instead", null=True)
    referred_to = _text("partner that takes it", null=True)
    from_team = _text("team before", null=True)
    team = _text("team after", null=True)
    due_at = _instant("promised time", null=True)
    assignee = _text("person who got the case", null=True)
    note = _text("note for colleagues, which the resident never reads", null=True)


class CaseDetailsResponse(CaseNowResponse):
    promises = fields.List(fields.Nested(PromiseResponse), metadata={"description": "in the order of their making"})
    history = fields.List(fields.Nested(HistoryEntryResponse), metadata={"description": "oldest first"})


class TaskResponse(Schema):
    case_id = _text("id of the case")
    kind = _choice(TASK_KINDS, "choose a team; see to a promise; send a message; read the answer; do without an answer")
    team = _text("team that has the case", null=True)
    reason = _text("reason why no rule fits, or the kind of the missed promise")
    opened_at = _instant("time of the opening")


class CasesResponse(Schema):
    cases = fields.List(fields.Nested(CaseResponse))
    next = next_page()


class TasksResponse(Schema):
    tasks = fields.List(fields.Nested(TaskResponse))
    next = next_page()


@cache
def _members(schema: type[Schema]) -> tuple[tuple[str, str], ...]:
    """The names of the fields, each with the attribute that it shows."""
    return tuple((name, field.attribute or name) for name, field in schema().fields.items())


def _json(schema: type[Schema], item: Any) -> dict[str, Any]:
    """The attributes of an item that the schema names, with times as texts."""
    values = ((name, getattr(item, attribute)) for name, attribute in _members(schema))
    return {name: write_instant(value) if isinstance(value, datetime) else value for name, value in values}


case_json = partial(_json, CaseResponse)
task_json = partial(_json, TaskResponse)


def case_now_json(case: Case) -> dict[str, Any]:
    return {**case_json(case), "allowed": list(allowed_commands(case))}


def promise_json(promise: Any) -> dict[str, Any]:
    return _json(PromiseResponse, promise)


def case_details_json(details: CaseDetails) -> dict[str, Any]:
    return {
        **case_now_json(details.case),
        "promises": [promise_json(promise) for promise in details.promises],
        "history": [_json(HistoryEntryResponse, entry) for entry in details.history],
    }


def render_case(case: Case) -> str:
    """Return the body of the response to a command."""
    return orjson.dumps(case_now_json(case)).decode()
