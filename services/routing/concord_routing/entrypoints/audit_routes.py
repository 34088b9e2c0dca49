"""`GET /v1/audit`: the audit of routing, for principals with a grant of the whole city."""

import re

from marshmallow import Schema, fields

from concord_access import Action, require
from concord_access.audit import ACTION_FORM, BEFORE_ALL, ID_FORM, EntryFilter, shown
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.runtime import BusRuntime
from concord_routing.domain.case import read_case_id
from concord_routing.entrypoints.query_params import PAGING, legacy_number
from concord_routing.entrypoints.responses import next_page
from concord_web import Request, Response, http, json_response
from concord_web.fields import response_instant, response_text
from concord_web.pagination import Cursor, page_of
from concord_web.params import Parameter, Parameters, Values, instant

LOWEST = -(2**53)
"""Only a manipulated entry has a number below 1. The list must show it."""
BY_NUMBER = Cursor("audit", int, legacy=legacy_number(LOWEST))


def _matching(name: str, description: str, form: str) -> Parameter[str | None]:
    def parse(value: str) -> str:
        if re.fullmatch(form, value) is None:
            raise ValueError(f"Must match {form}.")
        return value

    return Parameter(name, description, {"type": "string", "pattern": f"^{form}$"}, parse, None)


ACTOR = _matching("actor", "only entries of this actor", ID_FORM)
ACTION = _matching("action", "only this action", ACTION_FORM)
SUBJECT = _matching("subject", "only entries about this subject", ID_FORM)
CASE_ID = _matching(
    "case_id", "only entries about this case, instead of `subject`; as you heard the id", r"[A-Za-z0-9 -]{1,64}"
)
SINCE = instant("from", "only from this time on, with its offset from UTC")
BEFORE = instant("to", "only before this time, with its offset from UTC")
QUERY = Parameters(*PAGING.parameters, ACTOR, ACTION, SUBJECT, CASE_ID, SINCE, BEFORE)


class AuditEntryResponse(Schema):
    seq = fields.Integer(metadata={"description": "number in the chain, from 1 without gaps"})
    at = response_instant("time", required=False)
    actor = response_text("key:NAME, user:ID, operator, or cli:NUMBER for a command on the database", required=False)
    action = response_text("action, such as case.resolved", required=False)
    subject = response_text("subject, such as case:ID or key:PREFIX", required=False)
    details = fields.Dict(metadata={"description": "codes, numbers and ids; no texts"})
    previous = response_text("the hash of the entry before; zeros for the first", required=False)
    hash = response_text("SHA-256 over `previous` and this entry", required=False)


class AuditResponse(Schema):
    entries = fields.List(fields.Nested(AuditEntryResponse))
    next = next_page()


def read_filter(values: Values) -> EntryFilter:
    """Raises Problem 400 for parameters that contradict each other."""
    subject, case_id = values[SUBJECT], values[CASE_ID]
    since, before = values[SINCE], values[BEFORE]
    if subject and case_id:
        raise values.problem(CASE_ID, "Give subject or case_id, not both.")
    if since and before and since >= before:
        raise values.problem(BEFORE, "Must be later than from.")
    subject = f"case:{read_case_id(case_id)}" if case_id else subject
    return EntryFilter(values[ACTOR], values[ACTION], subject, since, before)


class AuditRoutes(AccessRoutes):
    """Mix into the service class, which has a `bus`."""

    bus: BusRuntime

    @http(
        "GET",
        "/v1/audit",
        summary="The audit of routing, oldest first",
        description="Returns the entries as the database stores them; `concord audit verify` checks the chain. Entries"
        " belong to the whole city: a grant of some teams or areas does not show them.",
        tags=["audit"],
        responses={200: AuditResponse},
        parameters=QUERY.openapi(),
        secured=True,
    )
    def get_audit(self, request: Request) -> Response:
        require(self.authenticate(request), Action.AUDIT_READ)
        values = QUERY.read(request)
        where, limit, position = read_filter(values), values[PAGING.limit], PAGING.position(values, BY_NUMBER)
        with self.bus.read() as store:
            records = store.audit.records(position[0] if position else BEFORE_ALL, limit + 1, where)
        page, following = page_of(records, limit, lambda record: BY_NUMBER.encode(record.seq))
        return json_response({"entries": [shown(record) for record in page], "next": following})
