"""What routing answers over HTTP: nothing of a resident's words, contact or exact place."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from concord_contracts.wire import write_instant
from concord_routing.domain.case import STATUSES, Case, Task
from concord_routing.domain.history import OPEN, Entry, opened
from concord_routing.domain.orders import COMMANDS
from concord_routing.domain.workflow import STATES, allowed


def _one_of(values: Sequence[str], meaning: str) -> fields.String:
    return fields.String(validate=validate.OneOf(values), metadata={"description": meaning})


def _text(meaning: str) -> fields.String:
    return fields.String(allow_none=True, metadata={"description": meaning})


def _moment(meaning: str = "UTC") -> fields.AwareDateTime:
    return fields.AwareDateTime(metadata={"description": meaning})


def _promise() -> fields.AwareDateTime:
    return fields.AwareDateTime(allow_none=True, metadata={"description": "promised, UTC"})


class CaseAnswer(Schema):
    case_id = fields.String()
    concern_id = fields.String()
    state = _one_of(STATES, "where it stands")
    status = _one_of(STATUSES, "how it was opened: routed, or triage because no rule could decide")
    category = fields.String()
    channel = fields.String()
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    border = fields.Boolean(metadata={"description": "the place lies on or near the area's border"})
    reason = _text("why no rule could decide")
    received_at = _moment()
    decided_at = _moment()
    acknowledge_by = _promise()
    respond_by = _promise()
    version = fields.Integer(metadata={"description": "rises with each change; the ETag's number"})


class CaseNowAnswer(CaseAnswer):
    allowed = fields.List(
        fields.String(validate=validate.OneOf(COMMANDS)), metadata={"description": "commands that are possible now"}
    )


class EntryAnswer(Schema):
    version = fields.Integer(metadata={"description": "the case's version after it"})
    at = _moment("when, UTC")
    actor = fields.String(metadata={"description": "who"})
    command = _one_of((OPEN, *COMMANDS), "what")
    before = _one_of(STATES, "the state before")
    after = _one_of(STATES, "the state after")
    reason = _text("as the resident reads it")
    message = _text("the word given to the resident")
    where_to_go = _text("where the resident can go instead")
    referred_to = _text("the partner that takes it")
    from_team = _text("the team that had it")
    team = _text("the team chosen")


class CaseWholeAnswer(CaseNowAnswer):
    history = fields.List(fields.Nested(EntryAnswer), metadata={"description": "oldest first"})


class TaskAnswer(Schema):
    case_id = fields.String()
    reason = fields.String()
    opened_at = _moment()


def _next() -> fields.String:
    return _text("give it as `after` for what follows; null at the end")


class CasesAnswer(Schema):
    cases = fields.List(fields.Nested(CaseAnswer))
    next = _next()


class TasksAnswer(Schema):
    tasks = fields.List(fields.Nested(TaskAnswer))
    next = _next()


def case_answer(case: Case) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "concern_id": case.concern_id,
        "state": case.state,
        "status": case.status,
        "category": case.category,
        "channel": case.channel,
        "area": case.area,
        "team": case.team,
        "border": case.border,
        "reason": case.reason,
        "received_at": write_instant(case.received_at),
        "decided_at": write_instant(case.decided_at),
        "acknowledge_by": case.acknowledge_by and write_instant(case.acknowledge_by),
        "respond_by": case.respond_by and write_instant(case.respond_by),
        "version": case.version,
    }


def case_now_answer(case: Case) -> dict[str, Any]:
    return {**case_answer(case), "allowed": list(allowed(case))}


def case_whole_answer(case: Case, later: Sequence[Entry]) -> dict[str, Any]:
    """With its history: how it was opened, and what was done `later`."""
    return {**case_now_answer(case), "history": [_entry_answer(each) for each in (opened(case, later), *later)]}


def _entry_answer(entry: Entry) -> dict[str, Any]:
    answer = asdict(entry) | {"at": write_instant(entry.at)}
    del answer["case_id"]
    return answer


def task_answer(task: Task) -> dict[str, Any]:
    return {"case_id": task.case_id, "reason": task.reason, "opened_at": write_instant(task.opened_at)}
