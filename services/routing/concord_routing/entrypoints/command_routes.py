"""The HTTP routes of the commands: one for each spec, all with the same response."""

from collections.abc import Callable, Mapping
from typing import Any

from concord_access import Principal
from concord_access.nameko_mixin import AccessRoutes
from concord_routing.application.cases import CaseService
from concord_routing.application.execute_command import CommandRequest, IdempotencyKey
from concord_routing.domain.case import read_case_id
from concord_routing.domain.command_spec import CommandSpec
from concord_routing.domain.commands import OFFICER_COMMANDS
from concord_routing.entrypoints.request_schemas import REQUEST_SCHEMAS, parse_command
from concord_routing.entrypoints.responses import CaseNowResponse
from concord_web import Request, Response, http
from concord_web.preconditions import (
    IDEMPOTENCY_KEY,
    IF_MATCH,
    etag,
    fingerprint,
    read_idempotency_key,
    read_if_match,
)

MAX_BODY = 64 * 1024
"""Bytes of a body: texts of 2,000 and 500 characters, each character escaped, and the rest."""


class CommandRoutes(AccessRoutes):
    """Mix into the service class, which has `cases`."""

    cases: CaseService

    def _execute(self, spec: CommandSpec, request: Request) -> Response:
        principal = self.authenticate(request)
        body = request.json() if request.body() else {}
        parsed = read_request(spec.name, request.params["case_id"], body, principal, request.headers)
        response = self.cases.execute(parsed)
        return Response(response.body.encode(), 200, {"ETag": etag(response.version)}, "application/json")


def read_request(
    name: str, case_id: str, body: Any, principal: Principal, headers: Mapping[str, str]
) -> CommandRequest:
    """Parse a command. Raises Problem for headers, ValidationError and InvalidCommand for fields of the body."""
    version, case_id, value = read_if_match(headers), read_case_id(case_id), read_idempotency_key(headers)
    digest = fingerprint([*_grant(principal), name, case_id, version, body])
    key = None if value is None else IdempotencyKey(value, digest)
    return CommandRequest(case_id, version, parse_command(name, body), principal, key)


def _grant(principal: Principal) -> list[Any]:
    """As JSON. A repeated request gets the first response only from the same sender with the same grant."""
    sets = (principal.teams, principal.areas, principal.actions)
    return [principal.subject, principal.role, *(sorted(values) for values in sets)]


def _doc(spec: CommandSpec) -> dict[str, Any]:
    return {
        "max_body": MAX_BODY,
        "summary": spec.summary,
        "description": "Returns the case after the command, which gets one history entry"
        f"{' and one public event' if spec.event else ', and no public event'}. 412"
        " returns the present case if somebody else changed it. 409 returns the commands that are possible.",
        "tags": ["work"],
        "request": REQUEST_SCHEMAS[spec.name],
        "responses": {200: CaseNowResponse},
        "parameters": [IF_MATCH, IDEMPOTENCY_KEY],
        "problems": [409, 412, 428],
        "secured": True,
    }


def _route(spec: CommandSpec) -> Callable[[CommandRoutes, Request], Response]:
    @http("POST", f"/v1/cases/{{case_id}}/{spec.name}", **_doc(spec))
    def post(self: CommandRoutes, request: Request) -> Response:
        return self._execute(spec, request)

    return post


for spec in OFFICER_COMMANDS.values():
    setattr(CommandRoutes, f"post_{spec.name}", _route(spec))
