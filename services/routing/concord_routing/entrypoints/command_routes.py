"""The commands over HTTP: one route each, all answered in the same way."""

from typing import Any

from concord_access.nameko_mixin import AccessRoutes
from concord_routing.application.cases import Desk
from concord_routing.entrypoints import request_schemas
from concord_routing.entrypoints.responses import CaseNowAnswer
from concord_routing.preconditions import LONGEST_KEY, etag
from concord_web import Request, Response, http

LARGEST_ORDER = 64 * 1024
"""Bytes of a body: 2,000 and 500 characters, each escaped, and the rest."""


def _doc(command: str, summary: str) -> dict[str, Any]:
    version = {"description": "the ETag of the case you saw", "schema": {"type": "string", "pattern": '^"[0-9]+"$'}}
    key = {
        "description": "repeat the request with the same key within a day: it has one effect",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    }
    return {
        "max_body": LARGEST_ORDER,
        "summary": summary,
        "description": "Answers with the case as it is then. One event tells everybody, one entry is kept in its"
        " history. 412 gives the case when somebody else changed it, 409 the commands that are possible.",
        "tags": ["work"],
        "request": request_schemas.FORMS[command][0],
        "responses": {200: CaseNowAnswer},
        "parameters": [
            {"in": "header", "name": "If-Match", "required": True, **version},
            {"in": "header", "name": "Idempotency-Key", **key},
        ],
        "problems": [409, 412, 428],
        "secured": True,
    }


class CommandRoutes(AccessRoutes):
    """Mix into the service class, which has a `desk`."""

    desk: Desk

    @http("POST", "/v1/cases/{case_id}/acknowledge", **_doc("acknowledge", "A person of the team has seen it"))
    def post_acknowledge(self, request: Request) -> Response:
        return self._order("acknowledge", request)

    @http("POST", "/v1/cases/{case_id}/update", **_doc("update", "Give the resident a word on how it goes"))
    def post_update(self, request: Request) -> Response:
        return self._order("update", request)

    @http("POST", "/v1/cases/{case_id}/promise", **_doc("promise", "Promise the resident something by a time"))
    def post_promise(self, request: Request) -> Response:
        return self._order("promise", request)

    @http("POST", "/v1/cases/{case_id}/renegotiate", **_doc("renegotiate", "Another time, before a promise is due"))
    def post_renegotiate(self, request: Request) -> Response:
        return self._order("renegotiate", request)

    @http("POST", "/v1/cases/{case_id}/refer", **_doc("refer", "A partner outside the city's teams takes it"))
    def post_refer(self, request: Request) -> Response:
        return self._order("refer", request)

    @http("POST", "/v1/cases/{case_id}/resolve", **_doc("resolve", "It has been dealt with"))
    def post_resolve(self, request: Request) -> Response:
        return self._order("resolve", request)

    @http("POST", "/v1/cases/{case_id}/decline", **_doc("decline", "The city will not act; say where to go"))
    def post_decline(self, request: Request) -> Response:
        return self._order("decline", request)

    @http("POST", "/v1/cases/{case_id}/reopen", **_doc("reopen", "It is not dealt with: open it with new promises"))
    def post_reopen(self, request: Request) -> Response:
        return self._order("reopen", request)

    @http("POST", "/v1/cases/{case_id}/reassign", **_doc("reassign", "Give it to another team, or its first one"))
    def post_reassign(self, request: Request) -> Response:
        return self._order("reassign", request)

    @http("POST", "/v1/cases/{case_id}/close", **_doc("close", "Nothing more will be done"))
    def post_close(self, request: Request) -> Response:
        return self._order("close", request)

    def _order(self, command: str, request: Request) -> Response:
        who, headers = self.authenticate(request), request.headers
        raw = request.json() if request.body() else {}
        answered = self.desk.order(
            command, request.params["case_id"], raw, who, headers.get("if-match"), headers.get("idempotency-key")
        )
        return Response(answered.body.encode(), 200, {"ETag": etag(answered.version)}, "application/json")
