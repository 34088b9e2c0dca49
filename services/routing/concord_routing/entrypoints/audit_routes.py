"""`GET /v1/audit`: who did what at routing, for those who may see it of the whole city."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from concord_access import Action, require
from concord_access.audit import ACTION_FORM, BEFORE_ALL, ID_FORM, EntryFilter, shown
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.runtime import BusRuntime
from concord_contracts.fields import read_instant
from concord_routing.domain.case import read_case_id
from concord_routing.entrypoints import query_params
from concord_web import Request, Response, field_problem, http, json_response

FORMS = {"actor": ID_FORM, "action": ACTION_FORM, "subject": ID_FORM, "case_id": r"[A-Za-z0-9 -]{1,64}"}
MOMENTS = ("from", "to")
LOWEST = -(2**53)
"""Nobody's number but a vandal's is below 1: such an entry is not to be hidden."""


def _text(meaning: str) -> fields.String:
    return fields.String(metadata={"description": meaning})


class AuditEntryAnswer(Schema):
    seq = fields.Integer(metadata={"description": "its number in the chain, from 1 without gaps"})
    at = fields.AwareDateTime(metadata={"description": "when, UTC"})
    actor = _text("who: key:NAME, user:ID, operator, or cli:NUMBER for a command on the database")
    action = _text("what was done, such as case.resolved")
    subject = _text("to what, such as case:ID or key:PREFIX")
    details = fields.Dict(metadata={"description": "codes, numbers and ids; never words"})
    previous = _text("the hash of the entry before; zeros for the first")
    hash = _text("SHA-256 over `previous` and this entry")


class AuditAnswer(Schema):
    entries = fields.List(fields.Nested(AuditEntryAnswer))
    next = fields.String(
        allow_none=True, metadata={"description": "give it as `after` for what follows; null at the end"}
    )


def audit_parameters() -> list[Mapping[str, Any]]:
    meanings = {
        "actor": "only what this one did",
        "action": "only this action",
        "subject": "only what was done to this",
        "case_id": "only what was done to this case, in place of `subject`; as it was heard, as for a case",
    }
    moment = {"type": "string", "format": "date-time"}
    return [
        *query_params.paging_parameters(),
        *(
            query_params.parameter(name, meaning, {"type": "string", "pattern": f"^{FORMS[name]}$"})
            for name, meaning in meanings.items()
        ),
        query_params.parameter("from", "only from this time on, with its offset from UTC", moment),
        query_params.parameter("to", "only before this time, with its offset from UTC", moment),
    ]


def wanted_entries(request: Request) -> EntryFilter:
    """The filter as asked for. Raises Problem 400 naming the parameter that is wrong."""
    query_params.check_names(request, (*FORMS, *MOMENTS))
    actor, action, subject, case_id = (_formed(request, name) for name in FORMS)
    since, before = (_moment(request, name) for name in MOMENTS)
    if subject and case_id:
        raise field_problem("case_id", "Give subject or case_id, not both.")
    if since and before and since >= before:
        raise field_problem("to", "Must be later than from.")
    return EntryFilter(actor, action, f"case:{read_case_id(case_id)}" if case_id else subject, since, before)


def _formed(request: Request, name: str) -> str | None:
    given = request.query.arg(name)
    if given is not None and re.fullmatch(FORMS[name], given) is None:
        raise field_problem(name, f"Must have the form {FORMS[name]}.")
    return given


def _moment(request: Request, name: str) -> datetime | None:
    given = request.query.arg(name)
    try:
        return None if given is None else read_instant(given)
    except ValueError:
        raise field_problem(
            name, "Must be a time with its offset from UTC, such as 2026-03-01T00:00:00Z (write + as %2B)."
        ) from None


class AuditRoutes(AccessRoutes):
    """Mix into the service class, which has a `bus`."""

    bus: BusRuntime

    @http(
        "GET",
        "/v1/audit",
        summary="Who did what here, oldest first",
        description="Entries of routing's own chain as they are stored; whether they are whole says `concord audit"
        " verify`. Entries belong to the whole city: a grant of some teams or areas does not show them.",
        tags=["audit"],
        responses={200: AuditAnswer},
        parameters=audit_parameters(),
        secured=True,
    )
    def get_audit(self, request: Request) -> Response:
        require(self.authenticate(request), Action.AUDIT_READ)
        wanted, limit = wanted_entries(request), query_params.limit_of(request)
        after = request.query.integer("after", BEFORE_ALL, least=LOWEST)
        with self.bus.read() as store:
            found = store.audit.records(after, limit + 1, wanted)
        entries, following = query_params.page_of([(each.seq, each) for each in found], limit)
        return json_response({"entries": [shown(each) for each in entries], "next": following})
