"""The HTTP routes of an officer's desk: the lengths of its lists, the search, and the handover."""

from typing import Any

from marshmallow import Schema, fields

from concord_access.nameko_mixin import AccessRoutes
from concord_routing.application.desk import Desk
from concord_routing.application.hand_over_cases import Handover, HandOverCases
from concord_routing.application.search_cases import SearchCases
from concord_routing.domain.case import TASK_KINDS
from concord_routing.domain.commands import SUBJECT_LIMIT, TEXT_LIMIT
from concord_routing.domain.text_search import MAX_QUERY
from concord_routing.entrypoints.responses import CaseResponse, case_json
from concord_web import Request, Response, http, json_response
from concord_web.fields import Strict, Text

MAX_BODY = 16 * 1024

HandoverRequest = Strict.from_dict(
    {
        "from": Text(SUBJECT_LIMIT, "the person who has the cases, such as user:7f3a", required=True),
        "to": Text(SUBJECT_LIMIT, "the person who gets them; null for nobody", required=True, allow_none=True),
        "note": Text(TEXT_LIMIT, "for the history of each case", load_default=None, allow_none=True),
    },
    name="HandoverRequest",
)


class SearchRequest(Strict):
    text = Text(MAX_QUERY, "a case id, a concern id, or words of the concern or its address", required=True)


class HandoverResponse(Schema):
    handed_over = fields.Integer(metadata={"description": "number of cases"})
    more = fields.Boolean(metadata={"description": "there may be more: send the request again"})


class SearchResponse(Schema):
    cases = fields.List(fields.Nested(CaseResponse), metadata={"description": "the newest first"})
    searched = fields.Integer(metadata={"description": "open cases whose words were searched"})
    complete = fields.Boolean(metadata={"description": "false if there were more to search or to find"})


class DeskCountsResponse(Schema):
    due = fields.Integer(metadata={"description": "open cases with a response promised for today or before"})
    mine = fields.Integer(metadata={"description": "open cases assigned to you"})
    tasks = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "open tasks by kind"})


class DeskRoutes(AccessRoutes):
    """Mix into the service class, which has `desk`, `search` and `hand_over`."""

    desk: Desk
    search_cases: SearchCases
    hand_over_cases: HandOverCases

    @http(
        "GET",
        "/v1/desk/counts",
        summary="How much waits in each list of your desk",
        tags=["cases"],
        responses={200: DeskCountsResponse},
        secured=True,
    )
    def get_desk_counts(self, request: Request) -> Response:
        counts = self.desk.counts(self.authenticate(request))
        tasks = {kind: counts.tasks.get(kind, 0) for kind in TASK_KINDS}
        return json_response({"due": counts.due, "mine": counts.mine, "tasks": tasks})

    @http(
        "POST",
        "/v1/cases/search",
        max_body=MAX_BODY,
        summary="Find cases by id, or open cases by words of the concern or its address",
        description="Every word has to occur, whatever its case and accents. The search reads the 5,000 newest open"
        " cases whose words you may read. The audit notes that you searched (`case.search`), without the words.",
        tags=["cases"],
        request=SearchRequest,
        responses={200: SearchResponse},
        secured=True,
    )
    def search(self, request: Request) -> Response:
        principal = self.authenticate(request)
        found = self.search_cases(_read(SearchRequest, request)["text"], principal)
        cases = [case_json(case) for case in found.cases]
        return json_response({"cases": cases, "searched": found.searched, "complete": found.complete})

    @http(
        "POST",
        "/v1/cases/hand-over",
        max_body=MAX_BODY,
        summary="Hand over the open cases of a person to another one, or to nobody",
        description="Needs `case:reassign`, and reaches the cases of the teams for which you have it. One request hands"
        " over at most 200 cases; send it again while `more` is true.",
        tags=["work"],
        request=HandoverRequest,
        responses={200: HandoverResponse},
        secured=True,
    )
    def hand_over(self, request: Request) -> Response:
        principal = self.authenticate(request)
        body = _read(HandoverRequest, request)
        done = self.hand_over_cases(Handover(body["from"], body["to"], body["note"]), principal)
        return json_response({"handed_over": done.cases, "more": done.more})


def _read(schema: type[Schema], request: Request) -> dict[str, Any]:
    """Raises ValidationError naming the fields."""
    read: dict[str, Any] = schema().load(request.json())
    return read
