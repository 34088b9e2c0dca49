"""What routing answers over HTTP: nothing of a resident's words, contact or exact place.

But for one thing: why a resident says that it is not fixed, to the officers who must deal with that.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from marshmallow import Schema, fields, validate

from concord_contracts.fields import write_instant
from concord_contracts.messages.promises import PROMISERS, PROMISES
from concord_routing.domain.case import STATUSES, TASK_KINDS, Case, Task
from concord_routing.domain.commands import COMMANDS
from concord_routing.domain.history import OPEN, Entry, opened
from concord_routing.domain.promise import PROMISE_STATES, STANDINGS, Promise
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
    promise = fields.String(
        allow_none=True,
        validate=validate.OneOf((*STANDINGS, None)),
        metadata={"description": "the worst of its promises that is not done; null when all is well"},
    )
    version = fields.Integer(metadata={"description": "rises with each change by a person; the ETag's number"})


class PromiseAnswer(Schema):
    promise_id = fields.String()
    promise = _one_of(PROMISES, "what is promised")
    origin = _one_of(PROMISERS, "who promised; history: the city's own target of a concern with a past")
    state = _one_of(PROMISE_STATES, "what became of it")
    at_risk = fields.Boolean(metadata={"description": "little of its time was left before anything was done"})
    made_at = _moment()
    due_at = _moment()
    done_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when it was done, in time or late, UTC"})


class CaseNowAnswer(CaseAnswer):
    allowed = fields.List(
        fields.String(validate=validate.OneOf(COMMANDS)), metadata={"description": "commands that are possible now"}
    )


class EntryAnswer(Schema):
    version = fields.Integer(metadata={"description": "the case's version after it"})
    at = _moment("when, UTC")
    actor = fields.String(metadata={"description": "who"})
    command = _one_of((OPEN, *COMMANDS, "withdraw"), "what")
    before = _one_of(STATES, "the state before")
    after = _one_of(STATES, "the state after")
    reason = _text("as the resident reads it, or wrote it")
    message = _text("the word given to the resident")
    where_to_go = _text("where the resident can go instead")
    referred_to = _text("the partner that takes it")
    from_team = _text("the team that had it")
    team = _text("the team chosen")
    due_at = fields.AwareDateTime(allow_none=True, metadata={"description": "promised by it, UTC"})


class CaseWholeAnswer(CaseNowAnswer):
    promises = fields.List(fields.Nested(PromiseAnswer), metadata={"description": "in the order they were made"})
    history = fields.List(fields.Nested(EntryAnswer), metadata={"description": "oldest first"})


class TaskAnswer(Schema):
    case_id = fields.String()
    kind = _one_of(TASK_KINDS, "choose a team; see to what was promised; give the resident a word")
    team = _text("the team that has the case")
    reason = fields.String(metadata={"description": "why no rule could decide, or which promise was missed"})
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
        "promise": case.promise,
        "version": case.version,
    }


def case_now_answer(case: Case) -> dict[str, Any]:
    return {**case_answer(case), "allowed": list(allowed(case))}


def case_whole_answer(
    case: Case, later: Sequence[Entry], promises: Sequence[Promise], open_words: Callable[[str], str | None]
) -> dict[str, Any]:
    """With its promises and its history: how it was opened, and what was done `later`."""
    history = [_entry_answer(each, open_words) for each in (opened(case, later), *later)]
    return {**case_now_answer(case), "promises": [promise_answer(each) for each in promises], "history": history}


def promise_answer(promise: Promise) -> dict[str, Any]:
    return {
        "promise_id": promise.promise_id,
        "promise": promise.kind,
        "origin": promise.origin,
        "state": promise.state,
        "at_risk": promise.at_risk,
        "made_at": write_instant(promise.made_at),
        "due_at": write_instant(promise.due_at),
        "done_at": promise.done_at and write_instant(promise.done_at),
    }


def _entry_answer(entry: Entry, open_words: Callable[[str], str | None]) -> dict[str, Any]:
    answer = asdict(entry) | {"at": write_instant(entry.at), "due_at": entry.due_at and write_instant(entry.due_at)}
    if entry.objection:
        answer["reason"] = open_words(entry.objection)
    del answer["case_id"], answer["objection"]
    return answer


def task_answer(task: Task) -> dict[str, Any]:
    return {
        "case_id": task.case_id,
        "kind": task.kind,
        "team": task.team,
        "reason": task.reason,
        "opened_at": write_instant(task.opened_at),
    }
