"""The HTTP routes that read cases and tasks."""

from concord_access import Action, require_scope
from concord_access.nameko_mixin import AccessRoutes
from concord_bus.runtime import BusRuntime
from concord_routing.application.cases import CaseService
from concord_routing.domain.case import read_case_id
from concord_routing.entrypoints import query_params as q
from concord_routing.entrypoints import responses
from concord_web import Request, Response, http, json_response
from concord_web.pagination import page_of
from concord_web.preconditions import etag


class CaseRoutes(AccessRoutes):
    """Mix into the service class, which has a `bus` and `cases`."""

    bus: BusRuntime
    cases: CaseService

    @http(
        "GET",
        "/v1/cases",
        summary="Cases in the order of their opening, or of their promised response",
        description="While several processes open cases, a case can still appear before a `next` that you have; so can"
        " a case that gets a new promise.",
        tags=["cases"],
        responses={200: responses.CasesResponse},
        parameters=q.CASES.openapi(),
        secured=True,
    )
    def get_cases(self, request: Request) -> Response:
        principal = self.authenticate(request)
        scope = require_scope(principal, Action.CASE_READ)
        values = q.CASES.read(request)
        limit, where = values[q.PAGING.limit], q.read_filter(values, scope, principal.subject)
        if values[q.SORT] == q.DUE:
            position = q.due_position(values)
            with self.bus.read() as store:
                due = store.cases_by_due(where, position, limit + 1)
            page, following = page_of(due, limit, lambda row: q.BY_DUE.encode(row[0].respond_by, row[0].seq))
        else:
            place = q.opening_position(values)
            with self.bus.read() as store:
                rows = store.cases(where, place, limit + 1)
            page, following = page_of(rows, limit, lambda row: q.BY_OPENING.encode(row[0]))
        return json_response({"cases": [responses.case_json(case) for _, case in page], "next": following})

    @http(
        "GET",
        "/v1/cases/{case_id}",
        summary="One case with its promises, its history and the commands possible now",
        description="You can write the id as you heard it: small letters, hyphens, O for 0, I or L for 1.",
        tags=["cases"],
        responses={200: responses.CaseDetailsResponse},
        secured=True,
    )
    def get_case(self, request: Request) -> Response:
        details = self.cases.get(read_case_id(request.params["case_id"]), self.authenticate(request))
        return json_response(responses.case_details_json(details), headers={"ETag": etag(details.case.version)})

    @http(
        "GET",
        "/v1/tasks",
        summary="Work that waits for a person, oldest first",
        description="`triage`: choose a team for a case without a fitting rule. `promise_missed`: the supervisor of the"
        " team sees to the promise. `silent`: send the resident a message. `answered`: read what the reporter wrote."
        " `unanswered`: ask again, or decide without the answer.",
        tags=["cases"],
        responses={200: responses.TasksResponse},
        parameters=q.TASKS.openapi(),
        secured=True,
    )
    def get_tasks(self, request: Request) -> Response:
        scope = require_scope(self.authenticate(request), Action.TASK_READ)
        values = q.TASKS.read(request)
        limit, place = values[q.PAGING.limit], q.opening_position(values, q.BY_TASK)
        with self.bus.read() as store:
            rows = store.tasks(place, limit + 1, scope, values[q.KIND])
        page, following = page_of(rows, limit, lambda row: q.BY_TASK.encode(row[0]))
        return json_response({"tasks": [responses.task_json(task) for _, task in page], "next": following})
