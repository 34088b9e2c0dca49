"""What routing answers over HTTP: nothing of a resident's words, contact or exact place."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from typing import Any, TypeVar

from marshmallow import Schema, fields

from concord_contracts.wire import write_instant
from concord_routing.domain.case import OUTCOMES, ROUTED, STATUSES, Case, Task
from concord_routing.ports import Filter
from concord_web import Request, field_problem

LARGEST_PAGE = 1000
DEFAULT_PAGE = 100
FILTERS = tuple(field.name for field in fields_of(Filter))
CHOICES = {"status": STATUSES, "reason": tuple(each for each in OUTCOMES if each != ROUTED)}
"""Filters that know their values."""

Row = TypeVar("Row")


class CaseAnswer(Schema):
    case_id = fields.String()
    concern_id = fields.String()
    status = fields.String(metadata={"description": "routed, or triage while a person must decide"})
    category = fields.String()
    channel = fields.String()
    area = fields.String(allow_none=True)
    team = fields.String(allow_none=True)
    border = fields.Boolean(metadata={"description": "the place lies on or near the area's border"})
    reason = fields.String(allow_none=True, metadata={"description": "why no rule could decide"})
    received_at = fields.AwareDateTime(metadata={"description": "UTC"})
    decided_at = fields.AwareDateTime(metadata={"description": "UTC"})
    acknowledge_by = fields.AwareDateTime(allow_none=True, metadata={"description": "promised, UTC"})
    respond_by = fields.AwareDateTime(allow_none=True, metadata={"description": "promised, UTC"})


class TaskAnswer(Schema):
    case_id = fields.String()
    reason = fields.String()
    opened_at = fields.AwareDateTime(metadata={"description": "UTC"})


def _next() -> fields.Field[Any]:
    return fields.String(
        allow_none=True, metadata={"description": "give it as `after` for what follows; null at the end"}
    )


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
    }


def task_answer(task: Task) -> dict[str, Any]:
    return {"case_id": task.case_id, "reason": task.reason, "opened_at": write_instant(task.opened_at)}


def page_of(found: Sequence[tuple[int, Row]], limit: int) -> tuple[list[Row], str | None]:
    """The rows of a page and the cursor of what follows, from rows of which one more than `limit` was asked for."""
    following = str(found[limit - 1][0]) if len(found) > limit else None
    return [row for _, row in found[:limit]], following


def page(request: Request, others: Sequence[str] = ()) -> tuple[int, int]:
    """`after` and `limit` as asked for. Raises Problem 400 naming a parameter that is unknown, repeated or wrong."""
    known = ("after", "limit", *others)
    for name in request.query:
        if name not in known:
            raise field_problem(name, f"Unknown parameter; {', '.join(known)} can be used.")
        if len(request.query.all(name)) > 1:
            raise field_problem(name, "May be given once.")
    after = request.query.integer("after", 0)
    return after, request.query.integer("limit", DEFAULT_PAGE, least=1, most=LARGEST_PAGE)


def wanted_cases(request: Request) -> Filter:
    """The filter as asked for. Raises Problem 400 for a status or reason that there is not."""
    for name, values in CHOICES.items():
        given = request.query.arg(name)
        if given is not None and given not in values:
            raise field_problem(name, f"Must be one of: {', '.join(values)}.")
    return Filter(**{name: request.query.arg(name) for name in FILTERS})


def paging_parameters() -> list[Mapping[str, Any]]:
    whole = {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": DEFAULT_PAGE}
    return [
        _parameter("after", "the `next` of the page before", {"type": "string"}),
        _parameter("limit", "how many at most", whole),
    ]


def filter_parameters() -> list[Mapping[str, Any]]:
    schemas = {
        name: {"type": "string"} | ({"enum": list(CHOICES[name])} if name in CHOICES else {}) for name in FILTERS
    }
    return [_parameter(name, f"only cases with this {name}", schema) for name, schema in schemas.items()]


def _parameter(name: str, meaning: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"in": "query", "name": name, "description": meaning, "schema": schema}
